import { createDb, createPool } from '@at/db/client';
import { createSharedDatabase } from '@at/db/testing';
import { EvaluationTotals } from '@at/domain/predictions/totals';
import { loadDemo } from './load.ts';

/** A database with the demo catalogue, for tests to clone; loaded, and its evaluation counted, once in a run of the tests. */
export const demoDatabase = () =>
  createSharedDatabase('demo', 'full', async (client, connectionString) => {
    await loadDemo(client);
    const db = createDb(createPool({ connection: connectionString, max: 1 }));
    await new EvaluationTotals(db, (message) => {
      throw new Error(message);
    }).catchUp();
    await db.destroy();
  });
