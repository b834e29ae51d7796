import {
  listLabelDays,
  listTrainingHistory,
  listTrainingSessions,
  setLabel,
  setReviewed,
  undoLabel,
  updateTraining,
  wouldNotWatch,
  wouldWatch,
} from '@at/contracts/labels';
import type { Pagination } from '@at/contracts/paging';
import { nothingRemoved } from '@at/contracts/patch-reply';
import {
  exportTraining,
  getTraining,
  getTrainingStats,
  listTraining,
  rerunMetadata,
  rerunMetadataOfMany,
  type TrainingRow,
} from '@at/contracts/training';
import { type Example, exampleOf, problem } from './example.ts';

export const titleFactsExample = {
  budget: 63_000_000,
  revenue: 463_517_383,
  runtime: 136,
  origin_country: ['US'],
  production_companies: ['Village Roadshow Pictures', 'Silver Pictures'],
  production_countries: ['US'],
  production_status: 'Released',
  original_language: 'en',
  spoken_languages: ['en'],
  genre: ['Action', 'Science Fiction'],
  original_media_title: 'The Matrix',
  tagline: null,
  overview: 'A programmer learns that what he takes for the world is none.',
  tmdb_rating: 8.232,
  tmdb_votes: 26_301,
  rt_score: 83,
  metascore: 73,
  imdb_rating: 87,
  imdb_votes: 2_145_020,
};

export const titleExample = {
  imdb_id: 'tt0133093',
  tmdb_id: 603,
  label: 'would_watch',
  human_labeled: true,
  anomalous: false,
  reviewed: true,
  media_type: 'movie',
  media_title: 'The Matrix',
  season: null,
  episode: null,
  release_year: 1999,
  ...titleFactsExample,
} satisfies Partial<TrainingRow>;

const times = { created_at: '2025-05-21T02:27:51.094287Z', updated_at: '2025-06-02T19:40:12.500000Z' };
const row: TrainingRow = { ...titleExample, ...times };
const judged: TrainingRow = {
  ...row,
  prediction: 1,
  probability: 0.8734,
  cm_value: 'tp',
  prediction_created_at: '2025-06-01T04:00:00.000000Z',
};

export const pageExample = (path: string, total = 2003): Pagination => ({
  total,
  limit: 1,
  offset: 0,
  next: `/rear-diff${path}?offset=1&limit=1`,
  previous: null,
  has_more: true,
  next_cursor: 'WyJjcmVhdGVkX2F0IGRlc2MiLDAsIjIwMjUtMDUtMjFUMDI6Mjc6NTEuMDk0Mjg3WiIsInR0MDEzMzA5MyJd',
});

/** A file of two columns stands for all of them. */
export const exportExample = (rows: object[], lines: string) => ({
  'text/csv': lines,
  'application/json': rows,
  'application/x-ndjson': rows.map((one) => `${JSON.stringify(one)}\n`).join(''),
});

const { imdb_id } = row;
const labelled = { label: 'would_watch', human_labeled: true, reviewed: true } as const;
const idMismatch = problem(400, 'IMDB ID mismatch', 'Path IMDB ID and body IMDB ID do not match');
const updated = 'Training data updated successfully';

const notConfigured = problem(
  409,
  'Not configured',
  'Metadata refresh is not configured. Set AT_MOVIE_DETAILS_API_KEY for TMDB or AT_MOVIE_RATINGS_API_KEY for OMDb, or those of AT_TV.',
);

