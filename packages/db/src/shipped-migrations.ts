import { migrationSets } from './migrate.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import type { History } from './migration-history.ts';

let reading: Promise<Record<History, Migration[]>> | undefined;

/** The files of the shipped migrations by the history that records them: read once, as they do not change in a running program. */
export function shippedMigrations(): Promise<Record<History, Migration[]>> {
  reading ??= readAll();
  return reading;
}

async function readAll(): Promise<Record<History, Migration[]>> {
  return {
    public: await readMigrations(migrationSets.atp.directory),
    console: await readMigrations(migrationSets.console.directory),
    'console extras': await readMigrations(migrationSets['atp-extras'].directory),
  };
}
