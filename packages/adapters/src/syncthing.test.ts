import { once } from 'node:events';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type SharedFolder, type SyncthingPair, startSyncthingPair } from '../test/syncthing-daemons.ts';
import { closedPort } from '../test/transmission-daemon.ts';
import { type IndexedFile, nanosecondsOf, openSyncthing, presenceOf, type Syncthing } from './syncthing.ts';
import { SyncthingError } from './syncthing-error.ts';

const key = 'the-secret-key';

async function refusal(operation: Promise<unknown>): Promise<SyncthingError> {
  const error = await operation.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SyncthingError);
  return error as SyncthingError;
}

describe('against two real daemons', () => {
  let pair: SyncthingPair;
  let syncthing: Syncthing;
  beforeAll(async () => {
    pair = await startSyncthingPair();
    syncthing = openSyncthing(pair.here.settings);
  });
  afterAll(() => pair.stop());

  const wantedIn = async ({ here }: SharedFolder, path: string) => {
    const { size, mtimeNs } = await stat(join(here, path), { bigint: true });
    return { path, size: Number(size), mtime_ns: String(mtimeNs) };
  };

  test('a batch that is made below /.at-* is indexed whole once its directory is renamed, and never before', async () => {
    const folder = await pair.share({ here: { ignored: ['/.at-*'] } });
    const staged = join(folder.here, '.at-staging/x/inner');
    await mkdir(staged, { recursive: true });
    await Promise.all([
      writeFile(join(folder.here, '.at-root'), 'marker'),
      writeFile(join(staged, 'a.jpg'), 'photo'),
      writeFile(join(staged, 'ä"\n .mov'), 'video'),
    ]);
    expect(await syncthing.scan(folder.id, '')).toBe('ended');
    expect((await syncthing.folderStatus(folder.id)).localFiles).toBe(0);
    const cursor = await syncthing.lastEvent();
    await rename(join(folder.here, '.at-staging/x'), join(folder.here, 'x'));
    expect(await syncthing.scan(folder.id, 'x')).toBe('ended');
    expect((await syncthing.folderStatus(folder.id)).localFiles).toBe(2);
    expect(await syncthing.changedSince(cursor, 60)).toBe(true);
    for (const path of ['x/inner/a.jpg', 'x/inner/ä"\n .mov']) {
      const wanted = await wantedIn(folder, path);
      const look = async () => presenceOf(await syncthing.file(folder.id, path), wanted, pair.there.device);
      await expect.poll(look).toBe('present');
      expect((await stat(join(folder.there, path))).size).toBe(wanted.size);
    }
    expect(await syncthing.file(folder.id, '.at-root')).toBeUndefined();
    expect(await syncthing.needed(folder.id, pair.there.device)).toEqual([]);
    expect(await syncthing.completion(folder.id, pair.there.device)).toMatchObject({ completion: 100, needItems: 0 });
  });

  test('folder and ignore patterns are written and read back; a type that Syncthing drops is an error', async () => {
    const path = join((await pair.share()).here, '..', 'made');
    const folder = {
      id: 'made',
      path,
      type: 'sendonly',
      autoNormalize: false,
      devices: [{ deviceID: pair.there.device }],
    };
    expect(await syncthing.writeFolder(folder)).toMatchObject({ ...folder, devices: expect.any(Array), paused: false });
    expect(await syncthing.writeFolder({ id: 'made', paused: true })).toMatchObject({ paused: true, type: 'sendonly' });
    const { kind, message } = await refusal(syncthing.writeFolder({ id: 'made', type: 'sendsome' }));
    expect([kind, message]).toEqual(['unusable', expect.stringContaining('other values for type')]);
    await syncthing.writeFolder({ id: 'made', type: 'sendonly', paused: false });
    await syncthing.setIgnores('made', ['/.at-*', '*.tmp']);
    expect((await syncthing.ignores('made')).written).toEqual(['/.at-*', '*.tmp']);
    expect((await syncthing.devices()).map(({ deviceID }) => deviceID)).toContain(pair.there.device);
    expect((await syncthing.connected()).has(pair.there.device)).toBe(true);
    expect(await syncthing.lastSeen(pair.there.device)).toMatch(/^20/);
    expect(await syncthing.lastSeen(pair.here.device)).toBeNull();
  });

  test('a wrong key, a host that is refused, and a folder that is unknown or paused have errors of their own', async () => {
    const { url } = pair.here.settings;
    const wrong = openSyncthing({ url, key });
    expect(await refusal(wrong.folders())).toMatchObject({ kind: 'key', failure: 'refused' });
    expect((await refusal(wrong.folders())).message).not.toContain(key);
    const named = openSyncthing({
      ...pair.here.settings,
      url: url.replace('127.0.0.1', 'ip6-loopback.localtest.invalid'),
    });
    expect((await refusal(named.folders())).kind).toBe('unreachable');
    expect(await refusal(syncthing.scan('nowhere', 'x'))).toMatchObject({
      kind: 'folder',
      message: 'Syncthing says of the folder: no such folder.',
    });
    expect((await refusal(syncthing.file('nowhere', 'x'))).kind).toBe('folder');
    const folder = await pair.share({ here: { more: { paused: true } } });
    expect((await refusal(syncthing.scan(folder.id, ''))).message).toContain('folder is paused');
    expect((await refusal(syncthing.completion(folder.id, pair.there.device))).kind).toBe('folder');
  });
});

