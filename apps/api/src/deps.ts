import { createDb, createPool, poolSize } from '@at/db/client';
import type { Deps } from '#shared/deps.ts';
import type { Config } from './config.ts';
import { openEventSource } from './shared/event-source.ts';
import { Approvals } from './shared/media-torrents.ts';
import { openReader } from './shared/row-set.ts';
import { SharedReads } from './shared/shared-reads.ts';
import { openTransmission } from './shared/transmission.ts';

/** Opens what the app needs. Nothing is connected before the first request; `close` ends every connection. */
export function createDeps(
  config: Config & { database: NonNullable<Config['database']> },
  database: Deps['database'],
): Deps & { close: () => Promise<void> } {
  const options = { connection: config.database, statementTimeout: 15_000 };
  const pool = createPool(options);
  const db = createDb(pool);
  const backgroundPool = createPool({ ...options, max: 2, applicationName: 'rear-differential background' });
  const background = createDb(backgroundPool);
  const reader = openReader(db, options, console.warn);
  const events = openEventSource(options, console.warn);
  const reads = new SharedReads();
  // The first to be told: who asks because of an event gets an answer that knows of it.
  const forget = () => reads.drop();
  events.subscribe({ onEvents: forget, onReset: forget });
  const close = async () => {
    await events.stop();
    await Promise.all([reader.end(), db.destroy(), background.destroy()]);
  };
  const pools = () => ({ statements: poolSize(pool), background: poolSize(backgroundPool), ...reader.sizes() });
  return {
    config,
    db,
    background,
    pools,
    rows: reader.read,
    reads,
    transmission: openTransmission(config.transmission),
    approvals: new Approvals(),
    events,
    streams: { clients: 2_000, unread: 2 ** 20, patience: 30_000, heartbeat: 15_000 },
    database,
    close,
  };
}
