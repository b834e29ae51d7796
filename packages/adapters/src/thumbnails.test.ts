import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { cr3, heic, jpeg, movie, placeAt, tag } from '../test/captures.ts';
import { bomb, halves, heicPicture, landscape, look, seeThrough } from '../test/pictures.ts';
import { openThumbnails, type ThumbnailOptions, type Thumbnails } from './thumbnails.ts';

let base: string;
let all: Thumbnails;
const open = (options?: ThumbnailOptions) => {
  const opened = openThumbnails(options);
  onTestFinished(() => opened.close());
  return opened;
};
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'at-thumbnails-'));
  all = openThumbnails({ patience: 120_000 });
  return () => {
    all.close();
    rmSync(base, { recursive: true });
  };
});
let nth = 0;
const written = (content: Buffer | string) => {
  nth += 1;
  const path = join(base, `${nth}`);
  writeFileSync(path, content);
  return path;
};
const make = (content: Buffer | string, { isRaw = false, edge = 160, by = all } = {}) =>
  by.make({ path: written(content), isRaw, edge });

describe('a thumbnail', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('of %s fits its size', async (format) => {
    const seen = await look((await make(await halves(400, 200, format))) as Buffer);
    expect(seen).toMatchObject({ format: 'webp', width: 160, height: 80, left: 'red', right: 'blue', metadata: [] });
  });

  test('is not larger than the picture', async () => {
    expect(await look((await make(await halves(40, 20, 'png'))) as Buffer)).toMatchObject({ width: 40, height: 20 });
  });

  test.each([
    [1, 'red', 'blue', 160, 80],
    [2, 'blue', 'red', 160, 80],
    [3, 'blue', 'red', 160, 80],
    [4, 'red', 'blue', 160, 80],
    [5, 'red', 'blue', 80, 160],
    [6, 'red', 'blue', 80, 160],
    [7, 'blue', 'red', 80, 160],
    [8, 'blue', 'red', 80, 160],
  ])('is turned by orientation %i, and says nothing of the place', async (orientation, first, last, width, height) => {
    const exif = { main: { [tag.orientation]: [orientation], [tag.model]: 'Phone' }, place: placeAt(52.5, 13.4) };
    const picture = await halves(400, 200, 'jpeg');
    const own = await look((await make(jpeg(exif, { picture }))) as Buffer);
    // A raw file says it for the JPEG in it.
    const raw = await look((await make(cr3(exif, picture), { isRaw: true })) as Buffer);
    for (const seen of [own, raw]) {
      expect(seen).toMatchObject({ width, height, metadata: [] });
      expect(seen).toMatchObject(width > height ? { left: first, right: last } : { top: first, bottom: last });
    }
    expect(raw).toEqual(own);
  });

  test('keeps what lets the ground through', async () => {
    expect(await look((await make(await seeThrough())) as Buffer)).toMatchObject({ hasAlpha: true, width: 160 });
  });

  test('of a photo that was cut off shows what is left', async () => {
    const whole = await landscape(1200, 800);
    expect(await look((await make(whole.subarray(0, whole.length / 2))) as Buffer)).toMatchObject({ width: 160 });
  });

  test('of HEIC is made by heif-convert, and else of the picture in it', async () => {
    const [programs, picture] = [mkdtempSync(join(base, 'bin-')), await halves(300, 300, 'jpeg')];
    const convert = join(programs, 'heif-convert');
    const { PATH } = process.env;
    process.env.PATH = `${programs}:${PATH}`;
    onTestFinished(() => {
      process.env.PATH = PATH;
    });
    writeFileSync(convert, `#!/bin/sh\necho "$@" > ${programs}/called\nexec cp ${written(picture)} "$4"\n`);
    chmodSync(convert, 0o755);
    const by = open({ patience: 120_000 });
    expect(await look((await make(heicPicture, { by })) as Buffer)).toMatchObject({
      width: 160,
      height: 160,
      left: 'red',
    });
    expect(readFileSync(join(programs, 'called'), 'utf8')).toMatch(/^-q 90 .+ .+\.jpg\n$/);
    // It cannot read this one.
    writeFileSync(convert, '#!/bin/sh\nexit 1\n');
    expect(await make(heicPicture, { by })).toBeUndefined();
    const within = heic({ main: { [tag.orientation]: [6] }, thumbnail: await halves(120, 60, 'jpeg') });
    expect(await look((await make(within, { by })) as Buffer)).toMatchObject({ width: 60, height: 120 });
  });
});

