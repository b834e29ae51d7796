import { hash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSyncthing, type Presence, type Syncthing } from '@at/adapters/syncthing';
import { type SharedFolder, type SyncthingPair, startSyncthingPair } from '@at/adapters/test/syncthing-daemons';
import { sized } from '@at/db/test-size';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookForFiles } from './confirm.ts';
import { isOwnIgnored, preflight } from './preflight.ts';

let pair: SyncthingPair;
let syncthing: Syncthing;
beforeAll(async () => {
  pair = await startSyncthingPair();
  syncthing = openSyncthing(pair.here.settings);
});
afterAll(() => pair.stop());

type File = { path: string; size: number; mtime_ns: string; sha256: string | null; ctime_ns: string | null };

/** A batch in the folder, as its manifest has it. */
async function makeBatch(folder: SharedFolder, names: string[]): Promise<File[]> {
  await mkdir(join(folder.here, 'batch_001'), { recursive: true });
  const make = async (name: string) => {
    const path = `batch_001/${name}`;
    await writeFile(join(folder.here, path), `content of ${name}`);
    await utimes(join(folder.here, path), 1_700_000_000, 1_700_000_000);
    const { size, mtimeNs, ctimeNs } = await stat(join(folder.here, path), { bigint: true });
    const sha256 = hash('sha256', `content of ${name}`);
    return { path, size: Number(size), mtime_ns: String(mtimeNs), ctime_ns: String(ctimeNs), sha256 };
  };
  return Promise.all(names.map(make));
}

const scan = ({ id }: SharedFolder) => syncthing.scan(id, 'batch_001');
const targetOf = ({ id, here }: SharedFolder) => ({ folder: id, device: pair.there.device, directory: here });

async function presences(folder: SharedFolder, files: File[]): Promise<Record<string, Presence>> {
  const found = await lookForFiles(syncthing, targetOf(folder), files);
  return Object.fromEntries([...found].map(([{ path }, presence]) => [path.replace('batch_001/', ''), presence]));
}
/** Until all that can be there is there, by what the receiver has on its disk. */
const untilThere = (folder: SharedFolder, name: string) =>
  expect.poll(() => stat(join(folder.there, 'batch_001', name)).then(Boolean, () => false)).toBe(true);
/** Until the files are seen so. What is present has its content on the disk of the receiver. */
async function untilSeen(folder: SharedFolder, files: File[], wanted: Record<string, Presence>): Promise<void> {
  await expect.poll(() => presences(folder, files), { interval: 20 }).toEqual(wanted);
  for (const [name] of Object.entries(wanted).filter(([, presence]) => presence === 'present'))
    expect(await readFile(join(folder.there, 'batch_001', name), 'utf8')).toBe(`content of ${name}`);
}
const completion = async ({ id }: SharedFolder) => (await syncthing.completion(id, pair.there.device)).completion;
const faults = async (target: Parameters<typeof preflight>[1], of = syncthing) =>
  Object.fromEntries(
    (await preflight(of, target)).flatMap(({ check, state, message }) =>
      state === 'failed' ? [[check, message]] : [],
    ),
  );

test('files count as there once the device has them, and not by completion, which is 100 % before the scan', async () => {
  const folder = await pair.share({ here: { ignored: ['/.at-*'] } });
  expect(await faults(targetOf(folder))).toEqual({});
  const files = await makeBatch(folder, ['a.jpg', 'b.mov']);
  expect(await completion(folder)).toBe(100);
  expect(await presences(folder, files)).toEqual({ 'a.jpg': 'not_indexed', 'b.mov': 'not_indexed' });
  await scan(folder);
  await untilSeen(folder, files, { 'a.jpg': 'present', 'b.mov': 'present' });
  await untilThere(folder, 'a.jpg');
  // It is as old as the last scan: a file that was changed since is not the one that the device has, also with the same size and time.
  await writeFile(join(folder.here, 'batch_001/b.mov'), 'content of b.moX');
  await utimes(join(folder.here, 'batch_001/b.mov'), 1_700_000_000, 1_700_000_000);
  await writeFile(join(folder.here, 'batch_001/a.jpg'), 'content of a.jpX');
  expect(await presences(folder, files)).toEqual({ 'a.jpg': 'differs', 'b.mov': 'differs' });
});

