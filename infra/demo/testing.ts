import { createSharedDatabase } from '@at/db/testing';
import { loadDemo } from './load.ts';

/** A database to clone for tests, with the demo catalogue; it is loaded once in a run. */
export const demoDatabase = () =>
  createSharedDatabase('demo', 'full', async (client) => {
    await loadDemo(client);
  });
