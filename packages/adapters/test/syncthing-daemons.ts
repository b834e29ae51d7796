import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SyncthingSettings } from '../src/syncthing.ts';
import { findProgram } from './program.ts';
import { freePort } from './transmission-daemon.ts';

/** Two real Syncthing daemons for tests that know each other alone: no discovery, no relays, no open ports beyond this machine. */

export type SyncthingDaemon = {
  /** The id of its device. */
  device: string;
  settings: SyncthingSettings;
  /** A call of its REST API, such as `ask('POST', 'db/revert?folder=x')`; the reply is read as JSON if it is. Throws for an error. */
  ask: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Ends it, as a crash does. */
  kill: () => Promise<void>;
  start: () => Promise<void>;
};

export type SharedFolder = {
  id: string;
  /** The directory at the sender. */
  here: string;
  /** The directory at the receiver. */
  there: string;
};

export type SyncthingPair = {
  /** Sends. */
  here: SyncthingDaemon;
  /** Receives. */
  there: SyncthingDaemon;
  /** A new folder that both share, which the receiver has never seen. `ignored`: patterns; `more`: members of its configuration. */
  share: (options?: FolderOptions) => Promise<SharedFolder>;
  stop: () => Promise<void>;
};

type FolderOptions = {
  here?: { ignored?: string[]; more?: object };
  there?: { ignored?: string[]; more?: object };
};

const run = promisify(execFile);

async function prepare(home: string, program: string) {
  await run(program, ['generate', `--home=${home}`, '--no-default-folder', '--skip-port-probing']);
  const { stdout } = await run(program, [`--home=${home}`, '--device-id']);
  return {
    home,
    device: stdout.trim(),
    key: randomBytes(16).toString('hex'),
    gui: await freePort(),
    port: await freePort(),
  };
}
type Prepared = Awaited<ReturnType<typeof prepare>>;

const configOf = ({ device, key, gui, port }: Prepared, other: Prepared) => `<configuration version="36">
<device id="${device}" name="own"><address>dynamic</address></device>
<device id="${other.device}" name="other"><address>tcp://127.0.0.1:${other.port}</address></device>
<gui enabled="true" tls="false"><address>127.0.0.1:${gui}</address><apikey>${key}</apikey></gui>
<options><listenAddress>tcp://127.0.0.1:${port}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled>
<localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled>
<reconnectionIntervalS>1</reconnectionIntervalS><startBrowser>false</startBrowser><urAccepted>-1</urAccepted>
<autoUpgradeIntervalH>0</autoUpgradeIntervalH><crashReportingEnabled>false</crashReportingEnabled></options></configuration>`;

async function open(program: string, own: Prepared, other: Prepared): Promise<SyncthingDaemon> {
  const { home, device, key, gui } = own;
  await writeFile(join(home, 'config.xml'), configOf(own, other));
  const settings = { url: `http://127.0.0.1:${gui}/rest`, key };
  const ask = async (method: string, path: string, body?: unknown) => {
    const init = { method, headers: { 'x-api-key': key }, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(`${settings.url}/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return /^\s*[[{]/.test(text) ? JSON.parse(text) : text;
  };
  let end: () => Promise<void> = async () => {};
  const start = async () => {
    const options = ['serve', `--home=${home}`, '--no-browser', '--no-restart', '--no-upgrade'];
    // Without a second process that would outlive this one.
    const env = { ...process.env, HOME: home, STNODEFAULTFOLDER: '1', STMONITORED: 'yes' };
    const child = spawn(program, options, { env, stdio: 'ignore' });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    const exited = once(child, 'exit');
    end = async () => {
      kill();
      await exited;
      process.removeListener('exit', kill);
    };
    const replies = () => ask('GET', 'system/ping').then(Boolean, () => false);
    while (!(await replies())) {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode} before it replied.`);
      await setTimeout(20);
    }
  };
  return { device, settings, ask, start, kill: () => end() };
}

/** Up and connected in about three seconds. */
export async function startSyncthingPair(): Promise<SyncthingPair> {
  const program = findProgram('syncthing');
  const directory = await mkdtemp(join(tmpdir(), 'at-syncthing-'));
  const [own, other] = await Promise.all(['here', 'there'].map((name) => prepare(join(directory, name), program)));
  const here = await open(program, own as Prepared, other as Prepared);
  const there = await open(program, other as Prepared, own as Prepared);
  await Promise.all([here.start(), there.start()]);
  const isConnected = async (daemon: SyncthingDaemon, { device }: SyncthingDaemon) => {
    const { connections } = (await daemon.ask('GET', 'system/connections')) as Connections;
    return connections[device]?.connected ?? false;
  };
  while (!(await isConnected(here, there)) || !(await isConnected(there, here))) await setTimeout(20);
  let folders = 0;
  return {
    here,
    there,
    share: async (options = {}) => {
      folders += 1;
      const id = `folder-${folders}`;
      const make = async (daemon: SyncthingDaemon, side: 'here' | 'there') => {
        const { ignored = [], more = {} } = options[side] ?? {};
        const path = join(directory, `${id}-${side}`);
        await mkdir(path, { recursive: true });
        await daemon.ask('PUT', `config/folders/${id}`, {
          id,
          path,
          type: side === 'here' ? 'sendonly' : 'receiveonly',
          devices: [{ deviceID: here.device }, { deviceID: there.device }],
          rescanIntervalS: 0,
          fsWatcherEnabled: false,
          autoNormalize: false,
          minDiskFree: { value: 0, unit: '%' },
          ...more,
        });
        if (ignored.length > 0) await daemon.ask('POST', `db/ignores?folder=${id}`, { ignore: ignored });
        return path;
      };
      const [from, to] = await Promise.all([make(here, 'here'), make(there, 'there')]);
      return { id, here: from, there: to };
    },
    stop: async () => {
      await Promise.all([here.kill(), there.kill()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

type Connections = { connections: Record<string, { connected: boolean }> };