test.each([
  ['900 million pixels in a few bytes', bomb],
  [
    'an SVG with a script',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>'),
  ],
  ['nothing', () => Buffer.alloc(0)],
  ['a JPEG that ends in its head', async () => (await landscape(400, 300)).subarray(0, 200)],
  ['a raw photo without a JPEG', () => cr3({})],
  ['a video with the name of a photo', () => movie({})],
])('of %s none is made, and the next file gets its own', async (_, content) => {
  expect(await make(await content())).toBeUndefined();
  expect(await make(await halves(40, 20, 'png'))).toBeInstanceOf(Buffer);
});

test('a file that takes too long costs its own picture alone, and leaves nothing', async () => {
  const [programs, temporary, { PATH, TMPDIR }] = [mkdtempSync(join(base, 'slow-')), join(base, 'tmp'), process.env];
  writeFileSync(join(programs, 'heif-convert'), `#!/bin/sh\necho > "$4"\necho > ${programs}/called\nexec sleep 1000\n`);
  chmodSync(join(programs, 'heif-convert'), 0o755);
  const left = join(temporary, 'at-thumbnail-01234567-89ab-cdef-0123-456789abcdef');
  for (const path of [left, join(temporary, 'at-thumbnail-of another program')]) {
    mkdirSync(path, { recursive: true });
    utimesSync(path, 1, 1);
  }
  Object.assign(process.env, { PATH: `${programs}:${PATH}`, TMPDIR: temporary });
  onTestFinished(() => {
    process.env.PATH = PATH;
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  const by = open({ processes: 1, patience: 3_000 });
  await expect.poll(() => readdirSync(temporary)).toEqual(['at-thumbnail-of another program']);
  // On a busy machine a process may take long to start.
  const isSlow = async () =>
    (await make(heicPicture, { by })) === undefined && readdirSync(programs).includes('called');
  await expect.poll(isSlow, { timeout: 60_000 }).toBe(true);
  expect(readdirSync(temporary)).toEqual(['at-thumbnail-of another program']);
  const next = await halves(40, 20, 'png');
  await expect.poll(() => make(next, { by }), { timeout: 30_000 }).toBeInstanceOf(Buffer);
});

test('more files than may wait are refused', async () => {
  const by = open({ processes: 1, most: 1, patience: 120_000 });
  const content = await halves(40, 20, 'png');
  const replies = await Promise.allSettled(Array.from({ length: 3 }, () => make(content, { by })));
  expect(replies.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(replies[2]).toMatchObject({ reason: { kind: 'busy' } });
});

test('a process whose priority cannot be changed makes pictures', async () => {
  const refused = vi.spyOn(os, 'setPriority').mockImplementation(() => {
    throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    refused.mockRestore();
    syncBuiltinESMExports();
  });
  const by = open({ patience: 120_000 });
  expect(await make(await halves(40, 20, 'png'), { by })).toBeInstanceOf(Buffer);
  expect(refused).toHaveBeenCalledOnce();
});

test('where the decoder cannot be loaded, each file says so, and none is damaged', async () => {
  const { execPath } = process;
  const hook = `import{registerHooks}from"node:module";registerHooks({resolve(name,context,next){if(name==="sharp")throw new Error("No libvips.");return next(name,context)}})`;
  const node = join(base, 'node');
  writeFileSync(node, `#!/bin/sh\nexec ${execPath} --import 'data:text/javascript,${hook}' "$@"\n`);
  chmodSync(node, 0o755);
  process.execPath = node;
  onTestFinished(() => {
    process.execPath = execPath;
  });
  const by = open({ processes: 1, patience: 120_000 });
  const content = await halves(40, 20, 'png');
  for (const _ of [1, 2, 3])
    await expect(make(content, { by })).rejects.toMatchObject({
      kind: 'unusable',
      message: 'No pictures can be made here: No libvips.',
    });
});
