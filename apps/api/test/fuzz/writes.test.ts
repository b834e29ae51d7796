import { type Daemon, startTransmission } from '@at/adapters/test/transmission-daemon';
import { sized } from '@at/db/test-size';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queueSettings } from '#test/sample-queue.ts';
import { startTestApp } from '#test/test-app.ts';
import document from '../../openapi.json' with { type: 'json' };
import { type OpenApi, operationsOf } from './requests.ts';
import { fuzz, type Ground, prepareGround } from './run.ts';

const writes = operationsOf(document as unknown as OpenApi).filter(({ method }) => method !== 'GET');

/** Operations that cannot succeed here. */
const refusing = new Set([
  'POST /rear-diff/session',
  'PATCH /rear-diff/training/{imdb_id}/rerun_metadata',
  'POST /rear-diff/training/rerun_metadata',
  'POST /api/generate-preview',
]);

/** Requests to all operations. */
const sent = { done: 0, refused: 0 };

let daemon: Daemon;
let ground: Ground;
beforeAll(async () => {
  daemon = await startTransmission();
  ground = await prepareGround();
});
afterAll(async () => {
  await Promise.all([daemon.stop(), ground.database.drop()]);
});

describe.concurrent('no request fails, a refused one changes nothing, and the events of the others are complete', () => {
  test.each(writes.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s',
    { timeout: 300_000 },
    async (name, operation) => {
      const app = await startTestApp({
        template: ground.database,
        config: { ...daemon.environment, ...queueSettings },
      });
      const statuses = await fuzz(app, operation, ground).finally(app.close);
      const done = (statuses.get(200) ?? 0) + (statuses.get(202) ?? 0);
      const refused = [...statuses].reduce((sum, [status, count]) => (status < 400 ? sum : sum + count), 0);
      if (refusing.has(name)) expect(done).toBe(0);
      else expect(done).toBeGreaterThanOrEqual(sized(0, 1));
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
