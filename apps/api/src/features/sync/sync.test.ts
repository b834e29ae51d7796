import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SyncthingPair, startSyncthingPair } from '@at/adapters/test/syncthing-daemons';
import { closedPort } from '@at/adapters/test/transmission-daemon';
import { type PipelineConfig, secretMask } from '@at/contracts/pipeline-config';
import type { Problem } from '@at/contracts/problem';
import type {
  SyncConnection,
  SyncDiagnostics,
  SyncRefreshed,
  SyncStarted,
  SyncStatus,
  SyncStepResult,
} from '@at/contracts/sync';
import { makeRoot } from '@at/domain/files/roots';
import { insertBatch } from '@at/domain/test/synced-batch';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { startWorker } from '#test/worker.ts';

let app: TestApp;
let pair: SyncthingPair;
let root: string;
/** Milliseconds that a request waits for its run. */
const patience = 30_000;
const logged: string[] = [];
beforeAll(async () => {
  const stream = { write: (line: string) => logged.push(line) };
  [app, pair, root] = await Promise.all([
    startTestApp({ logger: { level: 'trace', stream }, deps: () => ({ runPatience: patience }) }),
    startSyncthingPair(),
    mkdtemp(join(tmpdir(), 'at-sync-')),
  ]);
});
afterAll(async () => {
  await Promise.all([app.close(), pair.stop()]);
  await rm(root, { recursive: true });
});
beforeEach(async () => {
  await app.db.deleteFrom('console.setting').execute();
  await app.db.deleteFrom('console.setting_version').execute();
});

const configure = async (part: object) =>
  expect((await app.call('PUT', '//api/config', { body: part })).status).toBe(200);
const connect = (
  body: object,
  { dry = false, headers = {} }: { dry?: boolean; headers?: Record<string, string> } = {},
) => app.call<SyncConnection & Problem>('POST', `//api/sync/connect${dry ? '?dry_run=true' : ''}`, { body, headers });
const diagnose = async () => (await app.call<SyncDiagnostics>('GET', '//api/sync/diagnostics')).body;
const access = () => ({ api_url: pair.here.settings.url, api_key: pair.here.settings.key });
const failing = (checks: SyncConnection['checks']) =>
  checks.filter(({ state }) => state === 'failed').map(({ check }) => check);

test('a test of address and key lists folders and devices, and changes nothing', async () => {
  const folder = await pair.share();
  const { status, body } = await connect(access(), { dry: true });
  expect([status, body.saved, failing(body.checks)]).toEqual([200, false, ['folder']]);
  expect(body.folders).toContainEqual({
    id: folder.id,
    label: '',
    path: folder.here,
    devices: expect.arrayContaining([pair.here.device, pair.there.device]),
  });
  expect(body.devices).toEqual([{ id: pair.there.device, name: 'other', connected: true }]);
  expect(await app.db.selectFrom('console.setting').selectAll().execute()).toEqual([]);
});

test('a dry run shows what would change; connecting changes it, reads it back and saves it, once for its key', async () => {
  const folder = await pair.share({ here: { ignored: ['*.tmp'], more: { type: 'sendreceive', autoNormalize: true } } });
  await configure({ paths: { batch_dir: folder.here } });
  const chosen = { ...access(), folder_id: folder.id, device_id: pair.there.device };
  const changes = [
    `Change the type of the folder ${folder.id} from sendreceive to sendonly`,
    `Stop the folder ${folder.id} from renaming files (autoNormalize)`,
    `Ignore /.at-* in the folder ${folder.id}`,
    'Set syncthing.api_url',
    'Set syncthing.api_key',
    'Set syncthing.folder_id',
    'Set syncthing.device_id',
  ];
  const dry = await connect(chosen, { dry: true });
  expect([dry.body.changes, failing(dry.body.checks)]).toEqual([changes, ['send_only', 'normalize', 'ignores']]);
  expect(failing((await connect(chosen, { dry: true })).body.checks)).toHaveLength(3);

  const headers = { 'idempotency-key': 'connect once', 'x-actor': 'Anna' };
  const { status, body } = await connect(chosen, { headers });
  expect([status, body.saved, body.changes, failing(body.checks)]).toEqual([200, true, changes, []]);
  const { syncthing } = (await app.call<PipelineConfig>('GET', '//api/config')).body;
  expect(syncthing).toMatchObject({ ...chosen, api_key: secretMask });
  expect(await pair.here.ask('GET', `db/ignores?folder=${folder.id}`)).toMatchObject({ ignore: ['/.at-*', '*.tmp'] });
  expect(await diagnose()).toMatchObject({
    is_ready: true,
    last_error: null,
    syncthing_status: { device: pair.here.device },
    folder_status: { error: '' },
    completion: { percent: 100, needed_items: 0 },
  });
  await pair.here.ask('PATCH', `config/folders/${folder.id}`, { type: 'sendreceive' });
  expect((await connect(chosen, { headers })).body).toEqual(body);
  expect(failing((await connect(chosen, { dry: true })).body.checks)).toEqual(['send_only']);
  // With the stored key and the stored choice.
  expect((await connect({})).body.changes).toEqual([changes[0]]);
  expect(failing((await connect({ api_key: secretMask }, { dry: true })).body.checks)).toEqual([]);
});

