import { exportMovies, getMovie, listMovies, type MovieRow } from '@at/contracts/movies';
import { getEvaluation, listAgreement, listPredictions, listSlices } from '@at/contracts/predictions';
import { type Example, exampleOf } from './example.ts';
import { exportExample, pageExample, titleExample } from './training.ts';

const verdict = { prediction: 1, probability: 0.8734, cm_value: 'tp' } as const;
const predictedAt = '2025-06-01T04:00:00.000000Z';

const row: MovieRow = {
  ...titleExample,
  ...verdict,
  training_created_at: '2025-05-21T02:27:51.094287Z',
  training_updated_at: '2025-06-02T19:40:12.500000Z',
  prediction_created_at: predictedAt,
};

const matrix = { tp: 737, tn: 893, fp: 243, fn: 100 };
/** The first of a thousand bins; the others are as many numbers more. */
const bins = (first: number) => [first, ...Array.from({ length: 4 }, () => 0)];

export const movieExamples: Example[] = [
  exampleOf(listMovies, { reply: { data: [row], pagination: pageExample('/movies/', 1973) } }),
  exampleOf(exportMovies, { reply: exportExample([row], 'imdb_id,media_title\ntt0133093,The Matrix\n') }),
  exampleOf(getMovie, { reply: row }),
];

export const predictionExamples: Example[] = [
  exampleOf(listPredictions, {
    reply: {
      data: [{ imdb_id: titleExample.imdb_id, ...verdict, created_at: predictedAt }],
      pagination: pageExample('/prediction/', 1973),
    },
  }),
  exampleOf(getEvaluation, {
    reply: {
      threshold: 0.35,
      labelled: 1973,
      unlabelled: 30,
      other_labels: {},
      no_probability: 0,
      matrix,
      accuracy: 0.8262,
      precision: 0.752,
      recall: 0.8805,
      f1: 0.8112,
      auc: 0.9119,
      brier: 0.1192,
      ece: 0.0161,
      calibration: [{ from: 0, to: 0.1, labelled: 584, mean_probability: 0.0293, would_watch_share: 0.0274 }],
      histogram: {
        would_watch: bins(0),
        would_not_watch: bins(32),
        unlabelled: bins(0),
        certain: { would_watch: 0, would_not_watch: 0 },
      },
      curve: [
        { threshold: null, true_positive_rate: 0, false_positive_rate: 0, precision: null },
        { threshold: 0.998, true_positive_rate: 0.006, false_positive_rate: 0, precision: 1 },
      ],
      stored: { matrix: { tp: 652, tn: 979, fp: 159, fn: 183 }, other: {}, disagree: 171, relabelled: 2 },
    },
  }),
  exampleOf(listAgreement, {
    reply: {
      threshold: 0.35,
      by: 'week',
      data: [
        { from: '2025-05-26', decisions: 118, agreed: 97, blind_decisions: 40, blind_agreed: 31 },
        { from: '2025-06-02', decisions: 41, agreed: 36, blind_decisions: 0, blind_agreed: 0 },
      ],
    },
  }),
  exampleOf(listSlices, {
    reply: {
      by: 'decade',
      threshold: 0.35,
      whole: {
        labelled: 1973,
        unlabelled: 30,
        matrix,
        error_rate: 0.1738,
        error_rate_low: 0.1578,
        error_rate_high: 0.1912,
      },
      data: [
        {
          slice: '1970',
          filter: 'release_year_min=1970&release_year_max=1979',
          labelled: 37,
          unlabelled: 0,
          matrix: { tp: 17, tn: 8, fp: 3, fn: 9 },
          error_rate: 0.3243,
          error_rate_low: 0.1963,
          error_rate_high: 0.4854,
          departure: 0.1505,
        },
      ],
      too_small: 6,
    },
  }),
];
