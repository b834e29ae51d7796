import { isIP } from 'node:net';
import { join } from 'node:path';
import type { FileSettings } from '@at/adapters/file-trash';
import type { MetadataSources } from '@at/adapters/metadata-sources';
import type { MlflowSettings } from '@at/adapters/mlflow';
import type { QueueSettings } from '@at/adapters/queue-systems';
import type { TransmissionSettings } from '@at/adapters/transmission';
import { ConfigError, Port, readVariables, shown, Word } from '@at/config/environment';
import {
  databaseVariables,
  fileVariables,
  type LogLevel,
  logLevelOf,
  logVariables,
  metadataVariables,
  queueVariables,
  readDatabase,
  readFiles,
  readMetadata,
  readQueue,
  readTransmission,
  transmissionVariables,
  version,
} from '@at/config/settings';
import { roles } from '@at/contracts/vocabulary';
import type { Connection } from '@at/db/connection';
import { type Static, Type } from 'typebox';
import { apiSegments, consoleFolders } from '#http/console-routes.ts';
import type { ApiKey } from '#request/api-keys.ts';

/** The variables of the environment. */
export const Environment = Type.Object({
  API_HOST: Word('Address the API listens on; 0.0.0.0 in a container', '127.0.0.1'),
  API_PORT: Port('Port of the API and the console', 8000),
  REAR_DIFF_PREFIX: Word('Path below which the API answers, without slashes', 'rear-diff'),
  BASE_PATH: Word('Path below which a proxy serves API and console, such as /at; the proxy may strip it or not', ''),
  ENVIRONMENT: Word('Name of this installation, shown in the console', 'local'),
  ...databaseVariables,
  DATA_DIR: Word('Directory of the embedded database that the one-command start runs', '.data'),
  CORS_ORIGINS: Word('Comma list of further origins whose pages may call the API'),
  TRUSTED_PROXIES: Word(
    'Comma list of addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-For, -Host and -Proto count',
  ),
  ALLOWED_HOSTS: Word('Comma list of host names the API answers to, beside localhost and IP addresses'),
  API_KEYS: Word(
    'Comma list of name:role:secret, role viewer, operator or admin, secrets of 16 characters or more (openssl rand -hex 24); unset: open to all',
  ),
  ...logVariables,
  AT_REEL_DRIVER_THRESHOLD: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, default: 0.35, description: 'Probability from which the downloader acts' }),
  ),
  ...fileVariables,
  ...transmissionVariables,
  CENTER_CONSOLE_MLFLOW_HOST: Word('Host of MLflow, or its URL when that begins with https; unset: no model page'),
  CENTER_CONSOLE_MLFLOW_PORT: Port('Port of MLflow, 5000 when not set'),
  CENTER_CONSOLE_MLFLOW_USERNAME: Word('User of MLflow, if it needs one'),
  CENTER_CONSOLE_MLFLOW_PASSWORD: Word('Password of that user'),
  CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID: Word('Experiment whose latest finished run is shown', '1'),
  ...metadataVariables,
  TMDB_IMAGE_BASE_URL: Word("Address of TMDB's pictures, for POSTERS", 'https://image.tmdb.org/t/p'),
  ...queueVariables,
  MEDIA_PIPELINE_API_KEY: Word(
    'Key of the original file pipeline: one more key with the role admin, 16 characters or more; unset: none',
  ),
  MEDIA_PIPELINE_CONFIG: Word(
    'YAML file with the configuration of the file pipeline, imported by the first start; later ones do not read it',
  ),
  CENTER_CONSOLE_API_TIMEOUT: Type.Optional(
    Type.Number({
      minimum: 1,
      maximum: 600,
      default: 30,
      description: 'Seconds after which the console gives up a request',
    }),
  ),
});
type Environment = Static<typeof Environment>;

export type Config = {
  host: string;
  port: number;
  /** Such as `/rear-diff`; empty for the root. */
  prefix: string;
  /** Such as `/at`, the path of a proxy; empty without one. */
  basePath: string;
  /** The prefix as clients write it, behind the path of the proxy. */
  publicPrefix: string;
  environment: string;
  /** null: none given. */
  database: Connection | null;
  dataDirectory: string;
  corsOrigins: string[];
  allowedHosts: string[];
  /** Addresses or networks whose X-Forwarded headers count. */
  trustedProxies: string[];
  /** Empty: no key is needed. */
  keys: ApiKey[];
  logLevel: LogLevel;
  operatingThreshold: number;
  /** null: not configured. */
  transmission: TransmissionSettings | null;
  files: FileSettings;
  metadata: MetadataSources;
  queue: QueueSettings;
  /** The file that the first start imports; null: none. */
  pipelineConfig: string | null;
  /** null: off. */
  posters: { url: string; directory: string; covers: string } | null;
  configured: { files: boolean; transmission: boolean; mlflow: boolean; metadata: boolean; posters: boolean };
  /** null: not configured. */
  mlflow: MlflowSettings | null;
  /** For the console, in `config.json`. */
  console: { prefix: string; apiTimeoutSeconds: number };
  version: string;
};

