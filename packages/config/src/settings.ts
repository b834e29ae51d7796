import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { type FileSettings, markerName } from '@at/adapters/file-trash';
import type { MetadataSources } from '@at/adapters/metadata-sources';
import type { QueueFolders, QueueSettings } from '@at/adapters/queue-systems';
import type { TransmissionSettings } from '@at/adapters/transmission';
import { type Connection, ConnectionError, readConnection } from '@at/db/connection';
import { type Static, Type } from 'typebox';
import { ConfigError, Port, shown, Word } from './environment.ts';

/** Settings that several programs of the product have: groups of variables, and what is read from them. */

export const databaseVariables = {
  DATABASE_URL: Word('postgres://user:password@host:5432/database; wins over REAR_DIFF_PGSQL_*'),
  REAR_DIFF_PGSQL_HOST: Word('Database host'),
  REAR_DIFF_PGSQL_PORT: Port('Database port, 5432 when not set'),
  REAR_DIFF_PGSQL_USERNAME: Word('Database user, postgres when not set'),
  REAR_DIFF_PGSQL_PASSWORD: Word('Database password; required once any REAR_DIFF_PGSQL_* is set'),
  REAR_DIFF_PGSQL_DATABASE: Word('Database name, postgres when not set'),
};

/** null: none is named. */
export function readDatabase(environment: Record<string, string | undefined>): Connection | null {
  try {
    return readConnection(environment);
  } catch (error) {
    throw error instanceof ConnectionError ? new ConfigError(error.message) : error;
  }
}

/** Throws ConfigError for a program that cannot do without a database. */
export function requireDatabase(database: Connection | null): Connection {
  if (database !== null) return database;
  throw new ConfigError('No database is configured. Set DATABASE_URL or REAR_DIFF_PGSQL_HOST and _PASSWORD.');
}

export const logVariables = {
  LOG_LEVEL: Type.Optional(
    Type.Enum(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'], {
      type: 'string',
      default: 'INFO',
      description: 'DEBUG, INFO, WARNING, ERROR or CRITICAL, in any case',
    }),
  ),
};

const logLevels = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' } as const;
export type LogLevel = (typeof logLevels)[keyof typeof logLevels];

/** The level by its name in the logger. */
export const logLevelOf = (word: string): LogLevel => logLevels[word as keyof typeof logLevels];

export const fileVariables = {
  REAR_DIFF_FILE_DELETION_ENABLED: Type.Optional(
    Type.Boolean({
      default: false,
      description: `true: would_not_watch also removes files below the three directories named next, each of which must hold a file named ${markerName} (make it once, with touch)`,
    }),
  ),
  REAR_DIFF_FILE_DELETION_MODE: Type.Optional(
    Type.Enum(['trash', 'unlink'], {
      type: 'string',
      default: 'trash',
      description:
        'trash: files go to .trash/ of their directory, can be restored, and are purged after 7 days; unlink: they are gone at once',
    }),
  ),
  REAR_DIFF_MEDIA_CACHE_PATH: Word('Directory of the downloads, which holds incomplete/ and complete/'),
  REAR_DIFF_MEDIA_LIBRARY_PATH_MOVIES: Word('Directory of the film library'),
  REAR_DIFF_MEDIA_LIBRARY_PATH_TV: Word('Directory of the library of shows, and of everything that is no film'),
};
const FileVariables = Type.Object(fileVariables);
type FileVariables = Static<typeof FileVariables>;

const rootVariables = {
  cache: 'REAR_DIFF_MEDIA_CACHE_PATH',
  movies: 'REAR_DIFF_MEDIA_LIBRARY_PATH_MOVIES',
  tv: 'REAR_DIFF_MEDIA_LIBRARY_PATH_TV',
} as const;

