import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { heic, jpeg, tag } from '@at/adapters/test/captures';
import { hasTwo, memory } from '@at/adapters/test/file-systems';
import { sized } from '@at/db/test-size';
import { emptyTables } from '@at/db/testing';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { moveBatch } from '../src/batches/rules.ts';
import { RootUnusable } from '../src/files/roots.ts';
import { interrupted, newSortRun, openSorting, type SortingProduct } from './sorting.ts';

// Sorts of a batch that are interrupted behind a step, by the kill of a process or by an error in this one.

/** Empties the folders and their rows. */
export async function clear({ db, archive, batches, duplicates }: SortingProduct): Promise<void> {
  await emptyTables(
    db,
    'console.batch',
    'console.move',
    'console.file',
    'console.file_directory',
    'console.duplicate_set',
  );
  await sql`insert into console.file_directory (root_id, name) select id, '' from console.file_root`.execute(db);
  for (const { at } of [archive, batches, duplicates])
    for (const name of readdirSync(at)) if (name !== '.at-root') rmSync(join(at, name), { recursive: true });
}

export const photo = (time: string, extra = '') =>
  Buffer.concat([jpeg({ main: { [tag.model]: 'Pixel 5' }, exif: { [tag.original]: time } }), Buffer.from(extra)]);
export const text = (bytes: Buffer) => bytes.toString('latin1');
export const may = photo('2019:05:03 23:30:05');
export const june = photo('2019:06:04 10:00:00');

/** Begins a sort in a run and interrupts it behind a step. */
type Interrupt = (
  product: SortingProduct,
  settings: ReturnType<SortingProduct['settingsOf']>,
  run: string,
  step: string,
) => Promise<void>;

export const byAnError: Interrupt = async (product, { batch, transfer_mode }, run, step) => {
  let left = 1;
  const boundary = (done: string) => {
    if (done === step && --left === 0) throw interrupted;
  };
  expect(await product.sort(batch, { transfer_mode }, { boundary }, run)).toMatchObject({ error: interrupted });
};

const steps = sized(
  ['copied', 'target synced', 'ended'],
  ['planned', 'copied', 'target synced', 'moved', 'ended', 'files moved', 'files noted'],
);
const disks: [string, string | undefined][] = [
  ['the same file system', undefined],
  ...(hasTwo ? [['another file system', memory] as [string, string]] : []),
];

/** Tests that a sort that is interrupted behind any step is ended by the next attempt. */
export function expectSurvival(interrupt: Interrupt): void {
  describe.for(disks)('on %s', ([, below]) => {
    let other: SortingProduct;
    beforeAll(async () => {
      const own = below && mkdtempSync(join(below, 'at-sort-'));
      other = await openSorting(own);
      return async () => {
        await other.close();
        if (own) rmSync(own, { recursive: true });
      };
    });
    beforeEach(() => clear(other));

    test.for(steps)('an attempt that ends behind "%s" loses and replaces nothing', async (step) => {
      // A move within one file system makes no copy.
      const moves = step === 'copied' && !below ? [] : (['move'] as const);
      for (const transfer_mode of [...moves, 'copy'] as const) {
        await clear(other);
        const day = join(other.archive.at, '2019/05/03');
        other.put(join(day, 'a.jpg'), 'another file');
        other.put(join(day, 'b.jpg'), may);
        const live = heic({ exif: { [tag.original]: '2019:05:03 23:30:05' } });
        const twin = photo('2019:05:03 23:30:05', 'twin');
        const { id, name } = await other.add([
          { 'a.jpg': twin },
          { 'b.jpg': may },
          { 'IMG_1.HEIC': live, 'IMG_1.MOV': 'clip' },
          { 'x/c.jpg': june },
          { 'y/c.jpg': photo('2019:06:04 10:00:00', 'second') },
        ]);
        const run = await newSortRun(other.db);
        await other.db.transaction().execute((trx) => moveBatch(trx, id, 'SORTING', { hasDevice: false }));
        await interrupt(other, other.settingsOf(id, { transfer_mode }), run, step);
        // The server needs a moment to see that a process is gone, whose locks it then frees.
        await expect
          .poll(async () => {
            const { output, error } = await other.sort(id, { transfer_mode }, {}, run).catch((thrown) => {
              if (thrown instanceof RootUnusable) return {} as never;
              throw thrown;
            });
            return output ?? error;
          })
          .toMatchObject({ total_files: 6, sorted_files: 5, skipped_files: 1 });
        const second = text(photo('2019:06:04 10:00:00', 'second'));
        const found = other.disk();
        const inArchive = Object.fromEntries(Object.entries(found).filter(([path]) => path.startsWith('archive')));
        expect(inArchive).toEqual({
          'archive/2019/05/03/a.jpg': 'another file',
          'archive/2019/05/03/a_1.jpg': text(twin),
          'archive/2019/05/03/b.jpg': text(may),
          'archive/2019/05/03/IMG_1.HEIC': text(live),
          'archive/2019/05/03/IMG_1.MOV': 'clip',
          'archive/2019/06/04/c.jpg': text(june),
          'archive/2019/06/04/c_1.jpg': second,
        });
        const left = Object.keys(found).filter((path) => !path.startsWith('archive'));
        const originals = ['a.jpg', 'b.jpg', 'IMG_1.HEIC', 'IMG_1.MOV', 'x/c.jpg', 'y/c.jpg'].map(
          (path) => `batches/${name}/${path}`,
        );
        expect(left).toEqual(transfer_mode === 'move' ? [`duplicates/${name}/b.jpg`] : originals.toSorted());
        expect(await other.batch(id)).toBe('SORTED');
        const { rows } = await sql`select from console.move where state = 'planned'`.execute(other.db);
        expect(rows).toEqual([]);
      }
    });
  });
}
