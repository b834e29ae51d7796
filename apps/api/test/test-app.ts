import { once } from 'node:events';
import { Agent } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Endpoint } from '@at/contracts/endpoint';
import { pathOfEndpoint } from '@at/contracts/endpoint-path';
import type { MovieList, MovieRow } from '@at/contracts/movies';
import { Problem } from '@at/contracts/problem';
import type { TrainingList, TrainingRow } from '@at/contracts/training';
import { type CmValue, labels, mediaTypes } from '@at/contracts/vocabulary';
import type { AtpPrediction, AtpTraining } from '@at/db/schema';
import { createTestDatabase, type Template, type TestDatabase } from '@at/db/testing';
import { Ajv, type ValidateFunction } from 'ajv';
import { type Insertable, sql } from 'kysely';
import supertest from 'supertest';
import { buildApp } from '#app.ts';
import { readConfig } from '#config.ts';
import { createDeps, type Deps, type Timing } from '#deps.ts';
import { features } from '#features.ts';
import { openPlainRows } from './plain-rows.ts';
import { demands, startWorker, workOnDemand } from './worker.ts';

/**
 * The app on a real socket over a clone of a template database. Every reply is checked against the contract first:
 * a test gets a reply only if its status, headers and body are as promised.
 */

export type Reply<Body = unknown> = {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The parsed JSON; undefined for a reply that is none. */
  body: Body;
};

export type CallOptions = {
  headers?: Record<string, string>;
  /** An object is sent as JSON, text as it is. */
  body?: object | string;
};

export type TestApp = {
  db: Deps['db'];
  config: Deps['config'];
  runs: Deps['runs'];
  /** Its process in intents. */
  owner: number;
  /** Sends a request; `path` begins below the prefix, or at the root when it starts with `//`. */
  call: <Body = unknown>(method: string, path: string, options?: CallOptions) => Promise<Reply<Body>>;
  /** Sends the text of a request unchanged except that `\n` becomes CRLF, for what no HTTP client sends. */
  send: (request: string) => Promise<Reply>;
  /** Checks a reply that was received in another way against its contract; `target` begins at the root. */
  check: Check;
  port: number;
  /** Stops the server as a signal would, and its worker; the database stays open. */
  stop: () => Promise<void>;
  /** The next bulk change starts another one. */
  stopWorker: () => Promise<void>;
  close: () => Promise<void>;
};

type Options = {
  template?: Template | Pick<TestDatabase, 'name'>;
  /** Environment variables beside DATABASE_URL. */
  config?: Record<string, string>;
  /** Runs before the app connects. */
  prepare?: (database: string) => Promise<void>;
  /** Connection string of a database to use instead of a clone. */
  database?: string;
  deps?: (made: Deps) => Partial<Deps>;
  /** Reads rows with the driver's parsers instead of as bytes. */
  plain?: boolean;
  /** Whether a worker does the bulk changes and scans, which it does by default, or bulk changes alone. */
  works?: boolean | 'bulk';
  timing?: Timing;
  consoleDirectory?: string;
  logger?: object;
};

/**
 * Milliseconds, far above those of production: a busy machine refuses nothing that a test does not want refused. Tests of
 * these limits name their own.
 */
const patient: Timing = { statementTimeout: 60_000, connectTimeout: 30_000, lockPatience: 30_000 };

/** Requests use the connections of earlier ones: opening one takes longer than a request. */
const connections = new Agent({ keepAlive: true });

