import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '@at/contracts/endpoint';
import { pathOfEndpoint } from '@at/contracts/endpoint-path';
import type { LabelEvent } from '@at/contracts/labels';
import type { Problem } from '@at/contracts/problem';
import type { Readiness } from '@at/contracts/system';
import { type Role, roles } from '@at/contracts/vocabulary';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allEndpoints, insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

const secrets: Record<Role, string> = {
  viewer: 'the-secret-of-vera',
  operator: 'the-secret-of-otto',
  admin: 'the-secret-of-ann',
};
const names: Record<Role, string> = { viewer: 'vera', operator: 'otto', admin: 'ann' };
const keys = roles.map((role) => `${names[role]}:${role}:${secrets[role]}`).join(',');
const id = 'tt2759766';

let app: TestApp;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'at-access-'));
  await writeFile(join(directory, 'index.html'), '<!doctype html><title>Console</title>');
  await writeFile(join(directory, 'routes.json'), JSON.stringify({ pages: ['/', '/review'], moved: {} }));
  await writeFile(join(directory, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  app = await startTestApp({ config: { API_KEYS: keys }, consoleDirectory: directory });
  await insertTitles(app.db, [{ imdb_id: id }]);
});
afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true, force: true });
});

const nameOf = ({ method, url }: Endpoint) => `${method} ${url}`;
const byName = allEndpoints.map((endpoint): [string, Endpoint] => [nameOf(endpoint), endpoint]);

describe('every operation declares who may call it', () => {
  const declared = (role: string) =>
    allEndpoints
      .filter(({ config }) => config.role === role)
      .map(nameOf)
      .toSorted();

  test.each(byName)('%s', (_name, { method, config }) => {
    expect(['public', ...roles]).toContain(config.role);
    if (config.role === 'public') return;
    // Reading never needs more than a viewer, and a viewer only reads.
    expect(method === 'GET').toBe(config.role === 'viewer');
  });

  test('without a key only health and sign-in are public', () => {
    expect(declared('public')).toEqual([
      'DELETE /session',
      'GET /api/health',
      'GET /health',
      'GET /livez',
      'GET /readyz',
      'POST /session',
    ]);
  });
});

/** Asks as the holder of a key; only the status is read, because a stream of events has no end. */
async function statusFor({ method, url }: Endpoint, headers: Record<string, string>): Promise<number> {
  const path = pathOfEndpoint(url, { root: '', api: app.config.prefix })
    .replace(/:imdb_id/g, 'tt0000000')
    .replace(/:hash/g, 'a'.repeat(40))
    .replace(/:\w+/g, 'x');
  const end = new AbortController();
  const response = await fetch(`http://127.0.0.1:${app.port}${path}`, {
    method,
    headers,
    signal: end.signal,
  });
  end.abort();
  return response.status;
}

describe.each(byName)('%s', (_name, endpoint) => {
  const needed = endpoint.config.role as Role | 'public';

  test.each(roles)('a key of role %s', async (role) => {
    const status = await statusFor(endpoint, { 'x-api-key': secrets[role] });
    const enough = needed === 'public' || roles.indexOf(role) >= roles.indexOf(needed);
    if (enough) expect([401, 403]).not.toContain(status);
    else expect(status).toBe(403);
  });

  test.each([
    {},
    { 'x-api-key': 'the-secret-of-eve' },
    { authorization: 'Bearer ' },
    { cookie: 'rear_diff_session=ann~9~x' },
  ])('no key or a wrong one: %j', async (headers) => {
    const status = await statusFor(endpoint, headers as Record<string, string>);
    if (needed === 'public') expect([401, 403]).not.toContain(status);
    else expect(status).toBe(401);
  });
});

