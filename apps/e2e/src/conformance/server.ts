import { buildApp } from '@at/api/app';
import { readConfig } from '@at/api/config';
import { createDeps } from '@at/api/deps';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import type { TestContext } from 'vitest';
import { fillSample } from './sample.ts';

/**
 * Checks over plain HTTP that the REST API keeps its contract with callers of the original. It starts a server of its
 * own, or uses the one that is named:
 *
 *   CONFORMANCE_URL=http://host:8000/rear-diff pnpm test:conformance
 *
 * It needs no particular content: it finds titles and items through the API, and a test that finds none is skipped and
 * names what is missing. While other clients write to the server, counts may differ by their writes.
 *
 * CONFORMANCE_KEY is sent as x-api-key, for a server that needs keys; use an admin's.
 *
 * CONFORMANCE_TWIN_URL names another API over the same database, whose role or DATABASE_URL has other settings for its
 * sessions: its replies must be the same. What a role without rights gets is checked on the suite's own server only,
 * because no caller can take rights away.
 *
 * On a server that is not its own it only reads, and sends writes that must be refused, for ids that do not exist. With
 * CONFORMANCE_WRITES=1 it also changes flags of titles and the status of a media item, and restores each: flags by undo,
 * the status by a second write. The label events of the title and a later updated_at remain. Requests that can remove
 * files or torrents go to its own server only.
 */

const addressIn = (name: string) => process.env[name]?.replace(/\/+$/, '');
const given = addressIn('CONFORMANCE_URL');
const givenTwin = addressIn('CONFORMANCE_TWIN_URL');

/** The server is the suite's own: every request is allowed. */
export const isOwn = given === undefined || given === '';
/** Whether there are two servers over one database. */
export const hasTwin = isOwn || givenTwin !== undefined;
/** Whether the suite may change rows that it restores afterwards. */
export const mayWrite = isOwn || process.env.CONFORMANCE_WRITES === '1';

export type Reply<Body> = { status: number; headers: Headers; text: string; body: Body };

export type AskOptions = {
  headers?: Record<string, string>;
  /** An object is sent as JSON, text as it is, bytes without a content type. */
  body?: object | string;
};

export type Server = {
  /** The path below which the API answers, such as `/rear-diff`. */
  prefix: string;
  /** `path` begins below the prefix, or at the root when it starts with `//`. Redirects are not followed. */
  ask: <Body = unknown>(method: string, path: string, options?: AskOptions) => Promise<Reply<Body>>;
  get: <Body = unknown>(path: string, headers?: Record<string, string>) => Promise<Reply<Body>>;
  close: () => Promise<void>;
};

/** Of the suite's own server. */
type Own = {
  /** Beside its database. */
  environment?: Record<string, string>;
  /** Its connection string, if the database is not one of the server's own. */
  database?: string;
  /** Fills its database. */
  fill?: (client: pg.Client) => Promise<void>;
  /** Where its console is built. */
  consoleDirectory?: string;
};

/** Another server over the same database. */
export const openTwin = (own: Own) => openServer(own, givenTwin);

export async function openServer(own: Own = {}, address = given): Promise<Server> {
  const { url, close } = isOwn ? await startOwn(own) : { url: address as string, close: async () => {} };
  const key = process.env.CONFORMANCE_KEY;
  const ask: Server['ask'] = async <Body>(method: string, path: string, { headers = {}, body }: AskOptions = {}) => {
    const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
    const target = path.startsWith('//') ? `${new URL(url).origin}${path.slice(1)}` : `${url}${path}`;
    const response = await fetch(target, {
      method,
      redirect: 'manual',
      headers: {
        ...(isJson ? { 'content-type': 'application/json' } : {}),
        ...(key === undefined ? {} : { 'x-api-key': key }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as string) }),
    });
    const text = await response.text();
    const isParsed = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    const parsed = (isParsed && text !== '' ? JSON.parse(text) : undefined) as Body;
    return { status: response.status, headers: response.headers, text, body: parsed };
  };
  return { prefix: new URL(url).pathname, ask, get: (path, headers = {}) => ask('GET', path, { headers }), close };
}

/** A database of the suite's own, filled. */
export async function openDatabase(fill: NonNullable<Own['fill']> = fillSample): Promise<TestDatabase> {
  const database = await createTestDatabase('full');
  const client = new pg.Client(database.connectionString);
  await client.connect();
  await fill(client);
  await client.end();
  return database;
}

async function startOwn({ environment, fill, consoleDirectory, ...own }: Own) {
  const database = own.database ? { connectionString: own.database, drop: async () => {} } : await openDatabase(fill);
  const config = readConfig({ ...environment, DATABASE_URL: database.connectionString });
  const deps = createDeps({ ...config, database: database.connectionString }, { embedded: false });
  // It refuses no request because the machine is busy.
  deps.lag.maximum = 60_000;
  // There is no worker to wait for.
  deps.runPatience = 0;
  const app = await buildApp(deps, consoleDirectory === undefined ? {} : { consoleDirectory });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `${origin}${config.prefix}`,
    close: async () => {
      await app.close();
      await deps.close();
      await database.drop();
    },
  };
}

/** Returns what a test found on the server. If there is none, the test is skipped; on the suite's own server it fails. */
export function need<T>(context: TestContext, found: T | undefined, what: string): T {
  if (found !== undefined) return found;
  if (isOwn) throw new Error(`The sample has no ${what}: add one to sample.ts.`);
  return context.skip(`this server has no ${what}`);
}
