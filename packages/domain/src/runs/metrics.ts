import { sql } from 'kysely';
import type { MetricGroup } from '../metric.ts';

/** Runs that were started lately and have ended, by task. */
export const runDurations: MetricGroup = {
  metrics: [
    {
      name: 'atp_runs',
      help: 'Runs that were started in the last 24 hours and have ended',
      labels: ['task', 'outcome'],
    },
    {
      name: 'atp_run_duration_seconds',
      help: 'From the creation of a run to its end, of those of the last 24 hours that have completed',
      labels: ['task', 'quantile'],
    },
  ],
  async collect(db) {
    type Row = { task: string; outcome: string; runs: number; quantiles: [number, number] };
    const { rows } = await sql<Row>`
      select task, outcome, count(*)::integer as runs,
        percentile_cont(array[0.5, 0.95]) within group (order by extract(epoch from finished_at - created_at)) as quantiles
      from console.run where created_at >= now() - interval '24 hours' and outcome is not null
      group by task, outcome
    `.execute(db);
    return rows.flatMap(({ task, outcome, runs, quantiles }) => [
      { metric: 'atp_runs', labels: { task, outcome }, value: runs },
      ...(outcome === 'completed'
        ? ['0.5', '0.95'].map((quantile, i) => ({
            metric: 'atp_run_duration_seconds',
            labels: { task, quantile },
            value: quantiles[i] as number,
          }))
        : []),
    ]);
  },
};

/** Workers that have not said that they stop. */
export const workersSeen: MetricGroup = {
  metrics: [
    {
      name: 'atp_worker_last_seen_timestamp_seconds',
      help: 'When each worker of the last 24 hours was last seen, as seconds since 1970; one that has stopped is left out',
      labels: ['host', 'pid'],
    },
  ],
  async collect(db) {
    const { rows } = await sql<{ host: string; pid: number; seen: number }>`
      select host, pid, max(extract(epoch from seen_at))::float8 as seen from console.worker
      where seen_at > now() - interval '24 hours' and stopped_at is null
      group by host, pid
    `.execute(db);
    return rows.map(({ host, pid, seen }) => ({
      metric: 'atp_worker_last_seen_timestamp_seconds',
      labels: { host, pid: String(pid) },
      value: seen,
    }));
  },
};
