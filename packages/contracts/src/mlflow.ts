import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

const tags = ['mlflow'];

/** `error` of the problems that lie with MLflow, for callers to tell apart. */
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
    started_at: Nullable(Timestamp),
    ended_at: Nullable(Timestamp),
    metrics: Type.Object(
      Object.fromEntries(runMetrics.map((name) => [name, Metric])) as { [K in RunMetric]: typeof Metric },
      { description: 'null: the run did not record it' },
    ),
  },
  { $id: 'ModelRun', description: 'A finished training of the model' },
);
export type ModelRun = Static<typeof ModelRun>;

export const getLatestRun = endpoint({
  method: 'GET',
  url: '/mlflow/latest',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getLatestRun',
    summary: "The model's latest finished training",
    description:
      '409: MLflow is not configured. 502: it is unreachable, or refuses. 404: no training of the experiment has finished.',
    tags,
    response: { 200: ModelRun, ...problems(404, 409, 502) },
  },
});

/** The file that a training leaves, as it is in MLflow. */
export const ModelArtifact = Type.Object({
  metadata: Type.Object({
    total_trees: Type.Integer(),
    exported_trees: Type.Integer(),
    feature_count: Type.Integer(),
  }),
  // Not as Type.Record, which costs the browser 10 kB.
  feature_importance: Type.Unsafe<Record<string, number>>({
    type: 'object',
    additionalProperties: Type.Number(),
    description: 'By name of the feature, 0-1',
  }),
  trees: Type.Array(Type.String(), { description: "Each tree in Graphviz' DOT" }),
});
export type ModelArtifact = Static<typeof ModelArtifact>;

export const getModelArtifact = endpoint({
  method: 'GET',
  url: '/mlflow/artifact',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getModelArtifact',
    summary: 'Trees and feature importance of a training',
    description:
      'Of the latest finished training, unless run_id names one. 404: there is no such training, or it left no file. ' +
      '409 and 502 as for the latest training.',
    tags,
    querystring: Type.Object({
      run_id: Type.Optional(
        Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'run_id of a training; default: the latest' }),
      ),
    }),
    response: {
      200: Type.Object({ run_id: Type.String(), ...ModelArtifact.properties }, { $id: 'ModelArtifact' }),
      ...problems(404, 409, 502),
    },
  },
});
