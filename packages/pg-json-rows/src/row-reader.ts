import type pg from 'pg';
import { installedDriver } from './driver.ts';
import type { CreatePool } from './fast-rows.ts';

export type { CreatePool } from './fast-rows.ts';
export { planSettings } from './plan-settings.ts';

/** A compiled SQL statement that reads the rows of a list. */
export type RowStatement = {
  sql: string;
  parameters: readonly unknown[];
  /**
   * true: an index serves it for all parameters, so it gets a generic plan on connections without slow statements.
   * false: it is planned for its parameters and can only delay other slow statements.
   */
  quick: boolean;
};

/** The rows of one statement for a JSON reply. */
export type RowSet = {
  readonly length: number;
  /** A value as text, for a cursor. */
  text: (row: number, column: string) => string | null;
  /** The first `count` rows as JSON objects, separated by commas, between two texts. Call it once, after `text`. */
  toJson: (count: number, before?: string, after?: string) => Buffer;
  /** Frees the memory for other rows. Send or copy the result of `toJson` first. */
  release: () => void;
};

export type ReadRows = (statement: RowStatement) => Promise<RowSet>;

type RawNumber = { rawJSON: string };

export type Query = (sql: string, parameters: unknown[]) => Promise<{ rows: object[] }>;

/** Reads through the driver's objects: the reference for the bytes of the fast reader. */
export function plainReader(query: Query): ReadRows {
  return async ({ sql, parameters }) => {
    const rows = (await query(sql, [...parameters])).rows as Record<string, unknown>[];
    return {
      length: rows.length,
      text: (row, column) => {
        const value = rows[row]?.[column];
        if (value === null || value === undefined) return null;
        if (Array.isArray(value)) return JSON.stringify(value);
        return typeof value === 'object' ? (value as RawNumber).rawJSON : String(value);
      },
      toJson: (count, before = '', after = '') => {
        const json = rows.slice(0, count).map((row) => JSON.stringify(row));
        return Buffer.from(`${before}${json.join(',')}${after}`);
      },
      release: () => {},
    };
  };
}

/** The rows of a slow statement as objects; it does not delay quick statements. */
export async function readObjects<Row>(
  read: ReadRows,
  { sql, parameters }: Pick<RowStatement, 'sql' | 'parameters'>,
): Promise<Row[]> {
  const set = await read({ sql, parameters, quick: false });
  const text = set.toJson(set.length, '[', ']').toString();
  set.release();
  return JSON.parse(text) as Row[];
}

// The fast reader uses driver internals, so it is only loaded with a known driver.
const fast = installedDriver.isKnown ? await import('./fast-rows.ts') : null;

export type RowReader = {
  read: ReadRows;
  /** Its pools by purpose. */
  pools: Record<string, pg.Pool>;
  end: () => Promise<void>;
};

/**
 * Converts rows from wire bytes to reply bytes on its own connections. With an unknown driver version it calls `warn`
 * once and reads through the driver's objects.
 */
export function openReader(
  { createPool, warn }: { createPool: CreatePool; warn: (message: string) => void },
  fastRows = fast,
): RowReader {
  if (!fastRows) {
    warn(`Lists use the slow reader because the fast one does not support this driver: ${installedDriver.versions}.`);
    const pool = createPool({ max: 4 });
    return {
      read: plainReader((sql, parameters) => pool.query(sql, parameters)),
      pools: { lists: pool },
      end: () => pool.end(),
    };
  }
  const quick = fastRows.openRowPipelines(createPool, 2);
  const others = fastRows.openRowPool(createPool, 4);
  return {
    read: ({ quick: isQuick, ...statement }) => (isQuick ? quick : others).read({ ...statement, named: isQuick }),
    pools: { 'quick lists': quick.pool, 'other lists': others.pool },
    end: async () => {
      await Promise.all([quick.end(), others.end()]);
    },
  };
}
