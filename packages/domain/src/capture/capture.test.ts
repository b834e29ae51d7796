import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { heic, jpeg, movie, placeAt, png, tag } from '@at/adapters/test/captures';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FilesProduct, openFiles } from '../../test/files.ts';
import { examineFiles } from './capture.ts';

/** Rows have when their files were taken, once, and companions have one time. */

let product: FilesProduct;
let root: Awaited<ReturnType<FilesProduct['root']>>;
beforeAll(async () => {
  product = await openFiles();
});
afterAll(() => product.close());
beforeEach(async () => {
  await product.reset();
  root = await product.root();
});

const put = (name: string, content: string | Buffer) => product.put(join(root.at, name), content);
const taken = (time: string, offset?: string) => ({
  main: { [tag.model]: 'Pixel 5' },
  exif: { [tag.original]: time, ...(offset && { [tag.offsetOriginal]: offset }) },
});
/** Time, offset and source by name. */
const captured = async () => {
  const { rows } = await sql<{ name: string; text: string | null }>`
    select convert_from(name, 'UTF8') as name, captured_at || ' ' || captured_offset || ' ' || captured_from as text
    from console.file where status <> 'MISSING' order by 1
  `.execute(product.db);
  return Object.fromEntries(rows.map(({ name, text }) => [name, text]));
};
/** What a step gets, without a worker. */
const contextOf = () => {
  const warnings: string[] = [];
  return {
    db: product.db,
    checkpoint: <T>(work: (trx: never) => Promise<T>) => product.db.transaction().execute((trx) => work(trx as never)),
    progress: () => {},
    signal: new AbortController().signal,
    log: { warn: (message: string) => void warnings.push(message) },
    warnings,
  };
};
const scan = (options: object = {}) => product.scan(root.id, { timezone: 'Europe/Berlin', ...options });

test('a scan reads when files were taken, and a second one reads nothing', async () => {
  put('a.jpg', jpeg(taken('2019:05:03 23:30:05', '+05:00')));
  put('b.png', png({ text: { 'Creation Time': '2018:01:02 03:04:05' } }));
  put('c.mp4', movie({ brand: 'isom', created: new Date('2019-05-03T22:30:05Z') }));
  put('IMG_20170102_030405.jpg', jpeg());
  put('none.jpg', Buffer.concat([jpeg(), Buffer.from('other')]));
  expect(await scan()).toMatchObject({ examined: 5, unique: 5 });
  expect(await captured()).toEqual({
    'a.jpg': '2019-05-03 23:30:05 300 DateTimeOriginal',
    'b.png': '2018-01-02 03:04:05 60 PNG CreationTime',
    'c.mp4': '2019-05-04 00:30:05 120 QuickTime CreateDate',
    'IMG_20170102_030405.jpg': '2017-01-02 03:04:05 60 name',
    'none.jpg': '2023-11-14 23:13:20 60 mtime',
  });
  const { rows } = await sql`
    select camera, width, height, duration, captured_raw from console.file where name in ('a.jpg', 'c.mp4') order by name
  `.execute(product.db);
  expect(rows).toEqual([
    { camera: 'Pixel 5', width: 48, height: 32, duration: null, captured_raw: '2019:05:03 23:30:05 +05:00' },
    { camera: null, width: 64, height: 36, duration: 2.5, captured_raw: '2019:05:03 22:30:05' },
  ]);
  expect(await scan()).toMatchObject({ examined: 0 });
});

test('companions have the time of the still, wherever it is written', async () => {
  const created = new Date('2010-01-01T00:00:00Z');
  put('live/IMG_1.HEIC', heic(taken('2019:05:03 23:30:05')));
  put('live/IMG_1.MOV', movie({ created }));
  put('takeout/IMG_2.jpg', jpeg({ place: placeAt(61.2181, -149.9003, { date: '2011:01:01', clock: [1, 2, 3] }) }));
  put('takeout/IMG_2.jpg.supplemental-metadata.json', '{"photoTakenTime":{"timestamp":"1556926205"}}');
  put('bare/IMG_3.jpg', jpeg());
  put('bare/IMG_3.MOV', movie({ created: new Date('2012-01-01T00:00:00Z') }));
  await scan();
  // By a sidecar before the satellites, at the position of the photo.
  const anchorage = '2019-05-03 15:30:05 -480 Takeout photoTakenTime';
  expect(await captured()).toEqual({
    'IMG_1.HEIC': '2019-05-03 23:30:05 120 DateTimeOriginal',
    'IMG_1.MOV': '2019-05-03 23:30:05 120 DateTimeOriginal',
    'IMG_2.jpg': anchorage,
    'IMG_2.jpg.supplemental-metadata.json': anchorage,
    'IMG_3.jpg': '2012-01-01 01:00:00 60 QuickTime CreateDate',
    'IMG_3.MOV': '2012-01-01 01:00:00 60 QuickTime CreateDate',
  });
});

test('without leave the time of a file is no date', async () => {
  put('none.jpg', jpeg());
  expect(await scan({ exif_fallback: false })).toMatchObject({ examined: 1 });
  expect(await captured()).toEqual({ 'none.jpg': null });
});

test('a file whose content has changed is read again', async () => {
  put('a.jpg', jpeg(taken('2019:05:03 23:30:05')));
  await scan();
  put('a.jpg', jpeg(taken('2020:05:03 23:30:05', '+01:00')));
  appendFileSync(join(root.at, 'a.jpg'), 'longer');
  expect(await scan()).toMatchObject({ examined: 1 });
  expect(await captured()).toEqual({ 'a.jpg': '2020-05-03 23:30:05 60 DateTimeOriginal' });
});

test('a file that cannot be read is named, and the others are read', async () => {
  put('a/1.jpg', jpeg(taken('2019:05:03 23:30:05')));
  put('b.jpg', jpeg(taken('2020:05:03 23:30:05')));
  await scan();
  await sql`update console.file set examined_at = null, captured_at = null, captured_from = null`.execute(product.db);
  rmSync(join(root.at, 'a'), { recursive: true });
  put('a', 'a file where a folder was');
  const { warnings, ...context } = contextOf();
  const settings = { timezone: 'UTC', fallback: false };
  expect(await examineFiles(context as never, { root: root.id }, settings)).toEqual({ examined: 1 });
  expect(warnings).toEqual([expect.stringContaining(join(root.at, 'a/1.jpg'))]);
});

test('a reading that is interrupted goes on where it ended', async () => {
  const photo = (nth: number) => Buffer.concat([jpeg(taken('2019:05:03 10:00:05')), Buffer.from(String(nth))]);
  for (let nth = 0; nth < 250; nth += 1) put(`${nth}.jpg`, photo(nth));
  await scan();
  await sql`update console.file set examined_at = null, captured_at = null, captured_from = null`.execute(product.db);
  const stop = new AbortController();
  const settings = { timezone: 'UTC', fallback: false };
  const cut = { progress: ({ done }: { done: number }) => done > 0 && stop.abort(), signal: stop.signal };
  await expect(examineFiles({ ...contextOf(), ...cut } as never, { root: root.id }, settings)).rejects.toThrow();
  expect(await examineFiles(contextOf() as never, { root: root.id }, settings)).toEqual({ examined: 150 });
});
