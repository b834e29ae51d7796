import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasTwo, memory } from '@at/adapters/test/file-systems';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { filesBelow, moveAlone } from '../../test/duplicates.ts';
import { type FilesProduct, openFiles } from '../../test/files.ts';

/** A scan finishes what a killed process has begun to move: each file is there once, where its row says. */

const script = fileURLToPath(new URL('../../test/duplicates-worker.ts', import.meta.url));
const files = {
  'a/IMG_1.HEIC': 'photo',
  'a/IMG_1.MOV': 'video',
  'b/IMG_1.HEIC': 'photo',
  'b/IMG_1.MOV': 'video',
  'c/alone.jpg': 'single',
  'd/alone.jpg': 'single',
};
const kept = { 'a/IMG_1.HEIC': 'photo', 'a/IMG_1.MOV': 'video', 'c/alone.jpg': 'single' };
const duplicates = { 'b/IMG_1.HEIC': 'photo', 'b/IMG_1.MOV': 'video', 'd/alone.jpg': 'single' };

let product: FilesProduct;
beforeAll(async () => {
  product = await openFiles();
  return () => product.close();
});
beforeEach(() => product.reset());

/** An empty object matches any other one in `toMatchObject`. */
const nobody = expect.toSatisfy((stayed: object) => Object.keys(stayed).length === 0);

const disks: [string, string | undefined][] = [
  ['the same file system', undefined],
  ...(hasTwo ? [['another file system', memory] as [string, string]] : []),
];

describe.each(disks)('duplicates that move to %s', (_, parent) => {
  async function opened() {
    const below = parent && mkdtempSync(join(parent, 'at-duplicates-'));
    if (below) onTestFinished(() => rmSync(below, { recursive: true, force: true }));
    const [inbox, target] = [await product.root(), await product.root(below)];
    for (const [path, content] of Object.entries(files)) product.put(join(inbox.at, path), content);
    await product.scan(inbox.id);
    return { inbox, target };
  }

  test('survive kill -9 behind each step of their moves', { timeout: 240_000 }, async () => {
    const first = await opened();
    const steps: string[] = [];
    await moveAlone(product.db, { root: first.inbox.id, to: first.target.id }, (step) => void steps.push(step));
    const times = new Map<string, number>();
    for (const step of steps) times.set(step, (times.get(step) ?? 0) + 1);
    expect(times.size).toBeGreaterThan(5);
    for (const [step, count] of times)
      for (const nth of new Set([1, count])) {
        await product.reset();
        const { inbox, target } = await opened();
        await product.stop();
        const args = [product.database.connectionString, String(inbox.id), String(target.id), step, String(nth)];
        const worker = fork(script, args);
        onTestFinished(() => void worker.kill('SIGKILL'));
        expect([step, nth, await once(worker, 'exit')]).toEqual([step, nth, [null, 'SIGKILL']]);

        expect(await product.scan(inbox.id, { duplicates_root: target.id })).toMatchObject({
          moved_duplicates: { stayed: nobody },
        });
        expect([step, nth, filesBelow(inbox.at), filesBelow(target.at)]).toEqual([step, nth, kept, duplicates]);
        const { rows } = await sql<{ path: string; status: string }>`
          select console.file_path(f.directory_id, f.name) as path, f.status
          from console.file f join console.file_directory d on d.id = f.directory_id where d.root_id = ${target.id}
        `.execute(product.db);
        expect(Object.fromEntries(rows.map(({ path, status }) => [path, status]))).toEqual(
          Object.fromEntries(Object.keys(duplicates).map((path) => [path, 'DUPLICATE'])),
        );
        const open = await sql`select from console.move where state = 'planned'`.execute(product.db);
        expect([step, nth, open.rows]).toEqual([step, nth, []]);
      }
  });
});
