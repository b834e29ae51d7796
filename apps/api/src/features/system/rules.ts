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

/** Ready unless a check has failed. */
export function readinessOf(checks: CheckResult[]): 'ready' | 'not ready' {
  return checks.some(({ status }) => status === 'failed') ? 'not ready' : 'ready';
}
