import { createDb, createPool } from '@at/db/client';
import type { Deps } from '#shared/deps.ts';
import type { Config } from './config.ts';
import { openReader } from './shared/row-set.ts';
import { SharedReads } from './shared/shared-reads.ts';

/** Opens what the app needs. Nothing is connected before the first request; `close` ends every connection. */
export function createDeps(
  config: Config & { database: NonNullable<Config['database']> },
  database: Deps['database'],
): Deps & { close: () => Promise<void> } {
  const options = { connection: config.database, statementTimeout: 15_000 };
  const db = createDb(createPool(options));
  const reader = openReader(db, options, console.warn);
  const close = async () => {
    await Promise.all([reader.end(), db.destroy()]);
  };
  return { config, db, rows: reader.read, reads: new SharedReads(), database, close };
}
