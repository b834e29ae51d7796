import { setImmediate } from 'node:timers/promises';
import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { JobQueue } from './job-queue.ts';
import type { Starter } from './queries.ts';
import type { Runs } from './runs.ts';
import { RunRefused } from './states.ts';
import type { Task } from './task.ts';

/** When a task runs by itself. Times that passed while no worker was there are one run. */
export type Schedule = { name: string; task: string; params: object; cron: string; timeZone: string };

type ByClock = Extract<Starter, { trigger: 'cron' }>;

/** A run of several steps that starts by itself at times which can change while workers run. Its schedule has its name. */
export type Timetable<A> = {
  name: string;
  /** The times that count now; undefined: none. */
  times: (db: Kysely<DB>) => Promise<Pick<Schedule, 'cron' | 'timeZone'> | undefined>;
  start: (trx: Transaction<DB>, runs: Runs<A>, starter: ByClock) => Promise<unknown>;
};

/** A schedule as it is stored; `now` is the time of the database. */
type Due = Schedule & { slot: string; now: string };

/** Finds the times of a cron expression. */
export type Calendar = Pick<JobQueue, 'timesOf'>;

/** Longest list of times that is computed at once. */
const page = 100;

/** The latest time up to `now`, which is `slot` or later, and the next one after `now`. */
export async function walk(
  calendar: Calendar,
  { cron, timeZone }: Pick<Schedule, 'cron' | 'timeZone'>,
  slot: Date,
  now: Date,
): Promise<{ latest: Date; next: Date }> {
  let latest = slot;
  // From time to time and never from now: computed from the middle of a changed night, times are missing or come twice.
  for (let count = 1; ; count = Math.min(2 * count, page)) {
    const times = calendar.timesOf(cron, timeZone, latest, count);
    if (times.length === 0) throw new Error(`${cron} has no time after ${latest.toISOString()}.`);
    for (const time of times) {
      if (time > now) return { latest, next: time };
      latest = time;
    }
    // Every minute of a year takes seconds, in which heartbeats are due.
    await setImmediate();
  }
}

/** The first time of a cron expression after now, or why there is none. */
export function nextTime(
  calendar: Calendar,
  { cron, timeZone }: Pick<Schedule, 'cron' | 'timeZone'>,
): { next: Date; problem: null } | { next: null; problem: string } {
  const never = `The times ${cron} never come.`;
  try {
    const [next] = calendar.timesOf(cron, timeZone, new Date(), 1);
    return next ? { next, problem: null } : { next: null, problem: never };
  } catch {
    return { next: null, problem: never };
  }
}

/** Stores the schedules of the program. Those that have changed begin with their next time. */
export async function saveSchedules(db: Kysely<DB>, calendar: Calendar, schedules: readonly Schedule[]): Promise<void> {
  for (const { name, task, params, cron, timeZone } of schedules) {
    const { next, problem } = nextTime(calendar, { cron, timeZone });
    await sql`
      insert into console.run_schedule as s (name, task, params, cron, time_zone, next_fire_at, problem)
      values (${name}, ${task}, ${JSON.stringify(params)}::jsonb, ${cron}, ${timeZone}, ${next}::timestamptz, ${problem})
      on conflict (name) do update set task = excluded.task, params = excluded.params, cron = excluded.cron,
        time_zone = excluded.time_zone, next_fire_at = excluded.next_fire_at, problem = excluded.problem, updated_at = now()
      where (s.task, s.params, s.cron, s.time_zone)
        is distinct from (excluded.task, excluded.params, excluded.cron, excluded.time_zone)
    `.execute(db);
  }
}

/** Stores the times that timetables have now, and removes the schedules of those that have none. */
export async function saveTimetables<A>(
  db: Kysely<DB>,
  calendar: Calendar,
  timetables: readonly Timetable<A>[],
): Promise<void> {
  for (const { name, times } of timetables) {
    const found = await times(db);
    if (found) await saveSchedules(db, calendar, [{ name, task: name, params: {}, ...found }]);
    else await sql`delete from console.run_schedule where name = ${name}`.execute(db);
  }
}

/** Starts a run for each schedule whose time has come and whose task can be done here. */
export async function fireSchedules<A>(
  db: Kysely<DB>,
  calendar: Calendar,
  runs: Runs<A>,
  tasks: ReadonlyMap<string, Task<A>>,
  timetables: readonly Timetable<A>[] = [],
): Promise<void> {
  const named = [...tasks.keys(), ...timetables.map(({ name }) => name)];
  const { rows } = await sql<Due>`
    select name, task, params, cron, time_zone as "timeZone", next_fire_at as slot, now() as now
    from console.run_schedule
    where next_fire_at <= now() and task = any(${named}::text[])
    order by next_fire_at
  `.execute(db);
  for (const due of rows) {
    const timetable = timetables.find(({ name }) => name === due.task);
    const start = async (trx: Transaction<DB>, starter: ByClock) => {
      if (timetable) return timetable.start(trx, runs, starter);
      const task = tasks.get(due.task) as Task<A>;
      if (task.isDue && !(await task.isDue(trx))) return;
      return runs.start(trx, task, due.params, { starter });
    };
    await fire(db, calendar, due, start);
  }
}

async function fire(
  db: Kysely<DB>,
  calendar: Calendar,
  due: Due,
  start: (trx: Transaction<DB>, starter: ByClock) => Promise<unknown>,
): Promise<void> {
  let times: Awaited<ReturnType<typeof walk>> | undefined;
  let problem: string | null = null;
  try {
    times = await walk(calendar, due, new Date(due.slot), new Date(due.now));
  } catch (error) {
    problem = (error as Error).message;
  }
  await db.transaction().execute(async (trx) => {
    // Another worker may have been faster.
    const { numAffectedRows } = await sql`
      update console.run_schedule
      set next_fire_at = ${times?.next ?? null}::timestamptz, problem = ${problem}, updated_at = now()
      where name = ${due.name} and next_fire_at = ${due.slot}::timestamptz
    `.execute(trx);
    if (numAffectedRows !== 1n || !times) return;
    const slot = times.latest.toISOString();
    // It was fired, if a clock or a person has set the schedule back.
    const fired = await sql`select from console.run where schedule = ${due.name} and slot = ${slot}`.execute(trx);
    if (fired.rows.length > 0) return;
    await start(trx, { trigger: 'cron', schedule: due.name, slot }).catch((error: unknown) => {
      // The unfinished run stands for this time too.
      if (!(error instanceof RunRefused)) throw error;
    });
  });
}
