import type { DB } from '@at/db/schema';
import { deleteOldRuns, deleteOldWorkers } from '@at/runs/queries';
import { defineTask } from '@at/runs/task';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { Type } from 'typebox';
import { deleteOldOperation } from '../../bulk/writes.ts';
import { deleteOldRemovals } from '../../queue/removals.ts';

const NoParameters = Type.Object({});

/** Deletes up to so many rows, in one statement, and returns how many it were. */
type Delete = (db: Kysely<DB>, atMost: number) => Promise<number>;

/** A function of the owner, for tables from which no other role may delete. */
const deletedBy =
  (call: (atMost: number) => RawBuilder<{ deleted: number }>): Delete =>
  async (db, atMost) =>
    (await call(atMost).execute(db)).rows[0]?.deleted ?? 0;

/** What is deleted by its age: events after 90 days or a year, writes after one; operations, runs and workers say it themselves. */
const kinds: { name: string; batch: number; work: Delete }[] = [
  { name: 'events', batch: 10_000, work: deletedBy((n) => sql`select console.forget_events(${n}) as deleted`) },
  { name: 'writes', batch: 10_000, work: deletedBy((n) => sql`select console.forget_writes(${n}) as deleted`) },
  // An operation can have 100,000 items.
  { name: 'operations', batch: 1, work: deleteOldOperation },
  { name: 'runs', batch: 500, work: deleteOldRuns },
  { name: 'workers', batch: 500, work: deleteOldWorkers },
  { name: 'removals', batch: 500, work: deleteOldRemovals },
];

export const cleanup = defineTask<unknown, typeof NoParameters>({
  name: 'maintenance.cleanup',
  title: 'Delete events, keys of writes, bulk operations, runs and workers that are old enough',
  queue: 'short',
  params: NoParameters,
  exclusive: 'join',
  async run(_parameters, { db, signal, finish }) {
    const deleted: { [kind: string]: number } = {};
    for (const { name, batch, work } of kinds) {
      let sum = 0;
      for (let count = batch; count === batch; sum += count) {
        signal.throwIfAborted();
        count = await work(db, batch);
      }
      deleted[name] = sum;
    }
    await finish(deleted);
  },
});