describe.runIf(sized(false, true))('situations in which no file may count as there', () => {
  test('the device stopped the folder: at first it has no index, and completion is 100 % after the scan too', async () => {
    const folder = await pair.share({ there: { more: { paused: true } } });
    const files = await makeBatch(folder, ['a.jpg']);
    await scan(folder);
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'not_there' });
    await pair.there.ask('PATCH', `config/folders/${folder.id}`, { paused: false });
    await untilSeen(folder, files, { 'a.jpg': 'present' });
  });

  test('the device ignores a file: completion is 100 %, nothing is needed, and it never gets it', async () => {
    const folder = await pair.share({ there: { ignored: ['*.mov'] } });
    const files = await makeBatch(folder, ['a.jpg', 'b.mov']);
    await scan(folder);
    await untilSeen(folder, files, { 'a.jpg': 'present', 'b.mov': 'not_there' });
    await expect.poll(() => completion(folder)).toBe(100);
    expect(await syncthing.needed(folder.id, pair.there.device)).toEqual([]);
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'present', 'b.mov': 'not_there' });
  });

  test('we ignore a file', async () => {
    const folder = await pair.share({ here: { ignored: ['*.xmp'] } });
    const files = await makeBatch(folder, ['a.jpg', 'a.xmp']);
    await scan(folder);
    await untilSeen(folder, files, { 'a.jpg': 'present', 'a.xmp': 'not_indexed' });
  });

  test('the device deletes or changes a file', async () => {
    const folder = await pair.share({ there: { more: { type: 'sendreceive' } } });
    const files = await makeBatch(folder, ['a.jpg', 'b.jpg', 'c.jpg']);
    await scan(folder);
    await untilSeen(folder, files, { 'a.jpg': 'present', 'b.jpg': 'present', 'c.jpg': 'present' });
    await rm(join(folder.there, 'batch_001/a.jpg'));
    await writeFile(join(folder.there, 'batch_001/b.jpg'), 'other content');
    await pair.there.ask('POST', `db/scan?folder=${folder.id}`);
    await untilSeen(folder, files, { 'a.jpg': 'changed_there', 'b.jpg': 'changed_there', 'c.jpg': 'present' });
  });

  test('a device that only receives changed a file', async () => {
    const folder = await pair.share();
    const files = await makeBatch(folder, ['a.jpg']);
    await scan(folder);
    await untilSeen(folder, files, { 'a.jpg': 'present' });
    await writeFile(join(folder.there, 'batch_001/a.jpg'), 'other content');
    await pair.there.ask('POST', `db/scan?folder=${folder.id}`);
    await untilSeen(folder, files, { 'a.jpg': 'not_there' });
    await pair.there.ask('POST', `db/revert?folder=${folder.id}`);
    await untilSeen(folder, files, { 'a.jpg': 'present' });
  });

  test('the batch left the folder', async () => {
    const folder = await pair.share();
    const files = await makeBatch(folder, ['a.jpg']);
    await scan(folder);
    await untilSeen(folder, files, { 'a.jpg': 'present' });
    const away = await mkdtemp(join(tmpdir(), 'at-away-'));
    await rename(join(folder.here, 'batch_001'), join(away, 'batch_001'));
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'gone_here' });
    await scan(folder);
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'gone_here' });
    // What leaves the folder leaves the device.
    await expect.poll(() => stat(join(folder.there, 'batch_001/a.jpg')).then(Boolean, () => false)).toBe(false);
    await rm(away, { recursive: true });
  });

  test('the device has no space', async () => {
    const folder = await pair.share({ there: { more: { minDiskFree: { value: 100, unit: '%' } } } });
    const files = await makeBatch(folder, ['a.jpg']);
    await scan(folder);
    await expect.poll(async () => (await syncthing.needed(folder.id, pair.there.device)).length).toBe(2);
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'not_there' });
  });

  test('the marker of the device is gone', async () => {
    const folder = await pair.share();
    await rm(join(folder.there, '.stfolder'), { recursive: true });
    await pair.there.ask('POST', `db/scan?folder=${folder.id}`).catch(() => {});
    const files = await makeBatch(folder, ['a.jpg']);
    await scan(folder);
    await expect.poll(async () => (await syncthing.needed(folder.id, pair.there.device)).length).toBe(2);
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'not_there' });
  });

  test('our marker is gone', async () => {
    const folder = await pair.share({ here: { ignored: ['/.at-*'] } });
    const files = await makeBatch(folder, ['a.jpg']);
    await rm(join(folder.here, '.stfolder'), { recursive: true });
    expect(await faults(targetOf(folder))).toEqual({ marker: expect.stringContaining('There is no .stfolder in') });
    await expect(scan(folder)).rejects.toMatchObject({ kind: 'folder', message: expect.stringContaining('marker') });
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'not_indexed' });
  });

  test('a file grows after the manifest was written, and one in the other normalization is not renamed', async () => {
    const folder = await pair.share();
    const files = await makeBatch(folder, ['a.jpg', 'e\u0301.jpg']);
    await writeFile(join(folder.here, 'batch_001/a.jpg'), 'content of a.jpg and more');
    await scan(folder);
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'differs', 'e\u0301.jpg': 'not_indexed' });
    expect((await stat(join(folder.here, 'batch_001/e\u0301.jpg'))).size).toBe(files[1]?.size);
    expect(await syncthing.fileErrors(folder.id)).toEqual([
      { path: 'batch_001/e\u0301.jpg', error: expect.stringContaining('normalization') },
    ]);
  });

  test('the device is away, and comes back; a daemon that was killed begins its events again', async () => {
    const folder = await pair.share({ here: { ignored: ['/.at-*'] } });
    await pair.there.kill();
    await expect
      .poll(() => faults(targetOf(folder)))
      .toEqual({
        connected: expect.stringMatching(/^The device other is away since 20\d\d-/),
      });
    const files = await makeBatch(folder, ['a.jpg']);
    await scan(folder);
    expect(await presences(folder, files)).toEqual({ 'a.jpg': 'not_there' });
    const cursor = await syncthing.lastEvent();
    await pair.here.kill();
    expect(Object.keys(await faults(targetOf(folder)))).toEqual(['reachable']);
    await Promise.all([pair.here.start(), pair.there.start()]);
    expect(await syncthing.changedSince({ ...cursor, id: cursor.id + 1_000 }, 60)).toBe(true);
    await untilSeen(folder, files, { 'a.jpg': 'present' });
    await untilThere(folder, 'a.jpg');
  });
});

