import { getLatestRun, getModelArtifact, type MlflowError, type ModelRun, mlflowErrors } from '@at/contracts/mlflow';
import type { LoaderFunctionArgs } from 'react-router';
import { ApiProblem, call, type Reply, urlOf } from '#api/call.ts';

const settled = <T>(promise: Promise<T>) => Promise.allSettled([promise]).then(([result]) => result);

export type Artifact = PromiseSettledResult<Reply<typeof getModelArtifact>>;

type Loaded = {
  at: string;
  url: string;
  training?: { run: ModelRun; artifact: Promise<Artifact> };
  /** Why there is no training. */
  fault?: MlflowFault;
};

export async function loader({ request: { signal } }: LoaderFunctionArgs): Promise<Loaded> {
  const page = { at: new Date().toISOString(), url: urlOf(getLatestRun) };
  let run: ModelRun;
  try {
    run = (await call(getLatestRun, { signal })).data;
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    return { ...page, fault };
  }
  // The file may have ten megabytes: the run's own data does not wait for it.
  const { run_id } = run;
  return { ...page, training: { run, artifact: settled(call(getModelArtifact, { query: { run_id }, signal })) } };
}

/** Problems of MLflow rather than the API. */
export type MlflowFault = { kind: MlflowError; problem: ApiProblem['problem'] };

function faultOf(error: unknown): MlflowFault | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const known = Object.entries(mlflowErrors) as [MlflowError, string][];
  const kind = known.find(([, message]) => message === error.problem.error)?.[0];
  return kind && { kind, problem: error.problem };
}