test('a folder and a device that Syncthing does not have are made', async () => {
  const path = join(root, 'batches');
  await mkdir(path);
  await configure({ paths: { batch_dir: path } });
  const device_id = 'MFZWI3D-BONSGYC-YLTMRWG-C43ENR5-QXGZDMM-FZWI3DP-BONSGYY-LTMRWAD';
  const chosen = { ...access(), folder_id: 'made-here', device_id, device_name: 'phone' };
  expect((await connect(chosen, { dry: true })).body.changes.slice(0, 2)).toEqual([
    'Add the device phone',
    `Make the folder made-here at ${path}, which only sends to phone, and ignores /.at-*`,
  ]);
  const { status, body } = await connect(chosen);
  expect([status, failing(body.checks)]).toEqual([200, ['connected']]);
  expect(body.folders).toContainEqual(expect.objectContaining({ id: 'made-here', path }));
  expect(await diagnose()).toMatchObject({
    is_ready: false,
    last_error: 'The device phone has never been connected. Start Syncthing on it, and accept this computer there.',
    completion: { needed_items: 0 },
  });
});

test('what cannot be reached or used is refused, and nothing is saved', async () => {
  const chosen = { folder_id: 'x', device_id: pair.there.device };
  const url = pair.here.settings.url;
  await configure({ syncthing: { api_key: 'stored-key' } });
  const before = await app.db.selectFrom('console.setting').selectAll().execute();
  const [closed, wrong, elsewhere, unchosen, odd] = await Promise.all([
    connect({ ...chosen, api_url: `http://127.0.0.1:${closedPort}/rest`, api_key: 'hidden-key' }),
    connect({ ...chosen, api_url: url, api_key: 'hidden-key' }),
    connect({ ...chosen, api_url: 'http://elsewhere.example/rest' }),
    connect(access()),
    connect({ ...access(), folder_id: 'x', device_id: 'phone' }),
  ]);
  expect([closed.status, closed.body.message]).toEqual([409, expect.stringContaining('ECONNREFUSED')]);
  expect([wrong.status, wrong.body.message]).toEqual([409, expect.stringContaining('refuses the API key (403)')]);
  expect([elsewhere.status, elsewhere.body.errors]).toMatchObject([422, [{ pointer: '/api_key' }]]);
  expect([unchosen.status, unchosen.body.errors]).toMatchObject([422, [{ pointer: '/folder_id' }]]);
  expect([odd.status, odd.body.errors]).toMatchObject([422, [{ pointer: '/device_id' }]]);
  expect((await connect({ ...access(), ...chosen })).body.errors).toMatchObject([{ pointer: '/folder_path' }]);
  expect(await app.db.selectFrom('console.setting').selectAll().execute()).toEqual(before);
  const dry = await connect({ ...chosen, api_url: url, api_key: 'hidden-key' }, { dry: true });
  expect([dry.status, failing(dry.body.checks), dry.body.folders]).toEqual([200, ['key'], []]);
});

test('the key is in no reply, log line or stored row but its own', async () => {
  const { key } = pair.here.settings;
  const folder = await pair.share({ here: { ignored: ['/.at-*'] } });
  await configure({ paths: { batch_dir: folder.here } });
  const chosen = { ...access(), folder_id: folder.id, device_id: pair.there.device };
  const texts = [
    (await connect(chosen, { dry: true })).text,
    (await connect(chosen, { headers: { 'idempotency-key': 'with a secret' } })).text,
    JSON.stringify(await diagnose()),
    JSON.stringify(await app.db.selectFrom('console.write').selectAll().execute()),
    JSON.stringify(await app.db.selectFrom('console.setting_version').selectAll().execute()),
    ...logged,
  ];
  for (const text of texts) expect(text).not.toContain(key);
  for (const text of logged) expect(text).not.toContain('hidden-key');
});

test('diagnostics of an installation without Syncthing say so, and nothing else fails', async () => {
  await configure({ syncthing: { api_url: `http://127.0.0.1:${closedPort}/rest` } });
  const { is_ready, checks, last_error, syncthing_status, folder_status, completion } = await diagnose();
  expect([is_ready, failing(checks), checks.length]).toEqual([false, ['reachable'], 11]);
  expect(last_error).toContain('is unreachable');
  expect([syncthing_status, folder_status, completion]).toEqual([null, null, null]);
});

