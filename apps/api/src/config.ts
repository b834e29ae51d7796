import { readFileSync } from 'node:fs';
import type { PoolConfig } from 'pg';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { booleanFromWord } from './shared/words.ts';

/** What the environment may set. Everything is text there; a property's type says how its text is read. */
const Port = (description: string, fallback?: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description, ...(fallback ? { default: fallback } : {}) }));
const Word = (description: string, fallback?: string) =>
  Type.Optional(Type.String({ description, ...(fallback === undefined ? {} : { default: fallback }) }));

export const Environment = Type.Object({
  API_HOST: Word('Address the API listens on; 0.0.0.0 in a container', '127.0.0.1'),
  API_PORT: Port('Port of the API and the console', 8000),
  REAR_DIFF_PREFIX: Word('Path below which the API answers, without slashes', 'rear-diff'),
  ENVIRONMENT: Word('Name of this installation, shown in the console', 'local'),
  DATABASE_URL: Word('postgres://user:password@host:5432/database; wins over REAR_DIFF_PGSQL_*'),
  REAR_DIFF_PGSQL_HOST: Word('Database host'),
  REAR_DIFF_PGSQL_PORT: Port('Database port, 5432 when not set'),
  REAR_DIFF_PGSQL_USERNAME: Word('Database user, postgres when not set'),
  REAR_DIFF_PGSQL_PASSWORD: Word('Database password; required once any REAR_DIFF_PGSQL_* is set'),
  REAR_DIFF_PGSQL_DATABASE: Word('Database name, postgres when not set'),
  DATA_DIR: Word('Directory of the embedded database that the one-command start runs', '.data'),
  CORS_ORIGINS: Word('Comma list of further origins whose pages may call the API'),
  ALLOWED_HOSTS: Word('Comma list of host names the API answers to, beside localhost and IP addresses'),
  LOG_LEVEL: Type.Optional(
    Type.Enum(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'], {
      type: 'string',
      default: 'INFO',
      description: 'DEBUG, INFO, WARNING, ERROR or CRITICAL, in any case',
    }),
  ),
  AT_REEL_DRIVER_THRESHOLD: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, default: 0.35, description: 'Probability from which the downloader acts' }),
  ),
  REAR_DIFF_FILE_DELETION_ENABLED: Type.Optional(
    Type.Boolean({ default: false, description: 'Must be false: this version removes no files' }),
  ),
  REAR_DIFF_TRANSMISSION_HOST: Word('Host of the Transmission daemon; reported by /meta'),
  CENTER_CONSOLE_MLFLOW_HOST: Word('Host of MLflow; reported by /meta'),
  AT_MOVIE_DETAILS_API_KEY: Word('Key of the metadata source; reported by /meta as configured or not'),
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
  /** Such as `/rear-diff`; empty when the API answers at the root. */
  prefix: string;
  environment: string;
  /** null: none given. */
  database: string | PoolConfig | null;
  dataDirectory: string;
  corsOrigins: string[];
  allowedHosts: string[];
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  operatingThreshold: number;
  configured: { files: boolean; transmission: boolean; mlflow: boolean; metadata: boolean };
  /** What the console is told, in `config.json`. */
  console: { prefix: string; apiTimeoutSeconds: number };
  version: string;
};

/** The environment cannot be used; the message names the variable. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const logLevels = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' } as const;

function read(name: string, schema: TSchema & { type?: string; enum?: string[] }, text: string): unknown {
  if (schema.type === 'boolean') return booleanFromWord(text) ?? text;
  if (schema.type === 'integer' || schema.type === 'number') return text.trim() === '' ? text : Number(text);
  if (schema.enum) return text.toUpperCase();
  if (name === 'REAR_DIFF_PREFIX') return text.replace(/^\/+|\/+$/g, '');
  return text;
}

const list = (text: string | undefined) =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

const packageVersion = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

function readDatabase(environment: Environment): Config['database'] {
  const { DATABASE_URL: url } = environment;
  if (url !== undefined) {
    // The value is not repeated: it holds a password.
    if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url;
    throw new ConfigError(
      'DATABASE_URL cannot be read. It is postgres://user:password@host:5432/database, with special characters of user and password percent-encoded.',
    );
  }
  const { REAR_DIFF_PGSQL_HOST: host, REAR_DIFF_PGSQL_PORT: port, REAR_DIFF_PGSQL_USERNAME: user } = environment;
  const { REAR_DIFF_PGSQL_PASSWORD: password, REAR_DIFF_PGSQL_DATABASE: database } = environment;
  if (![host, port, user, password, database].some((value) => value !== undefined)) return null;
  if (password === undefined) {
    throw new ConfigError('REAR_DIFF_PGSQL_PASSWORD is required once any REAR_DIFF_PGSQL_* variable is set.');
  }
  if (!host) throw new ConfigError('REAR_DIFF_PGSQL_HOST is required once any REAR_DIFF_PGSQL_* variable is set.');
  return { host, port: port ?? 5432, user: user ?? 'postgres', password, database: database ?? 'postgres' };
}

/**
 * The configuration that `environment` says. An empty variable counts as not set. Throws ConfigError with one sentence
 * that names the variable, what it may be and what was found (never a secret).
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(Environment.properties)) {
    const text = environment[name];
    const { default: fallback } = schema as { default?: unknown };
    if (text === undefined || text.trim() === '') {
      if (fallback !== undefined) values[name] = fallback;
      continue;
    }
    values[name] = read(name, schema, text);
    if (!Value.Check(schema, values[name])) {
      const { description } = schema as { description?: string };
      throw new ConfigError(`${name} is ${JSON.stringify(text)}, which cannot be used. It is: ${description}.`);
    }
  }
  const checked = values as Environment;
  if (checked.REAR_DIFF_FILE_DELETION_ENABLED) {
    throw new ConfigError(
      'REAR_DIFF_FILE_DELETION_ENABLED is true, but this version removes no files. Unset it, or set it to false.',
    );
  }
  const corsOrigins = list(checked.CORS_ORIGINS);
  for (const origin of corsOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new ConfigError(
        `CORS_ORIGINS holds ${JSON.stringify(origin)}, which is no origin. Write each as in https://dash.example:3000, without a path.`,
      );
    }
  }
  const prefix = checked.REAR_DIFF_PREFIX as string;
  if (!/^[\w.~/-]*$/.test(prefix)) {
    throw new ConfigError(
      `REAR_DIFF_PREFIX is ${JSON.stringify(prefix)}; it may hold letters, digits, dots, dashes and slashes.`,
    );
  }
  return {
    host: checked.API_HOST as string,
    port: checked.API_PORT as number,
    prefix: prefix && `/${prefix}`,
    environment: checked.ENVIRONMENT as string,
    database: readDatabase(checked),
    dataDirectory: checked.DATA_DIR as string,
    corsOrigins,
    allowedHosts: list(checked.ALLOWED_HOSTS),
    logLevel: logLevels[checked.LOG_LEVEL as keyof typeof logLevels],
    operatingThreshold: checked.AT_REEL_DRIVER_THRESHOLD as number,
    configured: {
      files: false,
      transmission: checked.REAR_DIFF_TRANSMISSION_HOST !== undefined,
      mlflow: checked.CENTER_CONSOLE_MLFLOW_HOST !== undefined,
      metadata: checked.AT_MOVIE_DETAILS_API_KEY !== undefined,
    },
    console: { prefix: prefix && `/${prefix}`, apiTimeoutSeconds: checked.CENTER_CONSOLE_API_TIMEOUT as number },
    version: packageVersion,
  };
}
