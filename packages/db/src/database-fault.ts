import { RowLocked } from './writes.ts';

/** Messages for the caller, by SQLSTATE or Node's error code. */
const databaseFaults: [pattern: RegExp, details: string][] = [
  [/^(ECONN|ENOENT|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|EHOST|ENET|EACCES)/, 'The database is unreachable.'],
  [/^57P0\d|^08|^25P03/, 'The database is restarting or closed the connection.'],
  [/^53100/, 'The disk of the database is full. Nothing was changed; free space on it.'],
  [/^(ENOSPC|EDQUOT)/, 'A disk of the API is full. Free space on it.'],
  [/^53300/, 'The database has no connection left.'],
  [/^53/, 'The database is overloaded.'],
  [/^58/, 'The database cannot read or write its files; its log says why.'],
  [/^57014/, 'The query took too long. Narrow the filter, or use the cursor instead of a large offset.'],
  [/^55P03/, 'Another session of the database has locked what this needs. Try again.'],
  [/^40/, 'The write conflicted with another one. Nothing was changed; try again.'],
  [/^28|^3D000/, 'The database refuses the configured user, password or database name.'],
  [/^42501/, 'The configured database user lacks a required privilege.'],
  [/^3F000|^42P01|^42703|^42883/, 'The schema does not fit this version; /readyz lists what is missing.'],
  [/^25006/, 'The database is read-only at the moment.'],
];

/** The driver's message when no pooled connection becomes free in time. */
const poolTimeoutText = 'timeout exceeded when trying to connect';

const connectionTexts = /Connection terminated|Client has encountered a connection error|the database system is/i;

/** A message for the caller about a database or connection error; undefined for any other error. */
export function databaseFault(error: Error & { code?: unknown }): string | undefined {
  if (error instanceof RowLocked) return error.message;
  if (error.message === poolTimeoutText) return 'No connection to the database became free in time.';
  if (connectionTexts.test(error.message)) return databaseFaults[0]?.[1];
  if (typeof error.code !== 'string') return undefined;
  for (const [pattern, details] of databaseFaults) if (pattern.test(error.code)) return details;
  return undefined;
}

const breaks = /^(ECONNRESET|EPIPE|ETIMEDOUT|57P0[12]|08)/;
const breakTexts = /Connection terminated(?! due to connection timeout)|Client has encountered a connection error/;

/** Whether the connection broke while PostgreSQL may have had the statement: it can be committed without a reply. */
export function mayBeCommitted(error: Error & { code?: unknown }): boolean {
  return breakTexts.test(error.message) || (typeof error.code === 'string' && breaks.test(error.code));
}

/** Whether the connection broke, or none could be opened. */
export function isUnreachable(error: Error & { code?: unknown; syscall?: unknown }): boolean {
  // Of the watch: the connection went silent before it was open.
  const isAborted = error.code === 'ECONNABORTED';
  const isOpening = error.syscall === 'connect' || error.code === '57P03' || error.message === poolTimeoutText;
  return mayBeCommitted(error) || isOpening || isAborted;
}
