import { Agent, request as ask } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { queueStatuses } from '@at/contracts/vocabulary';
import { runPrepared } from '@at/db/client';
import { createTestDatabase, lockTables, type TestDatabase } from '@at/db/testing';
import fc from 'fast-check';
import { sql } from 'kysely';
import { findBrokenChains } from '#test/broken-chains.ts';
import { done, previewed } from '#test/bulk-operations.ts';
import { insertBatch, insertFileRoot, insertFiles } from '#test/sample-files.ts';
import { insertMedia, sampleHash, sampleMedia } from '#test/sample-media.ts';
import { insertQueueItem } from '#test/sample-queue.ts';
import { insertRun } from '#test/sample-runs.ts';
import { insertTitles, type Reply, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';
import {
  curlOf,
  type FuzzRequest,
  type OpenApi,
  type Operation,
  operationsOf,
  requestsFor,
  requestsTo,
} from './requests.ts';
import { Known } from './values.ts';

/**
 * Sends the random requests of `requests.ts` to the operations. FUZZ_SEED selects other requests, FUZZ_TIMES multiplies
 * their number. A failure is printed with its seed and as a command line.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_250_521);
const times = Number(process.env.FUZZ_TIMES ?? 1);

export type Ground = {
  operations: Operation[];
  known: () => Known;
  database: TestDatabase;
  /** Those of both schemas. */
  tables: string[];
};

/** A database with rows of every kind, and the ids that it holds. */
export async function prepareGround(): Promise<Ground> {
  const database = await createTestDatabase();
  const app = await startTestApp({ database: database.connectionString });
  const titles = sampleTitles.slice(0, 5).map(({ imdb_id }) => imdb_id as string);
  const hashes = [0, 1, 2, 3, 5].map(sampleHash);
  await insertTitles(app.db, sampleTitles);
  await insertMedia(
    app.db,
    sampleMedia.map((item, i) => ({ ...item, original_link: i % 2 ? null : `magnet:?xt=urn:btih:${item.hash}` })),
  );
  for (const id of titles) await app.call('PATCH', `/training/${id}/would_watch`);
  for (const name of ['One', 'Two']) {
    await app.call('POST', '/views', { body: { page: 'training', name, query: 'reviewed=false', shared: true } });
  }
  await app.call('PUT', '/settings', { body: { section: 'review', value: { step: 1 } } });

  for (const outcome of ['failed', 'completed', null] as const) await insertRun(app.db, { outcome });
  for (const status of queueStatuses) await insertQueueItem(app.db, { status });
  await insertBatch(app.db, 'batch_001');
  const root = await insertFileRoot(app.db, 'Inbox');
  const [first_file] = await insertFiles(app.db, root, [{ path: 'a.jpg', content: 'a' }]);
  const copies = Array.from({ length: 12 }, (_, n) => ({
    path: `copy ${n}.jpg`,
    content: 'a',
    duplicate_of: first_file as number,
  }));
  await insertFiles(app.db, root, copies);
  const ids = titles.slice(0, 2);
  await done(app, { subject: 'training', action: 'would_not_watch', ids });
  await previewed(app, { subject: 'media', action: 'reingest', ids: hashes });

  const operations = operationsOf((await app.call<OpenApi>('GET', '/openapi.json')).body);
  const first = new Known(titles, hashes);
  for (const { method, path, isStream } of operations) {
    if (method === 'GET' && !isStream && !path.includes('{')) first.learn(await app.call(method, `/${path}`));
  }
  const { rows: tables } = await sql<{ name: string }>`
    select oid::regclass::text as name from pg_class
    where relnamespace in ('atp'::regnamespace, 'console'::regnamespace) and relkind in ('r', 'p') and not relispartition
    order by 1
  `.execute(app.db);
  await app.close();
  const known = () => {
    const copy = new Known(titles, hashes);
    copy.ids.push(...first.ids);
    copy.runs.push(...first.runs);
    copy.etags.push(...first.etags);
    return copy;
  };
  return { operations, known, database, tables: tables.map(({ name }) => name) };
}

/**
 * A checksum of each table of both schemas, once no bulk operation changes them. What follows in the background after any
 * request is left out: totals of the evaluation, and what a worker writes beside the steps of runs (log lines, its heartbeat,
 * the jobs of its engine).
 */
async function checksums({ db }: TestApp, { tables }: Ground): Promise<Record<string, string | null>> {
  const background = /^console\.(evaluation|run_log|worker$|job|instance$|queue$|queue_stats|version$)/;
  const sums = tables
    .filter((name) => !background.test(name))
    .map(
      (name) =>
        sql`select ${name}::text as name, md5(string_agg(t::text, ',' order by t::text)) as sum from ${sql.raw(name)} as t`,
    );
  for (;;) {
    const [row] = await runPrepared(
      db,
      sql<{ sums: Record<string, string | null>; is_changing: boolean }>`
        select json_object_agg(name, sum) as sums,
          exists (select from console.operation where state in ('running', 'cancelling')) as is_changing
        from (${sql.join(sums, sql` union all `)}) as sums
      `,
    );
    if (row && !row.is_changing) return row.sums;
    await setTimeout(5);
  }
}

