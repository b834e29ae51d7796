import { deepOffset } from '@at/contracts/paging';
import type { RowStatement } from '@at/pg-json-rows';
import {
  AliasNode,
  ColumnNode,
  CompiledQuery,
  IdentifierNode,
  type Kysely,
  type RawBuilder,
  ReferenceNode,
  type SelectQueryBuilder,
  type SelectQueryNode,
  sql,
} from 'kysely';
import { orderBy, type Position, rangesAfter, type SortKey } from './keyset.ts';

/**
 * A list and its statements. Building and compiling one costs more than reading a page, so a list is built once per shape of
 * its parameters: the words in the SQL, and which parameters are present. A value that differs from request to request is
 * a placeholder, filled for each run; the builder never sees the value, so the SQL cannot depend on it.
 */

// biome-ignore-start lint/suspicious/noExplicitAny: the types of the tables do not matter here
type AnySelect<Row> = SelectQueryBuilder<any, any, Row>;
type AnyDb = Kysely<any>;
// biome-ignore-end lint/suspicious/noExplicitAny: see above

/** A part of a list that one order serves; `query` selects and filters, this module orders and cuts. */
export type Segment<Row> = {
  query: AnySelect<Row>;
  key: SortKey;
  /** The primary key, qualified; of the table that has the sort key, or no index serves both. */
  id: RawBuilder<unknown>;
  /**
   * The same rows in branches, where an index serves each but not the whole: each in the order of its own key, and merged in
   * the order of `key`. The key of a branch reads the position of any row of the segment.
   */
  branches?: readonly Pick<Segment<Row>, 'query' | 'key'>[];
};

export type List<Row> = {
  /** Read one after the other. */
  segments: Segment<Row>[];
  /** The column of the row that holds the primary key. */
  idColumn: keyof Row & string;
  /** Every row of the list, nothing selected. */
  counted: AnySelect<object>;
  /** An index serves filter and order for any values of the placeholders. */
  isServed: boolean;
};

/** The names of a row's columns, in their order. */
export function columnsOf<Row>({ query }: Pick<Segment<Row>, 'query'>): string[] {
  const { selections = [] } = query.toOperationNode() as SelectQueryNode;
  return selections.map(({ selection }) => {
    if (AliasNode.is(selection) && IdentifierNode.is(selection.alias)) return selection.alias.name;
    if (ReferenceNode.is(selection) && ColumnNode.is(selection.column)) return selection.column.column.name;
    throw new Error(`A list selects what has no name: ${selection.kind}`);
  });
}

/** The values for the placeholders of a list's statements. */
export type ListInput<Query> = {
  query: Query;
  limit: number;
  offset: number;
  /** Continue behind this row. */
  position: Position | undefined;
};

class Placeholder {
  readonly read: (input: ListInput<never>) => unknown;

  constructor(read: (input: ListInput<never>) => unknown) {
    this.read = read;
  }
}

/** A parameter that each run reads from its own request. */
export function param<Query, Value>(read: (input: ListInput<Query>) => Value): Value {
  return new Placeholder(read as (input: ListInput<never>) => unknown) as unknown as Value;
}

/** A position read from each request; whether it has a value is part of the SQL. */
function positionPlaceholders(isNull: boolean): Pick<Position, 'value' | 'id'> {
  return {
    value: isNull ? null : param(({ position }) => position?.value as string),
    id: param(({ position }) => position?.id as string),
  };
}

/** Compiled SQL whose parameters may be placeholders. */
type Template = { sql: string; parameters: readonly unknown[] };

function fill<Query>({ parameters }: Template, input: ListInput<Query>): unknown[] {
  return parameters.map((value) => (value instanceof Placeholder ? value.read(input as ListInput<never>) : value));
}

/** Runs a statement with placeholders once, without caching it. */
export async function runFilled<Row>(db: AnyDb, statement: RawBuilder<Row>, query: object): Promise<Row[]> {
  const filled = filledStatement(db, statement, query);
  const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(filled.sql, filled.parameters));
  return rows;
}

/** Its SQL, with the values of the query. */
export function filledStatement(db: AnyDb, statement: RawBuilder<unknown>, query: object) {
  const template = statement.compile(db);
  return { sql: template.sql, parameters: fill(template, { query, limit: 0, offset: 0, position: undefined }) };
}

/** Pages of these sizes have their limit in the SQL, so that Postgres knows how few rows the plan is for. */
const usualLimits = new Set([20, 50, 100, 200, 500, 1000]);
const isUsual = (limit: number) => usualLimits.has(limit - 1);

type Cut = Pick<ListInput<unknown>, 'limit' | 'offset' | 'position'>;

const limitOf = (limit: number) => (isUsual(limit) ? sql.lit(limit) : param((input) => input.limit));

/** Rows of a segment that follow each other in an index. */
type Run<Row> = { query: AnySelect<Row>; order: RawBuilder<unknown> };

/** All rows of a segment, or those behind a position, in runs. */
function runsOf<Row>(segment: Segment<Row>, position?: Position): Run<Row>[] {
  const { id, branches = [segment] } = segment;
  return branches.flatMap(({ query, key }): Run<Row>[] => {
    if (!position) return [{ query, order: orderBy(key, id) }];
    const ranges = rangesAfter(key, id, positionPlaceholders(position.value === null));
    return ranges.map(({ condition, order }) => ({ query: query.where(condition), order }));
  });
}

