import { createSharedDatabase } from '@at/db/testing';
import { loadDemo } from './load.ts';

/** A database with the demo catalogue, for tests to clone; loaded once in a run of the tests. */
export const demoDatabase = () =>
  createSharedDatabase('demo', 'full', async (client) => {
    await loadDemo(client);
  });
