import {
  type ConfigPreset,
  deleteConfigPreset,
  getPipelineConfig,
  getPipelineConfigSchema,
  listConfigPresets,
  listConfigVersions,
  type PipelineConfig,
  restoreConfigVersion,
  saveConfigPreset,
  savePipelineConfig,
  secretMask,
} from '@at/contracts/pipeline-config';
import { type Example, exampleOf, problem } from './example.ts';

export const config: PipelineConfig = {
  paths: {
    source_dir: '/media/inbox',
    duplicates_dir: '/media/duplicates',
    batch_dir: '/media/syncthing/upload',
    sorted_dir: '/media/photos',
    temp_dir: '',
    quarantine_dir: '',
  },
  batch: {
    selection_mode: 'size',
    max_size_gb: 15,
    max_files: 0,
    naming_pattern: 'batch_{index:03d}',
    order: 'path',
    allow_parallel: false,
    transfer_mode: 'move',
  },
  dedup: { threads: 4, move_duplicates: true, keep: 'path', preferred: [], ignore: ['*.tmp'] },
  syncthing: {
    api_url: 'http://127.0.0.1:8384/rest',
    api_key: secretMask,
    folder_id: 'batches',
    device_id: '',
    poll_interval_sec: 60,
    auto_sort_after_sync: true,
    rescan_delay_sec: 3,
    stall_min: 30,
    on_stall: 'wait',
    after_sync: 'remove',
  },
  sorter: {
    folder_pattern: '{year}/{month:02d}/{day:02d}',
    exif_fallback: true,
    timezone: 'Europe/Berlin',
    transfer_mode: 'move',
  },
  cleanup: {
    temp_days: 7,
    retention: { quarantine_days: 30, cleaned_days: 0, missing_days: 0 },
  },
  watch: { enabled: false, quiet_sec: 300 },
  schedule: { enabled: false, cron: '0 3 * * *', timezone: 'UTC' },
  workflow: {
    debug: false,
    step_timeout_sec: 3_600,
    trace: false,
    delays: { scan: 0, batch: 0, sync: 0, sort: 0, cleanup: 0 },
  },
};
const changes = [{ key: 'batch.max_size_gb', from: 10, to: 15 }];
const warning = { key: 'system.db_path', message: 'Files and batches are in the PostgreSQL database.' };
const preset: ConfigPreset = {
  name: 'Small batches',
  description: 'For a slow line.',
  own: true,
  values: { batch: { max_size_gb: 2 } },
};
const unfit = (message: string, pointer: string) =>
  problem(422, 'Invalid request', `In the body: ${pointer} ${message}.`, {
    errors: [{ in: 'body', pointer, message }],
  });
const ofProduct = problem(
  409,
  'Preset of the product',
  '"Full move" comes with the product and stays as it is. Save yours with another name.',
);

export const pipelineConfigExamples: Example[] = [
  exampleOf(getPipelineConfig, {
    reply: {
      'application/json': config,
      'application/yaml': '# Our photos\npaths:\n  source_dir: /media/inbox # the phone\nbatch:\n  max_size_gb: 15\n',
    } as unknown as PipelineConfig,
  }),
  exampleOf(savePipelineConfig, {
    body: { batch: { max_size_gb: 15 }, system: { db_path: '/var/lib/media-pipeline/db.sqlite' } },
    reply: { ...config, warnings: [warning], changes },
    problems: {
      412: problem(
        412,
        'Stale version',
        'The configuration has changed since the version in If-Match. Nothing was changed; load it again.',
      ),
      422: unfit('is not a known key; the nearest is batch.max_size_gb', '/batch/max_size'),
    },
  }),
  exampleOf(getPipelineConfigSchema, {
    reply: {
      type: 'object',
      properties: { batch: { type: 'object', properties: { max_files: { type: 'integer' } } } },
    },
  }),
  exampleOf(listConfigVersions, {
    reply: {
      versions: [
        {
          id: 2,
          actor: 'alice',
          created_at: '2025-05-21T02:27:51.094287Z',
          restored: null,
          changes,
        },
      ],
      has_more: true,
    },
  }),
  exampleOf(restoreConfigVersion, {
    body: {},
    reply: { ...config, warnings: [], changes },
    problems: { 404: problem(404, 'Version not found', 'The configuration has no version 7.') },
  }),
  exampleOf(listConfigPresets, { reply: { presets: [preset] } }),
  exampleOf(saveConfigPreset, {
    body: { name: preset.name, description: preset.description, values: preset.values },
    reply: preset,
    problems: {
      409: ofProduct,
      422: unfit('must be number', '/values/batch/max_size_gb'),
    },
  }),
  exampleOf(deleteConfigPreset, {
    reply: { deleted: preset.name },
    problems: {
      404: problem(404, 'Preset not found', 'There is no preset of your own with the name "Small batches".'),
      409: ofProduct,
    },
  }),
];
