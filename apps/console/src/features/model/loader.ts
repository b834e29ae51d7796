import {
  getLatestRun,
  getModelArtifact,
  listRuns,
  type MlflowError,
  type ModelRun,
  mlflowErrors,
} from '@at/contracts/mlflow';
import type { LoaderFunctionArgs } from 'react-router';
import { ApiProblem, call, type Reply, urlOf } from '#api/call.ts';

const settled = <T>(promise: Promise<T>) => Promise.allSettled([promise]).then(([result]) => result);

export type Artifact = PromiseSettledResult<Reply<typeof getModelArtifact>>;

type Loaded = {
  at: string;
  url: string;
  training?: {
    /** The finished runs, the latest first. */
    runs: ModelRun[];
    run: ModelRun;
    /** The one to compare with. */
    against: ModelRun | undefined;
    artifact: Promise<Artifact>;
  };
  /** Why there is no training. */
  fault?: MlflowFault;
};

/** The most runs that are listed. */
const limit = 50;

export async function loader({ request: { url, signal } }: LoaderFunctionArgs): Promise<Loaded> {
  const page = { at: new Date().toISOString(), url: urlOf(listRuns, {}, { limit }) };
  const { searchParams } = new URL(url);
  try {
    const runs = (await call(listRuns, { query: { limit }, signal })).data.data;
    const named = (name: string) => runs.find(({ run_id }) => run_id === searchParams.get(name));
    // Without any, the reply to the latest says why.
    const run = named('run') ?? runs[0] ?? (await call(getLatestRun, { signal })).data;
    const { run_id } = run;
    const against = named('against');
    // The file may have ten megabytes: the run's own data does not wait for it.
    const artifact = settled(call(getModelArtifact, { query: { run_id }, signal }));
    return { ...page, training: { runs, run, against: against === run ? undefined : against, artifact } };
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    return { ...page, fault };
  }
}

/** Problems of MLflow rather than the API. */
export type MlflowFault = { kind: MlflowError; problem: ApiProblem['problem'] };

function faultOf(error: unknown): MlflowFault | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const known = Object.entries(mlflowErrors) as [MlflowError, string][];
  const kind = known.find(([, message]) => message === error.problem.error)?.[0];
  return kind && { kind, problem: error.problem };
}
