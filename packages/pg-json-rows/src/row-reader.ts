import pg from 'pg';
import { installedDriver } from './driver.ts';
import type { CreatePool } from './fast-rows.ts';
import { type ExactTimes, kinds, type Parser, readColumns } from './json-columns.ts';

export type { CreatePool } from './fast-rows.ts';
export type { ExactTimes } from './json-columns.ts';
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

const allText = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

/** Reads through the pool's parsers: the reference for the bytes of the fast reader. */
export function plainReader(pool: pg.Pool, exactTimes: ExactTimes): ReadRows {
  const types = pool.options.types ?? pg.types;
  const parserOf = (oid: number) => types.getTypeParser(oid, 'text') as Parser;
  return async ({ sql, parameters }) => {
    const query = { text: sql, values: [...parameters], rowMode: 'array', types: allText };
    const { fields, rows } = await pool.query<(string | null)[]>(query);
    const columns = readColumns(fields, parserOf, exactTimes);
    const { names } = columns;
    /** As JSON. */
    const jsonOf = (text: string | null, column: number) => {
      if (text === null) return 'null';
      const value = columns.parsers[column]?.(text);
      const isUnwritable = columns.kinds[column] === kinds.timestamp && value === text;
      return isUnwritable ? 'null' : (JSON.stringify(value) ?? 'null');
    };
    return {
      length: rows.length,
      text: (row, name) => {
        const column = names.indexOf(name);
        const text = rows[row]?.[column] ?? null;
        const json = jsonOf(text, column);
        if (json === 'null') return text;
        return json.startsWith('"') ? JSON.parse(json) : json;
      },
      toJson: (count, before = '', after = '') => {
        const json = rows
          .slice(0, count)
          .map((row) => `{${row.map((text, i) => `${JSON.stringify(names[i])}:${jsonOf(text, i)}`).join(',')}}`);
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
  { createPool, warn, exactTimes }: { createPool: CreatePool; warn: (message: string) => void; exactTimes: ExactTimes },
  fastRows = fast,
): RowReader {
  if (!fastRows) {
    warn(`Lists use the slow reader because the fast one does not support this driver: ${installedDriver.versions}.`);
    const pool = createPool({ max: 4 });
    return {
      read: plainReader(pool, exactTimes),
      pools: { lists: pool },
      end: () => pool.end(),
    };
  }
  const quick = fastRows.openRowPipelines(createPool, 2);
  const others = fastRows.openRowPool(createPool, 4);
  return {
    read: ({ quick: isQuick, ...statement }) =>
      (isQuick ? quick : others).read({ ...statement, named: isQuick, exactTimes }),
    pools: { 'quick lists': quick.pool, 'other lists': others.pool },
    end: async () => {
      await Promise.all([quick.end(), others.end()]);
    },
  };
}
