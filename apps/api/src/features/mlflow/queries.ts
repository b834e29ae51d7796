import { fetchArtifact, MlflowError, type RunSource, searchRuns } from '@at/adapters/mlflow';
import { ModelArtifact, type ModelRun } from '@at/contracts/mlflow';
import { Value } from 'typebox/value';
import { badGateway, noArtifact, noFinishedRun } from './errors.ts';
import { runsOf } from './rules.ts';

/** Throws 502 where MLflow gave no answer to use. */
async function orBadGateway<T>(reply: Promise<T>): Promise<T> {
  return reply.catch((error) => {
    throw error instanceof MlflowError ? badGateway(error.kind, error.message, error) : error;
  });
}

/** The finished runs, the latest first. Throws 502. */
export async function findRuns(source: RunSource, most: number): Promise<ModelRun[]> {
  const reply = await orBadGateway(searchRuns(source, most));
  const runs = reply === undefined ? [] : runsOf(reply, 'directory' in source);
  if (runs === undefined) {
    throw badGateway('unusable', 'MLflow answered the search for runs with something else. Is it MLflow?');
  }
  return runs.slice(0, most);
}

/** Throws 404 where no run has finished, and 502. */
export async function findLatestRun(source: RunSource): Promise<ModelRun> {
  const [run] = await findRuns(source, 1);
  if (run === undefined) throw noFinishedRun('directory' in source ? 'demo' : source.experimentId);
  return run;
}

/** Throws 404 where the run left no such file, and 502. */
export async function findArtifact(source: RunSource, runId: string): Promise<ModelArtifact> {
  const artifact = await orBadGateway(fetchArtifact(source, runId, 'xgboost_trees.json'));
  if (artifact === undefined) throw noArtifact(runId);
  if (!Value.Check(ModelArtifact, artifact)) {
    const message = `The file xgboost_trees.json of the run ${runId} is not of the form that the training writes.`;
    throw badGateway('unusable', message);
  }
  const { metadata, feature_importance, trees } = artifact;
  const { total_trees, exported_trees, feature_count } = metadata;
  return { metadata: { total_trees, exported_trees, feature_count }, feature_importance, trees };
}
