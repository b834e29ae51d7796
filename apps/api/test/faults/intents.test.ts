import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFiles, markerName, type Removal, removeFile } from '@at/adapters/file-trash';
import { type Daemon, magnetOf, randomHash, startTransmission } from '@at/adapters/test/transmission-daemon';
import { openTransmission, type Transmission } from '@at/adapters/transmission';
import type { OperationRequest } from '@at/contracts/bulk';
import { sized } from '@at/db/test-size';
import { bareEnvironment } from '@at/db/testing';
import { insertIntent, savePlan } from '@at/domain/intents/queries';
import { findPurgeable, insertRemovals } from '@at/domain/titles/queries';
import { planRestores } from '@at/domain/titles/releases';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { done, invert, previewed, until } from '#test/bulk-operations.ts';
import { insertMedia } from '#test/sample-media.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';
import { hasten, startWorker } from '#test/worker.ts';

/**
 * Processes that are killed before a step of a write that also changes files or torrents, and workers before a step of what those
 * left undone. The next worker makes the disk and Transmission agree with the database.
 */

let daemon: Daemon;
let transmission: Transmission;
let home: string;
let environment: Record<string, string>;
/** Prepares and checks. */
let app: TestApp;
let made = 0;

beforeAll(async () => {
  daemon = await startTransmission();
  transmission = openTransmission(daemon.settings);
  home = await mkdtemp(join(tmpdir(), 'at-intents-'));
  await mkdir(join(home, 'movies'));
  await writeFile(join(home, 'movies', markerName), '');
  environment = {
    ...daemon.environment,
    REAR_DIFF_FILE_DELETION_ENABLED: 'true',
    REAR_DIFF_MEDIA_LIBRARY_PATH_MOVIES: join(home, 'movies'),
  };
  app = await startTestApp({ config: environment });
});
afterAll(async () => {
  await app.close();
  await daemon.stop();
  await rm(home, { recursive: true, force: true });
});

type Film = { id: string; hash: string; name: string; file: string };

/** A title whose film is in the library, with its torrent. */
async function newFilm(hasTorrent = true): Promise<Film> {
  made += 1;
  const film = {
    id: `tt${4_000_000 + made}`,
    hash: randomHash(),
    name: `Film ${made} (2020)`,
    file: join(home, 'movies', `Film ${made} (2020)`, 'film.mkv'),
  };
  await insertTitles(app.db, [{ imdb_id: film.id }]);
  const place = { parent_path: join(home, 'movies'), target_path: film.name };
  const link = magnetOf(film.hash);
  await insertMedia(app.db, [{ hash: film.hash, imdb_id: film.id, original_link: link, ...place }]);
  await mkdir(join(home, 'movies', film.name));
  await writeFile(film.file, film.name);
  if (hasTorrent) await transmission.add(link);
  return film;
}

const isThere = async ({ hash }: Film) => (await transmission.present([hash])).length > 0;
const itemOf = ({ hash }: Film) =>
  app.db.selectFrom('atp.media').selectAll().where('hash', '=', hash).executeTakeFirstOrThrow();

/** The disk and Transmission have what the label says: nothing is lost, and the purge knows what it may delete. */
async function labelAgrees(film: Film): Promise<void> {
  const trash = join(home, 'movies/.trash');
  const entries = existsSync(trash) ? await readdir(trash) : [];
  const mine = entries.filter((entry) => existsSync(join(trash, entry, film.name, 'film.mkv')));
  const { label } = (await app.call<{ label: string | null }>('GET', `/training/${film.id}`)).body;
  const isRemoved = label === 'would_not_watch';
  expect([existsSync(film.file), await isThere(film)]).toEqual([!isRemoved, !isRemoved]);
  expect(mine).toHaveLength(isRemoved ? 1 : 0);
  await sql`update console.media_removal set at = now() - interval '8 days'`.execute(app.db);
  expect(await findPurgeable(app.db, mine)).toEqual(mine);
  const kept = isRemoved ? join(trash, mine[0] as string, film.name, 'film.mkv') : film.file;
  expect(await readFile(kept, 'utf8')).toBe(film.name);
  // Nothing else lies about.
  for (const entry of mine) expect(await readdir(join(trash, entry), { recursive: true })).toHaveLength(2);
}