export function readFiles(environment: FileVariables): FileSettings {
  const roots: FileSettings['roots'] = {};
  for (const [name, variable] of Object.entries(rootVariables) as [keyof typeof rootVariables, keyof FileVariables][]) {
    const path = environment[variable] as string | undefined;
    if (path === undefined) continue;
    // `/` as a root would make every file of the machine one of the library.
    if (!isAbsolute(path) || resolve(path) === '/') {
      throw new ConfigError(
        `${variable} is ${shown(path)}, which cannot be used. It is an absolute path of a directory below /.`,
      );
    }
    roots[name] = resolve(path);
  }
  const enabled = environment.REAR_DIFF_FILE_DELETION_ENABLED as boolean;
  if (enabled && Object.keys(roots).length === 0) {
    throw new ConfigError(
      `REAR_DIFF_FILE_DELETION_ENABLED is true, but no directory is named. Set ${Object.values(rootVariables).join(', ')}, or those you have.`,
    );
  }
  return { enabled, mode: environment.REAR_DIFF_FILE_DELETION_MODE as FileSettings['mode'], roots };
}

export const metadataVariables = {
  AT_MOVIE_DETAILS_API_KEY: Word(
    'TMDB key, or read access token, for the facts of films; unset: they are not refreshed',
  ),
  AT_MOVIE_DETAILS_API_BASE_URL: Word("Address of TMDB's details of films", 'https://api.themoviedb.org/3/movie'),
  AT_MOVIE_RATINGS_API_KEY: Word('OMDb key for the ratings of films; unset: they are not refreshed'),
  AT_MOVIE_RATINGS_API_BASE_URL: Word('Address of OMDb for films', 'https://www.omdbapi.com/'),
  AT_TV_DETAILS_API_KEY: Word('The same for the facts of shows'),
  AT_TV_DETAILS_API_BASE_URL: Word("Address of TMDB's details of shows", 'https://api.themoviedb.org/3/tv'),
  AT_TV_RATINGS_API_KEY: Word('The same for the ratings of shows'),
  AT_TV_RATINGS_API_BASE_URL: Word('Address of OMDb for shows', 'https://www.omdbapi.com/'),
  POSTERS: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'true: the console shows posters of titles, which the API fetches from TMDB and keeps in posters/ below DATA_DIR; refresh the metadata of titles to know them. Also covers of files in the queue, from where their metadata say, in covers/',
    }),
  ),
};
const MetadataVariables = Type.Object(metadataVariables);
type MetadataVariables = Static<typeof MetadataVariables>;

/** The sources that have a key. Titles are found by their IMDb ids, so that the addresses of a search are not needed. */
export function readMetadata(environment: MetadataVariables): MetadataSources {
  const sourceOf = (prefix: 'AT_MOVIE_DETAILS' | 'AT_MOVIE_RATINGS' | 'AT_TV_DETAILS' | 'AT_TV_RATINGS') => {
    const names = { url: `${prefix}_API_BASE_URL`, key: `${prefix}_API_KEY` } as const;
    const [url, key] = [environment[names.url] as string, environment[names.key]?.trim()];
    if (key === undefined) return null;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new ConfigError(`${names.url} is ${shown(url)}, which is no address. It begins with https:// or http://.`);
    }
    return { url, key, names, posters: environment.POSTERS as boolean };
  };
  return {
    movie: { tmdb: sourceOf('AT_MOVIE_DETAILS'), omdb: sourceOf('AT_MOVIE_RATINGS') },
    tv: { tmdb: sourceOf('AT_TV_DETAILS'), omdb: sourceOf('AT_TV_RATINGS') },
  };
}

