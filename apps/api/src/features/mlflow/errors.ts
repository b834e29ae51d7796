import { ApiError } from '#shared/api-error.ts';

export function notConfigured(): ApiError {
  return new ApiError(
    409,
    'MLflow is not configured',
    'No MLflow is configured. Set CENTER_CONSOLE_MLFLOW_HOST to have one.',
  );
}

/** `why` is a sentence without secrets. */
export function unusable(why: string, cause?: unknown): ApiError {
  const error = new ApiError(502, 'MLflow did not answer as it should', why);
  if (cause !== undefined) error.cause = cause;
  return error;
}

export function noFinishedRun(experimentId: string): ApiError {
  const experiment = `experiment ${experimentId} (CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID)`;
  return new ApiError(404, 'No finished run', `No training of ${experiment} has finished yet.`);
}

export function noArtifact(runId: string): ApiError {
  const message = `MLflow has no file xgboost_trees.json of the run ${runId}. The training leaves it when it exports its trees.`;
  return new ApiError(404, 'No artifact', message);
}