const bulk = (film: Film): OperationRequest => ({
  subject: 'training',
  action: 'would_not_watch',
  ids: [film.id],
});
type MediaAction = 'approve' | 'finish' | 'delete';
const bulkOf = (action: MediaAction, { hash }: Film): OperationRequest => ({ subject: 'media', action, ids: [hash] });
const runOf = (operation_id: string) => ({ method: 'POST', path: `/operations/${operation_id}/run`, operation_id });
type Request = { method: string; path: string; body?: object; operation_id?: string };

/** Does an operation; its inverse is left to others. */
async function inverseOf(request: OperationRequest): Promise<Request> {
  const { operation_id } = await done(app, request);
  await app.stopWorker();
  return runOf((await invert(app, operation_id)).operation.operation_id);
}

type Write = {
  /** The worker of each process would do the changes of the others, so only one of them is killed at a time. */
  isBulk?: boolean;
  hasTorrent?: boolean;
  prepare: (film: Film) => Promise<Request>;
  agrees: (film: Film) => Promise<void>;
  /** Before these steps it is killed in the small test, and before each one in the deep test; patterns that name the film. */
  steps: ((film: Film) => string)[];
};

const named = ({ name }: Film) => name.replace(/[()]/g, '\\$&');
const [moving, moved, tidying]: ((film: Film) => string)[] = [
  (film) => `^rename[^]*${named(film)}`,
  (film) => `insert into console.media_removal[^]*${named(film)}`,
  // It names the entry of the trash only, and occurs once in each restore.
  () => '^rmdir',
] as const;
const asking = (what: string) => (film: Film) => `torrent-${what}[^]*${film.hash}`;
const writing = ({ hash }: Film) => `update atp.media[^]*${hash}`;

/** Transmission has the torrent of each item that it should download or keep. */
const torrentAgrees: Record<MediaAction, (film: Film) => Promise<void>> = {
  approve: async (film) => expect(await isThere(film)).toBe((await itemOf(film)).pipeline_status === 'media_accepted'),
  finish: async (film) => expect(await isThere(film)).toBe((await itemOf(film)).pipeline_status !== 'complete'),
  delete: async (film) => expect(await isThere(film)).toBe((await itemOf(film)).deleted_at === null),
};
const requestOf = (action: MediaAction, { hash }: Film): Request => ({
  method: 'PATCH',
  path: `/media/${hash}/${action === 'delete' ? 'soft_delete' : action}`,
});
const ofMedia = (action: MediaAction) => ({ hasTorrent: action !== 'approve', agrees: torrentAgrees[action] });
const media = (action: MediaAction) => ({
  ...ofMedia(action),
  prepare: async (film: Film) => requestOf(action, film),
});
const mediaUndo = (action: MediaAction) => ({
  ...ofMedia(action),
  prepare: async (film: Film) => {
    const { method, path } = requestOf(action, film);
    const { body } = await app.call<{ event_id: number }>(method, path);
    return { method: 'POST', path: `/media/${film.hash}/undo`, body: { event_id: body.event_id } };
  },
});
const mediaBulk = (action: MediaAction) => ({
  ...ofMedia(action),
  isBulk: true,
  prepare: async (film: Film) => runOf((await previewed(app, bulkOf(action, film))).operation_id),
});
const mediaInverse = (action: MediaAction) => ({
  ...ofMedia(action),
  isBulk: true,
  prepare: async (film: Film) => inverseOf(bulkOf(action, film)),
});
const writes: Record<string, Write> = {
  would_not_watch: {
    prepare: async ({ id }) => ({ method: 'PATCH', path: `/training/${id}/would_not_watch` }),
    agrees: labelAgrees,
    steps: [moving, moved],
  },
  'its undo': {
    prepare: async ({ id }) => {
      const { body } = await app.call<{ event_id: number }>('PATCH', `/training/${id}/would_not_watch`);
      return { method: 'POST', path: `/training/${id}/undo`, body: { event_id: body.event_id } };
    },
    agrees: labelAgrees,
    steps: [moving, tidying],
  },
  'would_not_watch in bulk': {
    isBulk: true,
    prepare: async (film) => runOf((await previewed(app, bulk(film))).operation_id),
    agrees: labelAgrees,
    steps: [moved],
  },
  'its inverse': {
    isBulk: true,
    prepare: async (film) => inverseOf(bulk(film)),
    agrees: labelAgrees,
    steps: [tidying],
  },
  approve: { ...media('approve'), steps: [asking('add'), writing] },
  'the undo of approve': { ...mediaUndo('approve'), steps: [asking('remove')] },
  'approve in bulk': { ...mediaBulk('approve'), steps: [writing] },
  'the inverse of approve in bulk': { ...mediaInverse('approve'), steps: [asking('remove')] },
  finish: { ...media('finish'), steps: [asking('remove')] },
  'the undo of finish': { ...mediaUndo('finish'), steps: [asking('add')] },
  'finish in bulk': { ...mediaBulk('finish'), steps: [asking('remove')] },
  'the inverse of finish in bulk': { ...mediaInverse('finish'), steps: [asking('add')] },
  'soft delete': { ...media('delete'), steps: [asking('get')] },
  'soft delete in bulk': { ...mediaBulk('delete'), steps: [asking('get')] },
};

