import { listFlyway, listMigrations } from '@at/contracts/migrations';
import { getLatestRun, getModelArtifact, listRuns, type ModelRun, mlflowErrors } from '@at/contracts/mlflow';
import { closeSession, getSession, openSession } from '@at/contracts/session';
import { listSettings, type Setting, saveSetting } from '@at/contracts/settings';
import { getHealth, getLivez, getMeta, getMetrics, getReadyz, getRoot } from '@at/contracts/system';
import { createView, deleteView, listViews, type SavedView, updateView } from '@at/contracts/views';
import { type Example, exampleOf, problem } from './example.ts';

const alive = { status: 'healthy', version: '0.3.0', uptime_seconds: 86_412.4 } as const;

const migration = {
  installed_rank: 1,
  version: '1',
  description: 'label event',
  type: 'SQL',
  script: 'V1__label_event.sql',
  checksum: 363_659_309,
  installed_by: 'postgres',
  installed_on: '2025-05-21T02:27:51.094287Z',
  execution_time: 23,
};

const view: SavedView = {
  id: '0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59',
  page: 'training',
  name: 'Uncertain comedies',
  query: 'genre=Comedy&order=uncertain',
  shared: false,
  owner: 'alice',
  created_at: '2025-05-21T02:27:51.094287Z',
  updated_at: '2025-05-21T02:27:51.094287Z',
};
const noView = problem(404, 'View not found', `Neither your saved views nor the shared ones have the id ${view.id}`);
const sameName = problem(
  409,
  'Name taken',
  'You have a view named "Uncertain comedies" on the page training. Choose another name.',
);

const setting: Setting = {
  section: 'review',
  scope: 'shared',
  value: { blind: true },
  secrets: [],
  version: 3,
  actor: 'alice',
  updated_at: '2025-05-21T02:27:51.094287Z',
};

const run_id = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const noMlflow = {
  404: problem(
    404,
    mlflowErrors.noRun,
    'No training of experiment 1 (CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID) has finished yet.',
  ),
  409: problem(409, mlflowErrors.notConfigured, 'MLflow is not configured. Set CENTER_CONSOLE_MLFLOW_HOST.'),
  502: problem(502, mlflowErrors.unusable, 'MLflow returned 503. Check its log.'),
};

export const systemExamples: Example[] = [
  exampleOf(getRoot, {
    reply: {
      message: 'Welcome to Rear Differential API',
      docs: '/rear-diff/docs',
      health: '/rear-diff/health',
    },
  }),

  exampleOf(getHealth, { reply: alive }),
  exampleOf(getLivez, { reply: alive }),
  exampleOf(getReadyz, {
    reply: {
      status: 'ready',
      checks: [
        { name: 'database', status: 'ok', detail: 'Database platform on PostgreSQL 18.4 answers.', ms: 1.8 },
        {
          name: 'indexes',
          status: 'degraded',
          detail: 'Lists scan their tables. The owner of schema atp can run pnpm db:migrate --set atp-extras.',
          missing: ['atp.training_updated_at'],
          ms: 4.2,
        },
      ],
    },
    problems: {
      503: {
        status: 'not ready',
        checks: [{ name: 'database', status: 'failed', detail: 'The database is unreachable.', ms: 5000 }],
      },
    },
  }),
  exampleOf(getMetrics, {
    reply:
      '# HELP http_requests_in_flight Requests being answered\n# TYPE http_requests_in_flight gauge\nhttp_requests_in_flight 1\n',
  }),
  exampleOf(getMeta, {
    reply: {
      name: 'rear-differential',
      version: '0.3.0',
      prefix: '/rear-diff',
      environment: 'production',
      started_at: '2025-06-01T19:40:00.120000Z',
      uptime_seconds: 86_412.4,
      database: {
        reachable: true,
        name: 'platform',
        host: 'db.example',
        version: '18.4',
        embedded: false,
        latency_ms: 0.9,
      },
      schemas: [
        { schema: 'public', version: '32', installed_on: '2025-05-20T09:20:44.907780Z', failed: 0, pending: null },
        { schema: 'console', version: '5', installed_on: '2025-05-21T02:27:51.094287Z', failed: 0, pending: 0 },
      ],
      demo: false,
      configured: { files: true, transmission: true, mlflow: true, metadata: false, posters: false },
      metadata_refusal:
        'Metadata refresh is not configured. Set AT_MOVIE_DETAILS_API_KEY for TMDB or AT_MOVIE_RATINGS_API_KEY for OMDb, or those of AT_TV.',
      live: 'trigger',
      operating_threshold: 0.35,
    },
  }),
];

export const migrationExamples: Example[] = [
  exampleOf(listFlyway, { reply: { data: [{ ...migration, success: true }] } }),
  exampleOf(listMigrations, {
    reply: {
      data: [
        {
          ...migration,
          state: 'applied',
          shipped_checksum: migration.checksum,
          shipped_description: migration.description,
        },
      ],
      schema: 'public',
      kept_by: 'this project',
    },
  }),
];

export const sessionExamples: Example[] = [
  exampleOf(openSession, {
    body: { key: 'the-secret-of-a-key' },
    reply: { success: true, message: 'Signed in', session: { name: 'alice', role: 'operator' } },
    problems: {
      409: problem(409, 'No keys', 'No keys are configured, so there is nothing to sign in to. Set API_KEYS.'),
    },
  }),
  exampleOf(getSession, { reply: { session: { name: 'alice', role: 'operator' } } }),
  exampleOf(closeSession, { reply: { success: true, message: 'Signed out' } }),
];

export const viewExamples: Example[] = [
  exampleOf(listViews, { reply: { data: [view] } }),
  exampleOf(createView, {
    body: { page: view.page, name: view.name, query: view.query },
    reply: { success: true, message: 'View saved', view },
    problems: { 409: sameName },
  }),
  exampleOf(updateView, {
    body: { shared: true },
    reply: { success: true, message: 'View updated', view: { ...view, shared: true } },
    problems: { 404: noView, 409: sameName },
  }),
  exampleOf(deleteView, { reply: { success: true, message: 'View deleted' }, problems: { 404: noView } }),
];

export const settingExamples: Example[] = [
  exampleOf(listSettings, { reply: { data: [setting] } }),
  exampleOf(saveSetting, {
    body: { section: 'review', value: { blind: true } },
    reply: { success: true, message: 'Settings saved', setting },
  }),
];

const modelRun: ModelRun = {
  run_id,
  run_name: 'bright-finch-12',
  experiment_id: '1',
  demo: false,
  started_at: '2025-06-01T03:40:00.000000Z',
  ended_at: '2025-06-01T03:58:12.000000Z',
  metrics: {
    true_positives: 652,
    false_positives: 159,
    true_negatives: 979,
    false_negatives: 183,
    auc: 0.912,
    accuracy: 0.827,
    precision: 0.804,
    recall: 0.781,
    f1: 0.792,
  },
};

export const mlflowExamples: Example[] = [
  exampleOf(getLatestRun, { reply: modelRun, problems: noMlflow }),
  exampleOf(listRuns, { reply: { data: [modelRun] }, problems: { 409: noMlflow[409], 502: noMlflow[502] } }),
  exampleOf(getModelArtifact, {
    reply: {
      run_id,
      metadata: { total_trees: 300, exported_trees: 1, feature_count: 214 },
      feature_importance: { imdb_rating: 0.183, imdb_votes: 0.121 },
      trees: ['digraph { 0 [label="imdb_rating<68.5"] 1 [label="leaf=-0.12"] 0 -> 1 }'],
    },
    problems: noMlflow,
  }),
];
