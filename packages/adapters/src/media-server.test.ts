import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startMediaServer } from '../test/fake-media-server.ts';
import { closedPort } from '../test/transmission-daemon.ts';
import { openMediaServer, theirPath } from './media-server.ts';
import { MediaServerError } from './media-server-error.ts';

const facts = {
  title: 'The lantern',
  sort_title: 'ABC-123',
  original_title: 'ランタン',
  overview: 'Two keepers.\nOne lamp.',
  release_date: '2024-05-31',
  actress: ['Ada', 'Bea'],
  genre: ['Drama'],
  label: 'North Light',
};

async function started(options: Parameters<typeof startMediaServer>[1] = {}) {
  const library = mkdtempSync(join(tmpdir(), 'at-media-server-'));
  onTestFinished(() => rmSync(library, { recursive: true }));
  mkdirSync(join(library, 'Ada'));
  const path = join(library, 'Ada', 'Ada - [No Sub] ABC-123 The lantern.mkv');
  writeFileSync(path, '');
  const fake = await startMediaServer(library, options);
  onTestFinished(() => fake.close());
  return { library, path, fake, server: openMediaServer(fake.settings) };
}

const replying = (status: number, body: string) => (_request: string, response: ServerResponse) => {
  response.writeHead(status).end(body);
  return true;
};

test.each(['emby', 'jellyfin'] as const)(
  '%s: an item is scanned, found by its path, written, locked and read back',
  async (kind) => {
    const { path, fake, server } = await started({ kind, theirs: '/media/films' });
    expect(await server.find(path, null)).toBeUndefined();
    await server.scan(0);
    const id = (await server.find(path, null)) as string;
    expect(fake.items.get(id)?.Path).toBe('/media/films/Ada/Ada - [No Sub] ABC-123 The lantern.mkv');
    expect(await server.findByName('Ada - [No Sub] ABC-123 The lantern.mkv', 'ABC-123')).toEqual([id]);
    expect(await server.findByName('ABC-123.mkv', 'ABC-123')).toEqual([]);
    expect(await server.differences(id, facts)).toContain('Name');
    expect(await server.write(id, facts)).toBe(true);
    expect(await server.differences(id, facts)).toEqual([]);
    expect(fake.items.get(id)).toMatchObject({
      LockData: true,
      ForcedSortName: 'ABC-123',
      ProductionYear: 2024,
      Tags: [],
    });
    await server.addImage(id, 'Primary', 'https://images.example/cover.jpg');
    expect(fake.images).toEqual([`${id} Primary https://images.example/cover.jpg`]);
    // A known id counts only while it has the path.
    fake.requests = [];
    expect(await server.find(path, id)).toBe(id);
    expect(fake.requests).toEqual(['GET Items']);
    expect(await server.find(`${path}.other`, id)).toBeUndefined();
    expect(await server.write('0000', facts)).toBe(false);
    expect(await server.id()).toBe('demo-media-server');
  },
);

test('a library behind a symbolic link is known by what the server calls it, or by the link', async () => {
  const { path, library, fake } = await started();
  const link = `${library} link`;
  symlinkSync(library, link);
  onTestFinished(() => rmSync(link));
  for (const theirs of [link, '/media']) {
    const server = openMediaServer({ ...fake.settings, paths: { ours: link, theirs } });
    fake.items.clear();
    fake.items.set('7', { Id: '7', Name: 'A film', Path: path.replace(library, theirs) });
    expect(await server.find(path, null)).toBe('7');
  }
});

test('what a server shows otherwise than it was written is named', async () => {
  const { path, fake, server } = await started();
  fake.store = (item) => ({ ...item, Overview: 'Another', People: [], LockData: false });
  await server.scan(0);
  const id = (await server.find(path, null)) as string;
  await server.write(id, facts);
  expect(await server.differences(id, facts)).toEqual(['Overview', 'People', 'Lock']);
});

test('files that come within ten seconds share a scan, which begins after all of them', async () => {
  const { fake } = await started();
  let time = 0;
  const server = openMediaServer(fake.settings, () => time);
  const scans = () => fake.requests.filter((request) => request === 'POST Library/Refresh').length;
  expect([await server.scan(1), scans()]).toEqual([0, 1]);
  time = 2_000;
  // One came before the scan, one after it.
  expect([await server.scan(3_000), await server.scan(500), scans()]).toEqual([0, 8_000, 1]);
  time = 10_000;
  expect([await server.scan(8_500), await server.scan(8_500), scans()]).toEqual([0, 0, 2]);
  // A scan that was refused is none.
  time = 30_000;
  fake.answer = replying(503, '');
  await expect(server.scan(1)).rejects.toMatchObject({ kind: 'unreachable' });
  fake.answer = undefined;
  expect([await server.scan(1), scans()]).toEqual([0, 4]);
});

test('one library can be scanned, and one that is not there is a setting to correct', async () => {
  const { fake } = await started();
  await openMediaServer({ ...fake.settings, libraryId: 'library' }).scan(0);
  expect(fake.requests).toEqual(['POST Items/library/Refresh']);
  await expect(openMediaServer({ ...fake.settings, libraryId: 'other' }).scan(0)).rejects.toThrow('LIBRARY_ID');
});

test.each([
  ['/library/a/b.mkv', { ours: '/library', theirs: '/media' }, '/media/a/b.mkv'],
  ['/library/a/b.mkv', { ours: '/library/', theirs: '/media/' }, '/media/a/b.mkv'],
  ['/library2/b.mkv', { ours: '/library', theirs: '/media' }, '/library2/b.mkv'],
  ['/library/a/b.mkv', { ours: '/library', theirs: 'D:\\Films' }, 'D:\\Films\\a\\b.mkv'],
  ['/library/a/b.mkv', { ours: '/library', theirs: '\\\\nas\\films\\' }, '\\\\nas\\films\\a\\b.mkv'],
  ['/library/a/b.mkv', null, '/library/a/b.mkv'],
])('%s is a path of the server, with %o: %s', (path, paths, theirs) => {
  expect(theirPath(path, paths)).toBe(theirs);
});

describe('an error', () => {
  test.each([
    [401, '', 'refused'],
    [500, '', 'unreachable'],
    [302, '', 'unusable'],
    [200, '<html>', 'unusable'],
    [200, '{"Items": 7}', 'unusable'],
  ])('has a kind: %s %s is %s', async (status, body, kind) => {
    const { fake, server, path } = await started();
    fake.answer = replying(status, body);
    const error = await server.find(path, null).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MediaServerError);
    expect(error).toMatchObject({ kind });
    expect(String(error)).not.toMatch(/media-server-key|127\.0\.0\.1/);
  });

  test('says that nothing responds', async () => {
    const { fake } = await started();
    const url = `http://127.0.0.1:${closedPort}`;
    await expect(openMediaServer({ ...fake.settings, url }).scan(0)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
