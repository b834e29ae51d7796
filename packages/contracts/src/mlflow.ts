import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

export const tag = { name: 'mlflow', description: "The model's training runs, from MLflow" };
const tags = [tag.name];

/** The `error` member of problems caused by MLflow. */
export const mlflowErrors = {
  notConfigured: 'MLflow is not configured',
  unreachable: 'MLflow is unreachable',
  refused: 'MLflow refuses the user or the password',
  unusable: 'MLflow did not answer as it should',
  noRun: 'No finished run',
  noArtifact: 'No artifact',
} as const;
export type MlflowError = keyof typeof mlflowErrors;

export const runMetrics = [
  'true_positives',
  'false_positives',
  'true_negatives',
  'false_negatives',
  'auc',
  'accuracy',
  'precision',
  'recall',
  'f1',
] as const;
export type RunMetric = (typeof runMetrics)[number];

const Metric = Nullable(Type.Number());

export const ModelRun = Type.Object(
  {
    run_id: Type.String(),
    run_name: Nullable(Type.String()),
    experiment_id: Type.String(),
    demo: Type.Boolean({ description: 'Of the demo catalogue, without MLflow' }),
    started_at: Nullable(Timestamp),
    ended_at: Nullable(Timestamp),
    metrics: Type.Object(
      Object.fromEntries(runMetrics.map((name) => [name, Metric])) as { [K in RunMetric]: typeof Metric },
      { description: 'null: the run did not record it' },
    ),
  },
  { $id: 'ModelRun', description: 'A finished training run of the model' },
);
export type ModelRun = Static<typeof ModelRun>;

export const getLatestRun = endpoint({
  method: 'GET',
  url: '/mlflow/latest',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getLatestRun',
    summary: "The model's latest finished training run",
    description:
      '409: MLflow is not configured. 502: it is unreachable or refuses. 404: no run of the experiment has finished. ' +
      'Without MLflow the demo catalogue has training runs of its own.',
    tags,
    response: { 200: ModelRun, ...problems(404, 409, 502) },
  },
});

export const listRuns = endpoint({
  method: 'GET',
  url: '/mlflow/runs',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listRuns',
    summary: "The model's latest finished training runs",
    description:
      'The latest first; none where no run of the experiment has finished. 409 and 502 as for the latest run.',
    tags,
    querystring: Type.Object({
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'The most runs, 1 to 100' }),
      ),
    }),
    response: { 200: Type.Object({ data: Type.Array(ModelRun) }), ...problems(409, 502) },
  },
});

/** The artifact of a training run, as stored in MLflow. */
export const ModelArtifact = Type.Object({
  metadata: Type.Object({
    total_trees: Type.Integer(),
    exported_trees: Type.Integer(),
    feature_count: Type.Integer(),
  }),
  // Type.Record would cost the browser 10 kB.
  feature_importance: Type.Unsafe<Record<string, number>>({
    type: 'object',
    additionalProperties: Type.Number(),
    description: 'By feature name, 0-1',
  }),
  trees: Type.Array(Type.String(), { description: 'One tree each, in DOT (Graphviz)' }),
});
export type ModelArtifact = Static<typeof ModelArtifact>;

export const getModelArtifact = endpoint({
  method: 'GET',
  url: '/mlflow/artifact',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getModelArtifact',
    summary: 'Trees and feature importance of a training run',
    description:
      'Of the latest finished run, unless run_id names one. 404: no such run, or it has no artifact. 409 and 502 as for ' +
      'the latest run.',
    tags,
    querystring: Type.Object({
      run_id: Type.Optional(
        Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Id of a run; default: the latest' }),
      ),
    }),
    response: {
      200: Type.Object({ run_id: Type.String(), ...ModelArtifact.properties }, { $id: 'ModelArtifact' }),
      ...problems(404, 409, 502),
    },
  },
});
