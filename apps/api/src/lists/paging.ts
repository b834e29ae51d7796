import {
  deepOffset,
  defaultLimit,
  estimateCeiling,
  maximumLimit,
  maximumOffset,
  type Pagination,
} from '@at/contracts/paging';
import type { ReadRows, RowSet, RowStatement } from '@at/pg-json-rows';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalid } from '#http/api-error.ts';
import { decodeCursor, encodeCursor, foreignCursor, type Position } from './keyset.ts';
import type { List, ListInput, ListStatements, Segment } from './list-statements.ts';
import type { SharedCounts } from './shared-counts.ts';
import { firstBatch, laterBatch, streamReply } from './streaming.ts';

/** Which part of a list the caller wants. */
export type PageRequest = {
  limit: number;
  offset: number;
  count: 'exact' | 'estimated' | 'none';
  /** Continue after this row. */
  position: Position | undefined;
  /** Names the order, so that a cursor of another one is refused. */
  sort: string;
};

type PageParameters = {
  limit?: number;
  offset?: number;
  page?: number;
  cursor?: string;
  count?: PageRequest['count'];
  sort_by?: string;
  sort_order?: string;
  order?: string;
  seed?: string;
  threshold?: number;
};

/**
 * Names the order in cursors; another direction, seed or threshold is another order, and so is an earlier version of an order: equal
 * values once came by descending id, and titles by their letters. A cursor of that time, without the id in its name, is
 * refused, because it would lose some rows and repeat others.
 */
function nameOfOrder(query: PageParameters, initial: { sort_by: string; sort_order: string }): string {
  const { order, seed = '', threshold, sort_by = initial.sort_by, sort_order = initial.sort_order } = query;
  if (order === 'random') return `${order}:${seed}`;
  if (order === 'disagree') return `${order} at ${threshold}`;
  if (order !== undefined) return order;
  return `${sort_by} ${sort_order}, id asc`;
}

/** Throws 422 where offset, page and cursor contradict each other or the cursor is not of this order. */
export function readPage(query: PageParameters, defaultSort: { sort_by: string; sort_order: string }): PageRequest {
  const sort = nameOfOrder(query, defaultSort);
  const { limit = defaultLimit, offset, page, cursor, count = 'exact' } = query;
  if (cursor !== undefined && (offset !== undefined || page !== undefined)) {
    throw invalid('query', 'cursor', 'A cursor cannot be combined with offset or page. Send one of them.');
  }
  if (offset !== undefined && page !== undefined) {
    throw invalid('query', 'page', 'page and offset cannot be combined. Send one of them.');
  }
  const start = page === undefined ? (offset ?? 0) : (page - 1) * limit;
  if (start > maximumOffset) {
    throw invalid('query', 'page', `The page begins beyond row ${maximumOffset}. Take a smaller one.`);
  }
  return {
    limit,
    offset: start,
    count,
    position: cursor === undefined ? undefined : decodeCursor(sort, cursor),
    sort,
  };
}

/** The page's row sets, one row more than the limit when there are more, and the segment each came from. */
async function readSets<Row, Query>(
  read: ReadRows,
  statements: ListStatements<Row, Query>,
  input: ListInput<Query>,
): Promise<{ set: RowSet; segment: number }[]> {
  const { segments } = statements.list;
  // Another list may have the same order in more segments.
  if (input.position && input.position.segment >= segments.length) throw foreignCursor();
  const sets: { set: RowSet; segment: number }[] = [];
  let { limit, offset, position } = input;
  for (let segment = position?.segment ?? 0; segment < segments.length && limit > 0; segment += 1) {
    const set = await read(statements.page(segment, { ...input, limit, offset, position }));
    sets.push({ set, segment });
    limit -= set.length;
    if (offset > 0 && limit > 0 && segment + 1 < segments.length) {
      // This segment has ended: what is left of the offset falls into the next one.
      const passed = set.length > 0 ? offset : await countOf(read, statements.segmentCount(segment, input));
      offset = Math.max(0, offset - passed);
    }
    position = undefined;
  }
  return sets;
}

async function countOf(read: ReadRows, statement: RowStatement): Promise<number> {
  const counted = await read(statement);
  const count = Number(counted.text(0, 'count'));
  counted.release();
  return count;
}

