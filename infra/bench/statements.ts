import type { TrainingQuery, TrainingRow } from '@at/contracts/training';
import { createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { trainingList, trainingShape } from '../../apps/api/src/features/training/queries.ts';
import { writeFlags } from '../../apps/api/src/shared/flag-writes.ts';
import { ListStatements } from '../../apps/api/src/shared/list.ts';

/** The API's own SQL as scripts for pgbench, so that both sides of a comparison run the same. */

/** Calls `work` with a database that remembers what was run on it last. */
async function watched<T>(
  database: string,
  work: (db: Kysely<DB>, last: () => { sql: string; parameters: readonly unknown[] }) => Promise<T>,
): Promise<T> {
  let last: { sql: string; parameters: readonly unknown[] } = { sql: '', parameters: [] };
  const db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool: createPool({ connection: database, max: 1 }) }),
    log: ({ query }) => {
      last = query;
    },
  });
  try {
    return await work(db, () => last);
  } finally {
    await db.destroy();
  }
}

const literal = (value: unknown) => (value === null ? 'null' : pg.escapeLiteral(String(value)));

/** The statement with each `$n` replaced. In literals pgbench would take a colon for the beginning of a variable. */
const inlined = (sql: string, texts: string[]) =>
  sql
    .replaceAll(/'[^']*:[^']*'/g, (quoted) => `E${quoted.replaceAll(':', '\\x3a')}`)
    .replaceAll(/\$(\d+)/g, (_, n) => texts[Number(n) - 1] as string);

export function pageScript(database: string, query: TrainingQuery, limit: number): Promise<string> {
  return watched(database, async (db) => {
    const statements = new ListStatements<TrainingRow, TrainingQuery>(db, trainingList(db, trainingShape(query)));
    const page = statements.page(0, { query, limit: limit + 1, offset: 0, position: undefined });
    return `${inlined(page.sql, page.parameters.map(literal))};\n`;
  });
}

/** Labels a random title of `titles`, one way or the other, as PATCH label does. */
export function labelScript(database: string, titles: number): Promise<string> {
  return watched(database, async (db, last) => {
    await writeFlags(db, {
      asked: { keys: ['tt10000001'], versions: null },
      action: 'label',
      actor: { name: 'anonymous', verified: false },
      change: { label: 'would_watch', human_labeled: true, reviewed: true },
    });
    const { sql, parameters } = last();
    const texts = parameters.map((value) => {
      if (Array.isArray(value)) return `ARRAY['tt' || :title]`;
      if (value === 'would_watch') return `(ARRAY['would_watch', 'would_not_watch'])[:label]`;
      return literal(value);
    });
    return `\\set title random(10000001, ${10_000_000 + titles})\n\\set label random(1, 2)\n${inlined(sql, texts)};\n`;
  });
}
