import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConfigPreset,
  type ConfigVersion,
  type PipelineConfig,
  type PipelineConfigSaved,
  secretMask,
} from '@at/contracts/pipeline-config';
import type { Problem } from '@at/contracts/problem';
import { createTestDatabase } from '@at/db/testing';
import { readYaml as parse } from '@at/domain/pipeline-config/document';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { insertBatch } from '#test/sample-files.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

type Headers = Record<string, string>;
let app: TestApp;
/** Every line that the server has logged. */
const logged: string[] = [];
beforeAll(async () => {
  const stream = { write: (line: string) => logged.push(line) };
  app = await startTestApp({ logger: { level: 'trace', stream } });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.db.deleteFrom('console.setting').execute();
  await app.db.deleteFrom('console.setting_version').execute();
});

const read = async (on = app) => (await on.call<PipelineConfig>('GET', '//api/config')).body;
const put = (body: object | string, headers: Headers = {}) =>
  app.call<PipelineConfigSaved & Problem>('PUT', '//api/config', { body, headers: { 'x-actor': 'Anna', ...headers } });
const putYaml = (text: string) => put(text, { 'content-type': 'application/yaml' });
const readYaml = async () => (await app.call('GET', '//api/config', { headers: { accept: 'application/yaml' } })).text;
const versions = async (query = '') =>
  (await app.call<{ versions: ConfigVersion[]; has_more: boolean }>('GET', `//api/config/versions${query}`)).body;
const faultsOf = async (body: object) => {
  const { status, body: problem } = await put(body);
  expect(status).toBe(422);
  expect((await versions()).versions).toEqual([]);
  return Object.fromEntries((problem.errors ?? []).map(({ pointer, message }) => [pointer, message]));
};

test('nothing written: the defaults', async () => {
  const config = await read();
  expect(config.batch).toMatchObject({ max_size_gb: 15, max_files: 0, naming_pattern: 'batch_{index:03d}' });
  expect(config.syncthing).toMatchObject({
    api_key: '',
    poll_interval_sec: 60,
    rescan_delay_sec: 3,
    after_sync: 'ask',
  });
  expect(config.sorter.folder_pattern).toBe('{year}/{month:02d}/{day:02d}');
  expect(await versions()).toEqual({ versions: [], has_more: false });
});

test('a part is merged deeply; the rest stays, and null is the default again', async () => {
  await put({ batch: { max_size_gb: 8, max_files: 500 }, cleanup: { retention: { missing_days: 5 } } });
  await put({ batch: { max_size_gb: 9 }, dedup: { ignore: ['*.tmp'] } });
  expect(await read()).toMatchObject({
    batch: { max_size_gb: 9, max_files: 500 },
    dedup: { ignore: ['*.tmp'], threads: 4 },
    cleanup: { temp_days: 7, retention: { missing_days: 5, quarantine_days: 30 } },
  });
  await put({ batch: null, cleanup: { retention: { missing_days: null } } });
  expect(await read()).toMatchObject({
    batch: { max_size_gb: 15, max_files: 0 },
    cleanup: { retention: { missing_days: 0 } },
  });
});

test('{}, values that are already set, and a reply that is sent back change nothing', async () => {
  await put({ syncthing: { api_key: 'hidden-key' }, batch: { max_files: 3 } });
  const before = await versions();
  const reply = (await put({})).body;
  await put(reply);
  await put(await read());
  await put({ batch: { max_files: 3 } });
  await putYaml(await readYaml());
  await putYaml('');
  expect(await versions()).toEqual(before);
  const [row] = await app.db.selectFrom('console.setting').select('secrets').execute();
  expect(row?.secrets).toEqual({ syncthing_api_key: 'hidden-key' });
});