/** The position of a row in a segment. Call it before the set becomes JSON. */
export function positionOf<Row>(list: List<Row>, segment: number, set: RowSet, row: number): Position {
  const { key } = list.segments[segment] as Segment<Row>;
  const value = set.text(row, key.column);
  return {
    segment,
    value: value === null || !key.cut ? value : key.cut(value),
    id: set.text(row, list.idColumn) as string,
  };
}

/** The caller's parameters that do not say which page, as the end of an address. */
function otherParameters(url: string, limitName = 'limit'): string {
  const given = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
  for (const name of ['offset', 'limit', 'page', 'cursor', limitName]) given.delete(name);
  return given.size > 0 ? `&${given}` : '';
}

/** Of the addresses of pages, which are the same for requests of the same address (`per-query.ts`). */
const othersOfPages = new WeakMap<PageRequest, string>();

function othersOf(page: PageRequest, url: string): string {
  let others = othersOfPages.get(page);
  if (others === undefined) {
    others = otherParameters(url);
    othersOfPages.set(page, others);
  }
  return others;
}

type Total = { total: number | null; total_is_estimate?: boolean; age: number };

async function countTotal<Row, Query>(
  read: ReadRows,
  counts: SharedCounts,
  statements: ListStatements<Row, Query>,
  count: PageRequest['count'],
  input: ListInput<Query>,
): Promise<Total> {
  if (count === 'none') return { total: null, age: 0 };
  const estimated = count === 'estimated';
  const statement = statements.total(estimated ? estimateCeiling + 1 : undefined, input);
  const { sql, parameters } = statement;
  const name = parameters.length === 0 ? sql : `${sql} ${JSON.stringify(parameters)}`;
  const { value, age } = await counts.read(name, () => countOf(read, statement));
  if (estimated && value > estimateCeiling) return { total: estimateCeiling, total_is_estimate: true, age };
  return { total: value, age };
}

/** What stands before the rows of a reply and behind them. */
export type Frame = { begin: string; end: (pagination: Pagination) => string };

const begin = '{"data":[';
const usualFrame: Frame = { begin, end: (pagination) => `],"pagination":${JSON.stringify(pagination)}}` };

/** The reply's JSON, usually written into the buffer that already holds the rows. */
function writeBody(sets: { set: RowSet; count: number }[], begin: string, end: string): Buffer {
  const [only, ...others] = sets;
  if (others.length === 0) return only ? only.set.toJson(only.count, begin, end) : Buffer.from(begin + end);
  return Buffer.concat(
    sets.map(({ set, count }, i) => set.toJson(count, i === 0 ? begin : ',', i === sets.length - 1 ? end : '')),
  );
}

/** The rows of a page among those that were read, and the position of the last one. */
function cutSets<Row>(
  list: List<Row>,
  sets: { set: RowSet; segment: number }[],
  limit: number,
): { shown: { set: RowSet; count: number }[]; last: Position | undefined; more: boolean } {
  const found = sets.reduce((sum, { set }) => sum + set.length, 0);
  const shown: { set: RowSet; count: number }[] = [];
  let left = limit;
  let last: Position | undefined;
  for (const { set, segment } of sets) {
    const count = Math.min(set.length, left);
    if (count === 0) continue;
    shown.push({ set, count });
    left -= count;
    last = positionOf(list, segment, set, count - 1);
  }
  return { shown, last, more: found > limit };
}

/** `last`: the position of the page's last row, where more rows follow. */
function paginationOf(
  { url }: Pick<FastifyRequest, 'url'>,
  path: string,
  page: PageRequest,
  total: Omit<Total, 'age'>,
  last: Position | undefined,
): Pagination {
  const { limit, offset, position, sort } = page;
  const next_cursor = last ? encodeCursor(sort, last) : null;
  const byCursor = position !== undefined;
  const pageAt = (place: string) => `${path}?${place}&limit=${limit}${othersOf(page, url)}`;
  return {
    ...total,
    limit,
    offset,
    next: last ? pageAt(byCursor ? `cursor=${next_cursor}` : `offset=${offset + limit}`) : null,
    previous: byCursor || offset === 0 || limit === 0 ? null : pageAt(`offset=${Math.max(0, offset - limit)}`),
    has_more: last !== undefined,
    next_cursor,
  };
}

type PageSource<Row, Query> = {
  statements: ListStatements<Row, Query>;
  query: Query;
  page: PageRequest;
  path: string;
  read: ReadRows;
  counts: SharedCounts;
  /** Of a reply with other members than `data` and `pagination`; it has no more rows than the usual limit. */
  frame?: Frame;
};