/** What comes first in some runs, each read up to `end` rows, in the order of the segment by `sort_key` and `sort_id`. */
function merged<Row>(
  { key, id }: Segment<Row>,
  runs: Run<Row>[],
  { select, end }: { select: (query: AnySelect<Row>) => AnySelect<Row>; end: RawBuilder<number> | number },
): { rows: RawBuilder<unknown>; order: RawBuilder<unknown> } {
  const keyed = runs.map(({ query, order }) =>
    (select(query).select([key.expression.as('sort_key'), id.as('sort_id')]) as AnySelect<Row>)
      .orderBy(order)
      .limit(end),
  );
  return {
    rows: sql`(${sql.join(keyed, sql` union all `)}) as page`,
    order: orderBy({ ...key, expression: sql.ref('sort_key') }, sql.ref('sort_id')),
  };
}

/** The first rows, or those behind a cursor: each run is read as far as the limit, and the page is what comes first in them. */
function pageFrom<Row>(db: AnyDb, segment: Segment<Row>, { position, limit }: Cut): Template {
  const runs = runsOf(segment, position);
  const [first, ...others] = runs as [Run<Row>, ...Run<Row>[]];
  if (others.length === 0) return first.query.orderBy(first.order).limit(limitOf(limit)).compile();
  const { rows, order } = merged(segment, runs, { select: (query) => query, end: limitOf(limit) });
  const columns = columnsOf(segment).map((name) => sql.ref(name));
  return sql`select ${sql.join(columns)} from ${rows} order by ${order} limit ${limitOf(limit)}`.compile(db);
}

function pageAt<Row>(segment: Segment<Row>, { limit }: Cut): Template {
  const { query, key, id } = segment;
  const offset = param((input) => input.offset);
  // Only keys are selected, so that the skipped rows come from the index alone where possible.
  const noColumns = (all: AnySelect<Row>) => all.clearSelect() as AnySelect<Row>;
  const runs = runsOf(segment);
  const [first, ...others] = runs as [Run<Row>, ...Run<Row>[]];
  let ids: RawBuilder<unknown>;
  if (others.length === 0) {
    const page = noColumns(first.query).select(id.as('id')).orderBy(first.order).limit(limitOf(limit)).offset(offset);
    ids = sql`(${page})`;
  } else {
    const end = param((input) => input.offset + input.limit);
    const { rows, order } = merged(segment, runs, { select: noColumns, end });
    ids = sql`(select sort_id from ${rows} order by ${order} limit ${limitOf(limit)} offset ${offset})`;
  }
  return query.where(sql<boolean>`${id} in ${ids}`).orderBy(orderBy(key, id)).compile();
}

/** A list's statements, each compiled at its first use. */
export class ListStatements<Row, Query> {
  readonly list: List<Row>;
  readonly #db: AnyDb;
  readonly #templates = new Map<string, Template>();

  constructor(db: AnyDb, list: List<Row>) {
    this.#db = db;
    this.list = list;
  }

  /** The rows of one segment, `limit` at most. */
  page(segment: number, input: ListInput<Query>): RowStatement {
    const { limit, offset, position } = input;
    const name = [
      segment,
      isUsual(limit) ? limit : 'limit',
      offset > 0 && 'offset',
      position && (position.value === null ? 'behind null' : 'behind'),
    ].join();
    const template = this.#template(name, () => {
      const selected = this.list.segments[segment] as Segment<Row>;
      return offset > 0 && !position ? pageAt(selected, input) : pageFrom(this.#db, selected, input);
    });
    const quick = this.list.isServed && isUsual(limit) && offset <= deepOffset;
    return { sql: template.sql, parameters: fill(template, input), quick };
  }

  /** How many rows a segment has, as `count`. */
  segmentCount(segment: number, input: ListInput<Query>): RowStatement {
    const template = this.#template(`count ${segment}`, () =>
      (this.list.segments[segment] as Segment<Row>).query.clearSelect().select(sql`count(*)`.as('count')).compile(),
    );
    return { sql: template.sql, parameters: fill(template, input), quick: false };
  }

  /** How many rows the list has, as `count`; with a ceiling it stops counting there. */
  total(ceiling: number | undefined, input: ListInput<Query>): RowStatement {
    const { counted } = this.list;
    const template = this.#template(`total ${ceiling}`, () => {
      if (ceiling === undefined) return counted.select(sql`count(*)`.as('count')).compile();
      const first = counted.select(sql.lit(1).as('one')).limit(sql.lit(ceiling));
      return sql`select count(*) as count from ${first} as first_ones`.compile(this.#db);
    });
    return { sql: template.sql, parameters: fill(template, input), quick: false };
  }

  #template(name: string, compile: () => Template): Template {
    let template = this.#templates.get(name);
    if (!template) {
      template = compile();
      this.#templates.set(name, template);
    }
    return template;
  }
}

const maximumShapes = 200;

/** Builds each list once per shape; keeps the shapes used last. A shape must hold everything that the builder reads. */
export function listsByShape<Shape, Row, Query>(
  db: AnyDb,
  build: (shape: Shape) => List<Row>,
): (shape: Shape) => ListStatements<Row, Query> {
  const lists = new Map<string, ListStatements<Row, Query>>();
  return (shape) => {
    const name = JSON.stringify(shape);
    const list = lists.get(name) ?? new ListStatements<Row, Query>(db, build(shape));
    lists.delete(name);
    lists.set(name, list);
    if (lists.size > maximumShapes) lists.delete(lists.keys().next().value as string);
    return list;
  };
}
