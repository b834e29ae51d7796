import { fetchArtifact, MlflowError, type MlflowSettings, searchLatestRun } from '@at/adapters/mlflow';
import { ModelArtifact, type ModelRun } from '@at/contracts/mlflow';
import { Value } from 'typebox/value';
import { badGateway, noArtifact, noFinishedRun } from './errors.ts';
import { latestRunOf } from './rules.ts';

/** Throws 502 where MLflow gave no answer to use. */
async function orBadGateway<T>(reply: Promise<T>): Promise<T> {
  return reply.catch((error) => {
    throw error instanceof MlflowError ? badGateway(error.kind, error.message, error) : error;
  });
}

/** Throws 404 where no run has finished, and 502. */
export async function findLatestRun(mlflow: MlflowSettings): Promise<ModelRun> {
  const reply = await orBadGateway(searchLatestRun(mlflow));
  const run = reply === undefined ? null : latestRunOf(reply);
  if (run === null) throw noFinishedRun(mlflow.experimentId);
  if (run === undefined) {
    throw badGateway('unusable', 'MLflow answered the search for runs with something else. Is it MLflow?');
  }
  return run;
}

/** Throws 404 where the run left no such file, and 502. */
export async function findArtifact(mlflow: MlflowSettings, runId: string): Promise<ModelArtifact> {
  const artifact = await orBadGateway(fetchArtifact(mlflow, runId, 'xgboost_trees.json'));
  if (artifact === undefined) throw noArtifact(runId);
  if (!Value.Check(ModelArtifact, artifact)) {
    const message = `The file xgboost_trees.json of the run ${runId} is not of the form that the training writes.`;
    throw badGateway('unusable', message);
  }
  const { metadata, feature_importance, trees } = artifact;
  const { total_trees, exported_trees, feature_count } = metadata;
  return { metadata: { total_trees, exported_trees, feature_count }, feature_importance, trees };
}
