import { type Daemon, startTransmission } from '@at/adapters/test/transmission-daemon';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp } from '#test/test-app.ts';
import document from '../../openapi.json' with { type: 'json' };
import { type OpenApi, operationsOf } from './requests.ts';
import { fuzz, type Ground, prepareGround } from './run.ts';

const writes = operationsOf(document as unknown as OpenApi).filter(({ method }) => method !== 'GET');

/** Operations that cannot succeed here. */
const refusing = new Set(['POST /rear-diff/session', 'PATCH /rear-diff/training/{imdb_id}/rerun_metadata']);

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
      const app = await startTestApp({ template: ground.database, config: daemon.environment });
      const statuses = await fuzz(app, operation, ground).finally(app.close);
      // Requests succeed as well as fail, or the test would prove little.
      const done = statuses.get(200) ?? 0;
      if (refusing.has(name)) expect(done).toBe(0);
      else expect(done).toBeGreaterThan(0);
      expect(Math.max(...statuses.keys())).toBeGreaterThanOrEqual(400);
    },
  );
});