export const queueVariables = {
  QUEUE_WATCH_PATH: Word(
    `Directory in which video files are dropped for the processing queue; it and the next two must each hold a file named ${markerName}`,
  ),
  QUEUE_LIBRARY_PATH: Word('Directory of the library that the queue moves them into'),
  QUEUE_UNPROCESSED_PATH: Word('Directory for files whose name has no code'),
  QUEUE_SETTLE_SECONDS: Type.Optional(
    Type.Integer({
      minimum: 5,
      maximum: 3_600,
      default: 5,
      description: 'Seconds, 5 to 3600, in which size and time of a file must not change before the queue takes it',
    }),
  ),
  QUEUE_PROVIDER_URL: Word('Address of the metadata provider of the queue, which has /search'),
  QUEUE_PROVIDER_TOKEN: Word('Its token, if that does not change; or use the next three'),
  QUEUE_PROVIDER_TOKEN_URL: Word('Address that gives out its tokens (OAuth 2.0, client credentials)'),
  QUEUE_PROVIDER_CLIENT_ID: Word('Client that gets them'),
  QUEUE_PROVIDER_CLIENT_SECRET: Word('Secret of that client'),
  MEDIA_SERVER_URL: Word('Address of Emby or Jellyfin; unset: items of the queue rest in the library'),
  MEDIA_SERVER_API_KEY: Word('API key of the media server'),
  MEDIA_SERVER_LIBRARY_ID: Word('Id of the library that it scans; unset: all of them'),
  MEDIA_SERVER_PATH: Word('What the media server calls the directory of the library; unset: the same path'),
  MEDIA_SERVER_PUBLIC_URL: Word('Address of the media server for browsers; unset: no links to it'),
};
const QueueVariables = Type.Object(queueVariables);
type QueueVariables = Static<typeof QueueVariables>;
type QueueVariable = keyof typeof queueVariables;

/** null for what is not configured. Throws ConfigError for a part of it. */
export function readQueue(environment: QueueVariables): QueueSettings & { settle: number } {
  const textOf = (name: QueueVariable) => (environment[name] as string | undefined)?.trim();
  const addressOf = (name: QueueVariable): string | null => {
    const url = textOf(name);
    if (url === undefined) return null;
    const address = URL.canParse(url) ? new URL(url) : undefined;
    if (!address || !/^https?:$/.test(address.protocol)) {
      throw new ConfigError(`${name} is ${shown(url)}, which is no address. It begins with https:// or http://.`);
    }
    // Errors of requests repeat the address.
    if (address.username || address.password) {
      throw new ConfigError(
        `${name} has a user or password in it. Leave them out: it has a variable of its own for its key.`,
      );
    }
    return url;
  };
  /** The values of variables that belong together; null: none is set. */
  const together = <N extends QueueVariable>(...names: N[]): Record<N, string> | null => {
    const missing = names.filter((name) => textOf(name) === undefined);
    if (missing.length === names.length) return null;
    if (missing.length > 0) {
      const there = names.filter((name) => !missing.includes(name));
      throw new ConfigError(`${there.join(' and ')} is set, but ${missing.join(' and ')} is missing. Set all of them.`);
    }
    return Object.fromEntries(names.map((name) => [name, textOf(name)])) as Record<N, string>;
  };
  const folders = readQueueFolders(together('QUEUE_WATCH_PATH', 'QUEUE_LIBRARY_PATH', 'QUEUE_UNPROCESSED_PATH'));
  const url = addressOf('QUEUE_PROVIDER_URL');
  addressOf('QUEUE_PROVIDER_TOKEN_URL');
  const client = together('QUEUE_PROVIDER_TOKEN_URL', 'QUEUE_PROVIDER_CLIENT_ID', 'QUEUE_PROVIDER_CLIENT_SECRET');
  const tokens = client && {
    url: client.QUEUE_PROVIDER_TOKEN_URL,
    clientId: client.QUEUE_PROVIDER_CLIENT_ID,
    clientSecret: client.QUEUE_PROVIDER_CLIENT_SECRET,
  };
  addressOf('MEDIA_SERVER_URL');
  const server = together('MEDIA_SERVER_URL', 'MEDIA_SERVER_API_KEY');
  const theirs = textOf('MEDIA_SERVER_PATH');
  return {
    folders,
    provider: url === null ? null : { url, token: textOf('QUEUE_PROVIDER_TOKEN') ?? null, tokens },
    server: server && {
      url: server.MEDIA_SERVER_URL,
      key: server.MEDIA_SERVER_API_KEY,
      libraryId: textOf('MEDIA_SERVER_LIBRARY_ID') ?? null,
      paths: folders && { ours: folders.library, theirs: theirs ?? folders.library },
      publicUrl: addressOf('MEDIA_SERVER_PUBLIC_URL'),
    },
    settle: environment.QUEUE_SETTLE_SECONDS as number,
  };
}

