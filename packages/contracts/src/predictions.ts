import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { predictionFields } from './movies.ts';
import {
  AcceptedWord,
  CountsByWord,
  Nullable,
  Pagination,
  pageParameters,
  StringEnum,
  sortParameters,
} from './paging.ts';
import { problems } from './problem.ts';
import { CalendarTime, ImdbId, Threshold, trainingFilters } from './training.ts';
import { cmValues } from './vocabulary.ts';

export const tag = { name: 'prediction', description: "The model's predictions for titles, and how good they are" };
const tags = [tag.name];

export const PredictionRow = Type.Object(
  { imdb_id: ImdbId, ...predictionFields, created_at: CalendarTime },
  { $id: 'PredictionRow', description: "The model's latest prediction for a title" },
);
export type PredictionRow = Static<typeof PredictionRow>;

export const predictionSorts = ['created_at', 'imdb_id', 'prediction', 'probability', 'cm_value'] as const;
export const predictionDefaultSort = { sort_by: 'created_at', sort_order: 'desc' } as const;

export const PredictionQuery = Type.Object({
  imdb_id: trainingFilters.imdb_id,
  prediction: Type.Optional(Type.Integer({ minimum: 0, maximum: 1, description: '1: would watch' })),
  cm_value: Type.Optional(
    AcceptedWord(cmValues, 'atp.prediction.cm_value', { description: 'As stored when the model ran' }),
  ),
  ...sortParameters(predictionSorts, predictionDefaultSort),
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
    summary: "The model's latest prediction for each title",
    description: 'cm_value is what the model stored; /movies/?cell= uses the current label.',
    tags,
    querystring: PredictionQuery,
    response: { 200: PredictionList, ...problems() },
  },
});

/** Bins of equal width in the histogram of probabilities. */
export const histogramBins = 1000;
export const calibrationBins = 10;

const Count = (description?: string) => Type.Integer(description === undefined ? {} : { description });
const OtherWords = (description: string) => CountsByWord([], { description: `${description}, by word` });
const Share = (description: string) => Nullable(Type.Number(), { description });

export const Matrix = Type.Object(
  { tp: Count(), tn: Count(), fp: Count(), fn: Count() },
  { $id: 'Matrix', description: 'Computed from the current label and the probability at the threshold' },
);
export type Matrix = Static<typeof Matrix>;

const Bins = (description: string) => Type.Array(Type.Integer(), { description });

export const Evaluation = Type.Object(
  {
    threshold: Type.Number({ description: 'Predicted yes means a probability at or above this' }),
    labelled: Count('Predictions whose title has a label; all figures below cover these'),
    unlabelled: Count(
      'Predictions whose title has no label, or one that the matrix does not have; only in the histogram',
    ),
    other_labels: OtherWords('Those of unlabelled whose title has a label that the matrix does not have'),
    no_probability: Count('Predictions whose probability is not a number from 0 to 1; in no other figure'),
    matrix: Matrix,
    accuracy: Share('(tp + tn) / labelled; null when nothing is labelled'),
    precision: Share('tp / (tp + fp); null when nothing is predicted yes'),
    recall: Share('tp / (tp + fn); null when nothing is labelled would_watch'),
    f1: Share('2 tp / (2 tp + fp + fn); null when that divides by zero'),
    auc: Share(
      'The chance that a would_watch has a higher probability than a would_not_watch, where ties count half; null ' +
        'unless both labels exist',
    ),
    brier: Share('Mean squared difference of probability and label (1 or 0); null when nothing is labelled'),
    ece: Share('Expected calibration error over the calibration bins; null when nothing is labelled'),
    calibration: Type.Array(
      Type.Object({
        from: Type.Number({ description: 'Lower bound, inclusive' }),
        to: Type.Number({ description: 'Upper bound, exclusive; the last bin includes 1' }),
        labelled: Count(),
        mean_probability: Share('null for an empty bin'),
        would_watch_share: Share('null for an empty bin'),
      }),
      { description: `${calibrationBins} bins of equal width` },
    ),
    histogram: Type.Object(
      {
        would_watch: Bins('Labelled would_watch'),
        would_not_watch: Bins('Labelled would_not_watch'),
        unlabelled: Bins('Without a label that the matrix has'),
        certain: Type.Object(
          { would_watch: Count(), would_not_watch: Count() },
          { description: 'Predictions in the last bin with a probability of exactly 1' },
        ),
      },
      {
        description:
          `Predictions by label in ${histogramBins} bins of equal width, from 0 to 0.001 up to 0.999 to 1. Sums over ` +
          'bins give the matrix at any threshold with at most three decimals.',
      },
    ),
    curve: Type.Array(
      Type.Object({
        threshold: Nullable(Type.Number(), {
          description: 'null: above every probability, so nothing is predicted yes',
        }),
        true_positive_rate: Share('tp / (tp + fn), also called recall'),
        false_positive_rate: Share('fp / (fp + tn)'),
        precision: Share('tp / (tp + fp)'),
      }),
      {
        description:
          'Points of the ROC curve and of the precision-recall curve, from the highest threshold to 0: one for each bin ' +
          'where a rate changes by at least 0.005, about 400 at most',
      },
    ),
    stored: Type.Object(
      {
        matrix: Type.Object(
          { tp: Count(), tn: Count(), fp: Count(), fn: Count() },
          { description: 'Predictions by stored cm_value, with and without a label' },
        ),
        other: OtherWords('Predictions with another stored cm_value'),
        disagree: Count('Labelled titles whose stored cm_value differs from their cell at this threshold'),
        relabelled: Count(
          'Titles in disagree whose label changed after the model ran; the rest differ because of the threshold',
        ),
      },
      { description: 'Comparison with the cm_values that the model stored' },
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
    description:
      'Computed from current labels and probabilities. Age is the age of the figures in seconds. With the triggers of ' +
      'atp-extras, Age is usually at most 1; otherwise it includes the time to read every title.',
    tags,
    querystring: EvaluationQuery,
    response: { 200: Evaluation, ...problems() },
  },
});

