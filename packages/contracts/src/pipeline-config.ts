import { type Static, type TProperties, type TSchema, type TSchemaOptions, Type } from 'typebox';
import { EmptyBody, endpoint } from './endpoint.ts';
import { StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { keepWords, scanLimits } from './scan-rules.ts';
import { Timestamp } from './training.ts';
import { batchOrders } from './vocabulary.ts';

export const tag = { name: 'file pipeline: configuration', description: 'How photos and videos are filed' };
const tags = [tag.name];

/** Shown instead of a secret that is set. */
export const secretMask = '********';

/** How forms name and explain a value; defaults are those of a new installation. */
type Words = { title: string; description?: string };

const oneLine = '^[^\\u0000-\\u001f\\u007f]*$';
const Line = ({ most = 200, ...options }: Words & { default?: string; most?: number } & TSchemaOptions) =>
  Type.String({ default: '', pattern: oneLine, maxLength: most, ...options });
const Folder = (title: string, description: string) =>
  Line({ title, description: `${description} Absolute path; empty: not set`, most: 1000 });
/** Forms offer the zones that they know. */
const Zone = (title: string, description: string) =>
  Line({ title, default: 'UTC', most: 100, description, 'x-zone': true });
const Switch = (title: string, initial: boolean, description?: string) =>
  Type.Boolean({ title, default: initial, ...(description && { description }) });
const Whole = (title: string, initial: number, [minimum, maximum]: [number, number], description: string) =>
  Type.Integer({ title, default: initial, minimum, maximum, description });
const Choice = <const W extends string[]>(
  title: string,
  words: readonly [...W],
  initial: W[number],
  description: string,
) => StringEnum(words, { title, default: initial, description });
const Section = <P extends TProperties>(title: string, description: string, properties: P) =>
  Type.Object(properties, { title, description, additionalProperties: false });

const transferModes = ['move', 'copy'] as const;
const days = [0, 36_500] as [number, number];
const Delay = (title: string) => Whole(title, 0, [0, 86_400], 'Seconds to wait before it');

export const PipelineConfig = Type.Object(
  {
    paths: Section('Folders', 'Where files arrive and where they go. No folder may contain another one.', {
      source_dir: Folder('Inbox', 'Where photos and videos arrive.'),
      duplicates_dir: Folder('Duplicates', 'Where duplicates are moved.'),
      batch_dir: Folder(
        'Batches',
        'The folder that Syncthing sends. Batches are made in .at-staging in it, which Syncthing must ignore (/.at-*).',
      ),
      sorted_dir: Folder('Archive', 'The archive by date.'),
      temp_dir: Folder('Temporary files', 'For files that are not complete yet.'),
      quarantine_dir: Folder('Quarantine', 'Where removed files wait until their retention ends.'),
    }),
    batch: Section('Batches', 'How much goes to the device at once.', {
      selection_mode: Choice(
        'Limit by',
        ['size', 'files', 'count'],
        'size',
        'size: max_size_gb; files, or count: max_files. A limit that is not 0 counts in both',
      ),
      max_size_gb: Type.Number({
        title: 'Maximum size',
        default: 15,
        minimum: 0,
        maximum: 100_000,
        description: 'GiB of a batch; 0: no limit',
      }),
      max_files: Whole('Maximum files', 0, [0, 1_000_000], 'Files of a batch; 0: no limit'),
      naming_pattern: Line({
        title: 'Name',
        default: 'batch_{index:03d}',
        most: 100,
        description: 'A letter and {index}, such as batch_{index:03d}; {date} is the day',
      }),
      order: Choice('Order', batchOrders, 'path', 'Which files go first'),
      allow_parallel: Switch('Several batches at once', false, 'false: a batch waits until the one before is sorted'),
      transfer_mode: Choice('Inbox to batch', transferModes, 'move', 'move, or copy and leave the originals'),
    }),
    dedup: Section('Duplicates', 'How files with the same content are found. They are compared by sha256.', {
      threads: Whole('Threads', 4, [1, scanLimits.threads], 'Files that are read at once'),
      move_duplicates: Switch(
        'Move duplicates',
        true,
        'true: into the folder of duplicates; false: they are only marked',
      ),
      keep: Choice(
        'Keep',
        keepWords,
        'path',
        'Which of several new files with the same content is kept. path: the first path in order; shortest: the shortest path; ' +
          'oldest: the one that was changed first',
      ),
      preferred: Type.Array(Line({ title: 'Folder', minLength: 1, most: 1000 }), {
        title: 'Preferred folders',
        default: [],
        maxItems: scanLimits.patterns,
        description:
          'Folders below the inbox, such as Camera/2024. A file in the first of them is kept before all others',
      }),
      ignore: Type.Array(Line({ title: 'Pattern', minLength: 1, most: scanLimits.patternLength }), {
        title: 'Ignore',
        default: [],
        maxItems: scanLimits.patterns,
        description: 'Names of files and folders that a scan skips, not paths; * matches any characters, ? matches one',
      }),
    }),
    syncthing: Section('Syncthing', 'The device that batches go to. Without a folder there is no device.', {
      api_url: Line({
        title: 'Address',
        default: 'http://127.0.0.1:8384/rest',
        most: 1000,
        description: "Address of Syncthing's REST API",
      }),
      api_key: Line({ title: 'API key', description: 'Stored, and never shown again', 'x-secret': true }),
      folder_id: Line({ title: 'Folder', description: 'Id of the folder that holds the batches; empty: no device' }),
      device_id: Line({ title: 'Device', description: 'Id of the device that confirms each file' }),
      poll_interval_sec: Whole(
        'Check every',
        60,
        [1, 86_400],
        'Seconds between two checks while Syncthing reports nothing',
      ),
      auto_sort_after_sync: Switch('Sort after the sync', true),
      rescan_delay_sec: Type.Number({
        title: 'Wait before a rescan',
        default: 3,
        minimum: 0,
        maximum: 3_600,
        description: 'Seconds',
      }),
      stall_min: Whole('Stalled after', 30, [1, 10_080], 'Minutes without progress'),
      on_stall: Choice(
        'When stalled',
        ['wait', 'error'],
        'wait',
        'wait: continue later; error: stop until a person decides',
      ),
      after_sync: Choice(
        'After the sync',
        ['ask', 'remove', 'keep'],
        'ask',
        'A file that leaves the folder leaves the device too. remove: files move to the archive and leave the device; keep: the archive gets ' +
          'copies; ask: sorting waits for a decision',
      ),
    }),
    sorter: Section('Sorting', 'How files are sorted by the day they were taken.', {
      folder_pattern: Line({
        title: 'Folders',
        default: '{year}/{month:02d}/{day:02d}',
        description: 'From {year}, {month:02d}, {day:02d}, {hour:02d}, {camera} and {kind}, with / between folders',
      }),
      exif_fallback: Switch('Use the time of the file', true, 'For files without a date. false: a person decides'),
      timezone: Zone('Time zone', 'Such as Europe/Berlin, for files that name no zone and no place'),
      transfer_mode: Choice('Batch to archive', transferModes, 'move', 'move, or copy; see after_sync'),
    }),
    cleanup: Section('Cleanup', 'What is removed, and when. 0: never.', {
      temp_days: Whole('Temporary files', 7, days, 'Days after which temporary files of the pipeline are removed'),
      retention: Section('Retention', 'Days after which something is removed; 0: never.', {
        quarantine_days: Whole('Quarantine', 30, days, 'Days that removed files wait'),
        cleaned_days: Whole('Cleaned batches', 0, days, 'Days that the timeline of a cleaned batch is kept'),
        missing_days: Whole('Missing files', 0, days, 'Days that the row of a missing file is kept'),
      }),
    }),
    watch: Section('Watch', 'Starts a run when files arrive.', {
      enabled: Switch('Watch the inbox', false),
      quiet_sec: Whole('Quiet for', 300, [5, 86_400], 'Seconds without a change in the inbox before a run starts'),
    }),
    schedule: Section('Schedule', 'Starts runs by the clock.', {
      enabled: Switch('Run by the clock', false),
      cron: Line({ title: 'Times', default: '0 3 * * *', most: 100, description: 'Minute, hour, day, month, weekday' }),
      timezone: Zone('Time zone of the clock', 'Such as Europe/Berlin'),
    }),
    workflow: Section('Runs', 'How the steps of a run follow each other.', {
      debug: Switch('Pause after each step', false, 'true: a person continues it'),
      step_timeout_sec: Whole('Longest pause', 3_600, [1, 604_800], 'Seconds after which a paused run ends'),
      trace: Switch('Detailed log', false),
      delays: Section('Delays', 'Time before each step.', {
        scan: Delay('Scan'),
        batch: Delay('Batch'),
        sync: Delay('Sync'),
        sort: Delay('Sort'),
        cleanup: Delay('Cleanup'),
      }),
    }),
  },
  { $id: 'PipelineConfig', title: 'Configuration of the file pipeline' },
);
export type PipelineConfig = Static<typeof PipelineConfig>;

/** A part of the configuration, as a caller may write it. */
const PartOfConfig = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description });