type Doomed = { ports: number[]; exited: Promise<unknown>; hasDied: () => boolean; kill: () => void };
type Death = { DIE_AT: string } | { DIE_BEFORE: string };

/** A process with APIs and workers that kills itself; see mortal.ts. */
async function startDoomed(when: Death, { apis = 0, workers = 0 }): Promise<Doomed> {
  const child = fork(fileURLToPath(new URL('mortal-process.ts', import.meta.url)), {
    env: {
      ...bareEnvironment(),
      ...environment,
      DATABASE_URL: app.config.database as string,
      APIS: `${apis}`,
      WORKERS: `${workers}`,
      ...when,
    },
  });
  let isDead = false;
  const exited = once(child, 'exit').then(([, signal]) => {
    isDead = true;
    expect(signal).toBe('SIGKILL');
  });
  const kill = () => void child.kill('SIGKILL');
  onTestFinished(kill);
  const ports = await Promise.race([once(child, 'message').then(([sent]) => sent as number[]), exited.then(() => [])]);
  return { ports, exited, hasDied: () => isDead, kill };
}

/** Sends a request to an API of a process, until the process dies or has done all of it. Returns whether it died. */
async function killedBy({ exited }: Doomed, port = 0, { method, path, body = {}, operation_id }: Request) {
  const headers = { 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${port}/rear-diff${path}`;
  const completed = fetch(url, { method, headers, body: JSON.stringify(body) }).then(
    async (reply) => {
      expect([reply.status, await reply.text()]).toEqual([200, expect.anything()]);
      if (operation_id) await until(app, operation_id, 'done');
      return false;
    },
    () => exited.then(() => true),
  );
  return Promise.race([completed, exited.then(() => true)]);
}

/** So old that Transmission cannot still add what a killed process has sent to it: nothing is put off. */
const age = () => app.db.updateTable('console.intent').set({ at: '2020-01-01T00:00:00Z' }).execute();
/** No worker waits for the heartbeat of a dead one, or for the time of an attempt. */
const hurry = async () => {
  await sql`update console.job set heartbeat_on = now() - interval '1 hour' where state = 'active'`.execute(app.db);
  await hasten(app.db);
};
/** The intents and the runs that are not finished. */
const undone = async () => [
  ...(await app.db.selectFrom('console.intent').select(['action', 'plan']).where('done_at', 'is', null).execute()),
  ...(await app.db.selectFrom('console.run').select('id').where('finished_at', 'is', null).execute()),
];

/** Not so often that nothing is claimed for the locks. */
const patiently = { interval: 500, timeout: 60_000 };

/** Starts the next workers, two at once, waits until all that was begun is finished, and stops them. */
async function recover(requests: Request[]): Promise<void> {
  await age();
  await hurry();
  const workers = [startWorker(app.config), startWorker(app.config)];
  for (const { operation_id } of requests) if (operation_id) await until(app, operation_id, 'previewed', 'done');
  const hastened = async () => {
    await age();
    await hasten(app.db);
    return undone();
  };
  await expect.poll(hastened, patiently).toEqual([]);
  await Promise.all(workers.map((worker) => worker.stop()));
}

/** Kills a process before each of these steps of a write, and one that is not killed by any of them; returns which were killed. */
async function killAll(write: Write, steps: number[]): Promise<boolean[]> {
  const films: Film[] = [];
  const requests: Request[] = [];
  for (const _ of steps) {
    const film = await newFilm(write.hasTorrent);
    films.push(film);
    requests.push(await write.prepare(film));
  }
  const workers = write.isBulk ? 1 : 0;
  // None of them starts later, and finishes what another one has begun.
  const doomed = await Promise.all(steps.map((step) => startDoomed({ DIE_AT: `${step}` }, { apis: 1, workers })));
  const killed = await Promise.all(
    doomed.map(async (one, index) => {
      const hasDied = await killedBy(one, one.ports[0], requests[index] as Request);
      one.kill();
      await one.exited;
      return hasDied;
    }),
  );
  await recover(requests);
  for (const film of films) await write.agrees(film);
  return killed;
}

const slowly = { timeout: sized(120_000, 1_800_000) };

test.runIf(sized(0, 1)).for(Object.entries(writes))(
  'killed before each step of %s',
  slowly,
  async (one, { annotate }) => {
    const [, write] = one;
    // Workers of several processes would do the changes of each other.
    const batch = write.isBulk ? 1 : 4;
    for (let first = 1; ; first += batch) {
      const numbers = Array.from({ length: batch }, (_, index) => first + index);
      const killed = await killAll(write, numbers);
      const steps = first - 1 + killed.indexOf(false);
      if (killed.every(Boolean)) continue;
      await annotate(`${steps} kills; disk, Transmission and database agree after each`, 'figure');
      expect(steps).toBeGreaterThan(5);
      return;
    }
  },
);

type Left = {
  /** What a process has left undone that was killed. */
  leave: (film: Film) => Promise<unknown>;
  agrees: (film: Film) => Promise<void>;
  /** The runs that do it. */
  runs: string[];
  steps: ((film: Film) => string)[];
};

/** A process that no longer lives. */
const dead = 1;
const setLabel = (trx: TestApp['db'], { id }: Film, label: string | null) =>
  trx
    .updateTable('atp.training')
    .set({ label } as never)
    .where('imdb_id', '=', id)
    .execute();
const left: Record<string, Left> = {
  'a would_not_watch': {
    leave: (film) =>
      app.db.transaction().execute(async (trx) => {
        await setLabel(trx, film, 'would_not_watch');
        const actions = ['remove_torrent' as const, 'remove_files' as const];
        const event = [{ imdb_id: film.id, event_id: null }];
        await insertRemovals(trx, event, { actions, forGood: false, owner: dead });
      }),
    agrees: labelAgrees,
    runs: ['media.files completed', 'media.torrent completed'],
    steps: [asking('remove'), moved, () => 'ended as[^]*completed'],
  },
  'its undo': {
    leave: async (film) => {
      const path = `/training/${film.id}`;
      const { event_id } = (await app.call<{ event_id: number }>('PATCH', `${path}/would_not_watch`)).body;
      await app.db.transaction().execute(async (trx) => {
        await setLabel(trx, film, null);
        await planRestores(trx, [{ imdb_id: film.id, event_id }], { owner: dead });
      });
    },
    agrees: labelAgrees,
    runs: ['media.files completed', 'media.torrent completed'],
    steps: [asking('add'), tidying],
  },
  'an approval': {
    leave: async ({ hash }) => {
      const link = magnetOf(hash);
      await transmission.remove([hash], true);
      await insertIntent(app.db, 'approve', { hash, owner: dead, plan: { link, present: [] } });
      await transmission.add(link);
    },
    agrees: async (film) => expect(await isThere(film)).toBe(false),
    runs: ['media.torrent completed'],
    steps: [asking('remove')],
  },
};

/** Starts a worker that kills itself, and waits until it dies or has nothing left to do. Returns whether it died. */
async function killWorker(when: Death): Promise<boolean> {
  await age();
  await hurry();
  const { exited, hasDied, kill } = await startDoomed(when, { workers: 1 });
  await expect.poll(async () => hasDied() || (await undone()).length === 0, { timeout: 60_000 }).toBe(true);
  const isDead = hasDied();
  kill();
  await exited;
  return isDead;
}

/** How the runs for a film ended. */
const runsOf = async ({ hash }: Film) =>
  (await app.db.selectFrom('console.run').select(['task', 'outcome']).where('subject_id', '=', hash).execute())
    .map(({ task, outcome }) => `${task} ${outcome}`)
    .toSorted();

async function leftFilm({ leave }: Left): Promise<Film> {
  const film = await newFilm();
  await leave(film);
  return film;
}

test(
  'killed before a step of a write, or of what a process left undone: the next workers make disk and Transmission agree with the database',
  slowly,
  async () => {
    const before: string[] = [];
    const requests: Request[] = [];
    const films: [Write | Left, Film][] = [];
    for (const write of Object.values(writes)) {
      for (const step of write.steps) {
        const film = await newFilm(write.hasTorrent);
        films.push([write, film]);
        before.push(step(film));
        requests.push(await write.prepare(film));
      }
    }
    await app.stopWorker();
    for (const work of Object.values(left)) {
      for (const step of work.steps) {
        const film = await leftFilm(work);
        films.push([work, film]);
        before.push(step(film));
      }
    }
    // One dies before it has a run for what was left, and one when it is in the middle of all.
    expect(await killWorker({ DIE_BEFORE: JSON.stringify(['update console.intent set run_id']) })).toBe(true);
    const when = { DIE_BEFORE: JSON.stringify(before) };
    const doomed = await startDoomed(when, { apis: requests.length, workers: 2 });
    const sent = requests.map((request, index) => killedBy(doomed, doomed.ports[index], request));
    await expect
      .poll(async () => {
        // Not intents: a step that is held up may have their lock.
        await sql`update console.job set start_after = now() where state < 'active'`.execute(app.db);
        return doomed.hasDied();
      }, patiently)
      .toBe(true);
    expect(await Promise.all(sent)).toEqual(requests.map(() => true));
    await recover(requests);
    for (const [work, film] of films) {
      await work.agrees(film);
      if ('runs' in work) expect(await runsOf(film)).toEqual(work.runs);
    }
  },
);

test.runIf(sized(0, 1)).for(Object.entries(left))(
  'a worker is killed before each step of finishing %s',
  slowly,
  async ([, work], { annotate }) => {
    let steps = 0;
    for (let hasDied = true; hasDied; steps += 1) {
      const film = await leftFilm(work);
      hasDied = await killWorker({ DIE_AT: `${steps + 1}` });
      await recover([]);
      await work.agrees(film);
      expect(await runsOf(film)).toEqual(work.runs);
    }
    await annotate(`${steps - 1} kills; disk, Transmission and database agree after each`, 'figure');
    expect(steps).toBeGreaterThan(10);
  },
);

test.each([false, true])(
  'an undo before the next process has finished a removal: the film is in its place (it was moved: %j)',
  async (wasMoved) => {
    const film = await newFilm();
    const { event_id } = (
      await app.call<{ event_id: number }>('PATCH', `/training/${film.id}/label`, {
        body: { imdb_id: film.id, label: 'would_not_watch' },
      })
    ).body;
    const options = { actions: ['remove_files' as const], forGood: false, owner: 1 };
    const [intent] = await insertRemovals(app.db, [{ imdb_id: film.id, event_id }], options);
    if (intent?.action !== 'remove_files') throw new Error('It has no intent.');
    const { removals } = await findFiles(app.config.files, intent.plan.place);
    await savePlan(app.db, { ...intent, plan: { ...intent.plan, removals } });
    if (wasMoved) await removeFile(app.config.files, removals[0] as Removal);
    expect(existsSync(film.file)).toBe(!wasMoved);
    const undone = await app.call('POST', `/training/${film.id}/undo`, { body: { event_id } });
    expect(undone.body).toMatchObject({ not_restored: [] });
    await labelAgrees(film);
    await recover([]);
    await labelAgrees(film);
  },
);
