import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeMlflow, finishedRun, replyJson, runId, startMlflow } from '@at/adapters/test/fake-mlflow';
import { closedPort } from '@at/adapters/test/transmission-daemon';
import type { ModelArtifact, ModelRun } from '@at/contracts/mlflow';
import type { Problem } from '@at/contracts/problem';
import { demoImdbIds } from '@at/contracts/vocabulary';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { SharedCounts } from '#lists/shared-counts.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let mlflow: FakeMlflow;
let app: TestApp;
let counts: SharedCounts;

const found = replyJson({ runs: [finishedRun()], next_page_token: 'x' });
const file = {
  metadata: { total_trees: 500, exported_trees: 2, feature_count: 3 },
  feature_importance: { imdb_votes: 0.61, 'genre=Comedy': 0.2, runtime: 0 },
  trees: ['digraph { 0 [label="imdb_votes<0.5"] }', 'digraph {}'],
};
const noSuchFile = replyJson({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No such artifact' }, 404);

beforeAll(async () => {
  mlflow = await startMlflow();
  app = await startTestApp({
    template: 'empty',
    config: mlflow.environment,
    deps: () => {
      // Its clock stands still, so that all requests share an answer on a slow machine too.
      counts = new SharedCounts(() => 0);
      return { counts };
    },
  });
});
afterAll(async () => {
  await app.close();
  await mlflow.close();
});
afterEach(() => {
  mlflow.requests = [];
});

/** The latest run is shared for a second, but not with a question that comes after a write. */
function ask<Body>(path: string, on = app) {
  counts.drop();
  return on.call<Body & Problem>('GET', path);
}

describe('the latest training', () => {
  test('is requested as MLflow specifies, and returned as the contract specifies', async () => {
    mlflow.search = found;
    const { status, body } = await ask<ModelRun>('/mlflow/latest');
    expect(status).toBe(200);
    expect(body).toEqual({
      run_id: runId,
      run_name: 'bald-hen-12',
      experiment_id: '7',
      demo: false,
      started_at: '2025-05-23T11:33:20.123000Z',
      ended_at: '2025-05-23T11:35:00.000000Z',
      metrics: {
        true_positives: 812,
        false_positives: null,
        true_negatives: null,
        false_negatives: null,
        auc: 0.9312345678901234,
        accuracy: null,
        precision: null,
        recall: 0,
        f1: null,
      },
    });
    expect(mlflow.requests).toHaveLength(1);
    expect(mlflow.requests[0]).toMatchObject({ method: 'POST', url: '/api/2.0/mlflow/runs/search' });
    expect(mlflow.requests[0]?.authorization).toBe(`Basic ${Buffer.from('ann:hidden:word').toString('base64')}`);
    expect(JSON.parse(mlflow.requests[0]?.body ?? '')).toEqual({
      experiment_ids: ['7'],
      filter: "status = 'FINISHED'",
      max_results: 1,
      order_by: ['start_time DESC'],
    });
  });

  test('is requested once for many readers', async () => {
    mlflow.search = found;
    counts.drop();
    const replies = await Promise.all(Array.from({ length: 20 }, () => app.call('GET', '/mlflow/latest')));
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(mlflow.requests).toHaveLength(1);
  });

  test.each([[{}], [{ runs: [] }]])('where none has finished is 404: %j', async (reply) => {
    mlflow.search = replyJson(reply);
    for (const path of ['/mlflow/latest', '/mlflow/artifact']) {
      const { status, body } = await ask(path);
      expect(status).toBe(404);
      expect(body.error).toBe('No finished run');
      expect(body.message).toContain('experiment 7');
    }
  });

  test('of an experiment that MLflow does not know is 404', async () => {
    mlflow.search = replyJson(
      { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No Experiment with id=7 exists' },
      404,
    );
    expect((await ask('/mlflow/latest')).status).toBe(404);
  });

  test('without a name, times or metrics has nulls', async () => {
    mlflow.search = replyJson({ runs: [{ info: { run_id: runId, experiment_id: '7' } }] });
    const { body } = await ask<ModelRun>('/mlflow/latest');
    expect(body).toMatchObject({ run_name: null, started_at: null, ended_at: null });
    expect(Object.values(body.metrics)).toEqual(Array(9).fill(null));
  });
});

describe('the finished runs', () => {
  type Runs = { data: ModelRun[] };

  test('are listed in the order of MLflow, as many as requested', async () => {
    const runs = ['b', 'a'].map((run_id) => finishedRun(undefined, { run_id }));
    mlflow.search = replyJson({ runs });
    const { body } = await ask<Runs>('/mlflow/runs?limit=2');
    expect(body.data.map(({ run_id }) => run_id)).toEqual(['b', 'a']);
    expect(JSON.parse(mlflow.requests[0]?.body ?? '')).toMatchObject({ max_results: 2 });
    expect((await ask('/mlflow/runs?limit=101')).status).toBe(422);
  });

  test('are none where none has finished', async () => {
    mlflow.search = replyJson({});
    expect((await ask<Runs>('/mlflow/runs')).body.data).toEqual([]);
  });
});

test('without MLflow the demo catalogue has runs of its own, until there are other titles', async () => {
  const demoRuns = await mkdtemp(join(tmpdir(), 'at-runs-'));
  const { run_id: _, ...info } = finishedRun().info;
  await writeFile(
    join(demoRuns, 'search.json'),
    JSON.stringify({ runs: ['own', 'other'].map((run_id) => finishedRun(undefined, { ...info, run_id })) }),
  );
  await mkdir(join(demoRuns, 'own'));
  await writeFile(join(demoRuns, 'own/xgboost_trees.json'), JSON.stringify(file));
  const demo = await startTestApp({ deps: () => ({ demoRuns }) });
  onTestFinished(async () => {
    await demo.close();
    await rm(demoRuns, { recursive: true });
  });
  const insert = (id: string) =>
    sql`insert into atp.training (imdb_id, media_type, media_title, release_year) values (${id}, 'movie', 'A', 2000)`.execute(
      demo.db,
    );
  await insert(demoImdbIds.first);
  expect((await demo.call<ModelRun>('GET', '/mlflow/latest')).body).toMatchObject({ run_id: 'own', demo: true });
  expect((await demo.call<{ data: ModelRun[] }>('GET', '/mlflow/runs')).body.data).toHaveLength(2);
  expect((await demo.call('GET', '/mlflow/artifact')).body).toEqual({ run_id: 'own', ...file });
  expect((await demo.call('GET', '/mlflow/artifact?run_id=other')).status).toBe(404);
  await insert('tt0000001');
  for (const path of ['latest', 'runs', 'artifact']) {
    expect((await demo.call('GET', `/mlflow/${path}`)).status).toBe(409);
  }
});

describe('the file of a training', () => {
  test('of the latest, by the one path there is', async () => {
    mlflow.search = found;
    mlflow.artifact = replyJson({ ...file, secret: 'of MLflow', metadata: { ...file.metadata, host: 'inner' } });
    const { status, body } = await ask<ModelArtifact>('/mlflow/artifact');
    expect(status).toBe(200);
    expect(body).toEqual({ run_id: runId, ...file });
    expect(mlflow.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/2.0/mlflow/runs/search',
      `GET /get-artifact?run_id=${runId}&path=xgboost_trees.json`,
    ]);
    expect(mlflow.requests[1]?.authorization).toMatch(/^Basic /);
  });

  test('of a named one, read once', async () => {
    mlflow.artifact = replyJson(file);
    expect((await app.call('GET', '/mlflow/artifact?run_id=abc')).body).toEqual({ run_id: 'abc', ...file });
    expect((await app.call('GET', '/mlflow/artifact?run_id=abc')).body).toEqual({ run_id: 'abc', ...file });
    expect(mlflow.requests.map(({ url }) => url)).toEqual(['/get-artifact?run_id=abc&path=xgboost_trees.json']);
  });

  test('that is not there is 404, and not kept', async () => {
    mlflow.artifact = noSuchFile;
    const { status, body } = await app.call<Problem>('GET', '/mlflow/artifact?run_id=gone');
    expect(status).toBe(404);
    expect(body.error).toBe('No artifact');
    expect(body.message).toContain('xgboost_trees.json of the run gone');
    mlflow.artifact = replyJson(file);
    expect((await app.call('GET', '/mlflow/artifact?run_id=gone')).status).toBe(200);
  });

  test.each([
    [[]],
    [{ ...file, trees: [1] }],
    [{ ...file, metadata: {} }],
    [{ ...file, feature_importance: { a: 'much' } }],
    ['null'],
    ['<html>Sign in</html>'],
    [''],
  ])('of another form is 502: %j', async (body) => {
    mlflow.artifact = replyJson(body);
    expect((await app.call('GET', '/mlflow/artifact?run_id=odd')).status).toBe(502);
  });

  test.each(['../x', 'a/b', 'a&path=b', 'a%23', 'http://evil.example', 'x'.repeat(65), '%00'])(
    'nothing else of MLflow can be had: run_id=%s',
    async (id) => {
      const { status } = await app.call(
        'GET',
        `/mlflow/artifact?run_id=${id.includes('&') ? id : encodeURIComponent(id)}`,
      );
      const addresses = mlflow.requests.map(({ url }) => url);
      if (status === 422) expect(addresses).toEqual([]);
      else expect(addresses).toEqual(['/get-artifact?run_id=a&path=xgboost_trees.json']);
    },
  );
});

describe('MLflow that cannot be used is 502, without its details', () => {
  const refusal = async (path = '/mlflow/latest', on = app, error = 'MLflow did not answer as it should') => {
    const { status, body, text } = await ask(path, on);
    expect(status).toBe(502);
    expect(body.error).toBe(error);
    expect(text).not.toMatch(/hidden|127\.0\.0\.1|inner/);
    return body.message;
  };

  test('no server listens', async () => {
    const environment = { ...mlflow.environment, CENTER_CONSOLE_MLFLOW_PORT: String(closedPort) };
    const alone = await startTestApp({ template: 'empty', config: environment });
    try {
      for (const path of ['/mlflow/latest', '/mlflow/artifact?run_id=a']) {
        expect(await refusal(path, alone, 'MLflow is unreachable')).toContain('CENTER_CONSOLE_MLFLOW_HOST');
      }
    } finally {
      await alone.close();
    }
  });

  test.each([401, 403])('a password that it refuses (%i)', async (status) => {
    mlflow.search = replyJson({ message: 'inner words' }, status);
    const message = await refusal('/mlflow/latest', app, 'MLflow refuses the user or the password');
    expect(message).toContain('CENTER_CONSOLE_MLFLOW_PASSWORD');
  });

  test('a host name that it refuses is said to be that, with the option of MLflow that allows it', async () => {
    mlflow.search = (_request, reply) =>
      reply
        .writeHead(403, { 'content-type': 'text/plain' })
        .end('Invalid Host header - possible DNS rebinding attack detected');
    const message = await refusal();
    expect(message).toContain('--allowed-hosts');
    expect(message).not.toContain('PASSWORD');
  });

  test.each([500, 503, 400, 204])('status %i', async (status) => {
    mlflow.search = replyJson(status === 204 ? '' : { message: 'inner words' }, status);
    expect(await refusal()).toContain(String(status));
  });

  test('a redirect is not followed', async () => {
    let visited = 0;
    const other = await startMlflow();
    other.search = (_request, reply) => {
      visited += 1;
      reply.end('{}');
    };
    try {
      mlflow.search = (_request, reply) =>
        reply.writeHead(307, { location: `${other.url}/api/2.0/mlflow/runs/search` }).end();
      expect(await refusal()).toContain('307');
      expect(visited).toBe(0);
    } finally {
      await other.close();
    }
  });

  test.each([['<html>inner</html>'], [{ runs: {} }], [{ runs: [{ info: {} }] }], ['[]'], ['null']])(
    'an answer of another form: %j',
    async (body) => {
      mlflow.search = replyJson(body);
      await refusal();
    },
  );

  test('a connection that breaks in the middle', async () => {
    mlflow.search = (_request, reply) => {
      reply.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      reply.write('{"runs": ', () => reply.destroy());
    };
    expect(await refusal('/mlflow/latest', app, 'MLflow is unreachable')).toContain('CENTER_CONSOLE_MLFLOW_HOST');
  });

  test.each([
    [
      '{"metadata": {"total_trees": 2},\n "feature_importance": {"a \\"b": 0.5,\n "runtime": NaN}}',
      'NaN ("runtime" in line 3)',
    ],
    ['{"trees": ["NaN", -Infinity]}', '-Infinity (line 1)'],
  ])(
    'a file with a number that JSON does not have names the file, the number and its place: %s',
    async (text, found) => {
      mlflow.artifact = replyJson(text);
      const message = await refusal('/mlflow/artifact?run_id=with-nan');
      expect(message).toContain('The file xgboost_trees.json of the run with-nan is not valid JSON');
      expect(message).toContain(found);
    },
  );

  test('a file without end is not read to it', async () => {
    const megabyte = Buffer.alloc(2 ** 20, ' ');
    mlflow.artifact = (_request, reply) => {
      reply.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!reply.destroyed && reply.write(megabyte));
        if (!reply.destroyed) reply.once('drain', more);
      };
      more();
    };
    expect(await refusal('/mlflow/artifact?run_id=endless')).toContain('64 MiB');
  });
});

test('without MLflow it is 409 and says which variable to set', async () => {
  const plain = await startTestApp({ template: 'empty' });
  try {
    for (const path of ['/mlflow/latest', '/mlflow/runs', '/mlflow/artifact', '/mlflow/artifact?run_id=a']) {
      const { status, body } = await plain.call<Problem>('GET', path);
      expect(status).toBe(409);
      expect(body.error).toBe('MLflow is not configured');
      expect(body.message).toContain('CENTER_CONSOLE_MLFLOW_HOST');
    }
  } finally {
    await plain.close();
  }
});
