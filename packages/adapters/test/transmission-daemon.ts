import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Transmission, TransmissionSettings } from '../src/transmission.ts';
import { findProgram } from './program.ts';

/** A real Transmission for tests, isolated on this machine: no peers, no trackers, no open ports. */

export type Daemon = {
  settings: TransmissionSettings;
  /** The API's environment for this daemon. */
  environment: Record<string, string>;
  /** Directory of its downloads. */
  downloads: string;
  stop: () => Promise<void>;
};

/** A port on which nothing listens. No program gets it by chance, and `fetch` does not refuse it. */
export const closedPort = 2;

/** Each process begins at its own place, so that two of them seldom look at the same port. */
let nextPort = 20_000 + ((process.pid * 97) % 12_000);

/**
 * A free port of 127.0.0.1. It stays free until it is used: it is below the ports that the system gives to connections and to
 * servers that do not name one.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort;
    nextPort = port < 31_999 ? port + 1 : 20_000;
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** `more`: settings beside those of the tests. */
export async function startTransmission(more: Record<string, unknown> = {}): Promise<Daemon> {
  const binary = findProgram('transmission-daemon');
  const directory = await mkdtemp(join(tmpdir(), 'at-transmission-'));
  const downloads = join(directory, 'downloads');
  await mkdir(downloads);
  const [port, peerPort] = [await freePort(), await freePort()];
  const settings = { host: '127.0.0.1', port, username: 'tester', password: 'pass: wörd' };
  const configuration = {
    'rpc-enabled': true,
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': port,
    'rpc-whitelist-enabled': false,
    'rpc-host-whitelist-enabled': false,
    'rpc-authentication-required': true,
    'rpc-username': settings.username,
    'rpc-password': settings.password,
    'bind-address-ipv4': '127.0.0.1',
    'peer-port': peerPort,
    'peer-port-random-on-start': false,
    'port-forwarding-enabled': false,
    'dht-enabled': false,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'download-dir': downloads,
    'incomplete-dir-enabled': false,
    ...more,
  };
  await writeFile(join(directory, 'settings.json'), JSON.stringify(configuration));
  const child = spawn(binary, ['--foreground', '--config-dir', directory], { stdio: 'ignore' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit');
  const accepts = () =>
    fetch(`http://127.0.0.1:${port}/transmission/rpc`).then(
      () => true,
      () => false,
    );
  while (!(await accepts())) {
    if (child.exitCode !== null)
      throw new Error(`${binary} ended with ${child.exitCode} before it accepted connections.`);
    await setTimeout(20);
  }
  return {
    settings,
    environment: {
      REAR_DIFF_TRANSMISSION_HOST: settings.host,
      REAR_DIFF_TRANSMISSION_PORT: String(port),
      REAR_DIFF_TRANSMISSION_USERNAME: settings.username,
      REAR_DIFF_TRANSMISSION_PASSWORD: settings.password,
    },
    downloads,
    stop: async () => {
      // It would wait for trackers that it does not have; its data is temporary.
      kill();
      await exited;
      process.removeListener('exit', kill);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * A Transmission that pauses at one of its calls, `before` it is sent or `after` its reply, until `release` is called. `reached`: the
 * first of these calls has come so far.
 */
export function pausing(transmission: Transmission, call: 'add' | 'remove', when: 'before' | 'after') {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const pause = () => {
    reach();
    return released;
  };
  const paused =
    <A extends unknown[], R>(ask: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      if (when === 'before') await pause();
      const reply = await ask(...args);
      if (when === 'after') await pause();
      return reply;
    };
  const slow = { ...transmission, [call]: paused<never[], unknown>(transmission[call]) } as Transmission;
  return { slow, reached, release };
}

/** An info-hash without a torrent. */
export const randomHash = () => randomBytes(20).toString('hex');

export const magnetOf = (hash: string, name = 'A film') => `magnet:?xt=urn:btih:${hash}&dn=${encodeURIComponent(name)}`;

/** A file in the daemon's downloads, and the http link of its torrent. */
export async function shareFile(
  { downloads }: Pick<Daemon, 'downloads'>,
  name: string,
): Promise<{ file: string; link: string; hash: string; close: () => void }> {
  const content = randomBytes(20_000);
  const file = join(downloads, name);
  await writeFile(file, content);
  const pieces = Buffer.concat(
    [content.subarray(0, 16_384), content.subarray(16_384)].map((piece) => createHash('sha1').update(piece).digest()),
  );
  const info = Buffer.concat([
    Buffer.from(
      `d6:lengthi${content.length}e4:name${Buffer.byteLength(name)}:${name}12:piece lengthi16384e6:pieces${pieces.length}:`,
    ),
    pieces,
    Buffer.from('7:privatei1ee'),
  ]);
  const torrent = Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]);
  const server = createHttpServer((_request, response) => response.end(torrent)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hash = createHash('sha1').update(info).digest('hex');
  const link = `http://127.0.0.1:${(server.address() as AddressInfo).port}/torrent/download/${hash.toUpperCase()}`;
  return { file, link, hash, close: () => server.close() };
}
