import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server with the used part of MLflow's REST API; each test sets its replies. */

export type MlflowHandler = (request: IncomingMessage, reply: ServerResponse) => void;

export type FakeMlflow = {
  url: string;
  /** The API's configuration for this server. */
  environment: Record<string, string>;
  requests: { method: string; url: string; authorization: string | undefined; body: string }[];
  /** The replies to a search for runs and a request for a file; 404 until a test sets them. */
  search: MlflowHandler;
  artifact: MlflowHandler;
  close: () => Promise<void>;
};

export const runId = '0123456789abcdef0123456789abcdef';

export const replyJson =
  (body: unknown, status = 200): MlflowHandler =>
  (_request, reply) =>
    reply
      .writeHead(status, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

const recorded = { true_positives: 812.0, auc: 0.9312345678901234, precision: 'NaN', recall: 0, log_loss: 0.1 };

/** A run in MLflow's format: with parameters and tags, and metrics as a list. */
export const finishedRun = (metrics: Record<string, number | string> = recorded, info: object = {}) => ({
  info: {
    run_uuid: runId,
    run_id: runId,
    run_name: 'bald-hen-12',
    experiment_id: '7',
    user_id: 'ann',
    status: 'FINISHED',
    start_time: 1748000000123,
    end_time: '1748000100000',
    artifact_uri: `mlflow-artifacts:/7/${runId}/artifacts`,
    lifecycle_stage: 'active',
    ...info,
  },
  data: {
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1748000099000, step: 0 })),
    params: [{ key: 'max_depth', value: '6' }],
    tags: [{ key: 'mlflow.user', value: 'ann' }],
  },
  inputs: {},
});

export async function startMlflow(): Promise<FakeMlflow> {
  const server = createServer(async (request, reply) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { method = '', url = '', headers } = request;
    fake.requests.push({ method, url, authorization: headers.authorization, body });
    if (url.startsWith('/api/2.0/mlflow/runs/search')) fake.search(request, reply);
    else if (url.startsWith('/get-artifact')) fake.artifact(request, reply);
    else reply.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fake: FakeMlflow = {
    url: `http://127.0.0.1:${port}`,
    environment: {
      CENTER_CONSOLE_MLFLOW_HOST: '127.0.0.1',
      CENTER_CONSOLE_MLFLOW_PORT: String(port),
      CENTER_CONSOLE_MLFLOW_USERNAME: 'ann',
      CENTER_CONSOLE_MLFLOW_PASSWORD: 'hidden:word',
      CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID: '7',
    },
    requests: [],
    search: replyJson({}, 404),
    artifact: replyJson({}, 404),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}
