import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFrozen } from '@at/adapters/test/killed-moves';
import { sized } from '@at/db/test-size';
import { Worker } from '@at/runs/worker';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  apart,
  arrived,
  disks,
  expectWhole,
  interrupt,
  isBusy,
  opened,
  photo,
  withRivals,
} from '../../test/interrupted-moves.ts';
import { leftMoves } from './duty.ts';
import { replayLeft } from './journal.ts';
import type { WantedMove } from './queries.ts';
import { undoMoves } from './undo.ts';

/** Wherever a process that moves or copies files is killed or freezes, another one ends what it began, and each content is whole. */

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const there = photo.map((name) => `archive/day/${arrived[name as 'b.jpg']}`);
const inArchive = Object.fromEntries(there.map((path, i) => [path, photo[i]]));
const inInbox = Object.fromEntries(photo.map((name) => [`inbox/${name}`, name]));

type Kind = {
  what: string;
  more: Partial<WantedMove>;
  passed: string[];
  killed: string[];
  rows: string[];
  originals: object;
};
const kinds: Kind[] = [
  { what: 'moves', more: {}, passed: ['name recorded'], killed: ['source set aside'], rows: there, originals: {} },
  {
    what: 'copies',
    more: { action: 'copy', status: 'SORTED', original_status: 'ARCHIVED' },
    passed: ['copied', 'copy recorded', 'linked'],
    killed: ['copy recorded', 'moved'],
    rows: [...photo.map((name) => `inbox/${name} ARCHIVED`), ...there.map((path) => `${path} SORTED`)],
    originals: inInbox,
  },
];

describe.each(disks)('to %s', (_name, below) => {
  test.for(kinds)(
    '$what that are interrupted behind any step are finished by one of two rivals',
    async (kind, { annotate }) => {
      const { more, passed, killed, rows, originals } = kind;
      const probe = await opened(below, more);
      probe.occupy('IMG_1.MOV');
      const seen: [string, number][] = [];
      const boundary = (step: string) => void seen.push([step, seen.filter(([one]) => one === step).length + 1]);
      await probe.move({ boundary });
      expect(seen.map(([step]) => step)).toEqual(
        expect.arrayContaining(['planned', ...passed, 'target synced', 'moved', 'ended']),
      );
      await probe.close();
      for (const at of seen) {
        const product = await opened(below, more);
        product.occupy('IMG_1.MOV');
        await interrupt(product, at, sized(killed.includes(at[0]) && at[1] === 1, true));
        await withRivals(product);
        const files = { ...originals, ...inArchive, 'archive/day/IMG_1.MOV': 'another file' };
        expect([at, product.files()]).toEqual([at, files]);
        expect([at, Object.values(await product.rows()), (await product.states()).planned]).toEqual([
          at,
          rows,
          undefined,
        ]);
        await product.close();
      }
      await annotate(`${seen.length} kills; disk and rows agree after each`, 'figure');
    },
  );
});

test.runIf(existsSync('/proc/self/status'))(
  'a worker that freezes, loses its locks and wakes after an undo changes nothing',
  async () => {
    const steps: [string, number][] = [
      ['linked', 1],
      ['target synced', 1],
      ['source set aside', 2],
      ['moved', 1],
    ];
    for (const at of sized(steps.slice(1, 3), steps)) {
      const product = await opened();
      const worker = apart(product, at, 'SIGSTOP');
      while (!isFrozen(worker.pid as number)) await sleep(20);
      const ended = once(worker, 'exit');
      await expect(product.move()).rejects.toMatchObject(isBusy);
      await sql`
        select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objsubid = 1
          and database = (select oid from pg_database where datname = current_database())
      `.execute(product.db);
      await expect.poll(() => replayLeft(product.context, 0)).toHaveLength(1);
      const { rows } = await sql<{ id: number }>`select id from console.move where undoes is null order by id`.execute(
        product.db,
      );
      for (const move of [rows[0], rows[2]]) await undoMoves(product.context, { move: move?.id as number });
      worker.kill('SIGCONT');
      expect([at, await ended]).toEqual([at, [3, null]]);
      expect([at, await expectWhole(product, photo)]).toEqual([at, photo.map((name) => `inbox/${name}`)]);
      await product.close();
    }
  },
);

test('moves of a worker that was killed are ended by another one, without a step that goes on', async () => {
  const product = await opened();
  const database = { connection: product.database.connectionString };
  const work = (minutes: number) =>
    new Worker({
      database,
      tasks: [],
      schedules: [],
      duties: [leftMoves(minutes, 20)],
      adapters: {},
      log: silent,
      version: '0',
    });
  await interrupt(product, ['linked', 3], true);
  const worker = work(0);
  worker.start();
  onTestFinished(() => worker.stop());
  await expect.poll(() => product.states(), { timeout: 20_000 }).toEqual({ done: 3 });
  expect(await expectWhole(product, photo)).toEqual(photo.map((name) => `archive/day/${name}`));
});