describe('what the caller learns', () => {
  test('without a key: how to send one', async () => {
    const { status, headers, body } = await app.call<Problem>('GET', '/training');
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="rear-diff"');
    expect(body).toMatchObject({ error: 'Key required' });
    expect(body.message).toMatch(/x-api-key.*POST \/session/);
  });

  test('with too small a role: which is needed, and nothing has changed', async () => {
    const headers = { 'x-api-key': secrets.viewer };
    const { status, body } = await app.call<Problem>('PATCH', `/training/${id}/would_watch`, { headers });
    expect(status).toBe(403);
    expect(body).toMatchObject({ error: 'Role refused' });
    expect(body.message).toBe('This needs the role operator; the key vera has the role viewer.');
    expect(await app.db.selectFrom('atp.training').select('label').execute()).toEqual([{ label: null }]);
  });

  test.each([
    { 'x-api-key': '' },
    { 'x-api-key': `${secrets.admin} x` },
    { 'x-api-key': secrets.admin.slice(1) },
    { 'x-api-key': `ann:admin:${secrets.admin}` },
    { 'x-api-key': `${secrets.admin}, ${secrets.admin}` },
    { 'x-api-key': 'x'.repeat(8000) },
    { authorization: `Bearer ${secrets.admin}x` },
    { authorization: `bearer  ` },
    { authorization: `Basic ${btoa(`ann:${secrets.admin}`)}` },
    { authorization: secrets.admin },
  ] as Record<string, string>[])('a key that is none is 401, and is not repeated: %j', async (headers) => {
    const { status, text } = await app.call('GET', '/meta', { headers });
    expect(status).toBe(401);
    expect(text).not.toContain('secret-of');
  });

  test.each([
    { 'x-api-key': secrets.viewer },
    { authorization: `Bearer ${secrets.viewer}` },
    { authorization: `bEARER ${secrets.viewer}` },
    { 'x-api-key': secrets.viewer, authorization: 'Bearer wrong' },
  ] as Record<string, string>[])('a key is read from %j', async (headers) => {
    expect((await app.call('GET', '/meta', { headers })).status).toBe(200);
  });
});

describe('whose key it is', () => {
  const asOtto = { 'x-api-key': secrets.operator, 'x-actor': 'Another Name' };

  test('is a verified actor in the history, and X-Actor is ignored', async () => {
    const labelled = await app.call<{ event_id: number }>('PATCH', `/training/${id}/would_watch`, { headers: asOtto });
    expect(labelled.status).toBe(200);
    const undone = await app.call('POST', `/training/${id}/undo`, {
      headers: { authorization: `Bearer ${secrets.admin}` },
      body: { event_id: labelled.body.event_id },
    });
    expect(undone.status).toBe(200);
    const { body } = await app.call<{ data: LabelEvent[] }>('GET', `/training/${id}/history`, { headers: asOtto });
    expect(body.data.map(({ actor, actor_verified, action }) => [actor, actor_verified, action])).toEqual([
      ['ann', true, 'undo'],
      ['otto', true, 'would_watch'],
    ]);
  });

  test('a sound key does not help a foreign page', async () => {
    const headers = { ...asOtto, origin: 'http://evil.example' };
    const { status, body } = await app.call<Problem>('PATCH', `/training/${id}/would_watch`, { headers });
    expect(status).toBe(403);
    expect(body.error).toBe('Origin refused');
  });
});

describe('what needs no key', () => {
  test.each(['//', '//review', '//favicon.svg', '//config.json', '/health', '/health/', '/livez'])(
    '%s',
    async (path) => {
      expect((await app.call('GET', path)).status).toBe(200);
      expect((await app.call('GET', path, { headers: { 'x-api-key': 'wrong' } })).status).toBe(200);
      expect((await app.call('HEAD', path)).status).toBe(200);
    },
  );

  test('readyz, but its details only with a key', async () => {
    const short = await app.call<Readiness>('GET', '/readyz');
    expect(short.status).toBe(200);
    expect(short.body).toEqual({ status: 'ready', checks: [] });
    const { body } = await app.call<Readiness>('GET', '/readyz', { headers: { 'x-api-key': secrets.viewer } });
    expect(body.checks.length).toBeGreaterThan(3);
    expect((await app.call<Readiness>('GET', '/readyz', { headers: { 'x-api-key': 'wrong' } })).body.checks).toEqual(
      [],
    );
  });

  test.each(['/docs', '/docs/static/index.html', '/openapi.json', '/redoc', '/nothing', '/training/', '/docs/json'])(
    '%s needs a key',
    async (path) => {
      expect((await app.call('GET', path)).status).toBe(401);
      expect((await app.call('HEAD', path)).status).toBe(401);
      expect((await app.call('GET', path, { headers: { 'x-api-key': secrets.viewer } })).status).not.toBe(401);
    },
  );

  test('the methods of a path are not listed either', async () => {
    expect((await app.call('POST', '/training')).status).toBe(401);
    expect((await app.call('POST', '/training', { headers: { 'x-api-key': secrets.viewer } })).status).toBe(405);
  });
});
