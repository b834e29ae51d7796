import { type Static, type TProperties, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { exportOf } from './export.ts';
import { AcceptedWord, Nullable, Pagination, pageParameters, StringEnum, sortParameters, Word } from './paging.ts';
import { problems } from './problem.ts';
import {
  CalendarTime,
  ExactTime,
  orderParameters,
  posterColumn,
  Threshold,
  titleParams,
  trainingColumns,
  trainingFilters,
} from './training.ts';
import { cmValues } from './vocabulary.ts';

export const tag = { name: 'movies', description: 'Titles of any type with their predictions' };
const tags = [tag.name];

const { created_at: _created, updated_at: _updated, ...titleColumns } = trainingColumns;

/** The model's prediction for a title. */
export const predictionFields = {
  prediction: Type.Integer({
    description: "1: would watch, at the model's own 0.5 instead of the operating threshold",
  }),
  probability: Nullable(Type.Number(), { description: 'Of would_watch, 0-1; null: not a number' }),
  cm_value: Word(cmValues, { description: 'As stored when the model ran; a later label does not change it' }),
} satisfies TProperties;

/** The columns of the view `atp.movies`, in its order. */
const movieColumns = {
  ...titleColumns,
  ...predictionFields,
  training_created_at: CalendarTime,
  training_updated_at: ExactTime,
  prediction_created_at: CalendarTime,
} satisfies TProperties;

export const MovieRow = Type.Object(
  { ...movieColumns, ...posterColumn },
  { $id: 'MovieRow', description: 'A title of any type with its prediction' },
);
export type MovieRow = Static<typeof MovieRow>;

export type MovieSort = keyof typeof movieColumns;
export const movieSorts = Object.keys(movieColumns) as MovieSort[];
export const movieDefaultSort = { sort_by: 'training_created_at', sort_order: 'desc' } as const;

/** What `cell` accepts: a cell, or the two of the model's mistakes. */
export const cellFilters = [...cmValues, 'errors'] as const;

export const movieFilters = {
  ...trainingFilters,
  release_year: Type.Optional(Type.Integer({ minimum: -32_768, maximum: 32_767, description: 'Exactly this year' })),
  prediction: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 1, description: "The model's prediction: yes (1) or no (0)" }),
  ),
  cm_value: Type.Optional(
    AcceptedWord(cellFilters, 'atp.prediction.cm_value', {
      description: 'As stored when the model ran; errors: fp and fn',
    }),
  ),
  cell: Type.Optional(
    StringEnum(cellFilters, {
      description: 'Computed from the current label and the probability at the threshold; errors: fp and fn',
    }),
  ),
  threshold: Threshold,
} satisfies TProperties;

export const MovieQuery = Type.Object({
  ...movieFilters,
  ...sortParameters(
    movieSorts,
    movieDefaultSort,
    ' Lists sort by their first four elements, overview by its first 200 characters.',
  ),
  ...orderParameters,
  ...pageParameters,
});
export type MovieQuery = Static<typeof MovieQuery>;

export const MovieList = Type.Object({ data: Type.Array(MovieRow), pagination: Pagination });
export type MovieList = Static<typeof MovieList>;

export const listMovies = endpoint({
  method: 'GET',
  url: '/movies/',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listMovies',
    summary: 'Titles with a prediction',
    description:
      'The view atp.movies: every title with a prediction, of any type. `cell` places titles in the confusion matrix by ' +
      'their current label, `cm_value` by what the model stored; titles without a label are in no cell.',
    tags,
    querystring: MovieQuery,
    response: { 200: MovieList, ...problems() },
  },
});

const MovieFileRow = Type.Object(
  {
    ...movieColumns,
    cell: Type.Optional(
      Nullable(StringEnum(cmValues), {
        description: 'Of the current label and the probability at the threshold; null: in no cell',
      }),
    ),
    threshold: Type.Optional(Type.Number({ description: 'That of the request' })),
  },
  { $id: 'MovieFileRow', description: 'A row of the list; with `threshold` in the request also its cell there' },
);

export const exportMovies = exportOf(listMovies, {
  operationId: 'exportMovies',
  summary: 'Titles with a prediction, as a file',
  description:
    'With `threshold`, each row ends with `cell`, its cell at that threshold, and `threshold`, which the name of the file ' +
    'has too; `prediction` and `cm_value` stay those of the model. ',
  row: MovieFileRow,
});

export const getMovie = endpoint({
  method: 'GET',
  url: '/movies/:imdb_id',
  config: { role: 'viewer', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'getMovie',
    summary: 'One title with a prediction',
    description: 'Its ETag is training_updated_at, as for /training/{imdb_id}.',
    tags,
    params: titleParams,
    response: { 200: MovieRow, ...problems(404) },
  },
});
