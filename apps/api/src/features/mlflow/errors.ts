import { mlflowErrors } from '@at/contracts/mlflow';
import { ApiError } from '#http/api-error.ts';

export function notConfigured(): ApiError {
  return new ApiError(409, mlflowErrors.notConfigured, 'MLflow is not configured. Set CENTER_CONSOLE_MLFLOW_HOST.');
}

/** 502, in three kinds that callers can tell apart; `why` is a sentence without secrets. */
export function badGateway(kind: 'unreachable' | 'refused' | 'unusable', why: string, cause?: unknown): ApiError {
  const error = new ApiError(502, mlflowErrors[kind], why);
  if (cause !== undefined) error.cause = cause;
  return error;
}

export function noFinishedRun(experimentId: string): ApiError {
  const experiment = `experiment ${experimentId} (CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID)`;
  return new ApiError(404, mlflowErrors.noRun, `No training of ${experiment} has finished yet.`);
}

export function noArtifact(runId: string): ApiError {
  const message = `MLflow has no file xgboost_trees.json of the run ${runId}. Training writes it when it exports its trees.`;
  return new ApiError(404, mlflowErrors.noArtifact, message);
}
