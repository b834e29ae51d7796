import type { SortOrder } from '@at/contracts/paging';
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import { type ApiError, invalid } from '#http/api-error.ts';

/**
 * Sorting by one key with the primary key as tie-break, and continuing behind a row by the values of both (keyset
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
};

export type Position = {
  segment: number;
  /** The row's `column` as text; null: it has none. */
  value: string | null;
  id: string;
};

/** `key asc, id asc`, nulls last both ways. NOT NULL keys carry no NULLS clause, or their plain index is not used. */
export function orderBy(key: SortKey, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const direction = sql.raw(key.direction);
  const nulls = sql.raw(key.nullable && key.direction === 'desc' ? ' nulls last' : '');
  return sql`${key.expression} ${direction}${nulls}, ${id} ${direction}`;
}

/** The condition that a row comes after `position`. */
export function after(
  key: SortKey,
  id: RawBuilder<unknown>,
  position: Pick<Position, 'value' | 'id'>,
): Expression<SqlBool> {
  const comes = sql.raw(key.direction === 'asc' ? '>' : '<');
  if (position.value === null) return sql<SqlBool>`${key.expression} is null and ${id} ${comes} ${position.id}`;
  const value = key.fromCursor(sql`${position.value}`);
  const behind = sql<SqlBool>`(${key.expression}, ${id}) ${comes} (${value}, ${position.id})`;
  return key.nullable ? sql<SqlBool>`(${behind} or ${key.expression} is null)` : behind;
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
    throw invalid('query', 'cursor', 'The cursor belongs to another order. Start again without it.');
  }
  const isSegment = Number.isInteger(segment) && (segment as number) >= 0;
  const known = isSegment && (value === null || typeof value === 'string') && typeof id === 'string';
  if (!known || `${value}${id}`.includes('\0')) {
    throw foreignCursor();
  }
  return { segment: segment as number, value: value as string | null, id: id as string };
}
