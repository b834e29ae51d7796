import type { PoolOptions, PoolSize } from '@at/db/client';
import { installedDriver } from '@at/db/driver';
import { CompiledQuery, type Kysely } from 'kysely';

/** A compiled statement that reads the rows of a list. */
export type RowStatement = {
  sql: string;
  parameters: readonly unknown[];
  /**
   * An index serves it whatever its parameters: it is planned once, and runs on connections where nothing slow does.
   * Any other is planned for its parameters, and can only hold up its like.
   */
  quick: boolean;
};

/** The rows of one statement, on their way to a JSON reply. */
export type RowSet = {
  readonly length: number;
  /** The value of a row's column as wire text, for a cursor. */
  text: (row: number, column: string) => string | null;
  /** The first `count` rows as JSON objects, separated by commas, between two texts; asked once, after all else. */
  toJson: (count: number, before?: string, after?: string) => Buffer;
  /** Lets the memory be used for other rows; what `toJson` gave must have been sent or copied. */
  release: () => void;
};

/** Reads the rows of a statement. */
export type ReadRows = (statement: RowStatement) => Promise<RowSet>;

type RawNumber = { rawJSON: string };

/** Reads through Kysely and the driver's own objects: the reference that any faster way must equal byte for byte. */
export function plainReader<DB>(db: Kysely<DB>): ReadRows {
  return async ({ sql, parameters }) => {
    const { rows } = await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(sql, [...parameters]));
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

/** The rows of a statement as objects, for answers that are few but slow to find: it holds up only its like. */
export async function readObjects<Row>(
  read: ReadRows,
  { sql, parameters }: Pick<RowStatement, 'sql' | 'parameters'>,
): Promise<Row[]> {
  const set = await read({ sql, parameters, quick: false });
  const text = set.toJson(set.length, '[', ']').toString();
  set.release();
  return JSON.parse(text) as Row[];
}

// Its insides are what the fast way leans on, so with another driver that file is not even loaded.
const fast = installedDriver.isKnown ? await import('@at/db/fast-rows') : null;

export type RowReader = {
  read: ReadRows;
  /** Its own connections, by what they are for. */
  sizes: () => Record<string, PoolSize>;
  end: () => Promise<void>;
};

/**
 * Reads rows from the wire's bytes into the reply's, over connections of its own. Where the installed driver is not one
 * that the fast way knows, it says so once through `warn` and reads through `db`.
 */
export function openReader<DB>(
  db: Kysely<DB>,
  options: PoolOptions,
  warn: (message: string) => void,
  fastRows = fast,
): RowReader {
  if (!fastRows) {
    warn(`Lists are read the slow way, because the fast one does not know this driver: ${installedDriver.versions}.`);
    return { read: plainReader(db), sizes: () => ({}), end: async () => {} };
  }
  const quick = fastRows.openRowPipelines({ ...options, max: 2 });
  const others = fastRows.openRowPool({ ...options, max: 4 });
  return {
    read: ({ quick: isQuick, ...statement }) => (isQuick ? quick : others).read({ ...statement, named: isQuick }),
    sizes: () => ({ 'quick lists': quick.size(), 'other lists': others.size() }),
    end: async () => {
      await Promise.all([quick.end(), others.end()]);
    },
  };
}
