import { buildApp } from '@at/api/app';
import { readConfig } from '@at/api/config';
import { createDeps } from '@at/api/deps';
import { createTestDatabase } from '@at/db/testing';
import pg from 'pg';
import type { TestContext } from 'vitest';
import { fillSample } from './sample.ts';

/**
 * The contract of the REST API with those who have called it since before this product, over plain HTTP. It asks a server
 * of its own, or the one that is named:
 *
 *   CONFORMANCE_URL=http://host:8000/rear-diff pnpm test:conformance
 *
 * It needs to know nothing of what a server holds: titles and items are found through the API, and a test that lacks one
 * is skipped and says which. While others write there, a count may be off by what they wrote.
 *
 * CONFORMANCE_KEY is sent as x-api-key, where the server asks for keys; it should be an admin's.
 *
 * Elsewhere than on its own server it only reads, and sends writes that must be refused, about ids that nobody has. With
 * CONFORMANCE_WRITES=1 it also changes flags of titles and the status of a media item, and puts each back: flags by undo,
 * the status by a second write. What stays are the title's label events, and a later updated_at. What can remove files or
 * torrents is asked of its own server alone.
 */

const given = process.env.CONFORMANCE_URL?.replace(/\/+$/, '');

/** The server is the suite's own, so that everything may be done to it. */
export const isOwn = given === undefined || given === '';
/** What is changed may be changed, as long as it is put back. */
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
  /** `path` begins below the prefix. Redirects are not followed. */
  ask: <Body = unknown>(method: string, path: string, options?: AskOptions) => Promise<Reply<Body>>;
  get: <Body = unknown>(path: string, headers?: Record<string, string>) => Promise<Reply<Body>>;
  close: () => Promise<void>;
};

/** `environment`: of the suite's own server, beside its database. */
export async function openServer(environment: Record<string, string> = {}): Promise<Server> {
  const { url, close } = isOwn ? await startOwn(environment) : { url: given as string, close: async () => {} };
  const key = process.env.CONFORMANCE_KEY;
  const ask: Server['ask'] = async <Body>(method: string, path: string, { headers = {}, body }: AskOptions = {}) => {
    const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
    const response = await fetch(`${url}${path}`, {
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

async function startOwn(environment: Record<string, string>): Promise<{ url: string; close: () => Promise<void> }> {
  const database = await createTestDatabase('full');
  const client = new pg.Client(database.connectionString);
  await client.connect();
  await fillSample(client);
  await client.end();
  const config = readConfig({ ...environment, DATABASE_URL: database.connectionString });
  const deps = createDeps({ ...config, database: database.connectionString }, { embedded: false });
  const app = await buildApp(deps);
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

/** What a test needs of the server's content. The suite's own server must have it; elsewhere the test is skipped. */
export function need<T>(context: TestContext, found: T | undefined, what: string): T {
  if (found !== undefined) return found;
  if (isOwn) throw new Error(`The sample holds ${what} no more; mend sample.ts.`);
  return context.skip(`this server holds no ${what}`);
}
