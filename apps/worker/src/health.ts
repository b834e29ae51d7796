import { hostname } from 'node:os';
import { clientConfig, withoutNames } from '@at/db/connection';
import pg from 'pg';
import { readConfig } from './config.ts';

// Ends with 0 if a worker of this host, which is a container, has shown a sign of life in the last half minute.

try {
  const connection = readConfig(process.env).database;
  const client = new pg.Client({ ...clientConfig(connection), connectionTimeoutMillis: 3_000 });
  await client.connect().catch((error: Error) => Promise.reject(withoutNames(error, connection)));
  const { rowCount } = await client.query(
    `SELECT FROM console.worker WHERE host = $1 AND stopped_at IS NULL AND seen_at > now() - interval '30 seconds'`,
    [hostname()],
  );
  await client.end();
  process.exit(rowCount ? 0 : 1);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