describe('the sync of a batch', () => {
  const files = { 'a.jpg': 'photo', 'b.mov': 'a longer video' };
  let made = 0;

  /** A batch in a folder that is connected. */
  async function newBatch(more: object = {}) {
    const folder = await pair.share({ here: { ignored: ['/.at-*'] } });
    const { id: root } = await makeRoot(app.db, Buffer.from(folder.here), folder.id);
    const connection = { folder_id: folder.id, device_id: pair.there.device, rescan_delay_sec: 0 };
    await configure({ syncthing: { ...access(), ...connection, ...more } });
    made += 1;
    const name = `batch_${String(made).padStart(3, '0')}`;
    return { id: await insertBatch(app.db, { root, at: folder.here, name, files }), name, folder };
  }
  const work = () => {
    const worker = startWorker({ ...app.config });
    onTestFinished(() => worker.stop());
  };
  const post = <Body = Problem>(path: string) =>
    app.call<Body>('POST', `//api/${path}`, { headers: { 'x-actor': 'Anna' } });
  const status = async (of: number | string) =>
    app.call<SyncStatus>('GET', `//api/sync/status/${encodeURIComponent(of)}`);

  test('POST /api/workflow/sync waits for it, by name or id, and then the device has each file', async () => {
    work();
    const { id, name, folder } = await newBatch();
    expect((await status(name)).body).toMatchObject({
      status: 'PENDING',
      progress: 0,
      needed_items: 2,
      can_start: true,
      run_id: null,
    });
    const { status: code, body } = await post<SyncStepResult>(`workflow/sync/${name}`);
    expect([code, body]).toMatchObject([
      200,
      {
        status: 'completed',
        message: `The device has all files of ${name}.`,
        data: { batch: name, batch_id: id, status: 'SYNCED', progress: 100, needed_items: 0 },
      },
    ]);
    expect(await readFile(join(folder.there, name, 'b.mov'), 'utf8')).toBe(files['b.mov']);
    expect((await status(id)).body).toMatchObject({ status: 'SYNCED', synced_at: expect.any(String), state: 'synced' });
    const again = await post(`sync/start/${id}`);
    expect([again.status, again.body.message]).toEqual([
      409,
      `The batch ${name} is SYNCED and cannot become SYNCING. It can become SORTING.`,
    ]);
    expect(again.body.detail).toBe(again.body.message);
  });

  test('a sync that waits says why, a second start joins it, and a refresh has it look at once', async () => {
    const { id, name, folder } = await newBatch({ poll_interval_sec: 3_600 });
    const first = (await post<SyncStarted>(`sync/start/${name}`)).body;
    expect(first).toMatchObject({ batch: name, batch_id: id, started: true, status: 'SYNCING' });
    expect((await post<SyncStarted>(`sync/start/${id}`)).body).toEqual({ ...first, started: false });
    await pair.here.ask('PATCH', `config/folders/${folder.id}`, { paused: true });
    work();
    await expect
      .poll(async () => (await status(id)).body, { interval: 20 })
      .toMatchObject({
        state: 'blocked',
        detail: 'The folder is paused. Resume it in Syncthing.',
        run_id: first.run_id,
      });
    await pair.here.ask('PATCH', `config/folders/${folder.id}`, { paused: false });
    const refresh = async () => (await post<SyncRefreshed>('workflow/sync/refresh')).body;
    const refreshed = await refresh();
    expect([refreshed.count, refreshed.batches.map(({ batch }) => batch)]).toEqual([1, [name]]);
    // A look that was about to end, or found the device connecting again, does not see the folder resumed.
    await expect.poll(refresh, { interval: 100 }).toEqual({ count: 0, batches: [] });
    expect((await status(id)).body.status).toBe('SYNCED');
  });

  test('without a folder or a device, and for an unknown batch, nothing starts', async () => {
    const { id } = await newBatch();
    await sql`update console.setting set value = value #- '{syncthing,folder_id}' where section = 'pipeline'`.execute(
      app.db,
    );
    expect((await post(`sync/start/${id}`)).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('folder_id'),
    });
    await configure({ syncthing: { folder_id: 'x', device_id: '' } });
    expect((await post(`workflow/sync/${id}`)).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('device_id'),
    });
    expect((await status(id)).body.status).toBe('PENDING');
    for (const of of [0, 999_999, 'batch_999', '99999999999999999999'])
      expect([(await status(of)).status, (await post(`sync/start/${of}`)).status]).toEqual([404, 404]);
    const { rows } = await sql`select from console.run where outcome is null`.execute(app.db);
    expect(rows).toEqual([]);
  });
});
