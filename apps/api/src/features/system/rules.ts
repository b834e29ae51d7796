import type { Check } from '@at/contracts/system';
import type { Static } from 'typebox';

export type CheckResult = Static<typeof Check>;

/** The indexes that exist when all migrations of a set have run, as `schema.index`; all are made and dropped concurrently. */
export function indexesOf(migrations: { sql: string }[]): string[] {
  const names = new Set<string>();
  const statement =
    /CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\w+)\s+ON (\w+)\.|DROP INDEX CONCURRENTLY IF EXISTS (\w+\.\w+)/gi;
  for (const { sql } of migrations) {
    for (const [, made, schema, dropped] of sql.matchAll(statement)) {
      if (dropped) names.delete(dropped);
      else names.add(`${schema}.${made}`);
    }
  }
  return [...names];
}

type Disk = { bavail: number; bsize: number };

/** The room on the disk of a directory. PostgreSQL stops every write when none is left. */
export function diskState(directory: string, { bavail, bsize }: Disk): Pick<CheckResult, 'status' | 'detail'> {
  const free = (bavail * bsize) / 2 ** 30;
  const room = `${free.toFixed(1)} GiB are free on the disk of ${directory}.`;
  if (free >= 1) return { status: 'ok', detail: room };
  return { status: free < 0.1 ? 'failed' : 'degraded', detail: `${room} Free some, before writes fail.` };
}

/** Ready unless a check has failed. */
export function readinessOf(checks: CheckResult[]): 'ready' | 'not ready' {
  return checks.some(({ status }) => status === 'failed') ? 'not ready' : 'ready';
}
