import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { readText, whyNoReply } from './read-text.ts';
import { SyncthingError } from './syncthing-error.ts';

// Syncthing's REST API, from 1.12 to 2: its configuration, scans, and what it knows of each file. Node's fetch keeps connections open
// between calls.

export type SyncthingSettings = {
  /** Address of the REST API, such as http://127.0.0.1:8384/rest. */
  url: string;
  key: string;
};

const Folder = Type.Object({
  id: Type.String(),
  label: Type.String(),
  path: Type.String(),
  type: Type.String(),
  paused: Type.Boolean(),
  autoNormalize: Type.Boolean(),
  markerName: Type.String(),
  devices: Type.Array(Type.Object({ deviceID: Type.String() })),
});
export type SyncthingFolder = Static<typeof Folder>;

const Device = Type.Object({ deviceID: Type.String(), name: Type.String(), paused: Type.Boolean() });
export type SyncthingDevice = Static<typeof Device>;

const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const Version = Type.Object({
  deleted: Type.Boolean(),
  invalid: Type.Boolean(),
  localFlags: Type.Integer(),
  modified: Type.String(),
  name: Type.String(),
  size: Type.Integer(),
  type: Type.String(),
  version: Nullable(Type.Array(Type.String())),
});
/** What Syncthing knows of a file: the version here, the latest one among all devices, and which of them have that one. */
const IndexedFile = Type.Object({
  availability: Nullable(Type.Array(Type.Object({ id: Type.String(), fromTemporary: Type.Boolean() }))),
  global: Version,
  local: Version,
});
export type IndexedFile = Static<typeof IndexedFile>;

const Completion = Type.Object({
  completion: Type.Number(),
  globalBytes: Type.Integer(),
  globalItems: Type.Integer(),
  needBytes: Type.Integer(),
  needItems: Type.Integer(),
  needDeletes: Type.Integer(),
});
export type SyncthingCompletion = Static<typeof Completion>;

const FolderStatus = Type.Object({
  state: Type.String(),
  error: Type.Optional(Type.String()),
  localFiles: Type.Integer(),
  localBytes: Type.Integer(),
});
export type SyncthingFolderStatus = Static<typeof FolderStatus>;

const Needed = Type.Object({ name: Type.String(), size: Type.Integer(), deleted: Type.Optional(Type.Boolean()) });
export type NeededFile = Static<typeof Needed>;

const Event = Type.Object({ id: Type.Integer() });

/** `started`: of the daemon. */
export type EventCursor = { started: string; id: number };

export type Syncthing = {
  /** Its own device, its version, and when it was started: numbers of events begin again then. */
  about(signal?: AbortSignal): Promise<{ device: string; version: string; started: string }>;
  folders(signal?: AbortSignal): Promise<SyncthingFolder[]>;
  devices(signal?: AbortSignal): Promise<SyncthingDevice[]>;
  /** The ids of the devices that are connected. */
  connected(signal?: AbortSignal): Promise<Set<string>>;
  /** When a device was connected last; null: never. */
  lastSeen(device: string, signal?: AbortSignal): Promise<string | null>;
  /** The patterns of what a folder ignores, as they are written and with what they include. */
  ignores(folder: string, signal?: AbortSignal): Promise<{ written: string[]; effective: string[] }>;
  setIgnores(folder: string, patterns: string[], signal?: AbortSignal): Promise<void>;
  /** Makes a folder or changes these members of it, and reads it back, because a wrong value is accepted silently. */
  writeFolder(folder: Partial<SyncthingFolder> & { id: string }, signal?: AbortSignal): Promise<SyncthingFolder>;
  /** Makes a device. */
  addDevice(device: { deviceID: string; name: string }, signal?: AbortSignal): Promise<void>;
  /** Has it look at a directory of the folder. `running`: the scan takes longer than it is waited for, and goes on. */
  scan(folder: string, directory: string, signal?: AbortSignal): Promise<'ended' | 'running'>;
  /** undefined: the file is not in the index. */
  file(folder: string, path: string, signal?: AbortSignal): Promise<IndexedFile | undefined>;
  /** What a device still needs of a folder, as far as its index is known here: an empty list proves nothing. */
  needed(folder: string, device: string, signal?: AbortSignal): Promise<NeededFile[]>;
  completion(folder: string, device: string, signal?: AbortSignal): Promise<SyncthingCompletion>;
  folderStatus(folder: string, signal?: AbortSignal): Promise<SyncthingFolderStatus>;
  /** Why files of a folder are not in the index, by their paths. */
  fileErrors(folder: string, signal?: AbortSignal): Promise<{ path: string; error: string }[]>;
  /** The latest event that concerns the progress of a device. */
  lastEvent(signal?: AbortSignal): Promise<EventCursor>;
  /** Waits until there is a later one; false: there was none within the time. */
  changedSince(cursor: EventCursor, seconds: number, signal?: AbortSignal): Promise<boolean>;
};