test('each fault of the settings has its line and its reason; the rest is not looked at', async () => {
  const folder = await pair.share({ here: { more: { type: 'sendreceive', autoNormalize: true } } });
  const target = targetOf(folder);
  expect(await faults(target)).toEqual({
    send_only: expect.stringContaining('Send Only'),
    normalize: expect.stringContaining('autoNormalize'),
    ignores: expect.stringContaining('/.at-*'),
  });
  expect(await faults({ ...target, folder: 'nowhere' })).toEqual({ folder: expect.stringContaining('nowhere') });
  const stranger = 'AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA';
  expect(await faults({ ...target, device: stranger })).toMatchObject({
    shared: expect.stringContaining('not shared'),
    connected: expect.stringContaining('has no device'),
  });
  await pair.here.ask('PATCH', `config/folders/${folder.id}`, { paused: true });
  expect(await faults(target)).toEqual({ paused: expect.stringContaining('paused') });
  const wrong = openSyncthing({ ...pair.here.settings, key: 'wrong' });
  const lines = await preflight(wrong, target);
  expect(lines.map(({ check, state }) => `${check} ${state}`)).toEqual([
    'reachable passed',
    'key failed',
    ...['host', 'folder', 'paused', 'shared', 'send_only', 'normalize', 'ignores', 'marker', 'connected'].map(
      (check) => `${check} unknown`,
    ),
  ]);
});

test('the pattern of our own files must come before one that includes files again', () => {
  expect(isOwnIgnored(['*.tmp', '/.at-*', '/.at-*/**', '!*.jpg'])).toBe(true);
  expect(isOwnIgnored(['!*.jpg', '/.at-*'])).toBe(false);
  expect(isOwnIgnored(['(?i)!*.jpg', '/.at-*'])).toBe(false);
  expect(isOwnIgnored(['.at-*'])).toBe(false);
});
