import type { MediaQuery } from '@at/contracts/media';
import type { MovieQuery } from '@at/contracts/movies';
import type { TrainingQuery } from '@at/contracts/training';
import { createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { writeFlags } from '@at/domain/titles/writes';
import type { RowStatement } from '@at/pg-json-rows';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { mediaList, mediaShape } from '../../apps/api/src/features/media/queries.ts';
import { movieList, movieShape } from '../../apps/api/src/features/movies/queries.ts';
import { trainingList, trainingShape } from '../../apps/api/src/features/training/queries.ts';
import { ListStatements } from '../../apps/api/src/lists/list-statements.ts';

// The API's SQL as scripts for pgbench, so that both sides of a comparison run the same statements.

/** Calls `work` with a database that records the last statement. */
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

/**
 * The statement with values instead of `$n` and without comments, whose apostrophes are not quotes. Escapes colons in
 * literals, which pgbench would read as variables.
 */
const inlined = (sql: string, texts: string[]) =>
  sql
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/'[^']*'/g, (quoted) => (quoted.includes(':') ? `E${quoted.replaceAll(':', '\\x3a')}` : quoted))
    .replaceAll(/\$(\d+)/g, (_, n) => texts[Number(n) - 1] as string);

type Queries = { training: TrainingQuery; movies: MovieQuery; media: MediaQuery };

type FirstPage<Name extends keyof Queries> = (db: Kysely<DB>, query: Queries[Name], limit: number) => RowStatement;

const firstRows = (limit: number) => ({ limit: limit + 1, offset: 0, position: undefined });

const firstPages: { [Name in keyof Queries]: FirstPage<Name> } = {
  training: (db, query, limit) =>
    new ListStatements(db, trainingList(db, trainingShape(query))).page(0, { query, ...firstRows(limit) }),
  movies: (db, query, limit) =>
    new ListStatements(db, movieList(db, movieShape(query))).page(0, { query, ...firstRows(limit) }),
  media: (db, query, limit) =>
    new ListStatements(db, mediaList(db, mediaShape(query, []))).page(0, { query, ...firstRows(limit) }),
};

/** The console's three lists with the query of their first page. */
export const pages = {
  training: {
    path: '/rear-diff/training',
    query: { media_type: 'movie', reviewed: false, sort_by: 'updated_at', sort_order: 'desc' },
  },
  movies: { path: '/rear-diff/movies/', query: { cm_value: 'fp', sort_by: 'probability', sort_order: 'desc' } },
  media: { path: '/rear-diff/media/', query: { sort_by: 'updated_at', sort_order: 'desc' } },
} as const satisfies { [Name in keyof Queries]: { path: string; query: Queries[Name] } };

/** The path and query string of a list's first page. */
export function pagePath(name: keyof typeof pages, limit: number): string {
  const { path, query } = pages[name];
  const texts = Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]);
  return `${path}?${new URLSearchParams([...texts, ['limit', String(limit)]])}`;
}

/** The statement of that page. */
export function pageScript(database: string, name: keyof typeof pages, limit: number): Promise<string> {
  const firstPage = firstPages[name] as (db: Kysely<DB>, query: object, limit: number) => RowStatement;
  return watched(database, async (db) => {
    const page = firstPage(db, pages[name].query, limit);
    return `${inlined(page.sql, page.parameters.map(literal))};\n`;
  });
}

/** Writes a random label to a random title, like PATCH label. */
export function labelScript(database: string, titles: number): Promise<string> {
  return watched(database, async (db, last) => {
    const imdbId = 'tt10000001';
    const key = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
    await writeFlags(db, {
      target: { keys: [imdbId], versions: null },
      action: 'label',
      actor: { name: 'anonymous', verified: false },
      change: { label: 'would_watch', human_labeled: true, reviewed: true },
      id: { actor: 'anonymous', key, requestId: null, digest: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg' },
    });
    const { sql, parameters } = last();
    const texts = parameters.map((value) => {
      if (value === imdbId) return `('tt' || :title)`;
      // As long as the id of a request.
      if (value === key) return `lpad((:key)::text, 36, '0')`;
      if (value === 'would_watch') return `(ARRAY['would_watch', 'would_not_watch'])[:label]::atp.label_type`;
      return literal(value);
    });
    return `\\set title random(10000001, ${10_000_000 + titles})\n\\set label random(1, 2)\n\\set key random(1, 1000000000000000000)\n${inlined(sql, texts)};\n`;
  });
}
