/** Faults of reaching the database, by Postgres' SQLSTATE or Node's code, and the message for the caller. */
const databaseFaults: [pattern: RegExp, details: string][] = [
  [/^(ECONN|ENOENT|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|EHOST|ENET|EACCES)/, 'The database is unreachable.'],
  [/^57P0\d|^08/, 'The database is restarting or closed the connection.'],
  [/^53/, 'The database is overloaded.'],
  [/^57014/, 'The query took longer than it may. Narrow the filter, or use the cursor instead of a large offset.'],
  [/^40/, 'The database gave way to another writer. Nothing was changed; try again.'],
  [/^28|^3D000/, 'The database refuses the configured user, password or database name.'],
  [/^42501/, 'The configured database user lacks a right this needs.'],
  [/^3F000|^42P01|^42703/, 'The schema is not as this version needs it; /readyz says what is missing.'],
  [/^25006/, 'The database takes no writes at present.'],
];

/** The driver's text for a timeout while all connections are in use. */
const takenText = 'timeout exceeded when trying to connect';

const connectionTexts = /Connection terminated|Client has encountered a connection error|the database system is/i;

/** The message for the caller about an error of the database or of the connection; undefined for any other error. */
export function databaseFault(error: Error & { code?: unknown }): string | undefined {
  if (error.message === takenText) return 'No connection to the database became free in time.';
  if (connectionTexts.test(error.message)) return databaseFaults[0]?.[1];
  if (typeof error.code !== 'string') return undefined;
  for (const [pattern, details] of databaseFaults) if (pattern.test(error.code)) return details;
  return undefined;
}