/** Events after which a look at the files may say something new. */
const events = 'RemoteIndexUpdated,FolderCompletion,DeviceConnected,DeviceDisconnected,RemoteDownloadProgress';
const maximumBytes = 64 * 2 ** 20;
const needPage = 10_000;

/** `timeout`: milliseconds for a call; `scanPatience`: milliseconds that the end of a scan is waited for. */
type Options = { timeout?: number; scanPatience?: number };

/** Every method can throw SyncthingError, and the reason of `signal` when that is aborted. Nothing is connected before the first call. */
export function openSyncthing(
  { url, key }: SyncthingSettings,
  { timeout = 15_000, scanPatience = 20_000 }: Options = {},
): Syncthing {
  const base = url.replace(/\/+$/, '');

  async function call(
    method: string,
    path: string,
    { body, signal, patience = timeout }: { body?: unknown; signal?: AbortSignal | undefined; patience?: number } = {},
  ): Promise<{ status: number; text: string }> {
    const limit = AbortSignal.timeout(patience);
    let response: Response;
    let text: string | undefined;
    try {
      response = await fetch(`${base}/${path}`, {
        method,
        headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // The key goes to the configured host alone.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      text = await readText(response, maximumBytes);
    } catch (cause) {
      signal?.throwIfAborted();
      throw new SyncthingError('unreachable', noReply(base, cause, patience), { cause });
    }
    const { status } = response;
    if (text === undefined) throw new SyncthingError('unusable', `${notSyncthing(base)} Its reply is too large.`);
    if (status === 200 || status === 404) return { status, text };
    throw refusalOf(response, text, base);
  }

  async function get<S extends TSchema>(schema: S, path: string, signal?: AbortSignal, patience?: number) {
    const { status, text } = await call('GET', path, { signal, ...(patience !== undefined && { patience }) });
    if (status === 404) throw missing(text, base);
    return read(schema, text, base);
  }
  const query = (values: Record<string, string | number>) =>
    new URLSearchParams(Object.entries(values).map(([name, value]): [string, string] => [name, String(value)]));
  const write = async (method: string, path: string, body: unknown, signal?: AbortSignal) => {
    const { status, text } = await call(method, path, { body, signal });
    if (status === 404) throw missing(text, base);
  };

  const folders = (signal?: AbortSignal) => get(Type.Array(Folder), 'config/folders', signal);
  const about: Syncthing['about'] = async (signal) => {
    const [status, version] = await Promise.all([
      get(Type.Object({ myID: Type.String(), startTime: Type.String() }), 'system/status', signal),
      get(Type.Object({ version: Type.String() }), 'system/version', signal),
    ]);
    return { device: status.myID, version: version.version, started: status.startTime };
  };

  return {
    about,
    folders,
    devices: (signal) => get(Type.Array(Device), 'config/devices', signal),
    async connected(signal) {
      const Connection = Type.Object({ connected: Type.Boolean() });
      const Reply = Type.Object({ connections: Type.Record(Type.String(), Connection) });
      const { connections } = await get(Reply, 'system/connections', signal);
      return new Set(Object.keys(connections).filter((device) => connections[device]?.connected));
    },
    async lastSeen(device, signal) {
      const seen = await get(
        Type.Record(Type.String(), Type.Object({ lastSeen: Type.String() })),
        'stats/device',
        signal,
      );
      const at = seen[device]?.lastSeen;
      return at === undefined || at.startsWith('1970-') || at.startsWith('0001-') ? null : at;
    },
    async ignores(folder, signal) {
      const Reply = Type.Object({
        ignore: Nullable(Type.Array(Type.String())),
        expanded: Nullable(Type.Array(Type.String())),
      });
      const { ignore, expanded } = await get(Reply, `db/ignores?${query({ folder })}`, signal);
      return { written: ignore ?? [], effective: expanded ?? [] };
    },
    setIgnores: (folder, patterns, signal) =>
      write('POST', `db/ignores?${query({ folder })}`, { ignore: patterns }, signal),
    async writeFolder(folder, signal) {
      const isKnown = (await folders(signal)).some(({ id }) => id === folder.id);
      await write(isKnown ? 'PATCH' : 'PUT', `config/folders/${encodeURIComponent(folder.id)}`, folder, signal);
      const written = (await folders(signal)).find(({ id }) => id === folder.id);
      const lost = Object.entries(folder).filter(
        ([name, value]) => !isPartOf(value, written?.[name as keyof SyncthingFolder]),
      );
      if (!written || lost.length > 0) {
        const names = lost.map(([name]) => name).join(', ');
        throw new SyncthingError(
          'unusable',
          `Syncthing accepted the folder ${folder.id}, but shows other values for ${names}. Set them in Syncthing.`,
        );
      }
      return written;
    },
    addDevice: (device, signal) =>
      write('PUT', `config/devices/${encodeURIComponent(device.deviceID)}`, device, signal),
    async scan(folder, directory, signal) {
      try {
        const { status, text } = await call('POST', `db/scan?${query({ folder, sub: directory })}`, {
          signal,
          patience: scanPatience,
        });
        if (status === 404) throw missing(text, base);
        return 'ended';
      } catch (error) {
        // It replies when the scan has ended, and goes on without us.
        const isLate = error instanceof SyncthingError && (error.cause as Error | undefined)?.name === 'TimeoutError';
        if (isLate) return 'running';
        throw error;
      }
    },
    async file(folder, path, signal) {
      const { status, text } = await call('GET', `db/file?${query({ folder, file: path })}`, { signal });
      if (status === 200) return read(IndexedFile, text, base);
      if (/no such object/i.test(text)) return undefined;
      throw missing(text, base);
    },
    async needed(folder, device, signal) {
      const found: NeededFile[] = [];
      for (let page = 1; ; page += 1) {
        const path = `db/remoteneed?${query({ folder, device, page, perpage: needPage })}`;
        const { files } = await get(Type.Object({ files: Nullable(Type.Array(Needed)) }), path, signal);
        found.push(...(files ?? []));
        if ((files?.length ?? 0) < needPage) return found;
      }
    },
    completion: (folder, device, signal) => get(Completion, `db/completion?${query({ folder, device })}`, signal),
    folderStatus: (folder, signal) => get(FolderStatus, `db/status?${query({ folder })}`, signal),
    async fileErrors(folder, signal) {
      const Errors = Nullable(Type.Array(Type.Object({ path: Type.String(), error: Type.String() })));
      const path = `folder/errors?${query({ folder, perpage: 1_000 })}`;
      return (await get(Type.Object({ errors: Errors }), path, signal)).errors ?? [];
    },
    async lastEvent(signal) {
      const { started } = await about(signal);
      const found = await get(Type.Array(Event), `events?${query({ since: 0, limit: 1, timeout: 0, events })}`, signal);
      return { started, id: found.at(-1)?.id ?? 0 };
    },
    async changedSince({ started, id }, seconds, signal) {
      // Their numbers begin again with the daemon: those of its former life would be waited for without an end.
      if ((await about(signal)).started !== started) return true;
      const path = `events?${query({ since: id, timeout: seconds, events })}`;
      return (await get(Type.Array(Event), path, signal, seconds * 1_000 + timeout)).length > 0;
    },
  };
}

/** Whether a value that was written is what is shown; lists may have more members. */
function isPartOf(written: unknown, shown: unknown): boolean {
  if (Array.isArray(written))
    return Array.isArray(shown) && written.every((one) => shown.some((other) => isPartOf(one, other)));
  if (typeof written !== 'object' || written === null) return written === shown;
  return Object.entries(written).every(([name, value]) => isPartOf(value, (shown as Record<string, unknown>)?.[name]));
}

const notSyncthing = (base: string) => `What replies at ${base} is not Syncthing. Check its address.`;

function read<S extends TSchema>(schema: S, text: string, base: string): Static<S> {
  try {
    const value: unknown = JSON.parse(text);
    if (Value.Check(schema, value)) return value;
  } catch {
    // A page of a proxy, such as one that asks to sign in.
  }
  throw new SyncthingError('unusable', notSyncthing(base));
}

function noReply(base: string, cause: unknown, patience: number): string {
  const { code } = ((cause as Error).cause ?? {}) as { code?: string };
  const why = whyNoReply(cause, patience);
  return `Syncthing at ${base} ${why}${code === undefined ? '' : ` (${code})`}. Start it, or correct its address.`;
}

/** Syncthing replies 404 for a folder that it does not have, or does not run. */
function missing(text: string, base: string): SyncthingError {
  const isFolder = /folder/i.test(text) && text.length < 500;
  return isFolder ? folderError(text) : new SyncthingError('unusable', notSyncthing(base));
}
const folderError = (text: string) =>
  new SyncthingError('folder', `Syncthing says of the folder: ${text.trim().replace(/\.$/, '')}.`);

function refusalOf({ status, headers }: Response, text: string, base: string): SyncthingError {
  if (status === 403 && /host check/i.test(text)) {
    return new SyncthingError(
      'host',
      `Syncthing refuses the host in ${base}. Use localhost or an IP address, have its GUI listen on 0.0.0.0, or allow other hosts there (insecureSkipHostcheck).`,
    );
  }
  if (status === 401 || status === 403) {
    return new SyncthingError('key', `Syncthing refuses the API key (${status}). Copy the key from its settings.`);
  }
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null && URL.canParse(location, base)) {
    const { origin } = new URL(location, base);
    const message = `${base} redirects to ${origin}, and a redirect is not followed. Set the address to where Syncthing is.`;
    return new SyncthingError('unusable', message);
  }
  if (status === 500 && /folder/i.test(text) && text.length < 500) return folderError(text);
  if (status >= 500)
    return new SyncthingError('unreachable', `Syncthing at ${base} has a fault of its own (${status}).`);
  return new SyncthingError('unusable', notSyncthing(base));
}

/** A file as the manifest of its batch has it; `path` is relative to the folder. */
export type WantedFile = { path: string; size: number; mtime_ns: string };

/**
 * Whether a device has a file: `not_indexed`: it is ignored here, or was not scanned yet; `differs`: it is not the file of the
 * manifest; `gone_here`: it was removed here; `changed_there`: a device has changed or deleted it; `not_there`: the device does not
 * have it.
 */
export type Presence = 'present' | 'not_indexed' | 'differs' | 'gone_here' | 'changed_there' | 'not_there';

/** The only proof that a device has a file: neither completion nor an empty list of what it needs is one. */
export function presenceOf(
  found: IndexedFile | undefined,
  { path, size, mtime_ns }: WantedFile,
  device: string,
): Presence {
  if (!found || found.local.name !== path) return 'not_indexed';
  const { local, global, availability } = found;
  if (local.deleted) return 'gone_here';
  if (local.invalid || local.localFlags !== 0) return 'not_indexed';
  if (!local.type.endsWith('FILE') || local.size !== size || nanosecondsOf(local.modified) !== BigInt(mtime_ns))
    return 'differs';
  if (global.deleted || String(global.version) !== String(local.version)) return 'changed_there';
  const isThere = availability?.some(({ id, fromTemporary }) => id === device && !fromTemporary) ?? false;
  return isThere ? 'present' : 'not_there';
}

/** Nanoseconds since 1970 of a time with up to nine decimals, such as 2026-11-30T11:18:01.721952833+01:00. */
export function nanosecondsOf(time: string): bigint | undefined {
  const [, day, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  if (day === undefined) return undefined;
  return BigInt(Date.parse(`${day}${zone}`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
