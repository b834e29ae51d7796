import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { Config } from '../config.ts';
import type { ReadRows } from './row-set.ts';
import type { SharedReads } from './shared-reads.ts';

/** What every feature is handed. */
export type Deps = {
  config: Config;
  db: Kysely<DB>;
  /** Reads list rows on their way to JSON. */
  rows: ReadRows;
  /** Answers shared between requests; dropped by every write of ours. */
  reads: SharedReads;
  /** What this process was started with beside its configuration. */
  database: { embedded: boolean };
};
