import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
const id = 'tt2759766';

beforeAll(async () => {
  app = await startTestApp({
    config: { ALLOWED_HOSTS: 'media.lan, Box.Example.Org', CORS_ORIGINS: 'http://dash.lan:3000,https://dash.lan' },
  });
  await insertTitles(app.db, [{ imdb_id: id }]);
});
afterAll(() => app.close());

const asked = (headers: string, method = 'GET', path = '/health') =>
  app.send(`${method} /rear-diff${path} HTTP/1.1\n${headers}Connection: close\nContent-Length: 0\n\n`);

describe('behind a proxy', () => {
  const forwarded = (host: string) => `Host: api.internal\nX-Forwarded-Host: ${host}\nX-Forwarded-For: 203.0.113.9\n`;
  const origin = 'Origin: https://films.example\n';

  test('that is trusted, the host and address are those that its client had', async () => {
    const own = await startTestApp({
      config: { TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.5', ALLOWED_HOSTS: 'films.example' },
    });
    try {
      const ask = (headers: string, method = 'GET', path = '/health') =>
        own.send(`${method} /rear-diff${path} HTTP/1.1\n${headers}Connection: close\nContent-Length: 0\n\n`);
      expect((await ask(forwarded('films.example'))).status).toBe(200);
      expect((await ask(forwarded('evil.example'))).status).toBe(421);
      // A proxy that writes no such header has not changed Host.
      expect((await ask('Host: films.example\n')).status).toBe(200);
      expect((await ask('Host: api.internal\n')).status).toBe(421);
      const write = (headers: string) => ask(headers, 'PATCH', '/training/tt0000000/would_watch');
      expect((await write(forwarded('films.example') + origin)).status).toBe(404);
      expect((await write(`${forwarded('films.example')}Origin: https://evil.example\n`)).status).toBe(403);
    } finally {
      await own.close();
    }
  });

  test('that is not trusted, its headers do not count', async () => {
    expect((await asked(`Host: localhost\nX-Forwarded-Host: evil.example\n`)).status).toBe(200);
    expect((await asked(`Host: evil.example\nX-Forwarded-Host: localhost\n`)).status).toBe(421);
  });
});

describe('Host, against DNS rebinding', () => {
  test.each([
    'localhost',
    'localhost:8000',
    'LOCALHOST:1',
    'app.localhost',
    'a.b.localhost:8000',
    '127.0.0.1',
    '127.0.0.1:8000',
    '192.168.1.20:8000',
    '10.0.0.1',
    '[::1]',
    '[::1]:8000',
    '[fe80::1]:8000',
    '[2001:db8::1]',
    'media.lan',
    'media.lan:8000',
    'MEDIA.LAN',
    'box.example.org:8501',
  ])('%s is answered', async (host) => {
    expect((await asked(`Host: ${host}\n`)).status).toBe(200);
  });

  test.each([
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    'evil-localhost',
    'evillocalhost:8000',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io',
    'media.lan.evil.example',
    'sub.media.lan',
    'evil.example:127.0.0.1',
    'localhost:8000.evil.example',
    'localhost@evil.example',
    '[::1].evil.example',
    '0x7f.1',
    '2130706433',
    '""',
  ])('%s is refused with 421', async (host) => {
    const { status, text } = await asked(`Host: ${host}\n`);
    expect(status).toBe(421);
    expect(text).toContain('ALLOWED_HOSTS');
  });

  test('a refused host reads nothing and changes nothing', async () => {
    const host = 'Host: evil.example\n';
    expect((await asked(host, 'GET', '/training')).status).toBe(421);
    expect((await asked(host, 'PATCH', `/training/${id}/would_watch`)).status).toBe(421);
    expect((await asked(host, 'GET', '/nothing')).status).toBe(421);
    expect(await app.db.selectFrom('console.label_event').selectAll().execute()).toEqual([]);
  });

  test('a request without Host is 400', async () => {
    expect((await asked('')).status).toBe(400);
  });

  test.each([
    'Host: localhost\nHost: localhost\n',
    'Host: localhost\nHost: evil.example\n',
    'Host: evil.example\nhOST: localhost\n',
    'Host: localhost\nX-Actor: Anna\nHost:\n',
  ])('two of them are 400: %j', async (headers) => {
    const { status, text } = await asked(headers);
    expect(status).toBe(400);
    expect(text).toContain('more than one Host');
  });

  test('an HTTP/1.0 caller without Host is no browser', async () => {
    expect((await app.send('GET /rear-diff/health HTTP/1.0\n\n')).status).toBe(200);
  });
});

describe('Origin, against other people’s pages', () => {
  const write = (origin: string | undefined, host = 'localhost:8000') =>
    asked(
      `Host: ${host}\n${origin === undefined ? '' : `Origin: ${origin}\n`}`,
      'PATCH',
      `/training/${id}/would_watch`,
    );

  test.each([
    [undefined, 'localhost:8000'],
    ['http://localhost:8000', 'localhost:8000'],
    ['http://LOCALHOST:8000', 'localhost:8000'],
    ['http://localhost', 'localhost'],
    ['http://localhost:80', 'localhost'],
    ['http://localhost', 'localhost:80'],
    ['https://media.lan', 'media.lan:443'],
    ['https://media.lan', 'media.lan'],
    ['http://127.0.0.1:8000', '127.0.0.1:8000'],
    ['http://[::1]:8000', '[::1]:8000'],
    ['http://dash.lan:3000', 'localhost:8000'],
    ['https://dash.lan', 'localhost:8000'],
  ])('a write from %s to %s is let through', async (origin, host) => {
    expect((await write(origin, host)).status).toBe(200);
  });

  test.each([
    ['null', 'localhost:8000'],
    ['', 'localhost:8000'],
    ['http://evil.example', 'localhost:8000'],
    ['http://localhost', 'localhost:8000'],
    ['http://localhost:9000', 'localhost:8000'],
    ['http://localhost:8000.evil.example', 'localhost:8000'],
    ['http://127.0.0.1:8000', 'localhost:8000'],
    ['http://dash.lan', 'localhost:8000'],
    ['https://dash.lan:3000', 'localhost:8000'],
    ['http://dash.lan:3000.evil.example', 'localhost:8000'],
    ['localhost:8000', 'localhost:8000'],
    ['https://localhost', 'localhost:80'],
    ['file://', 'localhost:8000'],
    ['file://', 'localhost'],
    ['file://localhost', 'localhost'],
    ['rubbish', 'localhost:8000'],
  ])('a write from %s to %s is refused with 403', async (origin, host) => {
    const before = await app.db.selectFrom('atp.training').selectAll().execute();
    expect((await write(origin, host)).status).toBe(403);
    expect(await app.db.selectFrom('atp.training').selectAll().execute()).toEqual(before);
  });

  test('a read is answered, but a foreign page is not given it', async () => {
    const { status, headers } = await asked('Host: localhost:8000\nOrigin: http://evil.example\n');
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('CORS', () => {
  test('a configured origin is named, never *, and without credentials', async () => {
    for (const path of ['/health', '/training/tt0000000', '/nothing']) {
      const { headers } = await asked('Host: localhost\nOrigin: http://dash.lan:3000\n', 'GET', path);
      expect(headers['access-control-allow-origin']).toBe('http://dash.lan:3000');
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
      expect(headers.vary).toContain('Origin');
      for (const name of [
        'etag',
        'retry-after',
        'x-advice',
        'x-request-id',
        'x-unknown-parameters',
        'idempotency-replayed',
      ]) {
        expect(headers['access-control-expose-headers']).toContain(name);
      }
    }
  });

  test('its preflight is answered, another’s names no origin', async () => {
    const preflight = (origin: string) =>
      asked(
        `Host: localhost\nOrigin: ${origin}\nAccess-Control-Request-Method: PATCH\nAccess-Control-Request-Headers: if-match,prefer\n`,
        'OPTIONS',
        `/training/${id}/label`,
      );
    const allowed = await preflight('http://dash.lan:3000');
    expect(allowed.status).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe('http://dash.lan:3000');
    expect(allowed.headers['access-control-allow-methods']).toContain('PATCH');
    expect(allowed.headers['access-control-allow-headers']).toBe('if-match,prefer');
    expect((await preflight('http://evil.example')).headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('an OPTIONS that is no preflight is answered as any method that the path does not take', async () => {
    for (const headers of ['', 'Origin: http://dash.lan:3000\n', 'Access-Control-Request-Method: PATCH\n']) {
      const reply = await asked(`Host: localhost\n${headers}`, 'OPTIONS', '/training');
      expect([reply.status, reply.headers.allow]).toEqual([405, 'GET, HEAD']);
      expect((await asked(`Host: localhost\n${headers}`, 'OPTIONS', '/nothing')).status).toBe(404);
    }
  });

  test('without CORS_ORIGINS no origin is named at all', async () => {
    const plain = await startTestApp({ template: 'empty' });
    try {
      const { headers } = await plain.call('GET', '/health', { headers: { origin: 'http://dash.lan:3000' } });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    } finally {
      await plain.close();
    }
  });
});

test('every kind of reply carries the headers a browser needs', async () => {
  const replies = [
    await app.call('GET', '/health'),
    await app.call('GET', '/training'),
    await app.call('GET', '/nothing'),
    await app.call('GET', '//'),
    await app.call('POST', '/training'),
    await app.call('GET', '/training?limit=-1'),
    await app.call('PATCH', `/training/${id}/label`, { body: '{', headers: { 'content-type': 'application/json' } }),
    await app.call('PATCH', `/training/${id}/label`, { headers: { origin: 'http://evil.example' } }),
    await app.call('GET', '/docs'),
    await app.call('GET', '/redoc'),
    await app.call('GET', '/openapi.json'),
    await asked('Host: evil.example\n'),
    await app.send('GET /%zz HTTP/1.1\nHost: localhost\nConnection: close\n\n'),
    await app.send('HELLO\n\n'),
  ];
  for (const { headers } of replies) {
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'content-security-policy':
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'",
    });
  }
  expect(new Set(replies.map(({ headers }) => headers['x-request-id'])).size).toBe(replies.length);
});
