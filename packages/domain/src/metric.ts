import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';

/** A gauge; its unit is the end of its name. */
export type Metric = { name: string; help: string; labels: readonly string[] };

export type Sample = { metric: string; labels: Record<string, string>; value: number };

/** Gauges that one statement reads. */
export type MetricGroup = {
  metrics: readonly Metric[];
  collect(db: Kysely<DB>): Promise<Sample[]>;
};
