import { openSyncthing, type Syncthing, type SyncthingFolder } from '@at/adapters/syncthing';
import { SyncthingError } from '@at/adapters/syncthing-error';
import type { PipelineConfig } from '@at/contracts/pipeline-config';
import { ownFiles } from '@at/contracts/sync-rules';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { findConfig } from '../pipeline-config/queries.ts';
import { effective } from '../pipeline-config/rules.ts';
import { isOwnIgnored, type SyncTarget } from './preflight.ts';

// How Syncthing is reached, and how its folder is set up.

export type SyncSettings = { config: PipelineConfig; key: string; target: SyncTarget };

/** The configuration with the key, which is in no other place than here. */
export async function readSyncSettings(db: Kysely<DB>): Promise<SyncSettings> {
  const stored = await findConfig(db);
  const config = effective(stored);
  const { folder_id, device_id } = config.syncthing;
  const target = { folder: folder_id, device: device_id, directory: config.paths.batch_dir };
  return { config, key: stored.secrets.syncthing_api_key ?? '', target };
}

/** Milliseconds: a request waits for the reply. */
export const openBriefly = (url: string, key: string): Syncthing => openSyncthing({ url, key }, { timeout: 5_000 });

/** What is to be in Syncthing. `path`: of a folder that is made. */
export type Wanted = { folder: string; path: string; device: string; name: string };

/** What is changed in Syncthing, in words, and how. */
export type Change = { words: string; make: () => Promise<void> };

/** What Syncthing lacks for a folder that only sends to a device, in the order in which it is made. Throws SyncthingError. */
export async function findChanges(
  syncthing: Syncthing,
  { folder: id, path, device, name }: Wanted,
  signal?: AbortSignal,
): Promise<Change[]> {
  const [folders, devices] = await Promise.all([syncthing.folders(signal), syncthing.devices(signal)]);
  const known = devices.find(({ deviceID }) => deviceID === device);
  const shownName = known?.name || name || device;
  const changes: Change[] = [];
  const change = (words: string, make: () => Promise<unknown>) =>
    void changes.push({ words, make: async () => void (await make()) });
  if (!known) change(`Add the device ${shownName}`, () => syncthing.addDevice({ deviceID: device, name }, signal));
  const wanted = { id, type: 'sendonly', autoNormalize: false };
  const folder = folders.find((one) => one.id === id);
  if (!folder) {
    change(`Make the folder ${id} at ${path}, which only sends to ${shownName}, and ignores ${ownFiles}`, async () => {
      // It scans nothing before it ignores what it must.
      const devices = [{ deviceID: device }];
      await syncthing.writeFolder({ ...wanted, label: id, path, devices, paused: true }, signal);
      await syncthing.setIgnores(id, [ownFiles], signal);
      await syncthing.writeFolder({ id, paused: false }, signal);
    });
    return changes;
  }
  if (folder.paused)
    throw new SyncthingError(
      'folder',
      `The folder ${id} is paused, so that its ignore patterns cannot be read. Resume it.`,
    );
  for (const [words, members] of missingOf(folder, { device, shownName }))
    change(words, () => syncthing.writeFolder({ id, ...members }, signal));
  const { written, effective } = await syncthing.ignores(id, signal);
  if (!isOwnIgnored(effective)) {
    const others = written.filter((pattern) => pattern !== ownFiles);
    change(`Ignore ${ownFiles} in the folder ${id}`, () => syncthing.setIgnores(id, [ownFiles, ...others], signal));
  }
  return changes;
}

function missingOf(
  { id, type, autoNormalize, devices }: SyncthingFolder,
  { device, shownName }: { device: string; shownName: string },
): [words: string, members: Partial<SyncthingFolder>][] {
  const missing: [string, Partial<SyncthingFolder>][] = [];
  if (type !== 'sendonly')
    missing.push([`Change the type of the folder ${id} from ${type} to sendonly`, { type: 'sendonly' }]);
  if (autoNormalize)
    missing.push([`Stop the folder ${id} from renaming files (autoNormalize)`, { autoNormalize: false }]);
  if (!devices.some(({ deviceID }) => deviceID === device))
    missing.push([`Share the folder ${id} with ${shownName}`, { devices: [...devices, { deviceID: device }] }]);
  return missing;
}
