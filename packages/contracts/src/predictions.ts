import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Threshold, verdictColumns } from './movies.ts';
import { Nullable, Pagination, pageParameters, SortOrder, Words } from './paging.ts';
import { problems } from './problem.ts';
import { ImdbId, Timestamp, trainingFilters } from './training.ts';
import { cmValues } from './vocabulary.ts';

const tags = ['prediction'];

export const PredictionRow = Type.Object(
  { imdb_id: ImdbId, ...verdictColumns, created_at: Timestamp },
  { $id: 'PredictionRow', description: "The model's latest word on a title" },
);
export type PredictionRow = Static<typeof PredictionRow>;

export const predictionSorts = ['created_at', 'imdb_id', 'prediction', 'probability', 'cm_value'] as const;

export const PredictionQuery = Type.Object({
  imdb_id: trainingFilters.imdb_id,
  prediction: Type.Optional(Type.Integer({ minimum: 0, maximum: 1, description: '1: would watch' })),
  cm_value: Type.Optional(Words(cmValues, { description: 'As stored when the model ran' })),
  sort_by: Type.Optional(Words(predictionSorts, { description: 'Default created_at' })),
  sort_order: SortOrder,
  ...pageParameters,
});
export type PredictionQuery = Static<typeof PredictionQuery>;

export const PredictionList = Type.Object({ data: Type.Array(PredictionRow), pagination: Pagination });
export type PredictionList = Static<typeof PredictionList>;

export const listPredictions = endpoint({
  method: 'GET',
  url: '/prediction/',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listPredictions',
    summary: "The model's latest word on each title",
    description: 'cm_value is what the model stored; /movies/?cell= goes by the label as it stands now.',
    tags,
    querystring: PredictionQuery,
    response: { 200: PredictionList, ...problems() },
  },
});

/** Into how many bins of equal width the histogram divides the probabilities from 0 to 1. */
export const histogramBins = 1000;
export const calibrationBins = 10;

const Count = (description?: string) => Type.Integer(description === undefined ? {} : { description });
const Share = (description: string) => Nullable(Type.Number(), { description });

export const Matrix = Type.Object(
  { tp: Count(), tn: Count(), fp: Count(), fn: Count() },
  { $id: 'Matrix', description: 'Computed from the label as it stands and the probability at the threshold' },
);
export type Matrix = Static<typeof Matrix>;

const Bins = (description: string) => Type.Array(Type.Integer(), { description });

export const Evaluation = Type.Object(
  {
    threshold: Type.Number({ description: 'Predicted yes means a probability at or above this' }),
    labelled: Count('Predictions whose title has a label: all that the figures below are about'),
    unlabelled: Count('Predictions whose title has none, left out of everything but the histogram'),
    matrix: Matrix,
    accuracy: Share('(tp + tn) / labelled; null when nothing is labelled'),
    precision: Share('tp / (tp + fp); null when nothing is predicted yes'),
    recall: Share('tp / (tp + fn); null when nothing is labelled would_watch'),
    f1: Share('2 tp / (2 tp + fp + fn); null when that divides by zero'),
    auc: Share(
      'The chance that a would_watch has a higher probability than a would_not_watch, equal ones counting half; ' +
        'null without one of each',
    ),
    brier: Share('Mean squared distance of probability and label (1 or 0); null when nothing is labelled'),
    ece: Share('Expected calibration error over the bins of calibration; null when nothing is labelled'),
    calibration: Type.Array(
      Type.Object({
        from: Type.Number({ description: 'The bin holds probabilities from here' }),
        to: Type.Number({ description: 'up to, but without, here; the last holds 1 as well' }),
        labelled: Count(),
        mean_probability: Share('null for an empty bin'),
        would_watch_share: Share('null for an empty bin'),
      }),
      { description: `${calibrationBins} bins of equal width` },
    ),
    histogram: Type.Object(
      {
        would_watch: Bins('By label would_watch'),
        would_not_watch: Bins('By label would_not_watch'),
        unlabelled: Bins('Without a label'),
        certain: Type.Object(
          { would_watch: Count(), would_not_watch: Count() },
          { description: 'With a probability of exactly 1: of the last bin, those above a threshold of 1' },
        ),
      },
      {
        description:
          `Predictions by label in ${histogramBins} bins of equal width; the first bin holds 0 to 0.001, the last 0.999 ` +
          'to 1. The matrix at a threshold with at most three decimals is a sum over bins.',
      },
    ),
    curve: Type.Array(
      Type.Object({
        threshold: Nullable(Type.Number(), { description: 'null: above every probability, nothing is predicted yes' }),
        true_positive_rate: Share('tp / (tp + fn), also called recall'),
        false_positive_rate: Share('fp / (fp + tn)'),
        precision: Share('tp / (tp + fp)'),
      }),
      {
        description:
          'Points of the ROC curve (false against true positive rate) and of the precision-recall curve, from the highest ' +
          'threshold to 0: those of the bins where a rate has moved by at least 0.005, some 400 at most',
      },
    ),
    stored: Type.Object(
      {
        matrix: Type.Object(
          { tp: Count(), tn: Count(), fp: Count(), fn: Count() },
          { description: 'Predictions by stored cm_value, also those whose title has no label' },
        ),
        disagree: Count('Labelled titles whose stored cm_value is not their cell at this threshold'),
        relabelled: Count(
          'Of these, those whose label is not the one the model knew; with the rest it is the threshold',
        ),
      },
      { description: 'How far the cm_values that the model stored still hold' },
    ),
  },
  { $id: 'Evaluation' },
);
export type Evaluation = Static<typeof Evaluation>;