export async function startTestApp(options: Options = {}): Promise<TestApp> {
  const clone: TestDatabase | undefined = options.database ? undefined : await createTestDatabase(options.template);
  const database = options.database ?? (clone as TestDatabase).connectionString;
  await options.prepare?.(database);
  const config = readConfig({ ENVIRONMENT: 'test', ...options.config, DATABASE_URL: database });
  const made = createDeps({ ...config, database }, { embedded: false }, { ...patient, ...options.timing });
  made.lag.maximum = 60_000;
  // No worker does the runs, but for bulk changes, unless the test has one.
  made.runPatience = 0;
  const plain = options.plain ? openPlainRows(database) : undefined;
  const deps = { ...made, ...(plain && { rows: plain.read }), ...options.deps?.(made) };
  const { consoleDirectory, logger } = options;
  const app = await buildApp(deps, { ...(consoleDirectory && { consoleDirectory }), ...(logger && { logger }) });
  await app.listen({ host: '127.0.0.1', port: 0 });
  if (options.database) await untilAlive(made);
  const { port } = app.server.address() as AddressInfo;
  const { queue, transmission } = deps;
  const works = { adapters: { queue, transmission }, timing: { ...patient, ...options.timing } };
  const demand = demands[options.works === 'bulk' ? 'bulk' : 'any'];
  const stopWorker =
    options.works === false ? async () => {} : workOnDemand(app.server, () => startWorker(config, works), demand);
  const stop = async () => {
    await app.close();
    await stopWorker();
  };
  const check = checkerFor(config.prefix);

  const call = async <Body>(method: string, path: string, { headers = {}, body }: CallOptions = {}) => {
    const target = path.startsWith('//') ? path.slice(1) : pathOfEndpoint(path, { root: '', api: config.prefix });
    const agent = supertest(`http://127.0.0.1:${port}`) as unknown as Record<string, (url: string) => supertest.Test>;
    const sending = agent[method.toLowerCase()]?.(target) as supertest.Test;
    sending.agent(connections).redirects(0).buffer(true).set(headers);
    if (body !== undefined) sending.send(body);
    const { status, headers: sent, text = '' } = await sending;
    return check<Body>(method, target, { status, headers: sent, text });
  };

  const send = async (request: string) => {
    const socket = connect(port, '127.0.0.1');
    let raw = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      raw += chunk;
    });
    socket.write(request.replaceAll('\n', '\r\n'));
    await once(socket, 'close');
    const [head = '', ...rest] = raw.split('\r\n\r\n');
    const [status = '', ...lines] = head.split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const [method = '', target = ''] = request.split(' ', 2);
    return check(method, target, { status: Number(status.split(' ')[1]), headers, text: rest.join('\r\n\r\n') });
  };

  return {
    db: deps.db,
    config,
    runs: deps.runs,
    owner: deps.owner,
    call,
    send,
    check,
    port,
    stop,
    stopWorker,
    close: async () => {
      await stop();
      await made.close();
      await plain?.end();
      if (deps.db !== made.db) await deps.db.destroy();
      await clone?.drop();
    },
  };
}

/** Every operation of the contracts, for tests that go through them all. */
export const allEndpoints: readonly Endpoint[] = features
  .flatMap(({ contract }) => Object.values(contract) as unknown[])
  .filter((value): value is Endpoint => typeof value === 'object' && value !== null && 'method' in value);

/** The schema with unknown members refused everywhere: a reply has what its contract names and nothing else. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== '$id')
      .map(([key, value]) => [key, closed(value)]),
  );
  return copy.type === 'object' ? { additionalProperties: false, ...copy } : copy;
}

type Check = <Body>(method: string, target: string, reply: Omit<Reply, 'body'>) => Reply<Body>;

/** Compiling the contracts costs as much as starting the app: once for all apps of a prefix. */
const checkers = new Map<string, Check>();

function checkerFor(prefix: string): Check {
  const check = checkers.get(prefix) ?? replyChecker(prefix);
  checkers.set(prefix, check);
  return check;
}

