import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeSyncthing } from '@at/adapters/test/fake-syncthing';
import { hashOfMagnet, type Transmission } from '@at/adapters/transmission';
import type { Operation, OperationRequest } from '@at/contracts/bulk';
import type { Problem } from '@at/contracts/problem';
import { startProxy, type TestProxy } from '@at/db/test-proxy';
import { sized } from '@at/db/test-size';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { previewed } from '#test/bulk-operations.ts';
import { insertBatch, insertFileRoot, insertFiles } from '#test/sample-files.ts';
import { insertMedia, type MediaItem, sampleHash } from '#test/sample-media.ts';
import { insertQueueItem, queueSettings } from '#test/sample-queue.ts';
import { insertRun } from '#test/sample-runs.ts';
import { openArchive } from '#test/sample-sorting.ts';
import { allEndpoints, insertTitles, type Reply, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
/** The same database behind a proxy. */
let proxied: TestApp;
let proxy: TestProxy;

/** The torrents in Transmission. */
const torrents = new Set<string>();
const transmission: Transmission = {
  configured: true,
  present: async (hashes = [...torrents]) => hashes.filter((hash) => torrents.has(hash)),
  add: async (link) => {
    const hash = hashOfMagnet(link) as string;
    const added = !torrents.has(hash);
    torrents.add(hash);
    return { hash, added };
  },
  remove: async (hashes) => hashes.filter((hash) => torrents.delete(hash)),
  finished: async () => [],
  list: async () => [],
};

let syncthing: Awaited<ReturnType<typeof startFakeSyncthing>>;
const inboxes = mkdtempSync(join(tmpdir(), 'at-inboxes-'));
/** Gives the configuration an inbox that is not a root yet. */
async function setInbox(): Promise<void> {
  const source_dir = mkdtempSync(join(inboxes, 'inbox-'));
  await sent({ method: 'PUT', path: '/api/config', body: { paths: { source_dir } } }, 'Nobody');
}

beforeAll(async () => {
  syncthing = await startFakeSyncthing();
  // Without a worker what a write starts stays as it is.
  app = await startTestApp({ config: queueSettings, works: false, deps: () => ({ transmission }) });
  proxy = await startProxy(app.config.database as string);
  proxied = await startTestApp({
    database: proxy.connectionString,
    config: queueSettings,
    works: false,
    deps: () => ({ transmission }),
  });
});
afterAll(async () => {
  await proxied.close();
  proxy.close();
  syncthing.stop();
  await app.close();
  rmSync(inboxes, { recursive: true });
  if (archive) rmSync((await archive).base, { recursive: true });
});

type Request = { method: string; path: string; body?: object };
/** A write to rows of its own, and another one with the same key. */
type Write = {
  request: Request;
  other: Request;
  /** What another user does to the same row after it. */
  overtaking?: Request;
};

let archive: ReturnType<typeof openArchive> | undefined;
let made = 0;
const nextName = () => `Anna ${++made}.`;
async function newTitle(): Promise<string> {
  const imdb_id = `tt${7_000_000 + ++made}`;
  await insertTitles(app.db, [{ imdb_id }]);
  return imdb_id;
}
async function newItem(item: MediaItem = {}): Promise<string> {
  const hash = sampleHash(10_000 + ++made);
  await insertMedia(app.db, [{ hash, original_link: `magnet:?xt=urn:btih:${hash}`, ...item }]);
  torrents.add(hash);
  return hash;
}

async function newDuplicate(): Promise<number> {
  const root = await insertFileRoot(app.db, nextName());
  const [keeper] = await insertFiles(app.db, root, [{ path: 'a.jpg', content: 'same' }]);
  const [id] = await insertFiles(app.db, root, [{ path: 'b.jpg', content: 'same', duplicate_of: keeper as number }]);
  return id as number;
}

/** One that can be sorted. */
async function newSortable(): Promise<number> {
  archive ??= openArchive(app);
  // The API empties it only once no batch is in it.
  await sql`update console.setting set value = value #- '{syncthing,folder_id}' where section = 'pipeline'`.execute(
    app.db,
  );
  return (await archive).add(`batch ${++made}`, {});
}

const send = (by: TestApp, { method, path, body }: Request, actor: string, key?: string) =>
  by.call<Problem>(method, path, {
    headers: { 'x-actor': actor, ...(key === undefined ? {} : { 'idempotency-key': key }) },
    ...(body ? { body } : {}),
  });
async function sent<Body>(request: Request, actor: string): Promise<Body> {
  const { status, body } = await send(app, request, actor);
  expect(status, body.message).toBeLessThan(300);
  return body as Body;
}

function labelled(path: string, body: (imdb_id: string) => object | undefined, other: object) {
  return async (): Promise<Write> => {
    const imdb_id = await newTitle();
    const request = (members: object | undefined) => ({
      method: 'PATCH',
      path: `/training/${imdb_id}${path}`,
      ...(members ? { body: members } : {}),
    });
    return {
      request: request(body(imdb_id)),
      other: request({ ...body(imdb_id), ...other }),
      overtaking: {
        method: 'PATCH',
        path: `/training/${imdb_id}`,
        body: { imdb_id, label: 'would_not_watch', reviewed: false },
      },
    };
  };
}

/** A run that has moved files, on paper. */
async function movedRun(): Promise<string> {
  const run = await insertRun(app.db, { outcome: 'completed' });
  await sql`
    with root as (
      insert into console.file_root (name, path, marker, marker_inode) values (${run}, ${Buffer.from(`/${run}`)}, gen_random_uuid(), 0)
      returning id
    ), directory as (
      insert into console.file_directory (root_id, name) select id, '' from root returning id
    )
    insert into console.move (companions, run_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode, state, ended_at)
    select gen_random_uuid(), ${run}, id, 'a', id, 'b', 1, 1, 1, 'done', now() from directory
  `.execute(app.db);
  return run;
}

const act = (hash: string, action: string) => ({ method: 'PATCH', path: `/media/${hash}/${action}` });
const view = (actor: string) => ({ page: 'training', name: `View of ${actor}`, query: 'q=up' });
async function newOperation(actor: string): Promise<Operation> {
  // The only item is missing, so that nothing changes while the test compares.
  const body = {
    subject: 'training',
    action: 'would_watch',
    ids: [`tt${8_000_000 + ++made}`],
  } satisfies OperationRequest;
  return previewed(app, body, { 'x-actor': actor });
}

/** Batches go to a device, which is not asked for anything without a worker. */
const setDevice = () =>
  sent(
    {
      method: 'PUT',
      path: '/api/config',
      body: { syncthing: { folder_id: syncthing.folder, device_id: syncthing.device } },
    },
    'Nobody',
  );
async function newBatch(): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with root as (
      insert into console.file_root (name, path, marker, marker_inode)
      values (gen_random_uuid()::text, '/a', gen_random_uuid(), 1) returning id
    ), directory as (insert into console.file_directory (root_id, name) select id, '' from root returning id)
    insert into console.batch (name, file_count, size_bytes, manifest, settings, directory_id, ready_at)
    select 'batch_' || id, 0, 0, '{"files": []}', '{}', id, now() from directory returning id
  `.execute(app.db);
  return rows[0]?.id as number;
}

/** How each write is tested, by the name of its endpoint. */
const writes: Record<string, (actor: string) => Promise<Write>> = {
  setLabel: labelled('/label', (imdb_id) => ({ imdb_id, label: 'would_watch' }), { decision_ms: 1 }),
  setReviewed: labelled('/reviewed', (imdb_id) => ({ imdb_id }), { decision_ms: 1 }),
  updateTraining: labelled('', (imdb_id) => ({ imdb_id, anomalous: true }), { anomalous: false }),
  wouldWatch: labelled('/would_watch', () => undefined, { decision_ms: 1 }),
  undoLabel: async (actor) => {
    const imdb_id = await newTitle();
    const label = (label: string) => ({
      method: 'PATCH',
      path: `/training/${imdb_id}/label`,
      body: { imdb_id, label },
    });
    const { event_id } = await sent<{ event_id: number }>(label('would_watch'), `Not ${actor}`);
    const undo = (body: object) => ({ method: 'POST', path: `/training/${imdb_id}/undo`, body });
    return {
      request: undo({ event_id }),
      other: undo({ event_id, decision_ms: 1 }),
      overtaking: label('would_not_watch'),
    };
  },
  updatePipeline: async () => {
    const hash = await newItem();
    const set = (pipeline_status: string) => ({
      method: 'PATCH',
      path: `/media/${hash}/pipeline`,
      body: { hash, pipeline_status },
    });
    return { request: set('parsed'), other: set('rejected'), overtaking: set('complete') };
  },
  wouldNotWatch: async () => {
    const imdb_id = await newTitle();
    await newItem({ imdb_id });
    const label = (body: object) => ({ method: 'PATCH', path: `/training/${imdb_id}/would_not_watch`, body });
    return {
      request: label({}),
      other: label({ decision_ms: 1 }),
      overtaking: { method: 'PATCH', path: `/training/${imdb_id}/would_watch` },
    };
  },
  approveMedia: async () => {
    const [hash, another] = [await newItem(), await newItem()];
    torrents.delete(hash);
    return {
      request: act(hash, 'approve'),
      other: act(another, 'approve'),
      overtaking: act(hash, 'soft_delete'),
    };
  },
  finishMedia: async () => {
    const [hash, another] = [await newItem(), await newItem()];
    return { request: act(hash, 'finish'), other: act(another, 'finish'), overtaking: act(hash, 'approve') };
  },
  softDeleteMedia: async () => {
    const [hash, another] = [await newItem(), await newItem()];
    return { request: act(hash, 'soft_delete'), other: act(another, 'soft_delete'), overtaking: act(hash, 'restore') };
  },
  restoreMedia: async (actor) => {
    const [hash, another] = [await newItem(), await newItem()];
    for (const one of [hash, another]) await sent(act(one, 'soft_delete'), `Not ${actor}`);
    return { request: act(hash, 'restore'), other: act(another, 'restore'), overtaking: act(hash, 'soft_delete') };
  },
  undoMedia: async (actor) => {
    const hash = await newItem();
    const { event_id } = await sent<{ event_id: number }>(act(hash, 'finish'), `Not ${actor}`);
    const undo = (event: number) => ({ method: 'POST', path: `/media/${hash}/undo`, body: { event_id: event } });
    return { request: undo(event_id), other: undo(event_id + 1), overtaking: act(hash, 'soft_delete') };
  },
  createOperation: async () => {
    const create = (action: string) => ({
      method: 'POST',
      path: '/operations',
      body: { subject: 'training', action, ids: ['tt9000001'] },
    });
    return { request: create('would_watch'), other: create('would_not_watch') };
  },
  runOperation: async (actor) => {
    const [one, other] = [await newOperation(actor), await newOperation(actor)];
    const run = ({ operation_id }: Operation) => ({ method: 'POST', path: `/operations/${operation_id}/run` });
    return { request: run(one), other: run(other) };
  },
  cancelOperation: async (actor) => {
    const [one, other] = [await newOperation(actor), await newOperation(actor)];
    const cancel = ({ operation_id }: Operation) => ({ method: 'POST', path: `/operations/${operation_id}/cancel` });
    return { request: cancel(one), other: cancel(other) };
  },
  invertOperation: async (actor) => {
    const [one, other] = [await newOperation(actor), await newOperation(actor)];
    await sql`
      update console.operation set state = 'done', done = 1, failed = 0, finished_at = now()
      where operation_id = any(${[one.operation_id, other.operation_id]}::uuid[])
    `.execute(app.db);
    const invert = ({ operation_id }: Operation) => ({ method: 'POST', path: `/operations/${operation_id}/inverse` });
    return { request: invert(one), other: invert(other) };
  },
  createView: async (actor) => {
    const create = (query: string) => ({ method: 'POST', path: '/views', body: { ...view(actor), query } });
    return { request: create('q=up'), other: create('q=down') };
  },
  updateView: async (actor) => {
    const { view: saved } = await sent<{ view: { id: string } }>(
      { method: 'POST', path: '/views', body: view(actor) },
      actor,
    );
    const update = (query: string) => ({ method: 'PATCH', path: `/views/${saved.id}`, body: { query } });
    return { request: update('q=one'), other: update('q=two') };
  },
  deleteView: async (actor) => {
    const create = (name: string) =>
      sent<{ view: { id: string } }>({ method: 'POST', path: '/views', body: { ...view(actor), name } }, actor);
    const remove = async (name: string) => ({ method: 'DELETE', path: `/views/${(await create(name)).view.id}` });
    return { request: await remove('One'), other: await remove('Two') };
  },
  saveSetting: async () => {
    const section = `section-${++made}`;
    const save = (value: object) => ({ method: 'PUT', path: '/settings', body: { section, value } });
    return { request: save({ one: 1 }), other: save({ two: 2 }), overtaking: save({ three: 3 }) };
  },
  savePipelineConfig: async () => {
    const save = (max_files: number) => ({ method: 'PUT', path: '/api/config', body: { batch: { max_files } } });
    const [one, two, three] = [++made, ++made, ++made].map(save) as [Request, Request, Request];
    return { request: one, other: two, overtaking: three };
  },
  restoreConfigVersion: async (actor) => {
    const save = () =>
      sent({ method: 'PUT', path: '/api/config', body: { batch: { max_files: ++made } } }, `Not ${actor}`);
    for (let i = 0; i < 3; i += 1) await save();
    const { versions } = (await app.call<{ versions: { id: number }[] }>('GET', '/api/config/versions')).body;
    const restore = (back: number) => ({ method: 'POST', path: `/api/config/versions/${versions[back]?.id}/restore` });
    return { request: restore(1), other: restore(2) };
  },
  saveConfigPreset: async (actor) => {
    const save = (max_files: number) => ({
      method: 'POST',
      path: '/api/config/presets',
      body: { name: actor, values: { batch: { max_files } } },
    });
    return { request: save(1), other: save(2), overtaking: save(3) };
  },
  deleteConfigPreset: async (actor) => {
    const names = [`One of ${actor}`, `Two of ${actor}`] as const;
    for (const name of names) {
      await sent({ method: 'POST', path: '/api/config/presets', body: { name, values: {} } }, `Not ${actor}`);
    }
    const remove = (name: string) => ({ method: 'DELETE', path: `/api/config/presets/${encodeURIComponent(name)}` });
    return { request: remove(names[0]), other: remove(names[1]) };
  },
  makeFileRoots: async () => {
    await setInbox();
    const make = (create: boolean) => ({ method: 'POST', path: '/api/config/roots', body: { create } });
    return { request: make(true), other: make(false) };
  },
  startDedup: async () => {
    await setInbox();
    await sent({ method: 'POST', path: '/api/config/roots', body: {} }, 'Nobody');
    const start = (accept_missing: boolean) => ({ method: 'POST', path: '/api/dedup/start', body: { accept_missing } });
    return { request: start(true), other: start(false) };
  },
  ...Object.fromEntries(
    (
      [
        ['retryQueueItem', 'error', '/retry'],
        ['reprocessQueueItem', 'completed', '/reprocess-metadata'],
        ['extractQueueCode', 'moved', '/actions/extract-code'],
        ['fetchQueueMetadata', 'moved', '/actions/fetch-metadata'],
        ['renameQueueFile', 'moved', '/actions/rename-file'],
        ['updateQueueServer', 'moved', '/actions/update-emby'],
        ['fullRetryQueueItem', 'moved', '/actions/full-retry'],
        ['deleteQueueItem', 'completed', ''],
        ['deleteQueueFile', 'completed', '/file'],
      ] as const
    ).map(([name, status, path]) => {
      const method = name.startsWith('delete') ? 'DELETE' : 'POST';
      const ask = async () => ({ method, path: `/api/queue/${(await insertQueueItem(app.db, { status })).id}${path}` });
      return [name, async () => ({ request: await ask(), other: await ask() })];
    }),
  ),
  restoreQueueItem: async () => {
    const removed = async () => {
      const { id } = await insertQueueItem(app.db, {});
      await sent({ method: 'DELETE', path: `/api/queue/${id}` }, 'Nobody');
      return { method: 'POST', path: `/api/queue/${id}/restore` };
    };
    return { request: await removed(), other: await removed() };
  },
  ...Object.fromEntries(
    (
      [
        ['retryQueueItems', 'bulk/retry', { ids: [1] }, { ids: [2] }],
        ['refreshQueueItems', 'bulk/refresh-metadata', { ids: [1] }, { ids: [2] }],
        ['cleanUpFiles', 'cleanup/run', { dry_run: true }, { dry_run: false }],
        ['cleanUpQueue', 'cleanup', { older_than_days: 365 }, { older_than_days: 364 }],
      ] as const
    ).map(([name, path, one, two]) => {
      const ask = (body: object) => ({ method: 'POST', path: `/api/${path}`, body });
      return [name, async () => ({ request: ask(one), other: ask(two) })];
    }),
  ),
  ...Object.fromEntries(
    [
      ['keepDuplicate', 'keep'],
      ['restoreDuplicate', 'restore'],
    ].map(([name, path]) => {
      const act = async () => ({ method: 'POST', path: `/api/duplicates/${await newDuplicate()}/${path}`, body: {} });
      return [name, async () => ({ request: await act(), other: await act() })];
    }),
  ),
  ...Object.fromEntries(
    [
      ['startSort', 'sort/start'],
      ['runSortStep', 'workflow/sort'],
    ].map(([name, path]) => {
      const ask = async () => ({ method: 'POST', path: `/api/${path}/${await newSortable()}`, body: {} });
      return [name, async () => ({ request: await ask(), other: await ask() })];
    }),
  ),
  undoFileMoves: async () => {
    const undo = async () => ({ method: 'POST', path: `/api/journal/${await movedRun()}/undo`, body: {} });
    return { request: await undo(), other: await undo() };
  },
  createBatch: async () => {
    await setInbox();
    const batch_dir = mkdtempSync(join(inboxes, 'batches-'));
    await sent({ method: 'PUT', path: '/api/config', body: { paths: { batch_dir } } }, 'Nobody');
    await sent({ method: 'POST', path: '/api/config/roots', body: {} }, 'Nobody');
    const create = (body: object) => ({ method: 'POST', path: '/api/batch/create', body });
    return { request: create({}), other: { method: 'POST', path: '/api/dedup/start', body: {} } };
  },
  confirmDeviceCleaned: async () => {
    const confirm = async () => {
      const id = await insertBatch(app.db, nextName());
      await sql`update console.batch set status = 'SORTED' where id = ${id}`.execute(app.db);
      await sql`
        insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, batch_id)
        select directory_id, 'a.jpg', 1, 1, 1, 1, 'photo', 'ARCHIVED', id from console.batch where id = ${id}
      `.execute(app.db);
      return { method: 'POST', path: `/api/batches/${id}/device-cleaned`, body: {} };
    };
    return { request: await confirm(), other: await confirm() };
  },
  undoBatch: async () => {
    const undo = async () => ({
      method: 'POST',
      path: `/api/batches/${await insertBatch(app.db, nextName())}/undo`,
      body: {},
    });
    return { request: await undo(), other: await undo() };
  },
  cancelTaskRun: async () => {
    const cancel = async () => ({ method: 'POST', path: `/api/runs/${await insertRun(app.db)}/cancel` });
    return { request: await cancel(), other: await cancel() };
  },
  connectSyncthing: async (actor) => {
    const connect = (api_key: string) => ({
      method: 'POST',
      path: '/api/sync/connect',
      body: { api_url: syncthing.url, api_key, folder_id: syncthing.folder, device_id: syncthing.device },
    });
    return { request: connect(`key of ${actor}`), other: connect(`another key of ${actor}`) };
  },
  ...Object.fromEntries(
    (
      [
        ['startBatchSync', 'sync/start'],
        ['syncBatch', 'workflow/sync'],
      ] as const
    ).map(([name, path]) => [
      name,
      async () => {
        await setDevice();
        const [one, other] = [await newBatch(), await newBatch()];
        const start = (id: number) => ({ method: 'POST', path: `/api/${path}/${id}` });
        return { request: start(one), other: start(other) };
      },
    ]),
  ),
  changeTaskRuns: async () => {
    const cancel = async () => ({
      method: 'POST',
      path: '/api/runs/bulk',
      body: { action: 'cancel', ids: [await insertRun(app.db)] },
    });
    return { request: await cancel(), other: await cancel() };
  },
  startPipeline: async () => ({
    request: { method: 'POST', path: '/api/workflow/run' },
    other: { method: 'POST', path: '/api/workflow/sync/refresh' },
  }),
  advancePipeline: async () => {
    const step = { held: true, task: 'files.run' } as const;
    await insertRun(app.db, { ...step, ref: 'batch' });
    await insertRun(app.db, { ...step, ref: 'sort' });
    return {
      request: { method: 'POST', path: '/api/workflow/debug/advance' },
      other: { method: 'POST', path: '/api/workflow/sync/refresh' },
    };
  },
  approveTaskRunStep: async () => {
    const approve = async () => ({
      method: 'POST',
      path: `/api/runs/${await insertRun(app.db, { held: true })}/steps/asked/approve`,
    });
    return { request: await approve(), other: await approve() };
  },
  retryTaskRun: async (actor) => {
    const failed = { outcome: 'failed', requested_by: actor } as const;
    const retry = async () => ({ method: 'POST', path: `/api/runs/${await insertRun(app.db, failed)}/retry` });
    return { request: await retry(), other: await retry() };
  },
};

/** They have cookies or refusals as their only effects, or bring forward what happens by itself. */
const exempt = [
  'generateQueuePreview',
  'refreshSyncs',
  'openSession',
  'closeSession',
  'rerunMetadata',
  'rerunMetadataOfMany',
];

test('every write is tested here', () => {
  const names = allEndpoints.filter(({ method }) => method !== 'GET').map(({ schema }) => schema.operationId);
  expect([...Object.keys(writes), ...exempt].toSorted()).toEqual(names.toSorted());
});

/** Everything that a write leaves in the database, of large tables as the sum of their rows' hashes, and in Transmission. */
async function state(): Promise<unknown> {
  const { rows } = await sql<{ state: unknown }>`
    select jsonb_build_object(
      'labels', (select max(event_id) from console.label_event), 'media', (select max(event_id) from console.media_event),
      'titles', (select max(updated_at) from atp.training), 'items', (select max(updated_at) from atp.media),
      'operations', (select jsonb_agg(jsonb_build_array(operation_id, started_at, state = 'cancelled') order by operation_id)
        from console.operation),
      'runs', (select sum(hashtextextended(s::text, 0))::text from console.step s),
      'queue', (select sum(hashtextextended(i::text, 0))::text from console.queue_item i),
      'roots', (select sum(hashtextextended(r::text, 0))::text from console.file_root r),
      'views', (select sum(hashtextextended(v::text, 0))::text from console.view v),
      'settings', (select sum(hashtextextended(s::text, 0))::text from console.setting s),
      'versions', (select sum(hashtextextended(v::text, 0))::text from console.setting_version v)
    ) as state
  `.execute(app.db);
  return [rows[0]?.state, [...torrents].toSorted()];
}

/** How many changes an actor has made. */
async function changesOf(actor: string): Promise<number> {
  const { rows } = await sql<{ changes: number }>`
    select (select count(*) from console.label_event where actor = ${actor})
      + (select count(*) from console.media_event where actor = ${actor})
      + (select count(*) from console.operation where actor = ${actor})
      + (select count(*) from console.operation where run_by = ${actor})
      + (select count(*) from console.operation where actor = ${actor} and state = 'cancelled')
      + (select count(*) from console.run where cancel_requested_by = ${actor})
      + (select count(*) from console.run where requested_by = ${actor} and outcome is null)
      + (select count(*) from console.view where owner = ${actor})
      + (select count(*) from console.setting, jsonb_object_keys(value) name
         where section = 'pipeline-presets' and name like '%' || ${actor})
      + (select count(*) from console.setting_version where actor = ${actor})
      + (select count(*) from console.event where actor = ${actor} and payload ->> 'action' = 'make-roots')
      + (select coalesce(sum(version), 0) from console.setting where actor = ${actor} and section like 'section-%')
      as changes
  `.execute(app.db);
  return Number(rows[0]?.changes);
}

/** Nothing is left to do outside of the database. */
const untilSettled = () =>
  expect.poll(async () => (await app.db.selectFrom('console.intent').select('intent_id').execute()).length).toBe(0);

const isReplayed = ({ headers }: Reply) => headers['idempotency-replayed'] === 'true';
/** The parts that must be the same in the reply to a repeated request. */
const essence = ({ status, body, headers: { etag } }: Reply) => ({ status, body, etag });
const key = 'a key';
let cuts = 0;

describe.each(Object.entries(writes))('%s', (_name, write) => {
  test('a key has one reply and one effect, also after a write of another user; with another request it is 422', async () => {
    const actor = nextName();
    const { request, other, overtaking } = await write(actor);
    const [first, twin] = await Promise.all([send(app, request, actor, key), send(app, request, actor, key)]);
    expect(first.status).toBeLessThan(300);
    expect([first, twin].filter(isReplayed)).toHaveLength(1);
    expect(essence(twin)).toEqual(essence(first));
    if (overtaking) await sent(overtaking, `Not ${actor}`);
    const [before, changes] = [await state(), await changesOf(actor)];
    const repeated = await send(app, request, actor, key);
    expect(isReplayed(repeated)).toBe(true);
    expect(essence(repeated)).toEqual(essence(first));
    // Another request with the key changes nothing either.
    const { status, body } = await send(app, other, actor, key);
    expect([status, body.errors]).toMatchObject([422, [{ in: 'header', pointer: 'idempotency-key' }]]);
    expect(await state()).toEqual(before);
    expect(await changesOf(actor)).toBe(changes);
  });

  let wanted: number | undefined;
  /** How many changes the write makes when nothing breaks. */
  async function changesOfOne(): Promise<number> {
    const actor = nextName();
    expect((await send(app, (await write(actor)).request, actor)).status).toBeLessThan(300);
    return changesOf(actor);
  }

  test.each(['before', 'after', 'between'] as const)(
    'a connection that breaks %s PostgreSQL has it: the write happens once, and the reply says so',
    async (moment) => {
      wanted ??= await changesOfOne();
      const actor = nextName();
      const { request } = await write(actor);
      const isBroken = proxy.breakAt(moment, actor);
      const first = await send(proxied, request, actor, moment === 'after' ? undefined : key);
      expect([first.status < 300, isBroken()]).toEqual([true, true]);
      expect(await changesOf(actor)).toBe(wanted);
      const before = await state();
      await proxy.release();
      expect(await state()).toEqual(before);
      await untilSettled();
      expect(await changesOf(actor)).toBe(wanted);
      cuts += 1;
    },
  );
});

test.runIf(sized(0, 1))('every kind of write was cut at every moment', async ({ annotate }) => {
  expect(cuts).toBe(3 * Object.keys(writes).length);
  await annotate(`${cuts} connections cut, 0 writes lost, 0 made twice`, 'figure');
});

describe('Idempotency-Key', () => {
  const label = (imdb_id: string, label = 'would_watch') => ({
    method: 'PATCH',
    path: `/training/${imdb_id}/label`,
    body: { imdb_id, label },
  });

  test('a refused write leaves its key free', async () => {
    const actor = nextName();
    const imdb_id = `tt${7_000_000 + ++made}`;
    expect((await send(app, label(imdb_id), actor, key)).status).toBe(404);
    await insertTitles(app.db, [{ imdb_id }]);
    const { status, headers } = await send(app, label(imdb_id, 'would_not_watch'), actor, key);
    expect([status, headers['idempotency-replayed']]).toEqual([200, undefined]);
  });

  test('belongs to its actor', async () => {
    const imdb_id = await newTitle();
    const replies = [
      await send(app, label(imdb_id), nextName(), key),
      await send(app, label(imdb_id, 'would_not_watch'), nextName(), key),
    ];
    expect(replies.map((reply) => [reply.status, isReplayed(reply)])).toEqual([
      [200, false],
      [200, false],
    ]);
  });

  test('a repeated write that changed nothing at first changes nothing later', async () => {
    const actor = nextName();
    const imdb_id = await newTitle();
    await sent(label(imdb_id), actor);
    const first = await send(app, label(imdb_id), actor, key);
    expect(first.body).toMatchObject({ event_id: null });
    await sent(label(imdb_id, 'would_not_watch'), actor);
    const before = await state();
    expect(essence(await send(app, label(imdb_id), actor, key))).toEqual(essence(first));
    expect(await state()).toEqual(before);
  });

  test('a repeat with If-Match has the reply of the first, in any order of members and with any version', async () => {
    const actor = nextName();
    const imdb_id = await newTitle();
    const { headers } = await app.call('GET', `/training/${imdb_id}`);
    const patch = (etag: string | undefined, body: object) =>
      app.call('PATCH', `/training/${imdb_id}`, {
        headers: { 'x-actor': actor, 'idempotency-key': key, 'if-match': etag as string },
        body,
      });
    const first = await patch(headers.etag, { imdb_id, anomalous: true, shown: { view: 'list', blind: true } });
    expect(first.status).toBe(200);
    const again = await patch(headers.etag, { shown: { blind: true, view: 'list' }, anomalous: true, imdb_id });
    const newer = await patch(first.headers.etag, { imdb_id, anomalous: true, shown: { view: 'list', blind: true } });
    expect([essence(again), essence(newer)]).toEqual([essence(first), essence(first)]);
  });

  test.each([0, 201])('of %d characters is 422', async (length) => {
    const { status, body } = await send(app, label(await newTitle()), nextName(), 'x'.repeat(length));
    expect([status, body.errors]).toMatchObject([422, [{ in: 'header', pointer: 'idempotency-key' }]]);
  });

  test('is forgotten after a day', async () => {
    const actor = nextName();
    const imdb_id = await newTitle();
    const first = await send(app, label(imdb_id), actor, key);
    const forget = () => sql`select console.forget_writes(10)`.execute(app.db);
    await forget();
    expect(essence(await send(app, label(imdb_id), actor, key))).toEqual(essence(first));
    await sql`update console.write set at = at - interval '25 hours' where actor = ${actor}`.execute(app.db);
    await forget();
    const { headers, body } = await send(app, label(imdb_id), actor, key);
    expect([headers['idempotency-replayed'], body]).toMatchObject([undefined, { event_id: null }]);
  });
});