const evaluated = {
  threshold: Threshold,
  media_type: trainingFilters.media_type,
  reviewed: trainingFilters.reviewed,
  anomalous: trainingFilters.anomalous,
};

export const EvaluationQuery = Type.Object(evaluated);
export type EvaluationQuery = Static<typeof EvaluationQuery>;

export const getEvaluation = endpoint({
  method: 'GET',
  url: '/prediction/evaluation',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getEvaluation',
    summary: 'How good the predictions are at a threshold',
    description: 'Computed from labels and probabilities as they stand, at most a second ago.',
    tags,
    querystring: EvaluationQuery,
    response: { 200: Evaluation, ...problems() },
  },
});

export const sliceDimensions = ['genre', 'decade', 'country', 'language', 'rating'] as const;
export type SliceDimension = (typeof sliceDimensions)[number];

export const Slice = Type.Object(
  {
    slice: Type.String({ description: 'A genre, a code, a decade as 1990, a rating band as 60 (60 to 70)' }),
    filter: Type.String({
      description: 'The query string with which lists of titles show it',
      examples: ['release_year_min=1990&release_year_max=1999'],
    }),
    labelled: Count('Predictions whose title has a label'),
    unlabelled: Count(),
    matrix: Matrix,
    error_rate: Type.Number({ description: '(fp + fn) / labelled' }),
    error_rate_low: Type.Number({ description: "Lower end of Wilson's 95 % interval" }),
    error_rate_high: Type.Number({ description: 'Upper end of it' }),
    departure: Type.Number({ description: 'error_rate less that of the whole' }),
  },
  { $id: 'Slice' },
);
export type Slice = Static<typeof Slice>;

export const Slices = Type.Object(
  {
    by: Words(sliceDimensions),
    threshold: Type.Number(),
    whole: Type.Object(
      {
        labelled: Count(),
        unlabelled: Count(),
        matrix: Matrix,
        error_rate: Share('null when nothing is labelled'),
        error_rate_low: Share("Wilson's 95 % interval"),
        error_rate_high: Share("Wilson's 95 % interval"),
      },
      { description: 'Everything that is sliced, each title once' },
    ),
    data: Type.Array(Slice, {
      description:
        'By how far each departs from the whole, farthest first; a title is in each slice it has a value for',
    }),
    too_small: Count('Slices left out because fewer than the minimum of their titles are labelled'),
  },
  { $id: 'Slices' },
);
export type Slices = Static<typeof Slices>;

export const SlicesQuery = Type.Object({
  by: Type.Optional(
    Words(sliceDimensions, {
      default: 'genre',
      description: "genre, decade of release, country of origin, language, or band of IMDb's rating",
    }),
  ),
  minimum: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_147_483_647,
      default: 20,
      description: 'Labelled titles that a slice must have',
    }),
  ),
  ...evaluated,
});
export type SlicesQuery = Static<typeof SlicesQuery>;

export const listSlices = endpoint({
  method: 'GET',
  url: '/prediction/slices',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listSlices',
    summary: 'Where the predictions err more or less than on the whole',
    description: 'Titles without a value to slice by are in the whole alone.',
    tags,
    querystring: SlicesQuery,
    response: { 200: Slices, ...problems() },
  },
});