/** What no reply may reveal: a stack, a source file, SQL, a driver's message. */
const inside = /node_modules|\.ts:\d+|\bat \w+ \(|console\.label_event|from atp\.|\bpg_|syntax error|violates /i;

function replyChecker(prefix: string): Check {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const compile = (schema: unknown) => ajv.compile(closed(JSON.parse(JSON.stringify(schema))) as object);
  const isProblem = compile(Problem);
  const compiled = new Map<object, ValidateFunction>();
  const textual = new Set<ValidateFunction>();
  /** For a schema, or one for each content type; only what is JSON is looked into. Compiled when the first reply needs it. */
  const validatorOf = (reply: object): ValidateFunction => {
    const content = 'content' in reply ? (reply.content as Record<string, { schema: object }>) : undefined;
    if (content && 'application/problem+json' in content) return isProblem;
    const validate = compiled.get(reply) ?? compile(content ? (content['application/json']?.schema ?? {}) : reply);
    compiled.set(reply, validate);
    if (Object.keys(content ?? {}).some((type) => type !== 'application/json')) textual.add(validate);
    return validate;
  };
  const routes = allEndpoints.map(({ method, url, schema, config }) => ({
    method,
    pattern: new RegExp(
      `^${pathOfEndpoint(url, { root: '', api: prefix }).replace(/\/$/, '').replace(/:\w+/g, '[^/]+')}/?$`,
    ),
    // The literal path wins over the one with a parameter, as in the router.
    literal: !url.includes(':'),
    url,
    replyHeaders: config.replyHeaders ?? [],
    replies: schema.response as Record<number, object>,
  }));

  return <Body>(method: string, target: string, { status, headers, text }: Omit<Reply, 'body'>): Reply<Body> => {
    const outcome = `${method} ${target.slice(0, 200)} returned ${status}`;
    const refuse = (why: string) => {
      throw new Error(`${outcome}, ${why}: ${text.slice(0, 500)}`);
    };
    for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'x-request-id']) {
      if (!headers[name]) refuse(`without the header ${name}`);
    }
    const type = headers['content-type'] ?? '';
    const isEmpty = status === 304 && text === '';
    const body = isEmpty ? null : /[/+]json\b/.test(type) && method !== 'HEAD' ? JSON.parse(text) : undefined;
    const fits = (validate: ValidateFunction) => {
      if (body === undefined && textual.has(validate)) return;
      if (!validate(body)) refuse(`which does not match its contract (${ajv.errorsText(validate.errors)})`);
    };
    const path = target.split('?', 1)[0] as string;
    const matching = routes.filter(({ pattern }) => pattern.test(path));
    const literal = matching.filter((one) => one.literal);
    const route = (literal.length > 0 ? literal : matching).find((one) => one.method === method);
    if (route) {
      const declared = route.replies[status];
      if (!declared) return refuse(`a status that ${route.url} does not declare`);
      const validate = validatorOf(declared);
      for (const name of ['ETag', 'Age'] as const) {
        const isSent = headers[name.toLowerCase()] !== undefined;
        if (isSent && !route.replyHeaders.includes(name))
          refuse(`with the header ${name}, which its contract does not name`);
      }
      fits(validate);
      if (validate !== isProblem) return { status, headers, text, body };
    }
    if (status >= 400 && method !== 'HEAD') {
      // An unknown address of the console is its page.
      if (status === 404 && !path.startsWith(`${prefix}/`) && type.startsWith('text/html')) {
        return { status, headers, text, body };
      }
      if (!type.startsWith('application/problem+json')) refuse(`with the content type ${type}`);
      fits(isProblem);
      const problem = body as Problem;
      if (problem.status !== status) refuse('with another status in the body');
      if (problem.detail !== problem.message) refuse('with a detail that is not the message');
      if (problem.instance !== headers['x-request-id']) refuse('with another request id in the body');
      if (inside.test(text)) refuse('and reveals internals');
      if (status === 503 && !headers['retry-after']) refuse('without Retry-After');
    }
    return { status, headers, text, body };
  };
}

/** Until other apps on the same database know that this one lives, and leave its intents alone. */
async function untilAlive({ db, owner }: Deps): Promise<void> {
  const seen = () =>
    sql`select from pg_locks where locktype = 'advisory' and granted and objsubid = 2 and objid = ${owner}`.execute(db);
  try {
    while ((await seen()).rows.length === 0);
  } catch {
    // The test is about a database that cannot be reached.
  }
}

