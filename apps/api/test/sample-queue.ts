import { randomUUID } from 'node:crypto';
import type { FailureCode, QueueStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

export type SampleItem = {
  file_path?: string;
  movie_code?: string | null;
  actress?: string | null;
  metadata_json?: object | null;
  /** What its facts and its run make of it; emby_pending and processing have a run that a worker has begun. */
  status?: QueueStatus;
  error_message?: string;
  error_code?: FailureCode;
  failed_step?: 'extract' | 'metadata' | 'move' | 'publish';
  /** A move of its file has begun and not ended. */
  has_move?: boolean;
  created_at?: string;
};

const finished = '2025-06-01T12:00:00Z';
let made = 0;

/** Every step is configured, and none finds what it needs. */
export const queueSettings = {
  QUEUE_WATCH_PATH: '/nowhere/watch',
  QUEUE_LIBRARY_PATH: '/nowhere/library',
  QUEUE_UNPROCESSED_PATH: '/nowhere/unprocessed',
  QUEUE_PROVIDER_URL: 'http://127.0.0.1:1',
  QUEUE_PROVIDER_TOKEN: 'token',
  MEDIA_SERVER_URL: 'http://127.0.0.1:1',
  MEDIA_SERVER_API_KEY: 'key',
};

/**
 * Inserts an item of the queue as its runs would have left it. Returns its id and that of its latest run, which has the steps
 * metadata, move and publish, of which one that rests as moved lacks the last; a pending one has no run.
 */
export async function insertQueueItem(db: Kysely<DB>, item: SampleItem = {}): Promise<{ id: number; run: string }> {
  const {
    status = 'completed',
    failed_step = 'metadata',
    error_message = 'The provider does not know it.',
    error_code,
  } = item;
  made += 1;
  const {
    file_path = `/watch/${String(made).padStart(6, '0')}.mkv`,
    movie_code = `ABC-${made}`,
    actress = 'Ann Miller',
    metadata_json = { title: `Title ${made}` },
    created_at = '2025-05-31T12:00:00Z',
  } = item;
  const isInLibrary = ['moved', 'emby_pending', 'completed'].includes(status);
  const { rows } = await sql<{ id: number }>`
    insert into console.queue_item (file_path, file, movie_code, actress, subtitle, metadata_json, new_path, emby_item_id, published_at,
      created_at, move)
    values (${file_path}, '{}', ${movie_code}, ${actress}, 'No Sub', ${metadata_json && JSON.stringify(metadata_json)}::jsonb,
      ${isInLibrary ? `/library/${made}.mkv` : null}, ${status === 'completed' ? String(made) : null},
      ${status === 'completed' ? finished : null}, ${created_at},
      ${item.has_move ? JSON.stringify({ purpose: 'library' }) : null}::jsonb)
    returning id
  `.execute(db);
  const { id } = rows[0] as { id: number };
  const run = randomUUID();
  const outcome = { completed: 'completed', moved: 'completed', error: 'failed' }[status as string] ?? null;
  if (status === 'pending') return { id, run };
  const refs = ['metadata', 'move', ...(status === 'moved' ? [] : ['publish'])];
  const present = { processing: 'metadata', emby_pending: 'publish', error: failed_step }[status as string];
  const steps = refs.map((ref, position) => {
    const isFailed = status === 'error' && ref === present;
    const isLater = present !== undefined && position > refs.indexOf(present);
    const later = status === 'error' ? 'skipped' : null;
    const of = isLater ? later : ref !== present ? 'completed' : isFailed ? 'failed' : null;
    return {
      id: randomUUID(),
      job: isLater ? null : randomUUID(),
      ref,
      position,
      outcome: of,
      error: isFailed ? { code: error_code, type: 'Error', message: error_message } : null,
      started: isLater ? null : '2025-06-01T11:59:00Z',
    };
  });
  await sql`
    with run as (
      insert into console.run (id, task, params, subject_type, subject_id, trigger, requested_by, exclusive, created_at)
      values (${run}, 'item.process', '{}', 'queue_item', ${String(id)}, 'event', 'watcher', true, '2025-06-01T11:58:00Z')
    ), step as (
      insert into console.step (id, run_id, task, params, queue, ref, position, job_id, outcome, error, started_at, finished_at)
      select s.id, ${run}::uuid, 'item.' || s.ref, jsonb_build_object('item', ${id}::bigint), case s.ref when 'move' then 'long' else 'network' end, s.ref, s.position, s.job, s.outcome, s.error, s.started,
        case when s.outcome is not null then ${finished}::timestamptz end
      from jsonb_to_recordset(${JSON.stringify(steps)}::jsonb)
        as s (id uuid, job uuid, ref text, position smallint, outcome text, error jsonb, started timestamptz)
    ), attempt as (
      insert into console.step_attempt (job_id, retry_count, step_id, worker_id, started_at, outcome, error, finished_at)
      select s.job, 0, s.id, gen_random_uuid(), s.started, s.outcome, s.error,
        case when s.outcome is not null then ${finished}::timestamptz end
      from jsonb_to_recordset(${JSON.stringify(steps)}::jsonb)
        as s (id uuid, job uuid, outcome text, error jsonb, started timestamptz) where s.job is not null
    )
    insert into console.job (id, name, data, state, started_on, heartbeat_on, heartbeat_seconds)
    select s.job, 'network', '{}', 'active', now(), now() + interval '1 day', 60
    from jsonb_to_recordset(${JSON.stringify(steps)}::jsonb) as s (job uuid, outcome text)
    where s.job is not null and s.outcome is null
  `.execute(db);
  if (outcome !== null) {
    await sql`update console.run set outcome = ${outcome}, finished_at = ${finished} where id = ${run}`.execute(db);
  }
  return { id, run };
}
