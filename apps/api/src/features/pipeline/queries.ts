import type { PipelineOverview, PipelineStatus } from '@at/contracts/pipeline';
import type { PipelineStep } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { pipelineRun } from '@at/domain/pipeline/queries';
import { findRun, type RunReport } from '@at/runs/reports';
import { type Kysely, sql } from 'kysely';

/** The run in progress, or the last one. */
export async function findLatestPipeline(db: Kysely<DB>): Promise<RunReport | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from console.run where task = ${pipelineRun} order by created_at desc, id desc limit 1
  `.execute(db);
  return rows[0] && findRun(db, rows[0].id);
}

/** The step of the unfinished run that waits for a person. */
export async function findHeldStep(db: Kysely<DB>): Promise<{ run: string; step: PipelineStep } | undefined> {
  const { rows } = await sql<{ run: string; step: PipelineStep }>`
    select r.id as run, s.ref as step
    from console.run r join console.step s on s.run_id = r.id join console.step_state ss on ss.id = s.id
    where r.task = ${pipelineRun} and r.finished_at is null and ss.state = 'held'
  `.execute(db);
  return rows[0];
}

type LastRun = PipelineStatus['watch']['last_run'];
export type Beginnings = {
  has_worker: boolean;
  /** The last runs that the schedule and the watch have started. */
  by_clock: LastRun;
  by_watch: LastRun;
  /** What a worker has said in the last minute about its watch. */
  watch: { due_at: string | null; problem: string | null } | null;
};

/** What starts runs by itself, and what it has started. */
export async function findBeginnings(db: Kysely<DB>, inbox: number | undefined): Promise<Beginnings> {
  const last = (of: ReturnType<typeof sql>) => sql<LastRun>`(
    select json_build_object('run_id', r.id, 'started_at', ${sql.raw(timestampText('r.created_at'))}, 'state', rs.state)
    from console.run r join console.run_state rs on rs.id = r.id
    where r.task = ${pipelineRun} and ${of} order by r.created_at desc limit 1
  )`;
  const { rows } = await sql<Beginnings>`
    select exists (
        select from console.worker where stopped_at is null and seen_at > now() - interval '30 seconds'
      ) as has_worker,
      ${last(sql`r.trigger = 'cron'`)} as by_clock,
      ${last(sql`r.trigger = 'event'`)} as by_watch,
      (select json_build_object('due_at', ${sql.raw(timestampText('w.due_at'))}, 'problem', w.problem) from console.file_watch w
        where w.root_id = ${inbox ?? null} and w.seen_at > now() - interval '1 minute') as watch
  `.execute(db);
  return rows[0] as Beginnings;
}

/** Batches that are on their way to the device. */
export async function findSyncing(db: Kysely<DB>): Promise<PipelineOverview['syncing_batches']> {
  const { rows } = await sql<PipelineOverview['syncing_batches'][0]>`
    select b.id, b.name, b.reason, coalesce(
      (select s.percent from console.sync_snapshot s where s.batch_id = b.id order by s.id desc limit 1), 0
    ) as progress
    from console.batch b where b.status = 'SYNCING' order by b.id
  `.execute(db);
  return rows;
}

export type Facts = {
  database: string;
  workers: { host: string; version: string; seen_at: string }[];
  failures: { task: string; at: string; error: string }[];
};

/** What a support request needs: versions, and the latest failures of the pipeline. */
export async function findFacts(db: Kysely<DB>): Promise<Facts> {
  const { rows } = await sql<Facts>`
    select current_setting('server_version') as database, (
      select coalesce(json_agg(json_build_object('host', host, 'version', version, 'seen_at', ${sql.raw(timestampText('seen_at'))})
        order by host, seen_at), '[]')
      from console.worker where stopped_at is null and seen_at > now() - interval '1 minute'
    ) as workers, (
      select coalesce(json_agg(json_build_object('task', f.task, 'at', ${sql.raw(timestampText('f.finished_at'))},
        'error', f.error ->> 'message') order by f.finished_at desc), '[]')
      from (
        select s.task, s.finished_at, s.error from console.run r join console.step s on s.run_id = r.id
        where r.task like 'files.%' and r.outcome = 'failed' and s.outcome = 'failed'
        order by r.finished_at desc limit 20
      ) f
    ) as failures
  `.execute(db);
  return rows[0] as Facts;
}
