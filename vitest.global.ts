import { startTestServer } from './packages/db/src/testing.ts';

/** One PostgreSQL for the whole run; the first project that needs it starts it. */
export default async function setup(): Promise<undefined | (() => Promise<void>)> {
  if (process.env.TEST_SERVER_URL) return;
  const server = await startTestServer();
  return server.stop;
}
