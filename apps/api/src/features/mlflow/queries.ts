import { ModelArtifact, type ModelRun } from '@at/contracts/mlflow';
import { Value } from 'typebox/value';
import type { MlflowConfig } from '#config.ts';
import { noArtifact, noFinishedRun, refused, unreachable, unusable } from './errors.ts';
import { latestRunOf } from './rules.ts';

/** The two questions that MLflow is asked, and no other: what a caller sends never becomes a part of an address. */

const timeout = 10_000;
/** A model of a thousand trees has some ten megabytes. */
const maximumBytes = 64 * 2 ** 20;

/** The reply's JSON; undefined: MLflow says that there is no such thing. Throws 502. */
async function ask({ url, authorization }: MlflowConfig, path: string, body?: object): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        accept: 'application/json',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(authorization ? { authorization } : {}),
      },
      body: body ? JSON.stringify(body) : null,
      // The password goes to the configured host and to no other.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    });
  } catch (error) {
    throw unanswered(error);
  }
  const { status } = response;
  if (status !== 200) {
    await response.body?.cancel().catch(() => {});
    if (status === 404) return undefined;
    if (status === 401 || status === 403) {
      const names = 'CENTER_CONSOLE_MLFLOW_USERNAME and CENTER_CONSOLE_MLFLOW_PASSWORD';
      throw refused(`MLflow refuses the user or the password (${status}). Look at ${names}.`);
    }
    throw unusable(`MLflow answered ${status}. Its log says why.`);
  }
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusable('MLflow answered what is no JSON. Look at CENTER_CONSOLE_MLFLOW_HOST and _PORT.', error);
  }
}

function unanswered(error: unknown): Error {
  const why =
    (error as Error).name === 'TimeoutError' ? `has not answered for ${timeout / 1000} seconds` : 'is unreachable';
  return unreachable(`MLflow ${why}. Look at CENTER_CONSOLE_MLFLOW_HOST and _PORT, and at MLflow itself.`, error);
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > maximumBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unanswered(error);
  }
  if (bytes > maximumBytes)
    throw unusable(`MLflow answered more than ${maximumBytes / 2 ** 20} MiB, which is not read.`);
  return Buffer.concat(chunks).toString('utf8');
}

/** Throws 404 where no run has finished, and 502. */
export async function findLatestRun(mlflow: MlflowConfig): Promise<ModelRun> {
  const reply = await ask(mlflow, '/api/2.0/mlflow/runs/search', {
    experiment_ids: [mlflow.experimentId],
    filter: "status = 'FINISHED'",
    max_results: 1,
    order_by: ['start_time DESC'],
  });
  // That is also how an experiment that does not exist is answered.
  const run = reply === undefined ? null : latestRunOf(reply);
  if (run === null) throw noFinishedRun(mlflow.experimentId);
  if (run === undefined) throw unusable('MLflow answered the search for runs with something else. Is it MLflow?');
  return run;
}

/** Throws 404 where the run left no such file, and 502. */
export async function findArtifact(mlflow: MlflowConfig, runId: string): Promise<ModelArtifact> {
  const query = new URLSearchParams({ run_id: runId, path: 'xgboost_trees.json' });
  const artifact = await ask(mlflow, `/get-artifact?${query}`);
  if (artifact === undefined) throw noArtifact(runId);
  if (!Value.Check(ModelArtifact, artifact)) {
    throw unusable(`The file xgboost_trees.json of the run ${runId} is not of the form that the training writes.`);
  }
  const { metadata, feature_importance, trees } = artifact;
  const { total_trees, exported_trees, feature_count } = metadata;
  return { metadata: { total_trees, exported_trees, feature_count }, feature_importance, trees };
}
