import {
  connectSyncthing,
  getSyncDiagnostics,
  getSyncStatus,
  refreshSyncs,
  type SyncCheck,
  type SyncStatus,
  startBatchSync,
  syncBatch,
} from '@at/contracts/sync';
import { type Example, exampleOf, problem } from './example.ts';

const device = 'QWSCP6L-SGANRRK-HG32G72-UJA6KZB-UABRHXB-RCO2HK6-DNFIVXA-WJBICQW';
const checks: SyncCheck[] = [
  { check: 'reachable', state: 'passed', message: 'Syncthing v1.19.2 replies' },
  { check: 'key', state: 'passed', message: 'Syncthing accepts the key' },
  { check: 'host', state: 'passed', message: 'Syncthing accepts its address' },
  { check: 'folder', state: 'passed', message: 'The folder is batches at /media/syncthing/upload' },
  { check: 'paused', state: 'passed', message: 'The folder is not paused' },
  { check: 'shared', state: 'passed', message: 'The folder is shared with phone' },
  { check: 'send_only', state: 'passed', message: 'The folder only sends' },
  { check: 'normalize', state: 'passed', message: 'Names stay as they are' },
  { check: 'ignores', state: 'passed', message: 'The folder ignores /.at-*' },
  { check: 'marker', state: 'passed', message: 'The marker .stfolder is in /media/syncthing/upload' },
  { check: 'connected', state: 'failed', message: 'The device phone is away since 2026-11-29T20:14:02Z.' },
];

const run_id = '0193d3f5-9c1e-7b9a-8f53-0b6c6a1d2e4f';
const status: SyncStatus = {
  batch: 'batch_007',
  batch_id: 7,
  status: 'SYNCING',
  progress: 62.4,
  synced_at: null,
  detail: null,
  state: 'sending',
  changed_at: '2026-11-30T08:00:12.250000Z',
  size_bytes: 14_872_113_408,
  needed_bytes: 5_592_014_641,
  needed_items: 151,
  bytes_per_second: 18_640_048.8,
  remaining_seconds: 301,
  can_start: false,
  run_id,
};
const refusals = {
  404: problem(404, 'Batch not found', 'No batch has the id or name "batch_070". GET /api/batches lists them.'),
  409: problem(409, 'Not possible', 'The batch batch_007 is SORTED and cannot become SYNCING. It can become CLEANED.'),
};

export const syncExamples: readonly Example[] = [
  exampleOf(getSyncDiagnostics, {
    reply: {
      is_ready: false,
      checks,
      last_error: 'The device phone is away since 2026-11-29T20:14:02Z.',
      syncthing_status: {
        version: 'v1.19.2',
        device: '4VGV3EY-3LCIDEV-433Y3P2-RMWUAIW-JVLZUX3-QQRVAL4-XURRW2D-FNLQFAX',
        started: '2026-11-28T06:00:00Z',
      },
      folder_status: { state: 'idle', error: '', files: 412, bytes: 14_872_113_408 },
      completion: { percent: 62.4, needed_bytes: 5_592_014_641, needed_items: 151 },
    },
  }),
  exampleOf(connectSyncthing, {
    body: {
      api_url: 'http://127.0.0.1:8384/rest',
      api_key: 'the-key-of-syncthing',
      folder_id: 'batches',
      device_id: device,
    },
    reply: {
      saved: true,
      checks: [...checks.slice(0, -1), { check: 'connected', state: 'passed', message: 'phone is connected' }],
      folders: [{ id: 'batches', label: 'batches', path: '/media/syncthing/upload', devices: [device] }],
      devices: [{ id: device, name: 'phone', connected: true }],
      changes: ['Ignore /.at-* in the folder batches', 'Set syncthing.folder_id', 'Set syncthing.device_id'],
    },
    problems: {
      409: problem(
        409,
        'Syncthing not connected',
        'Syncthing refuses the API key (403). Copy the key from its settings.',
      ),
    },
  }),
  exampleOf(startBatchSync, {
    body: {},
    reply: { batch: 'batch_007', batch_id: 7, started: true, status: 'SYNCING', run_id },
    problems: refusals,
  }),
  exampleOf(syncBatch, {
    body: {},
    reply: { status: 'running', message: 'The device has 62.4 % of batch_007.', data: status, run_id },
    problems: refusals,
  }),
  exampleOf(getSyncStatus, { reply: status, problems: { 404: refusals[404] } }),
  exampleOf(refreshSyncs, { body: {}, reply: { count: 1, batches: [status] } }),
];
