import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sized } from '@at/db/test-size';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import document from '../../openapi.json' with { type: 'json' };
import { type OpenApi, operationsOf, requestsFor } from './requests.ts';
import { fuzz, type Ground, prepareGround } from './run.ts';

const operations = operationsOf(document as unknown as OpenApi);
const reads = operations.filter(({ method }) => method === 'GET');

/** Stands in for MLflow: one finished training, and its file. */
const run = { info: { run_id: 'abc', experiment_id: '1', status: 'FINISHED', start_time: 0 }, data: {} };
const file = { metadata: { total_trees: 1, exported_trees: 1, feature_count: 1 }, feature_importance: {}, trees: [''] };

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const directory = mkdtempSync(join(tmpdir(), 'posters-'));
let mlflow: Server;
let ground: Ground;
let app: TestApp;
beforeAll(async () => {
  // MLflow, and the host of posters.
  mlflow = createServer(({ method, url }, reply) => {
    if (url?.startsWith('/t/p/')) return void reply.end(jpeg);
    reply.setHeader('content-type', 'application/json').end(JSON.stringify(method === 'POST' ? { runs: [run] } : file));
  }).listen(0, '127.0.0.1');
  await once(mlflow, 'listening');
  const { port } = mlflow.address() as AddressInfo;
  ground = await prepareGround();
  app = await startTestApp({
    template: ground.database,
    config: {
      CENTER_CONSOLE_MLFLOW_HOST: '127.0.0.1',
      CENTER_CONSOLE_MLFLOW_PORT: String(port),
      POSTERS: 'true',
      TMDB_IMAGE_BASE_URL: `http://127.0.0.1:${port}/t/p`,
      DATA_DIR: directory,
    },
  });
  await sql`insert into console.poster (imdb_id, path) select imdb_id, '/a.jpg' from atp.training`.execute(app.db);
  // Items that were removed, and covers that were fetched before.
  await sql`insert into console.queue_removal (item_id, item) select id, to_jsonb(i) from console.queue_item i`.execute(
    app.db,
  );
  const cover_url = 'https://covers.example/a.jpg';
  await sql`update console.queue_item set metadata_json = ${JSON.stringify({ cover_url })}`.execute(app.db);
  mkdirSync(join(directory, 'covers'));
  writeFileSync(join(directory, 'covers', hash('sha256', cover_url, 'base64url')), jpeg);
  // Thumbnails that were made before.
  await sql`update console.file set kind = 'photo', sha256 = sha256('a')`.execute(app.db);
  mkdirSync(join(directory, 'thumbnails'));
  for (const size of ['small', 'large']) {
    const name = `1-${size}-photo-${hash('sha256', 'a')}`;
    writeFileSync(join(directory, 'thumbnails', name), 'RIFF\0\0\0\0WEBP');
  }
});
afterAll(async () => {
  await app.close();
  mlflow.close();
  rmSync(directory, { recursive: true });
  await ground.database.drop();
});

test('the document served is the one in the repository, and its operations get hundreds of requests, in the deep tests thousands', () => {
  expect(new Set(ground.operations)).toEqual(new Set(operations));
  expect(operations.reduce((sum, operation) => sum + requestsFor(operation), 0)).toBeGreaterThanOrEqual(
    sized(500, 20_000),
  );
});

describe('no request fails or changes data, and each reply is as the document says', () => {
  test.each(reads.map((operation) => [operation.path, operation] as const))(
    'GET %s',
    { timeout: 300_000 },
    async (_path, operation) => {
      const statuses = await fuzz(app, operation, ground);
      // Requests succeed as well as fail, or the test would prove little; a fault is rare among few.
      expect(statuses.get(200)).toBeGreaterThan(sized(2, 50));
      expect(statuses.get(operation.parameters.length > 0 ? 422 : 400) ?? 0).toBeGreaterThanOrEqual(sized(0, 1));
    },
  );
});