const Value = Type.Unknown({ description: 'null: not set; a secret is masked' });
const Changes = (description: string) =>
  Type.Array(Type.Object({ key: Type.String({ examples: ['batch.max_size_gb'] }), from: Value, to: Value }), {
    description,
  });

export const ConfigVersion = Type.Object(
  {
    id: Type.Integer(),
    actor: Type.String({ description: 'Who made it' }),
    created_at: Timestamp,
    restored: Type.Union([Type.Integer(), Type.Null()], { description: 'The version that was restored; null: none' }),
    changes: Changes('What it changed'),
  },
  { $id: 'ConfigVersion' },
);
export type ConfigVersion = Static<typeof ConfigVersion>;

export const ConfigPreset = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    own: Type.Boolean({ description: 'false: comes with the product' }),
    values: PartOfConfig('What it sets; PUT it at /api/config'),
  },
  { $id: 'ConfigPreset' },
);
export type ConfigPreset = Static<typeof ConfigPreset>;

const yaml = { 'application/yaml': { schema: Type.String() } };
const orYaml = <S extends TSchema>(schema: S, description: string) =>
  ({ description, content: { 'application/json': { schema }, ...yaml } }) as unknown as S;

export const getPipelineConfig = endpoint({
  method: 'GET',
  url: '/api/config',
  config: { role: 'viewer', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'getPipelineConfig',
    summary: 'The configuration of the file pipeline',
    description:
      `What is set, else the defaults. A secret that is set is ${secretMask}. With Accept: application/yaml it is the file that was ` +
      'imported or written, with its comments and today’s values.',
    tags,
    response: { 200: orYaml(PipelineConfig, 'The configuration'), ...problems() },
  },
});

