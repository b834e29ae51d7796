import { type Static, type TSchema, Type } from 'typebox';
import { BatchParams } from './batches.ts';
import { EmptyBody, endpoint, RunId } from './endpoint.ts';
import { Nullable, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { syncChecks, syncStates } from './sync-rules.ts';
import { Timestamp } from './training.ts';
import { batchStatuses } from './vocabulary.ts';

export const tag = { name: 'file pipeline: sync', description: 'How batches reach the device through Syncthing' };
const tags = [tag.name];

const Described = <S extends TSchema>(schema: S, description: string) => Nullable(schema, { description });

export const SyncCheck = Type.Object(
  {
    check: StringEnum(syncChecks),
    state: StringEnum(['passed', 'failed', 'unknown'], { description: 'unknown: an earlier one has failed' }),
    message: Type.String({ description: 'What was found, and what to do' }),
  },
  { $id: 'SyncCheck' },
);
export type SyncCheck = Static<typeof SyncCheck>;

const Checks = Type.Array(SyncCheck, { description: 'What must be right before a batch is synced, line by line' });

export const SyncDiagnostics = Type.Object(
  {
    is_ready: Type.Boolean({ description: 'true: no line has failed' }),
    checks: Checks,
    last_error: Described(Type.String(), 'The first line that has failed; null: none'),
    syncthing_status: Described(
      Type.Object({ version: Type.String(), device: Type.String(), started: Type.String() }),
      'Its version, its own device and when it was started; null: it does not reply',
    ),
    folder_status: Described(
      Type.Object({
        state: Type.String({ examples: ['idle', 'scanning'] }),
        error: Type.String({ description: 'Empty: none' }),
        files: Type.Integer(),
        bytes: Type.Integer(),
      }),
      'What Syncthing says of the folder',
    ),
    completion: Described(
      Type.Object({
        percent: Type.Number({ description: 'As Syncthing says. It is no proof: files are confirmed one by one' }),
        needed_bytes: Type.Integer(),
        needed_items: Type.Integer(),
      }),
      'How much of the folder the device has',
    ),
  },
  { $id: 'SyncDiagnostics' },
);
export type SyncDiagnostics = Static<typeof SyncDiagnostics>;

export const getSyncDiagnostics = endpoint({
  method: 'GET',
  url: '/api/sync/diagnostics',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getSyncDiagnostics',
    summary: 'Whether batches can be synced, and if not why',
    description:
      'Asks Syncthing; replies are shared for a second. It changes nothing, and replies also when Syncthing does not.',
    tags,
    response: { 200: SyncDiagnostics, ...problems() },
  },
});

const Line = (most: number, description: string) =>
  Type.String({ maxLength: most, pattern: '^[^\\u0000-\\u001f\\u007f]*$', description });

export const SyncConnection = Type.Object(
  {
    saved: Type.Boolean({ description: 'false: a dry run' }),
    checks: Checks,
    folders: Type.Array(
      Type.Object({
        id: Type.String(),
        label: Type.String(),
        path: Type.String({ description: 'As Syncthing sees it' }),
        devices: Type.Array(Type.String(), { description: 'Ids of the devices that share it' }),
      }),
      { description: 'Folders to choose from; empty while Syncthing does not reply' },
    ),
    devices: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), connected: Type.Boolean() }), {
      description: 'Other devices to choose from',
    }),
    changes: Type.Array(Type.String(), {
      description: 'What was changed in Syncthing and in the configuration, or with dry_run what would change',
    }),
  },
  { $id: 'SyncConnection' },
);
export type SyncConnection = Static<typeof SyncConnection>;

export const connectSyncthing = endpoint({
  method: 'POST',
  url: '/api/sync/connect',
  config: { role: 'admin' },
  schema: {
    operationId: 'connectSyncthing',
    summary: 'Connect Syncthing',
    description:
      'Tests address and key and lists folders and devices; with a folder and a device it sets them up in Syncthing (type, names, ignore ' +
      'pattern, sharing), makes what is not there, reads it back, and saves all four in the configuration. What is left out is as ' +
      'configured. The stored key is only sent to the stored address. 409: Syncthing does not reply, or refuses.',
    tags,
    querystring: Type.Object({
      dry_run: Type.Optional(Type.Boolean({ default: false, description: 'true: changes nothing' })),
    }),
    body: Type.Object(
      {
        api_url: Type.Optional(Line(1_000, "Address of Syncthing's REST API")),
        api_key: Type.Optional(Line(200, 'Its API key; the mask is the stored one')),
        folder_id: Type.Optional(Line(200, 'Id of the folder; one that Syncthing does not have is made')),
        folder_path: Type.Optional(
          Line(1_000, 'Path of a folder that is made, as Syncthing sees it; by default paths.batch_dir'),
        ),
        device_id: Type.Optional(Line(200, 'Id of the device; one that Syncthing does not know is added')),
        device_name: Type.Optional(Line(200, 'Name of a device that is added')),
      },
      { additionalProperties: false },
    ),
    response: { 200: SyncConnection, ...problems(400, 409) },
  },
});