const withoutSlashes = (path: string) => path.replace(/^\/+|\/+$/g, '');

const list = (text: string | undefined) =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Addresses and networks, as the names that the library knows: `loopback`, `linklocal` and `uniquelocal`. */
function readProxies(text: string | undefined): string[] {
  const proxies = list(text);
  for (const proxy of proxies) {
    const [address = '', bits, ...rest] = proxy.split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number;
    const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (['loopback', 'linklocal', 'uniquelocal'].includes(proxy) || (most > 0 && isNetwork && rest.length === 0))
      continue;
    throw new ConfigError(
      `TRUSTED_PROXIES holds ${shown(proxy)}, which is no address. Write each as 10.0.0.5 or 10.0.0.0/8, or loopback.`,
    );
  }
  return proxies;
}

/** Characters that a secret has at least: fewer can be guessed. */
const secretLength = 16;
/** The actor of who sends MEDIA_PIPELINE_API_KEY. */
const pipelineKeyName = 'media-pipeline';

/** The keys with that of the original file pipeline. The message never repeats it. */
function withPipelineKey(keys: ApiKey[], secret: string | undefined): ApiKey[] {
  if (secret === undefined) return keys;
  const refuse = (why: string) => new ConfigError(`MEDIA_PIPELINE_API_KEY cannot be used: ${why}`);
  if (!/^[!-~]+$/.test(secret)) throw refuse('it is empty or holds what a header cannot carry.');
  if (secret.length < secretLength)
    throw refuse(`it has fewer than ${secretLength} characters. Make one with: openssl rand -hex 24.`);
  if (keys.some((key) => key.name === pipelineKeyName)) throw refuse(`API_KEYS has a key named ${pipelineKeyName}.`);
  if (keys.some((key) => key.secret === secret)) throw refuse('API_KEYS has the same secret.');
  return [...keys, { name: pipelineKeyName, role: 'admin', secret }];
}

/** The keys of API_KEYS. Errors name entries by number, because a malformed entry may hold a secret anywhere. */
function readKeys(text: string | undefined): ApiKey[] {
  const keys: ApiKey[] = [];
  const entries = list(text);
  // An empty list would leave the API open.
  if (text !== undefined && entries.length === 0)
    throw new ConfigError('API_KEYS holds no key. Name one, or unset it.');
  for (const [i, entry] of entries.entries()) {
    const refuse = (why: string) => new ConfigError(`API_KEYS cannot be used: ${why.replace('#', `entry ${i + 1}`)}`);
    const [, name, word, secret] = /^([^:]*):([^:]*):(.*)$/.exec(entry) ?? [];
    if (name === undefined || secret === undefined) throw refuse('# is not name:role:secret.');
    const role = roles.find((known) => known === word);
    if (!role) throw refuse(`the role of # is none of ${roles.join(', ')}.`);
    if (!/^[\w.-]{1,100}$/.test(name)) throw refuse('the name of # may hold letters, digits, dots, dashes and _ only.');
    if (!/^[!-~]+$/.test(secret)) throw refuse('the secret of # is empty or holds what a header cannot carry.');
    if (keys.some((key) => key.name === name)) throw refuse('# has the name of an earlier one.');
    if (keys.some((key) => key.secret === secret)) throw refuse('# has the secret of an earlier one.');
    if (secret.length < secretLength) {
      throw refuse(
        `the secret of # (${name}) has fewer than ${secretLength} characters. Make one with: openssl rand -hex 24.`,
      );
    }
    keys.push({ name, role, secret });
  }
  return keys;
}

