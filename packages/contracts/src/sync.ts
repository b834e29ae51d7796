import { type Static, type TSchema, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { syncChecks } from './sync-rules.ts';

export const tag = { name: 'file pipeline: sync', description: 'How batches reach the device through Syncthing' };
const tags = [tag.name];

const Nullable = <S extends TSchema>(schema: S, description: string) =>
  Type.Union([schema, Type.Null()], { description });

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
    last_error: Nullable(Type.String(), 'The first line that has failed; null: none'),
    syncthing_status: Nullable(
      Type.Object({ version: Type.String(), device: Type.String(), started: Type.String() }),
      'Its version, its own device and when it was started; null: it does not reply',
    ),
    folder_status: Nullable(
      Type.Object({
        state: Type.String({ examples: ['idle', 'scanning'] }),
        error: Type.String({ description: 'Empty: none' }),
        files: Type.Integer(),
        bytes: Type.Integer(),
      }),
      'What Syncthing says of the folder',
    ),
    completion: Nullable(
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
    response: { 200: SyncConnection, ...problems(400, 409, 413, 415) },
  },
});
