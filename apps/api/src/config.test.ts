import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, Environment, readConfig } from './config.ts';

/** The sentence that the start stops with. */
function refusal(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(environment)} was accepted`);
}

describe('what is not set', () => {
  test('has its default', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      prefix: '/rear-diff',
      environment: 'local',
      database: null,
      dataDirectory: '.data',
      corsOrigins: [],
      allowedHosts: [],
      logLevel: 'info',
      operatingThreshold: 0.35,
      configured: { files: false, transmission: false, mlflow: false, metadata: false },
      console: { prefix: '/rear-diff', apiTimeoutSeconds: 30 },
    });
  });

  test('is the same as set to nothing', () => {
    const empty = Object.fromEntries(Object.keys(Environment.properties).map((name) => [name, ' ']));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });

  test('a variable of somebody else does not matter', () => {
    expect(readConfig({ PATH: '/bin', API_PORTS: 'x' })).toEqual(readConfig({}));
  });
});

describe('the database', () => {
  test('DATABASE_URL wins over the parts', () => {
    const url = 'postgresql://u:p%40ss@db:5433/films?sslmode=require';
    expect(readConfig({ DATABASE_URL: url, REAR_DIFF_PGSQL_HOST: 'other' }).database).toBe(url);
  });

  test('the parts have the defaults of the original', () => {
    expect(readConfig({ REAR_DIFF_PGSQL_HOST: 'db', REAR_DIFF_PGSQL_PASSWORD: 'pass word' }).database).toEqual({
      host: 'db',
      port: 5432,
      user: 'postgres',
      password: 'pass word',
      database: 'postgres',
    });
  });

  test.each(['HOST', 'PORT', 'USERNAME', 'DATABASE'])('REAR_DIFF_PGSQL_%s alone asks for the password', (part) => {
    expect(refusal({ [`REAR_DIFF_PGSQL_${part}`]: '5432' })).toContain('REAR_DIFF_PGSQL_PASSWORD');
  });

  test('the password alone asks for the host', () => {
    expect(refusal({ REAR_DIFF_PGSQL_PASSWORD: 'secret-of-mine' })).toContain('REAR_DIFF_PGSQL_HOST');
  });
});

describe('words', () => {
  test.each(['false', 'False', '0', 'no', 'off', ' f ', 'N'])('%s is false', (word) => {
    expect(() => readConfig({ REAR_DIFF_FILE_DELETION_ENABLED: word })).not.toThrow();
  });

  test.each(['true', 'True', '1', 'YES', 'on', 't', 'y'])('%s is true, which this version cannot do', (word) => {
    expect(refusal({ REAR_DIFF_FILE_DELETION_ENABLED: word })).toContain('REAR_DIFF_FILE_DELETION_ENABLED is true');
  });

  test.each([
    ['DEBUG', 'debug'],
    ['info', 'info'],
    ['Warning', 'warn'],
    ['ERROR', 'error'],
    ['critical', 'fatal'],
  ])('LOG_LEVEL %s is %s', (word, level) => {
    expect(readConfig({ LOG_LEVEL: word }).logLevel).toBe(level);
  });

  test.each([
    ['rear-diff', '/rear-diff'],
    ['/rear-diff/', '/rear-diff'],
    ['//v1/api//', '/v1/api'],
    ['/', ''],
  ])('REAR_DIFF_PREFIX %s is %j', (text, prefix) => {
    expect(readConfig({ REAR_DIFF_PREFIX: text })).toMatchObject({ prefix, console: { prefix } });
  });

  test('lists are read with or without blanks', () => {
    const config = readConfig({ ALLOWED_HOSTS: 'a.lan, b.lan,,', CORS_ORIGINS: 'http://a.lan:3000 ,https://b.lan' });
    expect(config.allowedHosts).toEqual(['a.lan', 'b.lan']);
    expect(config.corsOrigins).toEqual(['http://a.lan:3000', 'https://b.lan']);
  });
});

describe('a value that cannot be used stops the start and is named', () => {
  test.each([
    ['API_PORT', 'eighty'],
    ['API_PORT', '0'],
    ['API_PORT', '65536'],
    ['API_PORT', '80.5'],
    ['API_PORT', '-1'],
    ['REAR_DIFF_PGSQL_PORT', 'x'],
    ['LOG_LEVEL', 'LOUD'],
    ['AT_REEL_DRIVER_THRESHOLD', '1.1'],
    ['AT_REEL_DRIVER_THRESHOLD', '35%'],
    ['AT_REEL_DRIVER_THRESHOLD', 'NaN'],
    ['REAR_DIFF_FILE_DELETION_ENABLED', 'maybe'],
    ['CENTER_CONSOLE_API_TIMEOUT', '0'],
    ['CENTER_CONSOLE_API_TIMEOUT', 'Infinity'],
    ['REAR_DIFF_PREFIX', 'a b'],
    ['REAR_DIFF_PREFIX', 'a?b'],
    ['REAR_DIFF_PREFIX', ':id'],
    ['REAR_DIFF_PREFIX', '*'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'http://a.lan, b.lan'],
    ['CORS_ORIGINS', 'http://a.lan/'],
    ['CORS_ORIGINS', 'file:///'],
    ['DATABASE_URL', 'films'],
    ['DATABASE_URL', 'mysql://u:p@db/films'],
    ['DATABASE_URL', 'postgres://u:p@db:port/films'],
  ])('%s=%s', (name, value) => {
    const sentence = refusal({ [name]: value });
    expect(sentence).toMatch(new RegExp(`^${name} `));
    expect(sentence).toMatch(/\.$/);
  });

  test('a secret is never in the sentence', () => {
    const secret = 'hunter2-of-mine';
    for (const environment of [
      { DATABASE_URL: `postgres://u:${secret}@db:port/films` },
      { DATABASE_URL: secret },
      { REAR_DIFF_PGSQL_PASSWORD: secret },
      { REAR_DIFF_PGSQL_PASSWORD: secret, REAR_DIFF_PGSQL_HOST: 'db', REAR_DIFF_PGSQL_PORT: 'x' },
      { AT_MOVIE_DETAILS_API_KEY: secret, API_PORT: 'x' },
    ]) {
      expect(refusal(environment as Record<string, string>)).not.toContain(secret);
    }
  });
});

type Described = { description: string; default?: unknown };

test('.env.example holds every variable with its description and default, each commented out', () => {
  const text = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
  const expected = Object.entries(Environment.properties).map(([name, schema]) => {
    const { description, default: fallback = '' } = schema as unknown as Described;
    return `# ${description}\n# ${name}=${fallback}`;
  });
  const [, ...blocks] = text.trimEnd().split('\n\n');
  expect(blocks).toEqual(expected);
  // Setting a variable to the default it shows changes nothing.
  const shown = Object.fromEntries([...text.matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
  expect(readConfig(shown)).toEqual(readConfig({}));
});
