import type { LabelEvent } from '@at/contracts/labels';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOfSession, sessionToken } from '#request/api-keys.ts';
import { KeyAttempts } from '#request/key-attempts.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

const secret = 'the-secret-of-otto';
const id = 'tt2759766';
let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ config: { API_KEYS: `otto:operator:${secret},vera:viewer:the-secret-of-vera` } });
  await insertTitles(app.db, [{ imdb_id: id }]);
});
afterAll(() => app.close());

const signIn = (headers: Record<string, string> = {}) =>
  app.call('POST', '/session', { headers, body: { key: secret } });
const cookieOf = (reply: { headers: Record<string, string> }) => [reply.headers['set-cookie']].flat()[0] as string;
const pairOf = (cookie: string) => cookie.split(';')[0] as string;

describe('signing in', () => {
  test('answers whose key it is, and sets a cookie that scripts and other sites cannot use', async () => {
    const reply = await signIn();
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ success: true, message: 'Signed in', session: { name: 'otto', role: 'operator' } });
    const [pair, ...attributes] = cookieOf(reply).split('; ');
    expect(pair).toMatch(/^rear_diff_session=otto/);
    expect(attributes.toSorted()).toEqual(['HttpOnly', 'Max-Age=2592000', 'Path=/', 'SameSite=Strict']);
    expect(cookieOf(reply)).not.toContain(secret);
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  test('sets a cookie for the path of the proxy alone', async () => {
    const own = await startTestApp({
      template: 'empty',
      config: { BASE_PATH: '/at', API_KEYS: `otto:viewer:${secret}` },
    });
    const reply = await own.call('POST', '/session', { body: { key: secret } });
    await own.close();
    expect(cookieOf(reply)).toContain('; Path=/at;');
  });

  test('then returns the caller’s own session only', async () => {
    const cookie = pairOf(cookieOf(await signIn()));
    const { body } = await app.call('GET', '/session', { headers: { cookie } });
    expect(body).toEqual({ session: { name: 'otto', role: 'operator' } });
    expect((await app.call('GET', '/session')).status).toBe(401);
  });

  test.each([{ 'x-forwarded-proto': 'https' }, { 'x-forwarded-proto': 'HTTPS, http' }])(
    'behind TLS the cookie is for TLS only: %j',
    async (headers) => {
      expect(cookieOf(await signIn(headers as Record<string, string>))).toMatch(/; Secure/);
    },
  );

  test('the cookie counts as the key, also in the history', async () => {
    const headers = { cookie: `theme=dark; ${pairOf(cookieOf(await signIn()))}` };
    expect((await app.call('GET', '/training', { headers })).status).toBe(200);
    expect((await app.call('PATCH', `/training/${id}/would_watch`, { headers })).status).toBe(200);
    const { body } = await app.call<{ data: LabelEvent[] }>('GET', `/training/${id}/history`, { headers });
    expect(body.data[0]).toMatchObject({ actor: 'otto', actor_verified: true });
  });

  test('a page of another origin or port cannot write with it', async () => {
    const cookie = pairOf(cookieOf(await signIn()));
    for (const origin of ['http://evil.example', 'http://127.0.0.1:1', 'null']) {
      const { status } = await app.call('PATCH', `/training/${id}/would_watch`, { headers: { cookie, origin } });
      expect(status).toBe(403);
    }
  });

  test('a key sent as well decides', async () => {
    const headers = { cookie: pairOf(cookieOf(await signIn())), 'x-api-key': 'the-secret-of-vera' };
    expect((await app.call('PATCH', `/training/${id}/would_watch`, { headers })).status).toBe(403);
    expect((await app.call('GET', '/meta', { headers: { ...headers, 'x-api-key': 'wrong' } })).status).toBe(401);
  });

  test.each(['wrong', '', `${secret} `, 'otto', `otto:operator:${secret}`])(
    '%j is 401 and sets nothing',
    async (key) => {
      const { status, headers, body, text } = await app.call<Problem>('POST', '/session', { body: { key } });
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toContain('Bearer');
      expect(headers['set-cookie']).toBeUndefined();
      expect(body.error).toBe('Key refused');
      expect(text).not.toContain(secret);
    },
  );

  test.each([{}, { key: null }, { key: 1 }, { key: 'a\0b' }, { key: 'x'.repeat(501) }, { key: secret, name: 'ann' }])(
    '%j is 422',
    async (body) => {
      expect((await app.call('POST', '/session', { body })).status).toBe(422);
    },
  );

  test('where no keys are needed there is nothing to sign in to', async () => {
    const open = await startTestApp({ template: 'empty' });
    try {
      const { status, body } = await open.call<Problem>('POST', '/session', { body: { key: secret } });
      expect(status).toBe(409);
      expect(body.message).toContain('API_KEYS');
      expect((await open.call('GET', '/session')).body).toEqual({ session: null });
    } finally {
      await open.close();
    }
  });
});