function readQueueFolders(
  paths: Record<'QUEUE_WATCH_PATH' | 'QUEUE_LIBRARY_PATH' | 'QUEUE_UNPROCESSED_PATH', string> | null,
): QueueFolders | null {
  if (!paths) return null;
  for (const [name, path] of Object.entries(paths)) {
    if (isAbsolute(path) && resolve(path) !== '/') continue;
    throw new ConfigError(
      `${name} is ${shown(path)}, which cannot be used. It is an absolute path of a directory below /.`,
    );
  }
  const watch = resolve(paths.QUEUE_WATCH_PATH);
  const library = resolve(paths.QUEUE_LIBRARY_PATH);
  const unprocessed = resolve(paths.QUEUE_UNPROCESSED_PATH);
  const around = (outer: string, inner: string) => outer === inner || inner.startsWith(`${outer}/`);
  // A file that was moved would be found again, without end.
  if (around(watch, library) || around(library, watch) || around(library, unprocessed) || around(unprocessed, watch)) {
    throw new ConfigError(
      'QUEUE_WATCH_PATH, QUEUE_LIBRARY_PATH and QUEUE_UNPROCESSED_PATH overlap. Choose directories beside each other.',
    );
  }
  return { watch, library, unprocessed };
}

export const transmissionVariables = {
  REAR_DIFF_TRANSMISSION_HOST: Word(
    'Host name or address of the Transmission daemon, behind https:// if it needs that; without it no torrent is touched',
  ),
  REAR_DIFF_TRANSMISSION_PORT: Port('Port of the Transmission daemon', 9091),
  REAR_DIFF_TRANSMISSION_RPC_PATH: Word(
    'Path of its RPC: its rpc-url with rpc at the end, behind the path of a proxy if there is one',
    '/transmission/rpc',
  ),
  REAR_DIFF_TRANSMISSION_USERNAME: Word('User of the Transmission daemon, if it needs one'),
  REAR_DIFF_TRANSMISSION_PASSWORD: Word('Password of the Transmission daemon'),
};
const TransmissionVariables = Type.Object(transmissionVariables);

/** null: none is configured. */
export function readTransmission(environment: Static<typeof TransmissionVariables>): TransmissionSettings | null {
  const { REAR_DIFF_TRANSMISSION_HOST: given, REAR_DIFF_TRANSMISSION_PORT: port = 9091 } = environment;
  const { REAR_DIFF_TRANSMISSION_USERNAME: username = '', REAR_DIFF_TRANSMISSION_PASSWORD: password = '' } =
    environment;
  const path = `/${(environment.REAR_DIFF_TRANSMISSION_RPC_PATH as string).replace(/^\/+/, '')}`;
  if (!/^\/[\w.~%/-]*$/.test(path)) {
    throw new ConfigError(
      `REAR_DIFF_TRANSMISSION_RPC_PATH is ${shown(environment.REAR_DIFF_TRANSMISSION_RPC_PATH as string)}, which cannot be used. It is a path as /transmission/rpc.`,
    );
  }
  if (given === undefined) return null;
  const isTls = /^https:\/\//i.test(given);
  const name = isTls ? given.slice('https://'.length).replace(/\/$/, '') : given;
  const host = /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(name) ? `[${name}]` : name;
  if (!/^[\w.-]+$|^\[.*\]$/.test(host) || !URL.canParse(`http://${host}:${port}`)) {
    throw new ConfigError(
      `REAR_DIFF_TRANSMISSION_HOST is ${shown(given)}, which is not a host. Write its name or address, behind https:// if it needs that; the port is REAR_DIFF_TRANSMISSION_PORT.`,
    );
  }
  return { ...(isTls && { scheme: 'https' as const }), host, port, path, username, password };
}

/** The version of the product. */
export const version = (
  JSON.parse(readFileSync(new URL('../../../apps/api/package.json', import.meta.url), 'utf8')) as { version: string }
).version;