function setHeaders(reply: FastifyReply, { count, offset }: PageRequest, age: number): void {
  if (offset > deepOffset) {
    const advice = 'Reading to a large offset costs more with every page; follow pagination.next_cursor with cursor=.';
    reply.header('x-advice', advice);
  }
  if (count !== 'none') reply.header('age', Math.round(age));
}

const json = 'application/json; charset=utf-8';

/**
 * Reads one page of a list: rows and total side by side. Returns the reply's JSON in a buffer, typed as its content so that
 * the compiler checks it. `path` is the list's path, as documented. A page without rows (limit 0) has its total and no
 * links; a page beyond the usual limit is sent while it is read.
 */
export async function pageReply<Row, Query>(
  request: FastifyRequest,
  reply: FastifyReply,
  source: PageSource<Row, Query>,
): Promise<{ data: Row[]; pagination: Pagination }> {
  type Body = { data: Row[]; pagination: Pagination };
  if (source.page.limit > maximumLimit) return (await largePageReply(request, reply, source)) as Body;
  const { statements, query, page, path, read, counts, frame = usualFrame } = source;
  const { limit } = page;
  const input = { query, limit: limit + 1, offset: page.offset, position: page.position };
  const [sets, { age, ...total }] = await Promise.all([
    limit === 0 ? [] : readSets(read, statements, input),
    countTotal(read, counts, statements, page.count, input),
  ]);
  const { shown, last, more } = cutSets(statements.list, sets, limit);
  const pagination = paginationOf(request, path, page, total, more ? last : undefined);
  setHeaders(reply, page, age);
  const body = writeBody(shown, frame.begin, frame.end(pagination));
  // The memory is on its way to the socket until then.
  reply.raw.once('close', () => {
    for (const { set } of sets) set.release();
  });
  reply.header('content-type', json);
  return body as unknown as Body;
}

/** A page of any size, one batch in memory at a time. A row that changes while it is sent may appear twice or not at all. */
async function largePageReply<Row, Query>(
  request: FastifyRequest,
  reply: FastifyReply,
  { statements, query, page, path, read, counts }: PageSource<Row, Query>,
): Promise<unknown> {
  const input = { query, limit: page.limit, offset: page.offset, position: page.position };
  const { age, ...total } = await countTotal(read, counts, statements, page.count, input);
  setHeaders(reply, page, age);
  // Like an export, it must not delay the pages that people wait for.
  const readSlowly: ReadRows = (statement) => read({ ...statement, quick: false });

  async function* chunks(): AsyncGenerator<string | Buffer> {
    let { limit: left, offset, position } = input;
    let more = true;
    let before = begin;
    for (let limit = firstBatch; more && left > 0; limit = laterBatch(statements.list)) {
      limit = Math.min(limit, left);
      const sets = await readSets(readSlowly, statements, { query, limit: limit + 1, offset, position });
      const batch = cutSets(statements.list, sets, limit);
      for (const { set, count } of batch.shown) {
        yield set.toJson(count, before);
        before = ',';
      }
      for (const { set } of sets) set.release();
      ({ more } = batch);
      ({ last: position = position } = batch);
      offset = 0;
      left -= limit;
    }
    const pagination = paginationOf(request, path, page, total, more ? position : undefined);
    yield `${before === begin ? begin : ''}],"pagination":${JSON.stringify(pagination)}}`;
  }
  return streamReply(request, reply, { 'content-type': json }, chunks());
}

/**
 * The reply of a list that is read by cursor alone. `found` holds up to one row more than the limit, `order` names the list
 * in cursors, `placeOf` is the position of a row. `limitName`: the parameter with the limit.
 */
export function cursorPage<Row>(
  { url }: Pick<FastifyRequest, 'url'>,
  path: string,
  {
    found,
    limit,
    total,
    order,
    placeOf,
  }: {
    found: Row[];
    limit: number;
    total: number | null;
    order: string;
    placeOf: (row: Row) => Omit<Position, 'segment'>;
  },
  limitName = 'limit',
): { data: Row[]; pagination: Pagination } {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  const next_cursor = found.length > limit && last ? encodeCursor(order, { segment: 0, ...placeOf(last) }) : null;
  const pagination = {
    total,
    limit,
    offset: 0,
    next: next_cursor && `${path}?cursor=${next_cursor}&${limitName}=${limit}${otherParameters(url, limitName)}`,
    previous: null,
    has_more: next_cursor !== null,
    next_cursor,
  };
  return { data, pagination };
}
