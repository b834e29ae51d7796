import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hasTwo, memory } from '@at/adapters/test/file-systems';
import { createDb, createPool } from '@at/db/client';
import { sql } from 'kysely';
import { expect, onTestFinished } from 'vitest';
import { type MoveContext, moveGroups } from '../src/moves/journal.ts';
import { directoryBelow, type WantedMove } from '../src/moves/queries.ts';
import { openRoots } from './journal.ts';

// Moves of three files, two of which are companions, that are interrupted by errors, kills and rivals.

const script = fileURLToPath(new URL('./journal-worker.ts', import.meta.url));

export const disks: [string, string][] = [
  ['the same file system', tmpdir()],
  ...(hasTwo ? [['another file system', memory] as [string, string]] : []),
];

export const photo = ['IMG_1.HEIC', 'IMG_1.MOV', 'b.jpg'];
/** Where the name IMG_1.MOV is taken. */
export const arrived = { 'IMG_1.HEIC': 'IMG_1 (1).HEIC', 'IMG_1.MOV': 'IMG_1 (1).MOV', 'b.jpg': 'b.jpg' };

/** `more`: what is wanted of each move beside its place. */
export async function opened(below = tmpdir(), more: Partial<WantedMove> = {}) {
  const product = await openRoots(below);
  onTestFinished(() => product.close());
  const day = await directoryBelow(product.db, product.archive.directory, Buffer.from('day'));
  const context: MoveContext = { db: product.db };
  const wanted = (names: string[], ids: number[]): WantedMove[] =>
    ids.map((file, i) => {
      const name = names[i] as string;
      return { file, directory: day, name: Buffer.from(name), stem: `${name}.`.indexOf('.'), ...more };
    });
  const ids = await product.add(photo);
  const [pair, single] = [wanted(photo.slice(0, 2), ids.slice(0, 2)), wanted(photo.slice(2), ids.slice(2))];
  const roots = [product.inbox.root, product.archive.root];
  /** Moves those groups that are still in the inbox, and unique. */
  const move = (also: Partial<MoveContext> = {}, run: string | null = null, groups = [pair, single]) =>
    moveGroups(
      { ...context, ...also },
      roots,
      async (session) => {
        const { rows } = await sql<{ id: number }>`
          select id from console.file where directory_id = ${product.inbox.directory} and status = 'UNIQUE'
        `.execute(session);
        return groups.filter((group) => group.every(({ file }) => rows.some(({ id }) => id === file)));
      },
      run,
    );
  return { ...product, context, day, wanted, ids, roots, move, groups: [pair, single] };
}
export type Product = Awaited<ReturnType<typeof opened>>;

/** Each file is on the disk once, where its row says, with its own content; `others` belong to nobody. */
export async function expectWhole(product: Product, names: string[], others: string[] = []): Promise<string[]> {
  const rows = Object.values(await product.rows());
  const expected = rows.map((place, i) => [place, names[i]]);
  expect(product.files()).toEqual(Object.fromEntries([...expected, ...others.map((place) => [place, 'another file'])]));
  expect((await product.states()).planned).toBeUndefined();
  return rows;
}

export const cut = new Error('cut off');
export const isBusy = { name: 'RootUnusable', kind: 'busy' };

/** Interrupts moves behind a step that is passed for the n-th time: by a kill of a process, or by an error in this one. */
export async function interrupt(product: Product, [step, times]: [string, number], kills: boolean): Promise<void> {
  if (kills) {
    const [code, signal] = await once(apart(product, [step, times], 'SIGKILL'), 'exit');
    expect([step, times, code, signal]).toEqual([step, times, null, 'SIGKILL']);
    return;
  }
  let left = times;
  const boundary = (done: string) => {
    if (done === step && --left === 0) throw cut;
  };
  await expect(product.move({ boundary })).rejects.toBe(cut);
}

export function apart(
  { database, roots, groups }: Product,
  [step, times]: [string, number],
  signal: NodeJS.Signals,
): ChildProcess {
  const stored = groups.map((group) => group.map((move) => ({ ...move, name: move.name.toString('hex') })));
  const worker = fork(script, [
    database.connectionString,
    JSON.stringify(roots),
    JSON.stringify(stored),
    step,
    String(times),
    signal,
  ]);
  onTestFinished(() => void worker.kill('SIGKILL'));
  return worker;
}

/** Two processes that each try until the moves have ended. */
export async function withRivals(product: Product): Promise<void> {
  const rivals = Array.from({ length: 2 }, async () => {
    const db = createDb(createPool({ connection: product.database.connectionString }));
    // As a step that goes again: the server needs a moment to see that a process is dead, whose locks it then frees.
    for (let isDone = false; !isDone; ) {
      isDone = await product.move({ db }).then(
        () => true,
        (error) => {
          expect(error).toMatchObject(isBusy);
          return sleep(20, false);
        },
      );
    }
    await db.destroy();
  });
  await Promise.all(rivals);
}