const Warning = Type.Object({
  key: Type.String({ examples: ['system.db_path'] }),
  message: Type.String({ description: 'Why it has no effect, or may not work' }),
});
export type ConfigWarning = Static<typeof Warning>;
export const PipelineConfigSaved = Type.Object(
  {
    ...PipelineConfig.properties,
    warnings: Type.Array(Warning, { description: 'What has no effect, or may not work; the write is not refused' }),
    changes: Changes('What was changed, or with dry_run what would change'),
  },
  { $id: 'PipelineConfigSaved' },
);
export type PipelineConfigSaved = Static<typeof PipelineConfigSaved>;

const DryRun = Type.Object({
  dry_run: Type.Optional(
    Type.Boolean({ default: false, description: 'true: writes nothing, and the reply is what would be saved' }),
  ),
});

export const savePipelineConfig = endpoint({
  method: 'PUT',
  url: '/api/config',
  config: { role: 'admin', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'savePipelineConfig',
    summary: 'Change the configuration of the file pipeline',
    description:
      'Any part of it, as JSON or YAML: what is not named stays, null restores the default, {} changes nothing. The reply to GET can be ' +
      `sent back: ${secretMask} leaves a secret as it is. A change is a new version. Keys of the original without a meaning here are warnings; ` +
      '422 names each other unknown key, with the nearest known one, and each value that cannot be used.',
    tags,
    querystring: DryRun,
    body: PartOfConfig('Any part of the configuration; GET /api/config/schema has all of it'),
    response: { 200: PipelineConfigSaved, ...problems(400, 412) },
  },
});

