import { startTestServer } from './packages/db/src/testing.ts';

/** One PostgreSQL for the whole run. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer();
  return server.stop;
}