describe('what is no Syncthing', () => {
  async function serve(listener: RequestListener): Promise<Syncthing> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rest`;
    return openSyncthing({ url, key }, { timeout: 100, scanPatience: 100 });
  }
  const replying = (status: number, body: string, headers: Record<string, string> = {}) =>
    serve((_request, response) => response.writeHead(status, headers).end(body));

  test.each<[title: string, status: number, body: string, kind: SyncthingError['kind'], says: RegExp]>([
    ['a page', 200, '<html>Sign in</html>', 'unusable', /is not Syncthing/],
    ['other JSON', 200, '[{"id":7}]', 'unusable', /is not Syncthing/],
    ['nothing there', 404, '404 page not found', 'unusable', /is not Syncthing/],
    ['the host refused', 403, 'Host check error\n', 'host', /insecureSkipHostcheck/],
    ['the key refused', 403, 'CSRF Error\n', 'key', /API key/],
    ['the key refused by a later version', 401, 'Not Authorized', 'key', /API key/],
    ['a fault of its own', 502, 'Bad gateway', 'unreachable', /fault of its own \(502\)/],
    ['a folder without its marker', 500, 'folder marker missing (this indicates ...)', 'folder', /marker missing/],
  ])('%s', async (_title, status, body, kind, says) => {
    const error = await refusal((await replying(status, body)).folders());
    expect([error.kind, error.message]).toEqual([kind, expect.stringMatching(says)]);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(key);
  });

  test('a redirect is not followed, and the key goes nowhere else', async () => {
    const error = await refusal((await replying(307, '', { location: 'https://elsewhere.example/rest' })).folders());
    expect([error.kind, error.message]).toEqual(['unusable', expect.stringContaining('https://elsewhere.example')]);
  });

  test('nobody listens, or replies too late; a scan that takes long goes on', async () => {
    const closed = openSyncthing({ url: `http://127.0.0.1:${closedPort}/rest`, key });
    expect(await refusal(closed.folders())).toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/ECONNREFUSED/),
    });
    const late = await serve(() => {});
    expect(await refusal(late.folders())).toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/within 0.1 seconds/),
    });
    expect(await late.scan('x', 'y')).toBe('running');
    const stops = new AbortController();
    const waiting = late.changedSince({ started: '', id: 0 }, 60, stops.signal);
    stops.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('presenceOf', () => {
  const version = {
    deleted: false,
    invalid: false,
    localFlags: 0,
    modified: '2026-11-30T11:18:01.72195283Z',
    name: 'x/a.jpg',
    size: 5,
    type: 'FILE_INFO_TYPE_FILE',
    version: ['A:1'],
  };
  const wanted = { path: 'x/a.jpg', size: 5, mtime_ns: '1796037481721952830' };
  const found: IndexedFile = {
    availability: [{ id: 'D', fromTemporary: false }],
    global: version,
    local: version,
  };

  test.each<[presence: string, change: Partial<IndexedFile>]>([
    ['present', {}],
    ['not_there', { availability: null }],
    ['not_there', { availability: [{ id: 'E', fromTemporary: false }] }],
    ['not_there', { availability: [{ id: 'D', fromTemporary: true }] }],
    ['differs', { local: { ...version, size: 6 } }],
    ['differs', { local: { ...version, modified: '2026-11-30T11:18:01.721952831Z' } }],
    ['differs', { local: { ...version, type: 'FILE_INFO_TYPE_DIRECTORY' } }],
    ['gone_here', { local: { ...version, deleted: true } }],
    ['not_indexed', { local: { ...version, localFlags: 2 } }],
    ['not_indexed', { local: { ...version, invalid: true } }],
    ['not_indexed', { local: { ...version, name: '' } }],
    ['changed_there', { global: { ...version, deleted: true } }],
    ['changed_there', { global: { ...version, version: ['A:1', 'B:2'] } }],
  ])('%s: %j', (presence, change) => {
    expect(presenceOf({ ...found, ...change }, wanted, 'D')).toBe(presence);
  });

  test('a time has its zone and up to nine decimals', () => {
    expect(nanosecondsOf('2026-11-30T12:18:01.72195283+01:00')).toBe(1796037481721952830n);
    expect(nanosecondsOf('1969-12-31T23:59:59.5Z')).toBe(-500_000_000n);
    expect(nanosecondsOf('yesterday')).toBeUndefined();
  });
});
