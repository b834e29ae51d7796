import { type MovieQuery, type MovieRow, type MovieSort, movieDefaultSort } from '@at/contracts/movies';
import type { DB } from '@at/db/schema';
import { type CompiledQuery, expressionBuilder, type Kysely, sql } from 'kysely';
import { invalid } from '#http/api-error.ts';
import type { List, Segment } from '#lists/list-statements.ts';
import { isQuick } from '#lists/served.ts';
import { columnKey, titleColumns } from '#titles/columns.ts';
import type { TitleSelect, TitleTables } from '#titles/filters.ts';
import { cellColumns, type MovieFilterShape, movieConditions, movieFilterShape } from '#titles/movie-filters.ts';
import { orderSegments } from '#titles/orders.ts';
import { posterColumn } from '#titles/poster-column.ts';
import { served } from './served.ts';

const eb = expressionBuilder<TitleTables, 't' | 'p'>();

/** Parameters besides the filters that are part of the SQL. */
const words = ['sort_by', 'sort_order', 'order'] as const;

/** The part of the parameters that the SQL depends on. */
export type MovieShape = MovieFilterShape &
  Pick<MovieQuery, (typeof words)[number]> & {
    /** Whether each row has its cell at the threshold of the request. */
    showsCell?: boolean;
    /** Whether each row has its poster. */
    showsPoster?: boolean;
  };

/** Throws 422 where order and sort_by contradict each other. */
export function movieShape(query: MovieQuery): MovieShape {
  if (query.order !== undefined && query.sort_by !== undefined) {
    throw invalid('query', 'order', 'order and sort_by cannot be combined. Send one of them.');
  }
  return { ...movieFilterShape(query), ...Object.fromEntries(words.map((name) => [name, query[name]])) };
}

/**
 * The join of the view `atp.movies`: the types of a view's columns are all nullable, and an order by them cannot name
 * their tables.
 */
function movies(db: Kysely<DB>, shape: MovieShape): TitleSelect<MovieRow> {
  const joined = db.selectFrom('atp.training as t').innerJoin('atp.prediction as p', 'p.imdb_id', 't.imdb_id');
  const base = (joined as unknown as TitleSelect<object>)
    .select(titleColumns)
    .select(['p.prediction', 'p.probability', 'p.cm_value'])
    .select(['t.created_at as training_created_at', 't.updated_at as training_updated_at'])
    .select('p.created_at as prediction_created_at')
    .select(shape.showsCell ? cellColumns : [])
    .select(shape.showsPoster ? [posterColumn] : []);
  return (base as unknown as TitleSelect<MovieRow>).where(eb.and(movieConditions(shape)));
}

const renamed = {
  training_created_at: 't.created_at',
  training_updated_at: 't.updated_at',
  prediction_created_at: 'p.created_at',
  prediction: 'p.prediction',
  probability: 'p.probability',
  cm_value: 'p.cm_value',
} as const;

/** Which column of which table a column of the list is. */
function columnOf(sort: MovieSort) {
  return sort in renamed
    ? renamed[sort as keyof typeof renamed]
    : (`t.${sort as Exclude<MovieSort, keyof typeof renamed>}` as const);
}

function segmentsOf(db: Kysely<DB>, shape: MovieShape): Segment<MovieRow>[] {
  const { order, sort_by = movieDefaultSort.sort_by, sort_order = movieDefaultSort.sort_order } = shape;
  const query = movies(db, shape);
  if (order !== undefined) return orderSegments(order, shape, query);
  const column = columnOf(sort_by);
  const id = sql.ref(column.startsWith('p.') ? 'p.imdb_id' : 't.imdb_id');
  return [{ query, key: columnKey(column, sort_order, sort_by), id }];
}

function isServed(shape: MovieShape): boolean {
  const {
    filters,
    hasYear,
    showsCell: _,
    showsPoster: __,
    order,
    sort_by = movieDefaultSort.sort_by,
    sort_order: ___,
    ...words
  } = shape;
  const isOneWord = words.cm_value !== 'errors';
  return isOneWord && filters.length === 0 && !hasYear && isQuick(served, words, order ?? sort_by);
}

/** The list that the parameters describe; its queries need a threshold if the shape has a cell. */
export function movieList(db: Kysely<DB>, shape: MovieShape): List<MovieRow> {
  return {
    segments: segmentsOf(db, shape),
    idColumn: 'imdb_id',
    counted: movies(db, shape).clearSelect(),
    isServed: isServed(shape),
  };
}

/** One title with its prediction. */
export function movieStatement(db: Kysely<DB>, imdbId: string, showsPoster: boolean): CompiledQuery<MovieRow> {
  return movies(db, { ...movieShape({}), showsPoster })
    .where('t.imdb_id', '=', imdbId)
    .compile();
}