export const getPipelineConfigSchema = endpoint({
  method: 'GET',
  url: '/api/config/schema',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getPipelineConfigSchema',
    summary: 'The JSON Schema of the configuration',
    description: 'Names, types, limits and defaults of every value, for forms and editors.',
    tags,
    response: { 200: PartOfConfig('JSON Schema'), ...problems() },
  },
});

export const listConfigVersions = endpoint({
  method: 'GET',
  url: '/api/config/versions',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listConfigVersions',
    summary: 'Versions of the configuration',
    description: 'Who changed what, newest first. Secrets are masked, and versions do not store them.',
    tags,
    querystring: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Versions, 1 to 200' })),
      before: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Older than this one' })),
    }),
    response: {
      200: Type.Object({
        versions: Type.Array(ConfigVersion),
        has_more: Type.Boolean({ description: 'true: there are older ones' }),
      }),
      ...problems(),
    },
  },
});

export const restoreConfigVersion = endpoint({
  method: 'POST',
  url: '/api/config/versions/:id/restore',
  config: { role: 'admin', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'restoreConfigVersion',
    summary: 'Restore a version of the configuration',
    description:
      'Makes a new version with its values. Secrets stay as they are. 422: its values can no longer be used.',
    tags,
    params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Id of the version' }) }),
    querystring: DryRun,
    body: EmptyBody,
    response: { 200: PipelineConfigSaved, ...problems(400, 404, 412) },
  },
});

const PresetName = Line({ title: 'Name', most: 60, minLength: 1, description: 'Name of the preset' });

export const listConfigPresets = endpoint({
  method: 'GET',
  url: '/api/config/presets',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listConfigPresets',
    summary: 'Presets of the configuration',
    description: 'Values that belong together: presets of the product, then your own.',
    tags,
    response: { 200: Type.Object({ presets: Type.Array(ConfigPreset) }), ...problems() },
  },
});

export const saveConfigPreset = endpoint({
  method: 'POST',
  url: '/api/config/presets',
  config: { role: 'admin' },
  schema: {
    operationId: 'saveConfigPreset',
    summary: 'Save a preset',
    description:
      'Replaces your preset of that name; there are 50 at most. Only values of known keys are kept; without values, those that ' +
      'differ from the defaults, except folders, addresses and ids. Secrets are refused.',
    tags,
    body: Type.Object(
      {
        name: PresetName,
        description: Type.Optional(Line({ title: 'Description', most: 500, description: 'What it is for' })),
        values: Type.Optional(PartOfConfig('Any part of the configuration')),
      },
      { additionalProperties: false },
    ),
    response: { 200: ConfigPreset, ...problems(400, 409) },
  },
});

export const deleteConfigPreset = endpoint({
  method: 'DELETE',
  url: '/api/config/presets/:name',
  config: { role: 'admin' },
  schema: {
    operationId: 'deleteConfigPreset',
    summary: 'Delete a preset of your own',
    tags,
    params: Type.Object({ name: PresetName }),
    response: { 200: Type.Object({ deleted: Type.String() }), ...problems(400, 404, 409) },
  },
});
