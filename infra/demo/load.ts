import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';

/** Rows of one table of schema `atp`. Columns named `..._at` are seconds before the load. */
export type CatalogueTable = { columns: string[]; rows: unknown[][] };

export type Catalogue = Record<(typeof tables)[number], CatalogueTable>;

const tables = ['training', 'prediction', 'media'] as const;

/** The database already has rows. */
export class DatabaseNotEmpty extends Error {
  override name = 'DatabaseNotEmpty';
}

/** The training runs of the catalogue, for the API. */
export const demoRuns = fileURLToPath(new URL('runs', import.meta.url));

export async function readCatalogue(): Promise<Catalogue> {
  return JSON.parse(await readFile(new URL('catalogue.json', import.meta.url), 'utf8')) as Catalogue;
}

/** The rows as objects by column name. */
export function rowsOf({ columns, rows }: CatalogueTable): Record<string, unknown>[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
}

/** The row with times as ISO text, relative to `now` (milliseconds since 1970). */
function dated(row: Record<string, unknown>, now: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      const isMoment = column.endsWith('_at') && typeof value === 'number';
      return [column, isMoment ? new Date(now - value * 1000).toISOString() : value];
    }),
  );
}

/**
 * Loads the demo catalogue in one transaction and returns the number of rows per table. The connection must not be in a
 * transaction. Throws DatabaseNotEmpty before any change if there is a title, prediction or media item.
 */
export async function loadDemo(connection: pg.ClientBase): Promise<Record<keyof Catalogue, number>> {
  const catalogue = await readCatalogue();
  await connection.query('BEGIN');
  try {
    for (const table of tables) {
      const { rows } = await connection.query(`SELECT FROM atp.${table} LIMIT 1`);
      if (rows.length > 0) {
        throw new DatabaseNotEmpty(
          `The demo catalogue needs an empty database, but atp.${table} already has rows. ` +
            'Nothing was changed; use a new database, or start without the catalogue.',
        );
      }
    }
    // The clock of the database, because queries compare rows with it.
    const clock = await connection.query<{ now: number }>('SELECT extract(epoch FROM now())::float8 * 1000 AS now');
    const now = clock.rows[0]?.now as number;
    const loaded = { training: 0, prediction: 0, media: 0 };
    for (const table of tables) {
      const columns = catalogue[table].columns.map((column) => `"${column}"`).join(', ');
      const { rowCount } = await connection.query(
        `INSERT INTO atp.${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::atp.${table}, $1)`,
        [JSON.stringify(rowsOf(catalogue[table]).map((row) => dated(row, now)))],
      );
      loaded[table] = rowCount ?? 0;
    }
    // Correct row estimates from the first request on, before autovacuum runs.
    await connection.query('ANALYZE atp.training, atp.prediction, atp.media');
    await connection.query('COMMIT');
    return loaded;
  } catch (error) {
    // Fails on a broken connection; report the first error.
    await connection.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
