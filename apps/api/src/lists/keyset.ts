import type { SortOrder } from '@at/contracts/paging';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type ApiError, invalid } from '#http/api-error.ts';

/**
 * Sorting by one key, equal values by ascending primary key, and continuing behind a row by the values of both (keyset
 * paging), which costs the same at any depth. A list may come in segments, each sorted for itself and read one after the
 * other ("those with a prediction, then the rest"), because an index can serve each segment but not their union.
 */

export type SortKey = {
  /** Qualified, so that an output column of the same name is not sorted instead. */
  expression: RawBuilder<unknown>;
  /** Makes the key of a row's `column` value in the cursor; the value itself when the key is the column. */
  fromCursor: (value: RawBuilder<unknown>) => RawBuilder<unknown>;
  /** Which column of the row holds the value. */
  column: string;
  /** What a cursor keeps of the column's wire text, where the key compares only a part; all of it when not given. */
  cut?: (text: string) => string;
  nullable: boolean;
  direction: SortOrder;
  /** The direction of the primary key among equal values; ascending if not given. */
  ties?: SortOrder;
  /** Indexes in set atp-extras begin with this key and the primary key. */
  indexed: boolean;
};

export type Position = {
  segment: number;
  /** The row's `column` as text; null: it has none. */
  value: string | null;
  id: string;
};

/** Nulls are last both ways. NOT NULL keys carry no NULLS clause, or their plain index is not used. */
export function orderBy(key: SortKey, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const { expression, direction, ties = 'asc', nullable } = key;
  const nulls = sql.raw(nullable && direction === 'desc' ? ' nulls last' : '');
  return sql`${expression} ${sql.raw(direction)}${nulls}, ${id} ${sql.raw(ties)}`;
}

/** Rows that follow each other in an index, which is read in this order. */
type Range = { condition: RawBuilder<SqlBool>; order: RawBuilder<unknown> };

const than = { asc: sql.raw('>'), desc: sql.raw('<') };

/**
 * The rows after `position`, those of each range after those of the one before. An index finds the beginning of each at
 * once, also among rows of one value. A key that is not `indexed` has a single range, so that the rows are read once. Where
 * the extras are missing, an `indexed` one reads them once for each range: a page behind a cursor then takes twice as long.
 */
export function rangesAfter(
  key: SortKey,
  id: RawBuilder<unknown>,
  position: Pick<Position, 'value' | 'id'>,
): [Range, ...Range[]] {
  const { expression, direction, ties = 'asc', nullable, indexed } = key;
  const order = orderBy(key, id);
  if (position.value === null) {
    return [{ condition: sql`${expression} is null and ${id} ${than[ties]} ${position.id}`, order }];
  }
  const value = key.fromCursor(sql`${position.value}`);
  const follows = sql`(${expression}, ${id}) ${than[ties]} (${value}, ${position.id})`;
  const ranges: [Range, ...Range[]] =
    direction === ties
      ? [{ condition: sql`${follows}`, order }]
      : [
          // Not "= value": then Postgres may walk the primary key, past any number of rows with other values.
          {
            condition: sql`(${follows} and ${expression} ${than[direction]}= ${value})`,
            order: orderBy({ ...key, direction: ties }, id),
          },
          { condition: sql`${expression} ${than[direction]} ${value}`, order },
        ];
  if (nullable) ranges.push({ condition: sql`${expression} is null`, order });
  if (indexed) return ranges;
  const conditions = ranges.map(({ condition }) => condition);
  return [{ condition: sql`(${sql.join(conditions, sql` or `)})`, order }];
}

/** The opaque text of a position; `sort` names the order it belongs to. */
export function encodeCursor(sort: string, { segment, value, id }: Position): string {
  return Buffer.from(JSON.stringify([sort, segment, value, id])).toString('base64url');
}

/** 422: no page of the list gave this cursor out. */
export function foreignCursor(): ApiError {
  return invalid('query', 'cursor', 'The cursor is not one of this API. Take next_cursor of the page before.');
}

/** Throws 422 for a text that is not a cursor, or belongs to another order. */
export function decodeCursor(sort: string, cursor: string): Position {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parts = undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 4) {
    throw foreignCursor();
  }
  const [of, segment, value, id] = parts as unknown[];
  if (of !== sort) {
    throw invalid(
      'query',
      'cursor',
      'The cursor belongs to another order, or to an earlier version of this one. Start again without it.',
    );
  }
  const isSegment = Number.isInteger(segment) && (segment as number) >= 0;
  const known = isSegment && (value === null || typeof value === 'string') && typeof id === 'string';
  if (!known || `${value}${id}`.includes('\0')) {
    throw foreignCursor();
  }
  return { segment: segment as number, value: value as string | null, id: id as string };
}

/** The time of a row as a cursor holds it. */
export const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The row behind which a page begins; `value` is null for a list whose cursors have none. Throws 422 for a foreign cursor. */
export function readPlace(sort: string, cursor: string, id: RegExp, value: RegExp | null): Position {
  const place = decodeCursor(sort, cursor);
  const fits = id.test(place.id) && (value ? value.test(place.value ?? '') : place.value === null);
  if (!fits) throw foreignCursor();
  return place;
}
