import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readText as readBody, whyNoReply } from './read-text.ts';

// MLflow's REST API, read only: the finished runs of an experiment, and an artifact of a run. A directory may have the same
// replies as files.

export type MlflowSettings = {
  /** Such as `http://mlflow:5000`. */
  url: string;
  /** The header Authorization, where MLflow requires a user. */
  authorization: string | undefined;
  experimentId: string;
};

/** `search.json` is the reply to runs/search, and `<run id>/<path>` the artifacts. */
export type RunDirectory = { directory: string };

export type RunSource = MlflowSettings | RunDirectory;

/** MLflow did not respond, refused, or sent an invalid reply; the message contains no secrets. */
export class MlflowError extends Error {
  override name = 'MlflowError';
  readonly kind: 'unreachable' | 'refused' | 'unusable';

  constructor(kind: MlflowError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

const timeout = 10_000;
/** A model with a thousand trees has about ten megabytes. */
const maximumBytes = 64 * 2 ** 20;

/** The reply to runs/search, the latest first; a directory gives all. undefined: no such experiment. Throws MlflowError. */
export function searchRuns(source: RunSource, most: number): Promise<unknown> {
  if ('directory' in source) return readJson(source, 'search.json');
  return fetchJson(source, '/api/2.0/mlflow/runs/search', {
    experiment_ids: [source.experimentId],
    filter: "status = 'FINISHED'",
    max_results: most,
    order_by: ['start_time DESC'],
  });
}

/** A JSON file of a run; undefined: the run has no such file. Throws MlflowError. */
export function fetchArtifact(source: RunSource, runId: string, path: string): Promise<unknown> {
  if ('directory' in source) return readJson(source, join(runId, path));
  const what = `The file ${path} of the run ${runId}`;
  return fetchJson(source, `/get-artifact?${new URLSearchParams({ run_id: runId, path })}`, undefined, what);
}

async function readJson({ directory }: RunDirectory, path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(directory, path), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Why Python's JSON is not valid: it writes numbers that JSON does not have; undefined for any other reason. */
function reasonOf(text: string): string | undefined {
  const outsideTexts = text.replace(/"(?:[^"\\]|\\.)*"/g, (found) => ' '.repeat(found.length));
  const found = /-?\b(?:NaN|Infinity)\b/.exec(outsideTexts);
  if (!found) return undefined;
  const line = text.slice(0, found.index).split('\n').length;
  const names = text.slice(0, found.index).match(/"((?:[^"\\]|\\.){1,100})"\s*:\s*$/);
  const place = names ? `"${names[1]}" in line ${line}` : `line ${line}`;
  return `It has ${found[0]} (${place}), which JSON does not have. Let the training write null instead, and run it again.`;
}

async function fetchJson(
  { url, authorization }: MlflowSettings,
  path: string,
  body?: object,
  what = "MLflow's reply",
): Promise<unknown> {
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
      // Send the password to the configured host only.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    });
  } catch (cause) {
    throw unreachable(cause);
  }
  const { status } = response;
  // MLflow 3 compares the header Host with a list.
  if (status === 403 && /\bhost header\b/i.test(await readText(response))) {
    throw new MlflowError(
      'unusable',
      'MLflow does not answer to the host name of CENTER_CONSOLE_MLFLOW_HOST. Add it, with the port, to --allowed-hosts of mlflow server (MLFLOW_SERVER_ALLOWED_HOSTS).',
    );
  }
  if (status !== 200) {
    await response.body?.cancel().catch(() => {});
    if (status === 404) return undefined;
    if (status === 401 || status === 403) {
      const names = 'CENTER_CONSOLE_MLFLOW_USERNAME and CENTER_CONSOLE_MLFLOW_PASSWORD';
      throw new MlflowError('refused', `MLflow refuses the user or the password (${status}). Check ${names}.`);
    }
    if (status >= 300 && status < 400) {
      const message = `MLflow redirects to another address (${status}). Set CENTER_CONSOLE_MLFLOW_HOST and _PORT to that one.`;
      throw new MlflowError('unusable', message);
    }
    throw new MlflowError('unusable', `MLflow returned ${status}. Check its log.`);
  }
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `${what} is not valid JSON. ${reasonOf(text) ?? 'Check CENTER_CONSOLE_MLFLOW_HOST and _PORT.'}`;
    throw new MlflowError('unusable', message, { cause });
  }
}

function unreachable(cause: unknown): MlflowError {
  const message = `MLflow ${whyNoReply(cause, timeout)}. Check CENTER_CONSOLE_MLFLOW_HOST and _PORT, and MLflow itself.`;
  return new MlflowError('unreachable', message, { cause });
}

async function readText(response: Response): Promise<string> {
  let text: string | undefined;
  try {
    text = await readBody(response, maximumBytes);
  } catch (cause) {
    throw unreachable(cause);
  }
  if (text === undefined) {
    throw new MlflowError('unusable', `MLflow returned more than the maximum of ${maximumBytes / 2 ** 20} MiB.`);
  }
  return text;
}
