import type { PipelineConfig } from '@at/contracts/pipeline-config';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isOwn, openServer, type Server } from './server.ts';

/** The callers of the media pipeline's original: scripts that read and change its configuration. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

const read = async () => (await server.get<PipelineConfig>('//api/config')).body;

test('GET /api/config has every key that callers of the original read', async () => {
  expect(await read()).toMatchObject({
    paths: {
      source_dir: expect.any(String),
      duplicates_dir: expect.any(String),
      batch_dir: expect.any(String),
      sorted_dir: expect.any(String),
      temp_dir: expect.any(String),
    },
    batch: {
      max_size_gb: expect.any(Number),
      naming_pattern: expect.any(String),
      selection_mode: expect.any(String),
      max_files: expect.any(Number),
      allow_parallel: expect.any(Boolean),
      transfer_mode: expect.any(String),
    },
    dedup: { threads: expect.any(Number), move_duplicates: expect.any(Boolean) },
    syncthing: {
      api_url: expect.any(String),
      api_key: expect.any(String),
      folder_id: expect.any(String),
      device_id: expect.any(String),
      poll_interval_sec: expect.any(Number),
      auto_sort_after_sync: expect.any(Boolean),
      rescan_delay_sec: expect.any(Number),
    },
    sorter: {
      folder_pattern: expect.any(String),
      exif_fallback: expect.any(Boolean),
      transfer_mode: expect.any(String),
    },
  });
});

test('PUT /api/config with {} returns the configuration and changes nothing', async () => {
  const before = await read();
  const { status, body } = await server.ask<PipelineConfig>('PUT', '//api/config', { body: {} });
  expect(status).toBe(200);
  expect(body).toMatchObject(before);
  expect(await read()).toEqual(before);
});

test.runIf(isOwn)('PUT /api/config merges a part deeply and returns the whole', async () => {
  const part = { dedup: { threads: 6 }, batch: { max_files: 9 } };
  const { body } = await server.ask<PipelineConfig>('PUT', '//api/config', { body: part });
  expect(body).toMatchObject({
    dedup: { threads: 6, move_duplicates: true },
    batch: { max_files: 9, max_size_gb: 15 },
  });
  expect(body).toMatchObject(await read());
});

test.runIf(isOwn)("the original's own configuration is accepted", async () => {
  const body = {
    dedup: { hash_algorithm: 'sha256', threads: 4, move_duplicates: true },
    auth: { api_key: '', header_name: 'x-api-key' },
    system: {
      db_path: '/var/lib/media-pipeline/db.sqlite',
      log_dir: '/var/log/media-pipeline',
      port_api: 8080,
      port_dbui: 8081,
      max_parallel_fs_ops: 4,
      cleanup_empty_batches: true,
    },
  };
  expect((await server.ask('PUT', '//api/config', { body })).status).toBe(200);
});

test('a value that cannot be used is 422 with detail', async () => {
  const { status, body } = await server.ask<Problem>('PUT', '//api/config', { body: { dedup: { threads: 'many' } } });
  expect([status, body.detail]).toEqual([422, expect.stringContaining('/dedup/threads')]);
});
