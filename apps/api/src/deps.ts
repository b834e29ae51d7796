import { fetchCover } from '@at/adapters/covers';
import { openQueueSystems, type QueueSystems } from '@at/adapters/queue-systems';
import type { Picture } from '@at/adapters/tmdb-images';
import { openTransmission, type Transmission } from '@at/adapters/transmission';
import { queueWait } from '@at/contracts/queue-actions';
import { exactTimes } from '@at/contracts/training';
import { createDb, createPool, createWatch, type PoolOptions, type PoolSize, poolSize } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { lockTimeout, Writes } from '@at/db/writes';
import { newOwner } from '@at/domain/intents/owner';
import { type TaskAdapters, tasks } from '@at/domain/tasks';
import { openReader, type ReadRows } from '@at/pg-json-rows';
import { JobQueue } from '@at/runs/job-queue';
import { Runs } from '@at/runs/runs';
import type { Kysely } from 'kysely';
import type { Config } from '#config.ts';
import { type EventFeed, openEventFeed } from '#events/event-feed.ts';
import type { PlacedEvent } from '#events/queries.ts';
import { ExternalCalls } from '#http/external-calls.ts';
import { SharedCounts } from '#lists/shared-counts.ts';
import { KeyAttempts } from '#request/key-attempts.ts';

/** What every feature gets. */
export type Deps = {
  config: Config;
  /** For reads; statements that wait for row locks belong to `writes`. */
  db: Kysely<DB>;
  writes: Writes;
  /** For intents, and for what waits for a worker's batch, so that other requests keep their connections. */
  background: Kysely<DB>;
  /** Reads list rows on their way to JSON. */
  rows: ReadRows;
  /** Counts shared between requests; every write of this process drops them. */
  counts: SharedCounts;
  transmission: Transmission;
  /** What this process asked other systems. */
  calls: ExternalCalls;
  /** What the processing queue works with. */
  queue: QueueSystems;
  fetchCover: (address: string) => Promise<Picture | undefined>;
  /** Starts and ends what workers do. */
  runs: Runs<TaskAdapters>;
  /** Wrong keys that were sent, by address. */
  attempts: KeyAttempts;
  /** Names this process in intents. */
  owner: number;
  /** Database connections, by what they are for. */
  pools: () => Record<string, PoolSize>;
  /** Every change in the database, made by this API or past it. */
  events: EventFeed;
  streams: {
    /** Event streams that may be open at once. */
    clients: number;
    /** Bytes that a client may leave unread before it gets no more. */
    unread: number;
    /** Milliseconds that it then has to read them. */
    patience: number;
    /** Milliseconds between heartbeats. */
    heartbeat: number;
  };
  /** Milliseconds that the event loop may lag on average, and between two measurements. */
  lag: { maximum: number; interval: number };
  /** Milliseconds in which a whole request must arrive. */
  requestTimeout: number;
  /** Milliseconds that a request waits for the run that it starts, where the original did the work within the request. */
  runPatience: number;
  /** Milliseconds until the connection that marks this process as alive is noticed if it is lost. */
  ownerInterval: number;
  /** A directory with the training runs of the demo catalogue. */
  demoRuns?: string;
  /** `directory`: of the embedded cluster, whose disk the API can see. */
  database: { embedded: boolean; directory?: string };
};

/** Milliseconds. */
export type Timing = Pick<PoolOptions, 'statementTimeout' | 'connectTimeout'> & {
  /** Between two reads of events without a notification. */
  pollInterval?: number;
  /** That a write waits for a row that another session has locked. */
  lockPatience?: number;
};

/** Together with the wait for a connection, a statement that gets no reply ends within the 15 seconds of the guide. */
const usual = { statementTimeout: 11_000, connectTimeout: 3_000 };

const connections = { statements: 4, writes: 4, background: 4 };

/** Opens what the app needs. Nothing is connected before the first request; `close` ends every connection. */
export function createDeps(
  config: Config & { database: NonNullable<Config['database']> },
  database: Deps['database'],
  { pollInterval = 2_000, lockPatience = 2_000, ...timeouts }: Timing = {},
): Deps & { close: () => Promise<void> } {
  const settings = { connection: config.database, ...usual, ...timeouts };
  const options = { ...settings, watch: createWatch(settings) };
  const pool = createPool({ ...options, max: connections.statements });
  const db = createDb(pool);
  const writePool = createPool({ ...options, max: connections.writes, lockTimeout });
  const writes = new Writes(createDb(writePool), connections.writes, lockPatience);
  const backgroundPool = createPool({
    ...options,
    max: connections.background,
    applicationName: 'rear-differential background',
  });
  const background = createDb(backgroundPool);
  const reader = openReader({
    createPool: (driver) => createPool({ ...options, config: driver }),
    warn: console.warn,
    exactTimes: new Set(exactTimes),
  });
  const events = openEventFeed(options, console.warn, pollInterval);
  const counts = new SharedCounts();
  // Subscribed before every client: one that requests a count because of an event gets a count that includes it.
  const drop = () => counts.drop();
  const isCounted = ({ event }: PlacedEvent) => !['run.changed', 'queue.changed', 'batch.changed'].includes(event.type);
  events.subscribe({ onEvents: (placed) => placed.some(isCounted) && drop(), onReset: drop });
  const onError = (error: Error) => console.warn(`The job queue reports an error: ${error.message}`);
  const jobs = new JobQueue(options, { supervises: false, onError });
  const calls = new ExternalCalls();
  const systems = openQueueSystems(config.queue);
  const queue = { ...systems, server: systems.server && calls.measured('media_server', systems.server) };
  const transmission = calls.measured('transmission', openTransmission(config.transmission));
  const close = async () => {
    await events.stop();
    await Promise.all([jobs.stop(), reader.end(), db.destroy(), writes.db.destroy(), background.destroy()]);
  };
  const opened = { statements: pool, writes: writePool, background: backgroundPool, ...reader.pools };
  const pools = () => Object.fromEntries(Object.entries(opened).map(([name, one]) => [name, poolSize(one)]));
  return {
    config,
    db,
    writes,
    background,
    pools,
    rows: reader.read,
    counts,
    transmission,
    calls,
    queue,
    fetchCover,
    runs: new Runs(jobs, { files: config.files, metadata: config.metadata, queue, transmission }, tasks),
    attempts: new KeyAttempts(),
    owner: newOwner(),
    events,
    streams: { clients: 2_000, unread: 2 ** 20, patience: 30_000, heartbeat: 15_000 },
    lag: { maximum: 1_000, interval: 500 },
    requestTimeout: 30_000,
    runPatience: queueWait * 1_000,
    ownerInterval: 5_000,
    database,
    close,
  };
}
