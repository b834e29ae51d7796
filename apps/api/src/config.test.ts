import { readFileSync } from 'node:fs';
import { ConfigError } from '@at/config/environment';
import { describe, expect, test } from 'vitest';
import { Environment, readConfig } from './config.ts';

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
      basePath: '',
      publicPrefix: '/rear-diff',
      environment: 'local',
      database: null,
      dataDirectory: '.data',
      corsOrigins: [],
      allowedHosts: [],
      trustedProxies: [],
      keys: [],
      mlflow: null,
      logLevel: 'info',
      operatingThreshold: 0.35,
      configured: { files: false, transmission: false, mlflow: false, metadata: false, posters: false },
      console: { prefix: '/rear-diff', apiTimeoutSeconds: 30 },
    });
  });

  test('is the same as set to nothing', () => {
    const empty = Object.fromEntries(Object.keys(Environment.properties).map((name) => [name, ' ']));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });

  test('a variable of another program does not matter', () => {
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

  test.each(['HOST', 'PORT', 'USERNAME', 'DATABASE'])('REAR_DIFF_PGSQL_%s alone needs the password', (part) => {
    expect(refusal({ [`REAR_DIFF_PGSQL_${part}`]: '5432' })).toContain('REAR_DIFF_PGSQL_PASSWORD');
  });

  test('the password alone needs the host', () => {
    expect(refusal({ REAR_DIFF_PGSQL_PASSWORD: 'secret-of-mine' })).toContain('REAR_DIFF_PGSQL_HOST');
  });
});

