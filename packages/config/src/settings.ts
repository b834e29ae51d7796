import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { type FileSettings, markerName } from '@at/adapters/file-trash';
import type { MetadataSources } from '@at/adapters/metadata-sources';
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
    return { url, key, names };
  };
  return {
    movie: { tmdb: sourceOf('AT_MOVIE_DETAILS'), omdb: sourceOf('AT_MOVIE_RATINGS') },
    tv: { tmdb: sourceOf('AT_TV_DETAILS'), omdb: sourceOf('AT_TV_RATINGS') },
  };
}

/** The version of the product. */
export const version = (
  JSON.parse(readFileSync(new URL('../../../apps/api/package.json', import.meta.url), 'utf8')) as { version: string }
).version;
