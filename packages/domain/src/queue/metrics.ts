import { queueStatuses } from '@at/contracts/vocabulary';
import { sql } from 'kysely';
import type { MetricGroup } from '../metric.ts';

/** What is in the queue now. */
export const queueItems: MetricGroup = {
  metrics: [
    { name: 'atp_queue_items', help: 'Items of the processing queue', labels: ['status'] },
    {
      name: 'atp_queue_oldest_seconds',
      help: 'Age of the oldest item that is not completed; 0: there is none',
      labels: ['status'],
    },
  ],
  async collect(db) {
    const { rows } = await sql<{ status: string; items: number; oldest: number }>`
      select status, count(*)::integer as items, extract(epoch from now() - min(created_at))::float8 as oldest
      from console.queue_item_state group by status
    `.execute(db);
    const of = (status: string) => rows.find((row) => row.status === status);
    return queueStatuses.flatMap((status) => [
      { metric: 'atp_queue_items', labels: { status }, value: of(status)?.items ?? 0 },
      ...(status === 'completed'
        ? []
        : [{ metric: 'atp_queue_oldest_seconds', labels: { status }, value: of(status)?.oldest ?? 0 }]),
    ]);
  },
};

/** What steps did with items lately. */
export const queueSteps: MetricGroup = {
  metrics: [
    {
      name: 'atp_queue_steps',
      help: 'Steps of runs of items that were started in the last 24 hours and have ended, by result',
      labels: ['step', 'result'],
    },
    {
      name: 'atp_queue_step_attempts',
      help:
        'Attempts at these steps. Workers do the calls to the provider (metadata: one search, and a token if it is due) and to the media ' +
        'server (publish: several) in processes of their own, so attempts are what is known of them here',
      labels: ['step', 'result'],
    },
    {
      name: 'atp_queue_step_attempt_seconds',
      help: 'Sum of the durations of these attempts',
      labels: ['step', 'result'],
    },
  ],
  async collect(db) {
    type Row = { kind: 'step' | 'attempt'; step: string; result: string; count: number; seconds: number };
    const { rows } = await sql<Row>`
      with recent as materialized (
        select s.id, s.ref, s.outcome from console.run r join console.step s on s.run_id = r.id
        where r.created_at >= now() - interval '24 hours' and r.subject_type = 'queue_item'
      )
      select 'step' as kind, ref as step, outcome as result, count(*)::integer as count, 0::float8 as seconds
      from recent where outcome is not null group by ref, outcome
      union all
      select 'attempt', s.ref, a.outcome, count(*)::integer, sum(extract(epoch from a.finished_at - a.started_at))::float8
      from recent s join console.step_attempt a on a.step_id = s.id
      where a.outcome is not null group by s.ref, a.outcome
    `.execute(db);
    return rows.flatMap(({ kind, step, result, count, seconds }) =>
      kind === 'step'
        ? [{ metric: 'atp_queue_steps', labels: { step, result }, value: count }]
        : [
            { metric: 'atp_queue_step_attempts', labels: { step, result }, value: count },
            { metric: 'atp_queue_step_attempt_seconds', labels: { step, result }, value: seconds },
          ],
    );
  },
};