describe('words', () => {
  test.each(['false', 'False', '0', 'no', 'off', ' f ', 'N'])('%s is false', (word) => {
    expect(readConfig({ REAR_DIFF_FILE_DELETION_ENABLED: word }).files.enabled).toBe(false);
  });

  test.each(['true', 'True', '1', 'YES', 'on', 't', 'y'])('%s is true', (word) => {
    const config = readConfig({ REAR_DIFF_FILE_DELETION_ENABLED: word, REAR_DIFF_MEDIA_CACHE_PATH: '/cache' });
    expect(config.files.enabled).toBe(true);
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

describe('Transmission', () => {
  test('is not configured without a host', () => {
    expect(readConfig({ REAR_DIFF_TRANSMISSION_PORT: '1234' })).toMatchObject({
      transmission: null,
      configured: { transmission: false },
    });
  });

  test('has the port and the names of the original', () => {
    const config = readConfig({
      REAR_DIFF_TRANSMISSION_HOST: 'transmission',
      REAR_DIFF_TRANSMISSION_USERNAME: 'me',
      REAR_DIFF_TRANSMISSION_PASSWORD: 'pass word',
    });
    expect(config.transmission).toEqual({
      host: 'transmission',
      port: 9091,
      path: '/transmission/rpc',
      username: 'me',
      password: 'pass word',
    });
    expect(config.configured.transmission).toBe(true);
  });

  test('may be behind TLS, and have another path of its RPC', () => {
    const read = (host: string, path: string) =>
      readConfig({ REAR_DIFF_TRANSMISSION_HOST: host, REAR_DIFF_TRANSMISSION_RPC_PATH: path }).transmission;
    expect(read('https://torrents.example', 'at/rpc')).toMatchObject({
      scheme: 'https',
      host: 'torrents.example',
      path: '/at/rpc',
    });
    expect(read('https://[::1]/', '/rpc')).toMatchObject({ scheme: 'https', host: '[::1]', path: '/rpc' });
    expect(() => read('torrents', '/a?b')).toThrow('REAR_DIFF_TRANSMISSION_RPC_PATH');
  });

  test('an IPv6 address is put in brackets', () => {
    expect(readConfig({ REAR_DIFF_TRANSMISSION_HOST: '::1' }).transmission?.host).toBe('[::1]');
    expect(readConfig({ REAR_DIFF_TRANSMISSION_HOST: '10.0.0.5' }).transmission?.host).toBe('10.0.0.5');
  });
});

describe('file deletion', () => {
  test('moves to the trash by default, and trailing slashes of the roots are fine', () => {
    const roots = { REAR_DIFF_MEDIA_CACHE_PATH: '/cache//', REAR_DIFF_MEDIA_LIBRARY_PATH_MOVIES: '/library/movies/' };
    expect(readConfig(roots).files).toEqual({
      enabled: false,
      mode: 'trash',
      roots: { cache: '/cache', movies: '/library/movies' },
    });
    expect(readConfig({ ...roots, REAR_DIFF_FILE_DELETION_MODE: 'Unlink' }).files.mode).toBe('unlink');
  });

  test('without any directory it is refused, naming the three', () => {
    const sentence = refusal({ REAR_DIFF_FILE_DELETION_ENABLED: 'true' });
    expect(sentence).toMatch(/^REAR_DIFF_FILE_DELETION_ENABLED is true, but no directory is named/);
    for (const root of ['CACHE_PATH', 'LIBRARY_PATH_MOVIES', 'LIBRARY_PATH_TV']) expect(sentence).toContain(root);
  });
});

describe('API_KEYS', () => {
  test('names keys; the secret is the rest of the entry', () => {
    const API_KEYS = ' ann:admin:s3cret:with=signs , tv-box:viewer:sixteen-letters-,';
    expect(readConfig({ API_KEYS }).keys).toEqual([
      { name: 'ann', role: 'admin', secret: 's3cret:with=signs' },
      { name: 'tv-box', role: 'viewer', secret: 'sixteen-letters-' },
    ]);
  });

  test('a secret of fewer than 16 characters stops the start, naming its entry and not the secret', () => {
    const sentence = refusal({ API_KEYS: 'ann:admin:s3cret:with=signs,tv-box:viewer:fifteen-letters' });
    expect(sentence).toMatch(/^API_KEYS .*the secret of entry 2 \(tv-box\) has fewer than 16 characters.*openssl/);
    expect(sentence).not.toMatch(/fifteen|s3cret/);
  });

  test.each([
    ['hidden-one', 'entry 1 is not name:role:secret'],
    ['ann:admin:hidden-one-of-many,hidden-two', 'entry 2 is not name:role:secret'],
    ['ann:hidden-one', 'entry 1 is not name:role:secret'],
    ['ann:hidden-one:admin', 'the role of entry 1 is none of viewer, operator, admin'],
    ['ann:Admin:hidden-one', 'the role of entry 1'],
    ['hidden one:admin:x', 'the name of entry 1'],
    [':admin:hidden-one', 'the name of entry 1'],
    ['ann:admin:', 'the secret of entry 1'],
    ['ann:admin:hidden one', 'the secret of entry 1'],
    ['ann:admin:hidden-é', 'the secret of entry 1'],
    ['ann:admin:hidden-one-of-many,ann:viewer:hidden-two-of-many', 'entry 2 has the name'],
    ['ann:admin:hidden-one-of-many,bob:viewer:hidden-one-of-many', 'entry 2 has the secret'],
    [',', 'API_KEYS holds no key'],
  ])('%s stops the start, and no part of an entry is shown', (text, why) => {
    const sentence = refusal({ API_KEYS: text });
    expect(sentence).toMatch(/^API_KEYS .*\.$/);
    expect(sentence).toContain(why);
    expect(sentence).not.toMatch(/hidden|bob|\bann\b/);
  });
});

describe('MLflow', () => {
  const url = (host: string, port?: string) =>
    readConfig({ CENTER_CONSOLE_MLFLOW_HOST: host, ...(port ? { CENTER_CONSOLE_MLFLOW_PORT: port } : {}) }).mlflow?.url;

  test.each([
    ['mlflow', undefined, 'http://mlflow:5000'],
    ['10.0.0.7', '5050', 'http://10.0.0.7:5050'],
    ['http://mlflow', undefined, 'http://mlflow:5000'],
    ['http://mlflow:80/', undefined, 'http://mlflow'],
    ['https://mlflow.example', undefined, 'https://mlflow.example'],
    ['https://mlflow.example/', '8443', 'https://mlflow.example:8443'],
    ['[::1]', '5000', 'http://[::1]:5000'],
  ])('%s and port %s is %s', (host, port, expected) => {
    expect(url(host, port)).toBe(expected);
  });

  test('a user becomes basic authorization; without one there is none', () => {
    const host = { CENTER_CONSOLE_MLFLOW_HOST: 'mlflow' };
    const user = { CENTER_CONSOLE_MLFLOW_USERNAME: 'ann', CENTER_CONSOLE_MLFLOW_PASSWORD: 'p:ä' };
    expect(readConfig({ ...host, ...user }).mlflow).toEqual({
      url: 'http://mlflow:5000',
      authorization: `Basic ${Buffer.from('ann:p:ä').toString('base64')}`,
      experimentId: '1',
    });
    expect(readConfig(host).mlflow?.authorization).toBeUndefined();
  });

  test.each(['ml flow', 'ftp://mlflow', 'http://mlflow/path', 'a@b', 'mlflow:port'])('%s is not a host', (host) => {
    expect(refusal({ CENTER_CONSOLE_MLFLOW_HOST: host })).toMatch(/^CENTER_CONSOLE_MLFLOW_HOST /);
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
    ['REAR_DIFF_FILE_DELETION_MODE', 'shred'],
    ['REAR_DIFF_MEDIA_CACHE_PATH', 'cache'],
    ['REAR_DIFF_MEDIA_CACHE_PATH', './cache'],
    ['REAR_DIFF_MEDIA_LIBRARY_PATH_MOVIES', '/'],
    ['REAR_DIFF_MEDIA_LIBRARY_PATH_TV', '/tv/..'],
    ['BASE_PATH', '/a b'],
    ['BASE_PATH', '/at?x'],
    ['BASE_PATH', '/rear-diff/'],
    ['BASE_PATH', '/..'],
    ['BASE_PATH', '/at/../x'],
    ['BASE_PATH', '/at/./x'],
    ['BASE_PATH', '/at//x'],
    ['BASE_PATH', '/metrics'],
    ['BASE_PATH', '/health'],
    ['BASE_PATH', 'api'],
    ['BASE_PATH', '/assets/'],
    ['TRUSTED_PROXIES', 'proxy.lan'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.5,true'],
    ['REAR_DIFF_TRANSMISSION_RPC_PATH', '/rpc?x'],
    ['REAR_DIFF_TRANSMISSION_HOST', 'http://transmission'],
    ['REAR_DIFF_TRANSMISSION_HOST', 'transmission:9091'],
    ['REAR_DIFF_TRANSMISSION_HOST', 'a b'],
    ['REAR_DIFF_TRANSMISSION_HOST', 'me@host/rpc'],
    ['REAR_DIFF_TRANSMISSION_PORT', '70000'],
    ['CENTER_CONSOLE_API_TIMEOUT', '0'],
    ['CENTER_CONSOLE_API_TIMEOUT', 'Infinity'],
    ['REAR_DIFF_PREFIX', 'a b'],
    ['REAR_DIFF_PREFIX', 'a/../b'],
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
      { DATABASE_URL: secret },
      { REAR_DIFF_PGSQL_PASSWORD: secret },
      { REAR_DIFF_PGSQL_PASSWORD: secret, REAR_DIFF_PGSQL_HOST: 'db', REAR_DIFF_PGSQL_PORT: 'x' },
      { AT_MOVIE_DETAILS_API_KEY: secret, API_PORT: 'x' },
      { REAR_DIFF_TRANSMISSION_PASSWORD: secret, REAR_DIFF_TRANSMISSION_HOST: 'a b' },
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

test('.env.example names every variable that docker-compose.yaml reads', () => {
  const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
  const names = [...read('docker-compose.yaml').matchAll(/\$\{(\w+)/g)].map(([, name]) => name as string);
  expect(names.length).toBeGreaterThan(3);
  const text = read('.env.example');
  for (const name of names) expect(text).toContain(name);
});

test.each(['QUEUE_PROVIDER_URL', 'QUEUE_PROVIDER_TOKEN_URL', 'MEDIA_SERVER_URL', 'MEDIA_SERVER_PUBLIC_URL'])(
  '%s with a password in it is refused, and the sentence does not repeat it',
  (name) => {
    const server = { MEDIA_SERVER_URL: 'http://media', MEDIA_SERVER_API_KEY: 'key' };
    const read = () => readConfig({ ...server, [name]: 'https://ann:the-secret@media.example' });
    expect(read).toThrow(`${name} has a user or password in it.`);
    expect(read).not.toThrow(/the-secret/);
  },
);
