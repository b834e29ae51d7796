import { type Daemon, startTransmission } from '@at/adapters/test/transmission-daemon';
import { sized } from '@at/db/test-size';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { queueSettings } from '#test/sample-queue.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import document from '../../openapi.json' with { type: 'json' };
import { type OpenApi, operationsOf } from './requests.ts';
import { fuzz, type Ground, keepRows, prepareGround } from './run.ts';

const writes = operationsOf(document as unknown as OpenApi).filter(({ method }) => method !== 'GET');

/** Operations that cannot succeed here. */
const refusing = new Set([
  'POST /rear-diff/session',
  'PATCH /rear-diff/training/{imdb_id}/rerun_metadata',
  'POST /rear-diff/training/rerun_metadata',
  'POST /api/generate-preview',
]);

/** Operations that need folders, devices or finished work, which chance does not bring about: their own tests show that they succeed. */
const demanding = new Set([
  'DELETE /api/config/presets/{name}',
  'POST /api/sort/start/{id}',
  'POST /api/sync/start/{id}',
  'POST /api/workflow/debug/advance',
  'POST /api/workflow/sync/{id}',
  'POST /rear-diff/media/{hash}/undo',
  'POST /api/batch/create',
  'POST /api/batches/{id}/device-cleaned',
  'POST /api/config/roots',
  'POST /api/config/versions/{id}/restore',
  'POST /api/dedup/start',
  'POST /api/journal/{run}/undo',
  'POST /api/queue/{id}/restore',
  'POST /api/runs/{id}/steps/{ref}/approve',
  'POST /api/workflow/sort/{id}',
]);

/** Requests to all operations. */
const sent = { done: 0, refused: 0 };

let daemon: Daemon;
let ground: Ground;
let app: TestApp;
let putBack: () => Promise<void>;
beforeAll(async () => {
  daemon = await startTransmission();
  ground = await prepareGround();
  app = await startTestApp({
    database: ground.database.connectionString,
    config: { ...daemon.environment, ...queueSettings },
    // A scan would go on beside the next requests.
    works: 'bulk',
  });
  putBack = await keepRows(app, ground);
});
afterEach(async () => {
  await app.stopWorker();
  await putBack();
});
afterAll(async () => {
  await app.close();
  await Promise.all([daemon.stop(), ground.database.drop()]);
});

describe('no request fails, a refused one changes nothing, and the events of the others are complete', () => {
  test.each(writes.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s',
    { timeout: 300_000 },
    async (name, operation) => {
      const statuses = await fuzz(app, operation, ground);
      const done = (statuses.get(200) ?? 0) + (statuses.get(202) ?? 0);
      const refused = [...statuses].reduce((sum, [status, count]) => (status < 400 ? sum : sum + count), 0);
      if (refusing.has(name)) expect(done).toBe(0);
      else if (!demanding.has(name)) expect(done).toBeGreaterThanOrEqual(sized(0, 1));
      expect(refused).toBeGreaterThanOrEqual(sized(0, 1));
      sent.done += done;
      sent.refused += refused;
    },
  );
});

test('requests succeed as well as fail, or the others would prove little', () => {
  expect(sent.done).toBeGreaterThan(writes.length);
  expect(sent.refused).toBeGreaterThan(writes.length);
});