describe('a secret', () => {
  test('is in no reply, version, event or log line', async () => {
    const secrets = ['hidden-one', 'hidden-two', 'hidden-three', 'hidden-four'];
    const replies = [
      await put({ syncthing: { api_key: secrets[0] } }),
      await put({ syncthing: { api_key: secrets[1] } }),
      await put({ syncthing: { api_key: secrets[1], api_url: 7 } }),
      await putYaml(
        `# the key is ${secrets[2]}\nsyncthing:\n  api_key: ${secrets[2]} # not password=hunter22\nauth:\n  api_key: ${secrets[3]}\n`,
      ),
      await putYaml(`syncthing: {api_key: ${secrets[0]}: x}`),
      await app.call('GET', '//api/config'),
      await app.call('GET', '//api/config', { headers: { accept: 'text/yaml' } }),
      await app.call('GET', '//api/config/versions'),
      await app.call('GET', '/settings'),
      await app.call('GET', '//api/workflow/overview'),
      await app.call('GET', '//api/debug/report'),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 422, 200, 422, ...Array(6).fill(200)]);
    const { rows } = await sql<{ kept: string }>`
      select coalesce((select string_agg(v::text, '') from console.setting_version v), '') ||
        coalesce((select string_agg(w::text, '') from console.write w), '') || (select value::text from console.setting) as kept
    `.execute(app.db);
    for (const text of [...replies.map((reply) => reply.text), rows[0]?.kept ?? '', ...logged]) {
      for (const secret of [...secrets, 'hunter22']) expect(text).not.toContain(secret);
    }
    expect((await read()).syncthing.api_key).toBe(secretMask);
  });

  test('that changes is a change without its values; empty removes it', async () => {
    await put({ syncthing: { api_key: 'hidden-one' } });
    await put({ syncthing: { api_key: 'hidden-two' } });
    await put({ syncthing: { api_key: '' } });
    expect((await versions()).versions.map(({ changes }) => changes)).toEqual([
      [{ key: 'syncthing.api_key', from: secretMask, to: '' }],
      [{ key: 'syncthing.api_key', from: secretMask, to: secretMask }],
      [{ key: 'syncthing.api_key', from: '', to: secretMask }],
    ]);
  });
});