type UsualLists = { genre: string[] | null; origin_country: string[] | null };
/** Rows as our own writers leave them, without odd values. */
export type UsualTitle = Omit<TrainingRow, keyof UsualLists> & UsualLists;
export type UsualMovie = Omit<MovieRow, keyof UsualLists | 'probability' | 'cm_value'> &
  UsualLists & { probability: number; cm_value: CmValue };
export type UsualTitles = Omit<TrainingList, 'data'> & { data: UsualTitle[] };
export type UsualMovies = Omit<MovieList, 'data'> & { data: UsualMovie[] };

export type Title = Partial<Insertable<AtpTraining>> & { prediction?: Partial<Insertable<AtpPrediction>> };

/** Inserts titles, and their predictions if given; missing columns get fixed values. */
export async function insertTitles(db: Deps['db'], titles: Title[]): Promise<void> {
  await db
    .insertInto('atp.training')
    .values(
      titles.map(({ prediction: _, ...title }) => ({
        imdb_id: 'tt0000001',
        media_type: 'movie' as const,
        media_title: `Title ${title.imdb_id ?? ''}`,
        release_year: 2000,
        ...title,
      })),
    )
    .execute();
  const predictions = titles.flatMap(({ imdb_id = 'tt0000001', prediction }) =>
    prediction ? [{ imdb_id, prediction: 1, probability: 0.5, cm_value: 'tp', ...prediction }] : [],
  );
  if (predictions.length > 0) await db.insertInto('atp.prediction').values(predictions).execute();
}

/** The item at `i`, cyclic; small sets give duplicates in every sort key. */
const pick = <T>(items: readonly T[], i: number): T => items[i % items.length] as T;

/** Titles with duplicates and nulls in every sort key, and text that means something to LIKE, SQL and HTML. */
export const sampleTitles: Title[] = Array.from({ length: 47 }, (_, i) => ({
  imdb_id: `tt${String(1_000_000 + ((i * 7919) % 9973)).padStart(7, '0')}`,
  tmdb_id: i % 4 === 0 ? null : 5000 - i,
  label: pick([...labels, null], i),
  human_labeled: i % 2 === 0,
  anomalous: i % 5 === 0,
  reviewed: pick([true, false, null, true, false], i),
  media_type: pick(mediaTypes, i >> 1),
  media_title: pick(
    ['The Matrix', 'Amélie', 'amelie', '100% Wolf', 'snake_case', 'back\\slash', 'Ärger', 'tt0111161', "O'Brien", 'Up'],
    i,
  ),
  release_year: 1990 + (i % 7),
  budget: pick([null, 0, 5_000_000, '9007199254740993'], i) as number | null,
  revenue: pick([null, 10, 10, 250_000_000], i >> 1),
  runtime: pick([null, 90, 120], i),
  origin_country: pick([null, ['US'], ['GB', 'FR'], []], i),
  original_language: pick([null, 'en', 'fr', 'ja'], i),
  genre: pick([null, ['Drama'], ['Action & Adventure', 'Comedy'], ['Comedy', 'War']], i),
  tmdb_rating: pick([null, '6.241', '6.5', '10.000', '0'], i) as number | null,
  tmdb_votes: pick([null, 1, 7, 7], i),
  rt_score: pick([null, 0, 100, 55], i >> 2),
  metascore: pick([55, null], i),
  imdb_rating: pick([null, '72.0', '8.1'], i) as number | null,
  imdb_votes: pick([null, 12, 400_000], i),
  created_at: `2025-0${1 + (i % 3)}-01T00:00:00.00000${i % 4}Z`,
  updated_at: `2025-06-0${1 + (i % 5)}T12:00:00Z`,
  ...(i % 3 === 0
    ? {}
    : {
        prediction: {
          prediction: (i >> 1) % 2,
          probability: pick(['0.5', '0.25', '0.75', '0.999999999999999999', '0', '1'], i) as unknown as number,
          cm_value: pick(['tp', 'tn', 'fp', 'fn'], i),
        },
      }),
}));
