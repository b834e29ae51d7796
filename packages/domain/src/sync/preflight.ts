import { join } from 'node:path';
import { type Disk, DiskHangs, openDisk } from '@at/adapters/disk';
import type { Syncthing, SyncthingFolder } from '@at/adapters/syncthing';
import { SyncthingError } from '@at/adapters/syncthing-error';
import type { SyncCheck } from '@at/contracts/sync';
import { ownFiles, type SyncCheckName, syncChecks } from '@at/contracts/sync-rules';

// What must be right before a batch is synced, each with its reason. It changes nothing.

export type SyncTarget = {
  /** Id of the folder in Syncthing. */
  folder: string;
  /** Id of the device that is to have the files. */
  device: string;
  /** The folder as this process sees it. */
  directory: string;
};

const ownDisk = openDisk({ patience: 2_000 });

/** Every line, in order. Throws only what `signal` was aborted with. */
export async function preflight(
  syncthing: Syncthing,
  { folder: id, device, directory }: SyncTarget,
  { signal, disk = ownDisk }: { signal?: AbortSignal | undefined; disk?: Pick<Disk, 'stat'> } = {},
): Promise<SyncCheck[]> {
  const lines: SyncCheck[] = [];
  const passed = (check: SyncCheckName, message: string) => void lines.push({ check, state: 'passed', message });
  const failed = (check: SyncCheckName, message: string) => void lines.push({ check, state: 'failed', message });
  const complete = () => [
    ...lines,
    ...syncChecks
      .slice(lines.length)
      .map((check) => ({ check, state: 'unknown', message: 'Not looked at: a line above has failed' }) as const),
  ];
  try {
    const { version } = await syncthing.about(signal);
    passed('reachable', `Syncthing ${version} replies`);
    passed('key', 'Syncthing accepts the key');
    passed('host', 'Syncthing accepts its address');
    const folder = (await syncthing.folders(signal)).find((one) => one.id === id);
    if (id === '') failed('folder', 'No folder is chosen. Choose the one that sends the batches.');
    else if (!folder)
      failed('folder', `Syncthing has no folder with the id ${id}. Add it there, or choose another one.`);
    if (!folder) return complete();
    passed('folder', `The folder is ${folder.label || folder.id} at ${folder.path}`);
    if (folder.paused) {
      failed('paused', 'The folder is paused. Resume it in Syncthing.');
      return complete();
    }
    passed('paused', 'The folder is not paused');
    const known = (await syncthing.devices(signal)).find(({ deviceID }) => deviceID === device);
    if (device === '') failed('shared', 'No device is chosen. Choose the one that gets the batches.');
    else if (!folder.devices.some(({ deviceID }) => deviceID === device))
      failed('shared', `The folder is not shared with the device ${known?.name ?? device}. Share it in Syncthing.`);
    else passed('shared', `The folder is shared with ${known?.name || device}`);
    for (const [check, wrong] of settingFaults(folder))
      if (wrong) failed(check, wrong);
      else passed(check, check === 'send_only' ? 'The folder only sends' : 'Names stay as they are');
    const { effective } = await syncthing.ignores(id, signal);
    if (isOwnIgnored(effective)) passed('ignores', `The folder ignores ${ownFiles}`);
    else
      failed(
        'ignores',
        `The folder must ignore ${ownFiles} before all else: batches are made there. Add it to its ignore patterns.`,
      );
    const wrong = await markerFault(folder, directory, disk);
    if (wrong) failed('marker', wrong);
    else passed('marker', `The marker ${folder.markerName} is in ${directory}`);
    if (device === '') return complete();
    if ((await syncthing.connected(signal)).has(device)) passed('connected', `${known?.name || device} is connected`);
    else failed('connected', await whyAway(syncthing, { device, known, signal }));
    return complete();
  } catch (error) {
    if (!(error instanceof SyncthingError)) throw error;
    if (lines.length === 0 && (error.kind === 'key' || error.kind === 'host')) {
      passed('reachable', 'Syncthing replies');
      // It looks at the address first.
      if (error.kind === 'host')
        lines.push({ check: 'key', state: 'unknown', message: 'Not looked at: Syncthing refuses the address first' });
    }
    failed(syncChecks[lines.length] ?? 'connected', error.message);
    return complete();
  }
}

function settingFaults({ type, autoNormalize }: SyncthingFolder): ['send_only' | 'normalize', string | undefined][] {
  const isSending = type === 'sendonly';
  return [
    [
      'send_only',
      isSending ? undefined : `The folder is ${type}. Set its type to Send Only, so that nothing comes back.`,
    ],
    [
      'normalize',
      autoNormalize
        ? 'The folder renames files (autoNormalize), so that they are no longer those of the manifest. Turn it off.'
        : undefined,
    ],
  ];
}

/** The first pattern that fits a name decides: one that includes files again may not stand before ours. */
export function isOwnIgnored(effective: readonly string[]): boolean {
  const place = effective.indexOf(ownFiles);
  return place >= 0 && !effective.slice(0, place).some((pattern) => /^(\(\?[a-z]\))*!/.test(pattern));
}

async function markerFault(
  { markerName }: SyncthingFolder,
  directory: string,
  disk: Pick<Disk, 'stat'>,
): Promise<string | undefined> {
  if (directory === '') return 'The folder of batches (paths.batch_dir) is not set. Set it in the configuration.';
  try {
    await disk.stat(join(directory, markerName));
    return undefined;
  } catch (error) {
    const why = error instanceof DiskHangs ? ` ${error.message}` : '';
    return `There is no ${markerName} in ${directory}: its disk is not mounted, or it is not the folder that Syncthing sends.${why}`;
  }
}

type Away = { device: string; known: { name: string; paused: boolean } | undefined; signal: AbortSignal | undefined };

/** Why a device is not connected, with the time of its last connection. */
async function whyAway(syncthing: Syncthing, { device, known, signal }: Away): Promise<string> {
  const name = known?.name || device;
  if (!known) return `Syncthing has no device with the id ${device}. Add it there, or choose another one.`;
  if (known.paused) return `The device ${name} is paused in Syncthing. Resume it there.`;
  const seen = await syncthing.lastSeen(device, signal);
  return seen === null
    ? `The device ${name} has never been connected. Start Syncthing on it, and accept this computer there.`
    : `The device ${name} is away since ${seen.replace(/\.\d+/, '')}. Switch it on, and start Syncthing on it.`;
}
