import type pg from 'pg';
import { installedDriver } from './driver.ts';
import type { CreatePool } from './fast-rows.ts';

export type { CreatePool } from './fast-rows.ts';
export { planSettings } from './plan-settings.ts';

/** A compiled statement that reads the rows of a list. */
export type RowStatement = {
  sql: string;
  parameters: readonly unknown[];
  /**
   * An index serves it for all parameters: it is planned once, and runs on connections without slow statements. Any other
   * is planned for its parameters, and can delay only its like.
   */
  quick: boolean;
};

/** The rows of one statement, on their way to a JSON reply. */
export type RowSet = {
  readonly length: number;
  /** The value of a row's column as wire text, for a cursor. */
  text: (row: number, column: string) => string | null;
  /** The first `count` rows as JSON objects, separated by commas, between two texts. Call it once, after `text`. */
  toJson: (count: number, before?: string, after?: string) => Buffer;
  /** Frees the memory for other rows. Send or copy what `toJson` returned first. */
  release: () => void;
};

/** Reads the rows of a statement. */
export type ReadRows = (statement: RowStatement) => Promise<RowSet>;

type RawNumber = { rawJSON: string };

export type Query = (sql: string, parameters: unknown[]) => Promise<{ rows: object[] }>;

/** Reads through the driver's own objects: the reference that any faster way must equal byte for byte. */
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

/** The rows of a statement as objects, for few rows that are slow to find: they hold up no quick statement. */
export async function readObjects<Row>(
  read: ReadRows,
  { sql, parameters }: Pick<RowStatement, 'sql' | 'parameters'>,
): Promise<Row[]> {
  const set = await read({ sql, parameters, quick: false });
  const text = set.toJson(set.length, '[', ']').toString();
  set.release();
  return JSON.parse(text) as Row[];
}

// The fast way uses the driver's internals, so with another driver that file is not even loaded.
const fast = installedDriver.isKnown ? await import('./fast-rows.ts') : null;

export type RowReader = {
  read: ReadRows;
  /** Its connections, by what they are for. */
  pools: Record<string, pg.Pool>;
  end: () => Promise<void>;
};

/**
 * Reads rows from the wire's bytes into the reply's, over connections of its own. With a driver that the fast way does
 * not know, it says so once through `warn` and reads through the driver's objects.
 */
export function openReader(
  { createPool, warn }: { createPool: CreatePool; warn: (message: string) => void },
  fastRows = fast,
): RowReader {
  if (!fastRows) {
    warn(`Lists are read the slow way, because the fast one does not know this driver: ${installedDriver.versions}.`);
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
