import { setTimeout as sleep } from 'node:timers/promises';
import type { DB } from '@at/db/schema';
import { sql, type Transaction } from 'kysely';
import { Type } from 'typebox';
import { defineTask, type Task } from '../src/task.ts';

/** Tasks for tests. What they do is a row of public.effect. */

export const effectTable = 'CREATE TABLE public.effect (task text, n integer, step text)';

const common = { title: 'A test', queue: 'short', retries: [60, 300], timeout: 3_600 } as const;
const Numbered = Type.Object({ n: Type.Integer() });

async function effect(trx: Transaction<DB>, task: string, n: number, step: string): Promise<void> {
  await sql`insert into public.effect (task, n, step) values (${task}, ${n}, ${step})`.execute(trx);
}

/** One effect, with the end of the step. */
export const add = defineTask<unknown, typeof Numbered>({
  ...common,
  name: 'test.add',
  params: Numbered,
  async run({ n }, { finish }) {
    await finish(async (trx) => {
      await effect(trx, 'add', n, 'finished');
      return { n };
    });
  },
});

/** Says that it has begun, and waits until there is an effect `go` with its number, or for its signal. */
export const wait = defineTask<unknown, typeof Numbered>({
  ...common,
  name: 'test.wait',
  params: Numbered,
  async run({ n }, { db, signal, checkpoint, finish }) {
    await checkpoint((trx) => effect(trx, 'wait', n, 'begun'));
    const isOpen = sql`select from public.effect where task = 'go' and n = ${n}`;
    while ((await isOpen.execute(db)).rows.length === 0) {
      signal.throwIfAborted();
      await sleep(20);
    }
    await finish((trx) => effect(trx, 'wait', n, 'finished'));
  },
});

/** Writes a line, and fails as long as there is no effect `go` with its number. */
export const fail = defineTask<unknown, typeof Numbered>({
  ...common,
  name: 'test.fail',
  params: Numbered,
  async run({ n }, { db, log, finish }) {
    log.info({ n }, 'About to fail');
    const open = await sql`select from public.effect where task = 'go' and n = ${n}`.execute(db);
    await finish(async (trx) => {
      await effect(trx, 'fail', n, 'finished');
      if (open.rows.length === 0) throw new Error('It cannot be done yet.');
    });
  },
});

export const tasks: Task<unknown>[] = [add, wait, fail];