/** Keeps the rows of the ground beside it, and returns how to put them back. No trigger runs. */
export async function keepRows({ db }: TestApp, { tables }: Ground): Promise<() => Promise<void>> {
  const { rows } = await sql<{ name: string; columns: string }>`
    select name, string_agg(quote_ident(attname), ', ') as columns
    from unnest(${tables}::text[]) name join pg_attribute on attrelid = name::regclass
    where attnum > 0 and not attisdropped and attgenerated = '' group by name
  `.execute(db);
  const kept = (name: string) => `kept."${name}"`;
  const copies = rows.map(({ name }) => `create table ${kept(name)} as table ${name};`);
  const returns = rows.map(
    ({ name, columns }) =>
      `delete from ${name}; insert into ${name} (${columns}) overriding system value select ${columns} from ${kept(name)};`,
  );
  await sql
    .raw(`
      create schema kept;
      ${copies.join('\n')}
      create function kept.put_back() returns void language plpgsql as $$
      begin
        set local session_replication_role = replica;
        ${lockTables(`'${tables.join(', ')}'`)}
        ${returns.join('\n')}
      end $$
    `)
    .execute(db);
  return async () => void (await sql`select kept.put_back()`.execute(db));
}

async function send(port: number, agent: Agent, request: FuzzRequest): Promise<Omit<Reply, 'body'>> {
  const { method, target: path, body } = request;
  const headers = { ...request.headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) };
  return new Promise((resolve, reject) => {
    const outgoing = ask({ host: '127.0.0.1', port, agent, method, path, headers }, (reply) => {
      const replyHeaders = Object.fromEntries(
        Object.entries(reply.headers).map(([name, value]) => [name, String(value)]),
      );
      const answer = { status: reply.statusCode as number, headers: replyHeaders };
      // A stream of events goes on until its reader leaves.
      if (replyHeaders['content-type']?.startsWith('text/event-stream')) {
        reply.destroy();
        resolve({ ...answer, text: '' });
        return;
      }
      const chunks: Buffer[] = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => resolve({ ...answer, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // The server had just closed the connection that was to be used again.
      if (outgoing.reusedSocket && error.code === 'ECONNRESET') resolve(send(port, agent, request));
      else reject(error);
    });
    outgoing.end(body);
  });
}

/**
 * Sends requests to an operation and returns how often each status came. Fails on a server error, on a reply that the
 * document does not describe, and on a change of data by a request that should not change any.
 */
export async function fuzz(app: TestApp, operation: Operation, ground: Ground): Promise<Map<number, number>> {
  const agent = new Agent({ keepAlive: true });
  const known = ground.known();
  const statuses = new Map<number, number>();
  let standing = await checksums(app, ground);
  /** The tables that have changed since the last look. */
  const findChanged = async () => {
    const before = standing;
    standing = await checksums(app, ground);
    return Object.keys(standing).filter((name) => standing[name] !== before[name]);
  };
  let sent = 0;

  const judge = async (request: FuzzRequest) => {
    const { method, target } = request;
    let reply = await send(app.port, agent, request);
    // On a busy machine the API sheds load for a while: retry, as its reply says.
    while (reply.status === 503 && reply.text.includes('"error":"Overloaded"')) {
      await setTimeout(1000 * Number(reply.headers['retry-after']));
      reply = await send(app.port, agent, request);
    }
    const { status, text } = app.check(method, target, reply);
    if (status >= 500) throw new Error(`${method} ${target} answered ${status}: ${text}`);
    if (method === operation.method) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    known.learn(reply);
    known.learnNextPage(target, text);
    sent += 1;
    const mayWrite = status < 400 && !['GET', 'HEAD', 'OPTIONS'].includes(method);
    const onlyReads = operation.method === 'GET' && !mayWrite;
    // There are many reads: a change by one of them is still there fifty requests later.
    if (onlyReads && sent % 50 > 0) return;
    const changed = await findChanged();
    if (mayWrite || changed.length === 0) return;
    const which = onlyReads ? 'One of the last fifty requests' : `${method} ${target} answered ${status} and`;
    throw new Error(`${which} changed ${changed.join(', ')}.`);
  };

  try {
    const property = fc.asyncProperty(requestsTo(operation, known), async (request) => {
      try {
        await judge(request);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${curlOf(request)}`, { cause: error });
      }
    });
    await fc.assert(property, { seed, numRuns: times * requestsFor(operation) });
    const changed = await findChanged();
    if (changed.length > 0) throw new Error(`One of the last requests changed ${changed.join(', ')}.`);
    const broken = await findBrokenChains(app.db);
    if (broken.length > 0) throw new Error(broken.join('\n'));
    return statuses;
  } finally {
    agent.destroy();
  }
}