const BatchStatus = StringEnum(batchStatuses);

export const SyncStatus = Type.Object(
  {
    batch: Type.String({ description: 'Its name' }),
    batch_id: Type.Integer(),
    status: BatchStatus,
    progress: Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'Percent of its bytes that the device has confirmed',
    }),
    synced_at: Nullable(Timestamp),
    detail: Described(Type.String(), 'Why it waits or has failed; null: there is nothing to say'),
    state: Described(
      StringEnum(syncStates),
      'What the sync was doing when its state last changed; null: it has not begun',
    ),
    changed_at: Described(Timestamp, 'When state or progress last changed'),
    size_bytes: Type.Integer({ minimum: 0 }),
    needed_bytes: Type.Integer({ minimum: 0, description: 'Not confirmed yet' }),
    needed_items: Type.Integer({ minimum: 0, description: 'Files that are not confirmed yet' }),
    bytes_per_second: Described(Type.Number(), 'Of the last ten minutes; null: not known'),
    remaining_seconds: Described(Type.Integer(), 'At this rate'),
    can_start: Type.Boolean({ description: 'true: its status allows a sync' }),
    run_id: Described(RunId, 'The run that works on it'),
  },
  { $id: 'SyncStatus' },
);
export type SyncStatus = Static<typeof SyncStatus>;

const refusals =
  '409: the status of the batch does not allow it, with what is allowed, or no folder and device are configured.';

export const SyncStarted = Type.Object(
  {
    batch: Type.String({ description: 'Its name' }),
    batch_id: Type.Integer(),
    started: Type.Boolean({ description: 'false: a sync of it was in progress already' }),
    status: BatchStatus,
    run_id: RunId,
  },
  { $id: 'SyncStarted' },
);
export type SyncStarted = Static<typeof SyncStarted>;

export const startBatchSync = endpoint({
  method: 'POST',
  url: '/api/sync/start/:id',
  config: { role: 'operator' },
  schema: {
    operationId: 'startBatchSync',
    summary: 'Sync a batch',
    description:
      `Starts a run of files.sync with the configuration of this moment, and does not wait for it. A batch whose sync has failed continues: ` +
      `files that were confirmed stay so. ${refusals}`,
    tags,
    params: BatchParams,
    body: EmptyBody,
    response: { 200: SyncStarted, ...problems(400, 404, 409) },
  },
});

export const SyncStepResult = Type.Object(
  {
    status: StringEnum(['completed', 'running', 'waiting', 'error']),
    message: Type.String(),
    data: SyncStatus,
    run_id: RunId,
  },
  { $id: 'SyncStepResult' },
);
export type SyncStepResult = Static<typeof SyncStepResult>;

export const syncBatch = endpoint({
  method: 'POST',
  url: '/api/workflow/sync/:id',
  config: { role: 'operator' },
  schema: {
    operationId: 'syncBatch',
    summary: 'Sync a batch, and wait for a while',
    description:
      `Starts the sync as POST /api/sync/start/{id} does, and waits up to 10 s: 200 when it has ended, 202 with what is known so far ` +
      `while it goes on or waits for the device. ${refusals}`,
    tags,
    params: BatchParams,
    body: EmptyBody,
    response: {
      200: SyncStepResult,
      202: { ...SyncStepResult, $id: 'SyncStepRunning' },
      ...problems(400, 404, 409),
    },
  },
});

export const getSyncStatus = endpoint({
  method: 'GET',
  url: '/api/sync/status/:id',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getSyncStatus',
    summary: 'How far the sync of a batch is',
    description: 'From the database: it asks Syncthing nothing and changes nothing.',
    tags,
    params: BatchParams,
    response: { 200: SyncStatus, ...problems(404) },
  },
});

export const SyncRefreshed = Type.Object(
  { count: Type.Integer({ minimum: 0 }), batches: Type.Array(SyncStatus) },
  { $id: 'SyncRefreshed' },
);
export type SyncRefreshed = Static<typeof SyncRefreshed>;

export const refreshSyncs = endpoint({
  method: 'POST',
  url: '/api/workflow/sync/refresh',
  config: { role: 'operator' },
  schema: {
    operationId: 'refreshSyncs',
    summary: 'Have the syncs in progress look at once',
    description: 'Syncs that wait look at once instead of after their pause. The reply is what they saw last.',
    tags,
    body: EmptyBody,
    response: { 200: SyncRefreshed, ...problems(400) },
  },
});