export const sliceDimensions = ['genre', 'decade', 'country', 'language', 'rating'] as const;
export type SliceDimension = (typeof sliceDimensions)[number];

export const Slice = Type.Object(
  {
    slice: Type.String({
      description: 'A genre, a code, a decade such as 1990, or a rating band such as 60 (60 to 70)',
    }),
    filter: Type.String({
      description: 'Query string that filters a list of titles to this slice',
      examples: ['release_year_min=1990&release_year_max=1999'],
    }),
    labelled: Count('Predictions whose title has a label'),
    unlabelled: Count(),
    matrix: Matrix,
    error_rate: Type.Number({ description: '(fp + fn) / labelled' }),
    error_rate_low: Type.Number({ description: 'Lower bound of the 95 % Wilson interval' }),
    error_rate_high: Type.Number({ description: 'Upper bound of the 95 % Wilson interval' }),
    departure: Type.Number({ description: 'error_rate minus that of the whole' }),
  },
  { $id: 'Slice' },
);
export type Slice = Static<typeof Slice>;

export const Slices = Type.Object(
  {
    by: StringEnum(sliceDimensions),
    threshold: Type.Number(),
    whole: Type.Object(
      {
        labelled: Count(),
        unlabelled: Count(),
        matrix: Matrix,
        error_rate: Share('null when nothing is labelled'),
        error_rate_low: Share('Lower bound of the 95 % Wilson interval'),
        error_rate_high: Share('Upper bound of the 95 % Wilson interval'),
      },
      { description: 'All evaluated titles, each counted once' },
    ),
    data: Type.Array(Slice, {
      description: 'Largest departure from the whole first; a title is in every slice that it has a value for',
    }),
    too_small: Count('Slices left out because they have too few labelled titles'),
  },
  { $id: 'Slices' },
);
export type Slices = Static<typeof Slices>;

export const SlicesQuery = Type.Object({
  by: Type.Optional(
    StringEnum(sliceDimensions, {
      default: 'genre',
      description: 'genre, decade of release, country of origin, language, or band of the IMDb rating',
    }),
  ),
  minimum: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_147_483_647,
      default: 20,
      description: 'Labelled titles that a slice needs',
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
    summary: 'Where predictions are better or worse than on average',
    description:
      'Titles without a value for the dimension count in the whole only. Age is that of the figures, as in the evaluation.',
    tags,
    querystring: SlicesQuery,
    response: { 200: Slices, ...problems() },
  },
});

export const agreementPeriods = ['day', 'week', 'month'] as const;

export const AgreementPeriod = Type.Object(
  {
    from: Type.String({
      pattern: '^\\d{4}-\\d\\d-\\d\\d$',
      description: 'Its first day in UTC; weeks begin on Monday',
    }),
    decisions: Count(
      'Decisions about a label by a person who was shown a probability, in blind mode after the decision',
    ),
    agreed: Count('Those whose label is what the model said at the threshold'),
    blind_decisions: Count('Decisions in blind mode, which the probability cannot have influenced'),
    blind_agreed: Count(),
  },
  { $id: 'AgreementPeriod' },
);
export type AgreementPeriod = Static<typeof AgreementPeriod>;

export const listAgreement = endpoint({
  method: 'GET',
  url: '/prediction/agreement',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listAgreement',
    summary: 'How often people decided as the model says, over time',
    description:
      'From label events that hold the probability of that time (`shown`); one without, an undo, what was undone and bulk ' +
      'operations do not count. Oldest first, the current period last.',
    tags,
    querystring: Type.Object({
      threshold: Threshold,
      by: Type.Optional(StringEnum(agreementPeriods, { default: 'week' })),
      periods: Type.Optional(Type.Integer({ minimum: 1, maximum: 120, default: 26, description: 'How many periods' })),
    }),
    response: {
      200: Type.Object({
        threshold: Type.Number(),
        by: StringEnum(agreementPeriods),
        data: Type.Array(AgreementPeriod),
      }),
      ...problems(),
    },
  },
});
