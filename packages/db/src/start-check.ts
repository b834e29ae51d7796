import type pg from 'pg';
import { type Connection, findSessionFault, type Query } from './connection.ts';
import { withSession } from './migrate.ts';
import { MigrationError } from './migration-files.ts';
import { findOwnerTask } from './owner-task.ts';

type Checked = { fault: string | null; ownerTask: string | null };

/**
 * `fault`: the product must not start with such sessions. `ownerTask`: it starts, and requests fail until then. Each is
 * one sentence, or null. Throws MigrationError if the database does not answer within `timeout` milliseconds.
 */
export async function checkStart(connection: Connection, timeout?: number): Promise<Checked> {
  const check = async (client: pg.Client) => {
    const query: Query = (text) => client.query(text);
    return { fault: await findSessionFault(query), ownerTask: await findOwnerTask(query) };
  };
  return withSession(connection, check, timeout).catch((error: Error) => {
    const { code, message } = (error.cause ?? {}) as Error & { code?: string };
    if (code !== '08P01' || !message.includes('startup parameter')) throw error;
    return {
      fault:
        `The database server refuses the options of a session (${message}), without which replies would not be right: ` +
        'a proxy such as PgBouncer stands before it. Connect to PostgreSQL itself.',
      ownerTask: null,
    };
  });
}

/** The same for a program that starts without its database too and waits for it. */
export async function checkStartIfReachable(connection: Connection): Promise<Checked> {
  return checkStart(connection, 2_000).catch((error: unknown) => {
    if (!(error instanceof MigrationError)) throw error;
    return { fault: null, ownerTask: null };
  });
}