export const trainingExamples: Example[] = [
  exampleOf(listTraining, {
    reply: { data: [row], pagination: pageExample('/training') },
    problems: {
      422: problem(422, 'Invalid request', 'In the query: limit must be >= 0.', {
        errors: [{ in: 'query', pointer: 'limit', message: 'must be >= 0' }],
      }),
    },
  }),
  exampleOf(exportTraining, {
    reply: exportExample([row], 'imdb_id,media_title\ntt0133093,The Matrix\n'),
  }),
  exampleOf(getTraining, { reply: judged }),
  exampleOf(getTrainingStats, {
    reply: {
      total: 2003,
      label: { would_watch: 837, would_not_watch: 1136, none: 30 },
      reviewed: { true: 1853, false: 150 },
      human_labeled: { true: 1553, false: 450 },
      anomalous: { true: 40, false: 1963 },
      media_type: { movie: 2003, tv_show: 0, tv_season: 0, unknown: 0, tv_episode_pack: 0 },
      unreviewed: {
        media_type: { movie: 150, tv_show: 0, tv_season: 0, unknown: 0, tv_episode_pack: 0 },
        media_type_unlabelled: { movie: 30, tv_show: 0, tv_season: 0, unknown: 0, tv_episode_pack: 0 },
        oldest_created_at: '2025-04-21T13:38:24.459000Z',
        media_type_oldest_created_at: {
          movie: '2025-04-21T13:38:24.459000Z',
          tv_show: null,
          tv_season: null,
          unknown: null,
          tv_episode_pack: null,
        },
      },
      oldest_created_at: '2024-10-16T10:34:52.459000Z',
      newest_created_at: '2025-06-02T07:47:22.459000Z',
      newest_updated_at: times.updated_at,
    },
  }),
  exampleOf(rerunMetadata, {
    body: {},
    reply: { success: true, message: 'Metadata refresh started', run_id: '0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59' },
    problems: { 409: notConfigured },
  }),
  exampleOf(rerunMetadataOfMany, {
    body: { imdb_ids: [imdb_id] },
    reply: { success: true, message: 'Metadata refresh started', run_id: '0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59' },
    problems: { 409: notConfigured },
  }),
];

export const labelExamples: Example[] = [
  exampleOf(setLabel, {
    body: { imdb_id, label: 'would_watch' },
    reply: { success: true, message: 'Label updated successfully', event_id: 29, ...nothingRemoved },
    problems: {
      400: problem(400, 'Invalid request', 'Label must be one of: would_watch, would_not_watch'),
    },
  }),
  exampleOf(setReviewed, {
    body: { imdb_id },
    reply: { success: true, message: 'Reviewed status updated successfully', event_id: 30, ...nothingRemoved },
    problems: { 400: idMismatch },
  }),
  exampleOf(updateTraining, {
    body: { imdb_id, anomalous: true },
    reply: { success: true, message: updated, updated_fields: { anomalous: true }, event_id: 31, ...nothingRemoved },
    problems: {
      400: problem(400, 'No fields to update', 'At least one field must be provided for update'),
    },
  }),
  exampleOf(wouldWatch, {
    body: { decision_ms: 1800, shown: { view: 'review', blind: false, probability: 0.8734, label: null } },
    reply: { success: true, message: updated, updated_fields: labelled, event_id: 32, ...nothingRemoved },
  }),
  exampleOf(wouldNotWatch, {
    body: { decision_ms: 1800 },
    reply: {
      success: true,
      message: updated,
      updated_fields: { ...labelled, label: 'would_not_watch' },
      event_id: 33,
      error: null,
      file_deleted: false,
      file_deletion_warning: 'File deletion is disabled',
      torrent_removed: false,
    },
  }),
  exampleOf(undoLabel, {
    body: { event_id: 33 },
    reply: {
      success: true,
      message: 'Label event undone',
      event_id: 34,
      restored: { label: null, human_labeled: false, anomalous: false, reviewed: false },
      files_restored: false,
      torrent_restored: false,
      not_restored: [],
    },
    problems: {
      409: problem(409, 'Cannot undo', 'Event 29 is not the latest of tt0133093 that can be undone; event 33 is.', {
        latest_event_id: 33,
      }),
    },
  }),
  exampleOf(listTrainingHistory, {
    reply: {
      data: [
        {
          event_id: 29,
          at: times.updated_at,
          actor: 'alice',
          actor_verified: false,
          action: 'would_watch',
          changes: [
            { field: 'label', from: null, to: 'would_watch' },
            { field: 'human_labeled', from: false, to: true },
            { field: 'reviewed', from: false, to: true },
          ],
          decision_ms: 1800,
          shown: { view: 'review', blind: false, probability: 0.8734, label: null },
          undoes: null,
          undone_by: null,
        },
      ],
    },
  }),
  exampleOf(listLabelDays, {
    reply: {
      data: [
        { day: '2025-06-01', labels: 41, in_bulk: 0, backlog: 188 },
        { day: '2025-06-02', labels: 118, in_bulk: 12, backlog: 143 },
      ],
    },
  }),
  exampleOf(listTrainingSessions, {
    reply: {
      data: [
        {
          actor: 'alice',
          started_at: '2025-06-02T19:12:30.000000Z',
          ended_at: times.updated_at,
          decisions: 118,
          undone: 2,
          labels_per_hour: 2000,
          median_decision_ms: 1800,
        },
      ],
    },
  }),
];