describe('guessing', () => {
  const retryAfter = (reply: { headers: Record<string, string> }) => Number(reply.headers['retry-after']);
  const guess = (guessed: TestApp, key: string) => guessed.call<Problem>('POST', '/session', { body: { key } });

  test('is slowed down after ten different wrong keys, on every way that a key is sent; sessions continue', async () => {
    let now = Date.now();
    const guessed = await startTestApp({
      template: 'empty',
      config: { API_KEYS: `otto:operator:${secret}` },
      deps: () => ({ attempts: new KeyAttempts({ now: () => now }) }),
    });
    try {
      const cookie = pairOf(cookieOf(await guess(guessed, secret)));
      for (let i = 0; i < 5; i += 1) {
        expect((await guess(guessed, `wrong-${i}`)).status).toBe(401);
        expect((await guessed.call('GET', '/meta', { headers: { 'x-api-key': `bad-${i}` } })).status).toBe(401);
      }
      const refused = await guess(guessed, secret);
      expect(refused.status).toBe(429);
      expect(refused.body).toMatchObject({ error: 'Too many wrong keys' });
      expect(retryAfter(refused)).toBe(1);
      expect((await guessed.call('GET', '/meta', { headers: { 'x-api-key': secret } })).status).toBe(429);
      expect((await guessed.call('GET', '/meta', { headers: { cookie } })).status).toBe(200);
      expect((await guessed.call('GET', '/health', { headers: { 'x-api-key': secret } })).status).toBe(200);
      now += 1_000;
      expect((await guess(guessed, secret)).status).toBe(200);
    } finally {
      await guessed.close();
    }
  });

  test('is not what a client does that repeats one old key', async () => {
    const guessed = await startTestApp({ template: 'empty', config: { API_KEYS: `otto:operator:${secret}` } });
    try {
      for (let i = 0; i < 15; i += 1) expect((await guess(guessed, 'the-key-of-last-year')).status).toBe(401);
      expect((await guess(guessed, secret)).status).toBe(200);
    } finally {
      await guessed.close();
    }
  });
});

test('signing out removes the cookie', async () => {
  const reply = await app.call('DELETE', '/session');
  expect(reply.status).toBe(200);
  expect(cookieOf(reply)).toMatch(/^rear_diff_session=;.*Expires=Thu, 01 Jan 1970/);
});

test('below the path of a proxy, signing out also removes the cookie from before that path was set', async () => {
  const own = await startTestApp({ template: 'empty', config: { BASE_PATH: '/at' } });
  const { headers } = await own.call('DELETE', '/session');
  await own.close();
  const removed = (path: string) => expect.stringMatching(`^rear_diff_session=;.*Path=${path};.*1970`);
  expect(headers['set-cookie']).toEqual([removed('/at'), removed('/')]);
});

describe('a session', () => {
  const key = { name: 'otto', role: 'operator', secret } as const;
  const token = sessionToken(key, 2000);

  test('lasts until its end and no longer', () => {
    expect(keyOfSession([key], token, 1999)).toBe(key);
    expect(keyOfSession([key], token, 2000)).toBeUndefined();
  });

  test('ends with its key', () => {
    expect(keyOfSession([], token, 1000)).toBeUndefined();
    expect(keyOfSession([{ ...key, secret: 'a new one' }], token, 1000)).toBeUndefined();
  });

  test('has the role that its key has now', () => {
    expect(keyOfSession([{ ...key, role: 'viewer' }], token, 1000)?.role).toBe('viewer');
  });

  test.each([
    '',
    'otto',
    'otto~2000',
    'otto~2000~',
    token.replace('2000', '9000'),
    token.replace('2000', '2e3'),
    token.replace('2000', '02000'),
    token.replace('otto', 'vera'),
    token.slice(0, -1),
    '__proto__~2000~x',
  ])('%s is none', (text) => {
    const other = { name: 'vera', role: 'viewer', secret: 'other' } as const;
    expect(keyOfSession([key, other], text, 1000)).toBeUndefined();
  });
});