function readMlflow(environment: Environment): MlflowSettings | null {
  const { CENTER_CONSOLE_MLFLOW_HOST: host, CENTER_CONSOLE_MLFLOW_PORT: port } = environment;
  const { CENTER_CONSOLE_MLFLOW_USERNAME: user, CENTER_CONSOLE_MLFLOW_PASSWORD: password } = environment;
  if (host === undefined) return null;
  const [, scheme = 'http', name = ''] = /^(?:(https?):\/\/)?([^/?#@\s]+)\/*$/.exec(host) ?? [];
  const given = `${scheme}://${name}`;
  if (!name || !URL.canParse(given)) {
    throw new ConfigError(
      `CENTER_CONSOLE_MLFLOW_HOST is ${shown(host)}; it is a host name, or a URL as https://mlflow.example.`,
    );
  }
  const url = new URL(given);
  if (port !== undefined || (scheme === 'http' && !/:\d+$/.test(name))) url.port = String(port ?? 5000);
  const credentials = user === undefined ? undefined : Buffer.from(`${user}:${password ?? ''}`).toString('base64');
  return {
    url: url.origin,
    authorization: credentials && `Basic ${credentials}`,
    experimentId: environment.CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID as string,
  };
}

function readPosters(environment: Environment, dataDirectory: string): Config['posters'] {
  if (!environment.POSTERS) return null;
  const url = environment.TMDB_IMAGE_BASE_URL as string;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ConfigError(
      `TMDB_IMAGE_BASE_URL is ${shown(url)}, which is no address. It begins with https:// or http://.`,
    );
  }
  return { url, directory: join(dataDirectory, 'posters'), covers: join(dataDirectory, 'covers') };
}

/** Reads the configuration from `environment`. Throws ConfigError. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const checked = readVariables(Environment, environment);
  const corsOrigins = list(checked.CORS_ORIGINS);
  for (const origin of corsOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new ConfigError(
        `CORS_ORIGINS holds ${shown(origin)}, which is not an origin. Write each as in https://dash.example:3000, without a path.`,
      );
    }
  }
  const host = checked.API_HOST as string;
  if (!/^[\w.-]+$/.test(host) && isIP(host) === 0) {
    throw new ConfigError(`API_HOST is ${shown(host)}, which is not a host. Write its name or address alone.`);
  }
  const dataDirectory = checked.DATA_DIR as string;
  if (dataDirectory.includes('://')) {
    throw new ConfigError(
      `DATA_DIR is ${shown(dataDirectory)}, which is a URL. It is the path of a directory; a database elsewhere is DATABASE_URL.`,
    );
  }
  const paths = {
    REAR_DIFF_PREFIX: withoutSlashes(checked.REAR_DIFF_PREFIX as string),
    BASE_PATH: withoutSlashes(checked.BASE_PATH as string),
  };
  for (const [name, path] of Object.entries(paths)) {
    if (!/^[\w.~/-]*$/.test(path)) {
      throw new ConfigError(`${name} is ${shown(path)}; it may hold letters, digits, dots, dashes and slashes.`);
    }
    // Browsers and proxies resolve these.
    if (path !== '' && path.split('/').some((segment) => /^\.{0,2}$/.test(segment))) {
      throw new ConfigError(
        `${name} is ${shown(path)}; each part between slashes needs a name, which . and .. are not.`,
      );
    }
  }
  const prefix = paths.REAR_DIFF_PREFIX && `/${paths.REAR_DIFF_PREFIX}`;
  const basePath = paths.BASE_PATH && `/${paths.BASE_PATH}`;
  if (basePath !== '' && `${prefix}/`.startsWith(`${basePath}/`)) {
    throw new ConfigError(
      `BASE_PATH is ${shown(basePath)}, where the API is: REAR_DIFF_PREFIX is ${shown(prefix)}. Change one of them.`,
    );
  }
  if ([...apiSegments, ...consoleFolders].includes(paths.BASE_PATH)) {
    throw new ConfigError(`BASE_PATH is ${shown(basePath)}, which the product serves itself. Choose another name.`);
  }
  const files = readFiles(checked);
  const metadata = readMetadata(checked);
  return {
    host,
    port: checked.API_PORT as number,
    prefix,
    basePath,
    publicPrefix: `${basePath}${prefix}`,
    environment: checked.ENVIRONMENT as string,
    database: readDatabase(environment),
    dataDirectory,
    corsOrigins,
    allowedHosts: list(checked.ALLOWED_HOSTS),
    trustedProxies: readProxies(checked.TRUSTED_PROXIES),
    keys: withPipelineKey(readKeys(checked.API_KEYS), checked.MEDIA_PIPELINE_API_KEY),
    logLevel: logLevelOf(checked.LOG_LEVEL as string),
    operatingThreshold: checked.AT_REEL_DRIVER_THRESHOLD as number,
    transmission: readTransmission(checked),
    files,
    metadata,
    queue: readQueue(checked),
    pipelineConfig: checked.MEDIA_PIPELINE_CONFIG?.trim() ?? null,
    configured: {
      files: files.enabled,
      transmission: checked.REAR_DIFF_TRANSMISSION_HOST !== undefined,
      mlflow: checked.CENTER_CONSOLE_MLFLOW_HOST !== undefined,
      metadata: Object.values(metadata).some(({ tmdb, omdb }) => tmdb !== null || omdb !== null),
      posters: checked.POSTERS as boolean,
    },
    posters: readPosters(checked, dataDirectory),
    mlflow: readMlflow(checked),
    console: { prefix: `${basePath}${prefix}`, apiTimeoutSeconds: checked.CENTER_CONSOLE_API_TIMEOUT as number },
    version,
  };
}
