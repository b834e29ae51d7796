import type { PoolSize } from '@at/db/client';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { Config } from '../config.ts';
import type { EventSource } from './event-source.ts';
import type { Approvals } from './media-torrents.ts';
import type { ReadRows } from './row-set.ts';
import type { SharedReads } from './shared-reads.ts';
import type { Transmission } from './transmission.ts';

/** What every feature is handed. */
export type Deps = {
  config: Config;
  db: Kysely<DB>;
  /** Two connections for work that no request waits for, so that it takes none from requests. */
  background: Kysely<DB>;
  /** Reads list rows on their way to JSON. */
  rows: ReadRows;
  /** Answers shared between requests; dropped by every write of ours. */
  reads: SharedReads;
  transmission: Transmission;
  /** Of media items, at present. */
  approvals: Approvals;
  /** Database connections, by what they are for. */
  pools: () => Record<string, PoolSize>;
  /** What changes in the database, by whoever it is changed. */
  events: EventSource;
  /**
   * Of event streams: clients at once, bytes that one may leave unread before it is sent no more, milliseconds it then
   * has to read them, and milliseconds between signs of life.
   */
  streams: { clients: number; unread: number; patience: number; heartbeat: number };
  /** What this process was started with beside its configuration. */
  database: { embedded: boolean };
};
