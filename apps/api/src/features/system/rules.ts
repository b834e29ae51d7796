import type { Check } from '@at/contracts/system';
import type { Static } from 'typebox';

export type CheckResult = Static<typeof Check>;

/** The names of the indexes that migrations create concurrently, as `schema.index`. */
export function indexesOf(migrations: { sql: string }[]): string[] {
  return migrations.flatMap(({ sql }) =>
    [...sql.matchAll(/CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\w+)\s+ON (\w+)\./gi)].map(
      ([, index, schema]) => `${schema}.${index}`,
    ),
  );
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