describe('what cannot be used is 422 with its pointer, and changes nothing', () => {
  test('unknown keys, with the nearest known one', async () => {
    expect(
      await faultsOf({
        batch: { max_size: 3 },
        dedup: { thread: 2 },
        sorting: {},
        max_files: 1,
        cleanup: { retention: { missing_day: 1 } },
        system: { db_file: 'x' },
      }),
    ).toEqual({
      '/batch/max_size': 'is not a known key; the nearest is batch.max_size_gb',
      '/dedup/thread': 'is not a known key; the nearest is dedup.threads',
      '/sorting': 'is not a known key; the nearest is sorter',
      '/max_files': 'is not a known key; the nearest is batch.max_files',
      '/cleanup/retention/missing_day': 'is not a known key; the nearest is cleanup.retention.missing_days',
      '/system/db_file': expect.stringContaining('is not a known key'),
    });
  });

  test('types and limits, all at once', async () => {
    expect(
      await faultsOf({
        paths: 'x',
        batch: { max_files: '3', max_size_gb: -1, selection_mode: 'weight' },
        dedup: { ignore: 'x', move_duplicates: 'yes' },
        syncthing: { folder_id: 'a\nb' },
      }),
    ).toEqual({
      '/paths': 'must be an object',
      '/batch/max_files': 'must be integer',
      '/batch/max_size_gb': 'must be >= 0',
      '/batch/selection_mode': 'must be one of: size, files, count',
      '/dedup/ignore': 'must be array',
      '/dedup/move_duplicates': 'must be boolean',
      '/syncthing/folder_id': 'must be one line of text',
    });
  });

  test.each<[part: object, pointer: string, message: RegExp]>([
    [{ batch: { naming_pattern: 'batch' } }, '/batch/naming_pattern', /needs \{index\}/],
    [{ sorter: { folder_pattern: '../{year}' } }, '/sorter/folder_pattern', /begins with a dot/],
    [{ sorter: { timezone: 'Europe/Atlantis' } }, '/sorter/timezone', /such as Europe\/Berlin/],
    [{ schedule: { cron: '61 * * * *' } }, '/schedule/cron', /five fields/],
    [{ syncthing: { api_url: 'http://me:pw@host' } }, '/syncthing/api_url', /must not hold a user/],
    [{ syncthing: { device_id: 'phone' } }, '/syncthing/device_id', /eight groups/],
    [{ syncthing: { after_sync: 'keep' } }, '/sorter/transfer_mode', /must be copy/],
    [
      { syncthing: { after_sync: 'remove' }, sorter: { transfer_mode: 'copy' } },
      '/sorter/transfer_mode',
      /must be move/,
    ],
    [{ paths: { source_dir: 'inbox' } }, '/paths/source_dir', /absolute path/],
    [{ paths: { source_dir: '/media/a/../b' } }, '/paths/source_dir', /without \.\./],
    [
      { paths: { source_dir: '/media', sorted_dir: '/media/photos/' } },
      '/paths/sorted_dir',
      /inside paths\.source_dir/,
    ],
    [{ paths: { source_dir: '/media/in', sorted_dir: '/media/in/' } }, '/paths/sorted_dir', /the same folder/],
    [{ dedup: { preferred: ['Camera', '../other'] } }, '/dedup/preferred', /folders below the inbox/],
    [{ dedup: { ignore: ['*.tmp', 'cache/*'] } }, '/dedup/ignore', /names without \//],
    // What a scan can do.
    [{ dedup: { threads: 17 } }, '/dedup/threads', /<= 16/],
    [{ dedup: { keep: 'newest' } }, '/dedup/keep', /one of: path, shortest/],
    [{ constructor: 1 }, '/constructor', /not a known key/],
  ])('%j', async (part, pointer, message) => {
    expect((await faultsOf(part))[pointer]).toMatch(message);
  });

  test('a value that does not fit an older one', async () => {
    await put({ syncthing: { after_sync: 'keep' }, sorter: { transfer_mode: 'copy' } });
    expect((await put({ sorter: { transfer_mode: 'move' } })).status).toBe(422);
    expect((await put({ sorter: { transfer_mode: 'move' }, syncthing: { after_sync: 'remove' } })).status).toBe(200);
  });
});

test('the folder of Syncthing stays while a batch is in it: without a device it would be sorted at once', async () => {
  const without = { syncthing: { folder_id: '' } };
  const batch = await insertBatch(app.db, 'batch_001');
  onTestFinished(async () => void (await sql`delete from console.batch where id = ${batch}`.execute(app.db)));
  expect((await put({ syncthing: { folder_id: 'photos' } })).status).toBe(200);
  const { status, body } = await put(without);
  expect([status, body.errors]).toMatchObject([
    422,
    [{ pointer: '/syncthing/folder_id', message: expect.stringContaining('while batch_001 is in the folder') }],
  ]);
  expect((await put({ syncthing: { folder_id: 'others' } })).status).toBe(200);
  await sql`update console.batch set status = 'CLEANED', cleaned_at = now() where id = ${batch}`.execute(app.db);
  expect((await put(without)).status).toBe(200);
});

test('keys of the original without a meaning and missing folders are warnings', async () => {
  const { status, body } = await put({
    auth: { api_key: 'hidden', header_name: 'x-api-key' },
    system: { db_path: '/var/db.sqlite', port_api: 8080 },
    dedup: { hash_algorithm: 'md5', threads: 2 },
    paths: { source_dir: '/nowhere/to/be/found' },
  });
  expect([status, body.dedup.threads]).toEqual([200, 2]);
  expect(body.warnings.map(({ key }) => key)).toEqual([
    'auth.api_key',
    'auth.header_name',
    'system.db_path',
    'system.port_api',
    'dedup.hash_algorithm',
    'paths.source_dir',
  ]);
  expect((await put({ dedup: { hash_algorithm: 'sha256' }, paths: { source_dir: tmpdir() } })).body.warnings).toEqual(
    [],
  );
});

describe('versions', () => {
  test('each change has its author and its keys; older ones are a page away', async () => {
    await put({ batch: { max_files: 1 } });
    await put({ batch: { max_files: 2 }, watch: { enabled: true } }, { 'x-actor': 'Bob' });
    const { versions: all } = await versions();
    expect(all).toMatchObject([
      {
        id: 2,
        actor: 'Bob',
        restored: null,
        changes: [
          { key: 'batch.max_files', from: 1, to: 2 },
          { key: 'watch.enabled', from: false, to: true },
        ],
      },
      { id: 1, actor: 'Anna', changes: [{ key: 'batch.max_files', from: 0, to: 1 }] },
    ]);
    expect(await versions('?limit=1')).toEqual({ versions: [all[0]], has_more: true });
    expect(await versions('?before=2')).toEqual({ versions: [all[1]], has_more: false });
  });

  test('one is restored as a new version; secrets stay, and its YAML returns', async () => {
    await putYaml('# ours\nbatch:\n  max_files: 1 # few\n');
    await put({ batch: { max_files: 2 }, syncthing: { api_key: 'hidden-key' } });
    await putYaml('batch: {max_files: 3}');
    const { status, body, headers } = await app.call<PipelineConfig>('POST', '//api/config/versions/1/restore', {
      headers: { 'x-actor': 'Bob' },
    });
    expect([status, body.batch.max_files, body.syncthing.api_key, headers.etag]).toEqual([200, 1, secretMask, '"4"']);
    expect((await versions()).versions[0]).toMatchObject({ id: 4, actor: 'Bob', restored: 1 });
    expect(await readYaml()).toMatch(/^# ours\nbatch:\n {2}max_files: 1 # few\n/);
    expect((await app.call('POST', '//api/config/versions/9/restore')).status).toBe(404);
    const stale = { headers: { 'if-match': '"3"' } };
    expect((await app.call('POST', '//api/config/versions/1/restore', stale)).status).toBe(412);
  });

  test('a write with If-Match of another version is 412; of ten with the same one wins', async () => {
    const based = (tag: string, max_files: number) => put({ batch: { max_files } }, { 'if-match': tag });
    expect((await based('"1"', 1)).status).toBe(412);
    expect((await based('"0"', 1)).status).toBe(200);
    const replies = await Promise.all(Array.from({ length: 10 }, (_, i) => based('"1"', i + 2)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(412)]);
  });
});

describe('YAML', () => {
  test('explains each key until a user writes one', async () => {
    const text = await readYaml();
    expect(text).toContain('  # GiB of a batch; 0: no limit\n  max_size_gb: 15\n');
    expect(parse(text)).toEqual(await read());
  });

  test('keeps the comments of its author when values change elsewhere', async () => {
    await putYaml('# our photos\npaths:\n  # the phone\n  source_dir: /media/in\nbatch:\n  max_size_gb: 10 # small\n');
    await put({ batch: { max_size_gb: 12 }, paths: { source_dir: '/media/inbox' } });
    const text = await readYaml();
    expect(text).toContain('# our photos\npaths:\n  # the phone\n  source_dir: /media/inbox\n');
    expect(text).toContain('  max_size_gb: 12 # small\n');
    expect(parse(text)).toEqual(await read());
  });

  test('a change of comments alone is a version', async () => {
    await putYaml('batch:\n  max_files: 4\n');
    await putYaml('batch:\n  max_files: 4 # four\n');
    expect((await versions()).versions.map(({ changes }) => changes.length)).toEqual([0, 1]);
  });

  test.each([
    ['batch: [', /line 1, column/],
    ['batch: {max_files: 1}\nbatch: {max_files: 2}', /a key occurs twice/],
    ['- a\n- b', /mapping of sections/],
    ['just text', /mapping of sections/],
    [
      'a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c]',
      /aliases too often|not a known key/,
    ],
    ['batch: {max_file: 1}', /the nearest is batch\.max_files/],
  ])('%j is 422', async (text, message) => {
    const { status, body } = await putYaml(text);
    expect([status, body.message]).toEqual([422, expect.stringMatching(message)]);
  });
});

test.each([
  [200, /nested deeper than/],
  [20_000, /nested too deep/],
])('YAML that is nested %i levels deep is 422', async (levels, message) => {
  const { status, body } = await putYaml(`warnings: ${'['.repeat(levels)}${']'.repeat(levels)}`);
  expect([status, body.message]).toEqual([422, expect.stringMatching(message)]);
});

describe('presets', () => {
  const list = async () => (await app.call<{ presets: ConfigPreset[] }>('GET', '//api/config/presets')).body.presets;
  const save = (body: object) => app.call<ConfigPreset>('POST', '//api/config/presets', { body });

  test('those of the product can be written as they are', async () => {
    for (const { values } of await list()) expect((await put(values)).status).toBe(200);
  });

  test('are saved, replaced and deleted; without values they have what differs, without folders and secrets', async () => {
    await put({
      paths: { source_dir: '/media/in' },
      batch: { max_files: 3 },
      syncthing: { api_key: 'k', folder_id: 'f', stall_min: 9 },
    });
    expect((await save({ name: ' Ours ' })).body).toEqual({
      name: 'Ours',
      description: '',
      own: true,
      values: { batch: { max_files: 3 }, syncthing: { stall_min: 9 } },
    });
    await save({ name: 'Ours', description: 'Few', values: { batch: { max_files: 2 } } });
    expect((await list()).filter(({ own }) => own)).toMatchObject([{ name: 'Ours', description: 'Few' }]);
    expect((await app.call('DELETE', '//api/config/presets/Ours')).status).toBe(200);
    expect((await app.call('DELETE', '//api/config/presets/Ours')).status).toBe(404);
  });

  test.each([
    [{ syncthing: { api_key: 'k' } }, '/values/syncthing/api_key'],
    [{ auth: { api_key: 'k' } }, '/values/auth/api_key'],
    [{ syncthing: null }, '/values/syncthing/api_key'],
  ])('the secret in %j is refused', async (values, pointer) => {
    const { status, text } = await save({ name: 'x', values });
    expect([status, JSON.parse(text).errors]).toMatchObject([422, [{ pointer }]]);
    expect((await list()).filter(({ own }) => own)).toEqual([]);
  });

  test('only values of known keys are kept', async () => {
    const values = {
      batch: { max_files: 2, order: null },
      warnings: [{ key: 'x', message: 'hidden-one' }],
      changes: 'hidden-two',
      auth: { header_name: 'hidden-three' },
      system: { db_path: 'hidden-four' },
    };
    const { status, body } = await save({ name: 'Ours', values });
    expect([status, body.values]).toEqual([200, { batch: { max_files: 2, order: null } }]);
    const [row] = await app.db.selectFrom('console.setting').select('value').execute();
    expect(JSON.stringify(row?.value)).not.toContain('hidden');
  });

  test('one of an earlier version that holds a secret does not show it', async () => {
    const values = { batch: { max_files: 2 }, auth: { api_key: 'hidden' }, syncthing: { api_key: 'hidden' } };
    const value = JSON.stringify({ Old: { description: '', values } });
    await sql`insert into console.setting (owner, section, value, actor)
      values ('', 'pipeline-presets', ${value}::jsonb, 'Anna')`.execute(app.db);
    expect((await list()).at(-1)).toMatchObject({ name: 'Old', values: { batch: { max_files: 2 } } });
    expect(JSON.stringify(await list())).not.toContain('hidden');
  });

  test('there are 50 at most, each within the size of a setting', async () => {
    const ignore = Array.from({ length: 100 }, () => '€'.repeat(200));
    const [source_dir, sorted_dir] = ['€'.repeat(1000), '€'.repeat(999)];
    const { status, text } = await save({
      name: 'Large',
      values: { paths: { source_dir, sorted_dir }, dedup: { ignore } },
    });
    expect([status, JSON.parse(text).errors]).toMatchObject([422, [{ pointer: '/values' }]]);
    for (let i = 0; i < 50; i += 1) expect((await save({ name: `p${i}`, values: {} })).status).toBe(200);
    expect((await save({ name: 'One more', values: {} })).status).toBe(409);
    expect((await save({ name: 'p7', values: { batch: { max_files: 7 } } })).status).toBe(200);
    expect((await list()).filter(({ own }) => own)).toHaveLength(50);
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is a name like any other', async (name) => {
    expect((await app.call('DELETE', `//api/config/presets/${name}`)).status).toBe(404);
    expect((await save({ name, values: {} })).status).toBe(200);
    expect((await list()).at(-1)).toMatchObject({ name, own: true });
    expect((await app.call('DELETE', `//api/config/presets/${name}`)).status).toBe(200);
    expect((await app.call('DELETE', `//api/config/presets/${name}`)).status).toBe(404);
  });

  test('an unknown key or the name of one of the product is refused', async () => {
    expect((await save({ name: 'x', values: { batch: { files: 1 } } })).status).toBe(422);
    expect((await save({ name: 'copy only', values: {} })).status).toBe(409);
    expect((await list()).filter(({ own }) => own)).toEqual([]);
  });
});

test.each([
  ['PUT', ''],
  ['POST', '/presets'],
  ['POST', '/versions/1/restore'],
])('%s /api/config%s refuses a body that is nested deep', async (method, path) => {
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const body = path === '/presets' ? `{"name":"x","values":{"warnings":${nested}}}` : `{"warnings":${nested}}`;
  const headers = { 'content-type': 'application/json' };
  const { status } = await app.call(method, `//api/config${path}`, { body, headers });
  expect([400, 422]).toContain(status);
});

test('dry_run replies with what a write or a restore would change, refuses what they would, and changes nothing', async () => {
  await put({ batch: { max_files: 1 } });
  await put({ batch: { max_files: 2 } });
  const before = await versions();
  const dry = (method: string, path: string, body: object = {}) =>
    app.call<PipelineConfigSaved>(method, `//api/config${path}?dry_run=true`, { body });
  const changed = await dry('PUT', '', { batch: { max_files: 3 }, auth: { api_key: 'x' } });
  expect(changed.body).toMatchObject({
    batch: { max_files: 3 },
    changes: [{ key: 'batch.max_files', from: 2, to: 3 }],
    warnings: [{ key: 'auth.api_key' }],
  });
  expect((await dry('POST', '/versions/1/restore')).body.changes).toEqual([{ key: 'batch.max_files', from: 2, to: 1 }]);
  expect((await dry('PUT', '', { syncthing: { after_sync: 'keep' } })).status).toBe(422);
  expect(await versions()).toEqual(before);
});

test('GET /api/config/schema has the type, limits and default of each value', async () => {
  const { body } = await app.call<{ properties: object }>('GET', '//api/config/schema');
  expect(body.properties).toMatchObject({
    batch: { properties: { max_size_gb: { type: 'number', default: 15, minimum: 0 } } },
  });
});

describe('MEDIA_PIPELINE_CONFIG', () => {
  const directory = mkdtempSync(join(tmpdir(), 'at-config-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'config.yaml');

  test('is imported by the first start only, with its comments; keys without a meaning are logged', async () => {
    const database = await createTestDatabase('full');
    onTestFinished(() => database.drop());
    const lines: string[] = [];
    const start = async (text: string) => {
      writeFileSync(file, text);
      const started = await startTestApp({
        database: database.connectionString,
        config: { MEDIA_PIPELINE_CONFIG: file },
        works: false,
        logger: { level: 'info', stream: { write: (line: string) => lines.push(line) } },
      });
      onTestFinished(() => started.close());
      await expect.poll(() => lines.join('')).toContain(file);
      return started;
    };
    await start('batch: {max_file: 1, naming_pattern: hidden-word}');
    expect(lines.join('')).toContain(
      'was not imported. batch.max_file is not a known key; the nearest is batch.max_files',
    );
    expect(lines.join('')).not.toContain('hidden-word');
    lines.length = 0;
    const text = 'batch:\n  max_files: 7 # few\nsyncthing:\n  api_key: hidden-key\nsystem:\n  db_path: /var/x.sqlite\n';
    const second = await start(text);
    await expect.poll(async () => (await read(second)).batch.max_files).toBe(7);
    await expect.poll(() => lines.join('')).toContain('system.db_path has no effect');
    expect(lines.join('')).not.toContain('hidden-key');
    const { body } = await second.call<{ versions: ConfigVersion[] }>('GET', '//api/config/versions');
    expect(body.versions).toMatchObject([{ id: 1, actor: 'MEDIA_PIPELINE_CONFIG' }]);
    const third = await startTestApp({
      database: database.connectionString,
      config: { MEDIA_PIPELINE_CONFIG: file },
      works: false,
    });
    onTestFinished(() => third.close());
    writeFileSync(file, 'batch: {max_files: 8}');
    expect((await read(third)).batch.max_files).toBe(7);
  });
});
