import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type Daemon,
  freePort,
  magnetOf,
  randomHash,
  shareFile,
  startTransmission,
} from '../test/transmission-daemon.ts';
import {
  hashOfLink,
  isTorrentLink,
  openTransmission,
  type Transmission,
  TransmissionError,
  torrentHashes,
} from './transmission.ts';

let daemon: Daemon;
let transmission: Transmission;
beforeAll(async () => {
  daemon = await startTransmission();
  transmission = openTransmission(daemon.settings);
});
afterAll(() => daemon.stop());

/** Why an operation was refused. */
async function refusal(operation: Promise<unknown>): Promise<TransmissionError> {
  const error = await operation.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TransmissionError);
  return error as TransmissionError;
}

async function serve(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
const answering = (listener: RequestListener) => serve(createHttpServer(listener));
const at = (port: number, timeout?: number) =>
  openTransmission({ ...daemon.settings, port }, timeout === undefined ? {} : { timeout });

describe('against a real daemon', () => {
  test('a magnet link is added once, and is there already the second time', async () => {
    const hash = randomHash();
    expect(await transmission.add(magnetOf(hash))).toEqual({ hash, added: true });
    expect(await transmission.add(magnetOf(hash.toUpperCase()))).toEqual({ hash, added: false });
    expect(await transmission.list([hash])).toEqual([
      {
        hash,
        name: 'A film',
        status: expect.any(String),
        percent: 0,
        size: 0,
        rate_download: 0,
        rate_upload: 0,
        eta: null,
        error: null,
      },
    ]);
  });

  test('of many adds at once exactly one adds', async () => {
    const hash = randomHash();
    const answers = await Promise.all(Array.from({ length: 12 }, () => transmission.add(magnetOf(hash))));
    expect(answers.filter(({ added }) => added)).toHaveLength(1);
  });

  test('remove says which were there, and does nothing for the others', async () => {
    const [one, other, absent] = [randomHash(), randomHash(), randomHash()];
    await transmission.add(magnetOf(one));
    await transmission.add(magnetOf(other));
    expect(await transmission.remove([one, absent], false)).toEqual([one]);
    expect(await transmission.remove([one, absent], true)).toEqual([]);
    expect((await transmission.list([one, other, absent])).map(({ hash }) => hash)).toEqual([other]);
  });

  test.each([
    [false, true],
    [true, false],
  ])('removed with data %s, the file is there %s', async (withData, stays) => {
    const shared = await shareFile(daemon, `film-${withData}.mkv`);
    onTestFinished(shared.close);
    expect(await transmission.add(shared.link)).toEqual({ hash: shared.hash, added: true });
    const [torrent] = await transmission.list([shared.hash]);
    expect(torrent).toMatchObject({ name: `film-${withData}.mkv`, size: 20_000 });
    expect(existsSync(shared.file)).toBe(true);
    expect(await transmission.remove([shared.hash], withData)).toEqual([shared.hash]);
    // The daemon answers before it unlinks.
    if (!stays) await expect.poll(() => existsSync(shared.file)).toBe(false);
    expect(existsSync(shared.file)).toBe(stays);
  });

  test('what the daemon cannot read is refused in its words', async () => {
    const port = await answering((_request, response) => response.end('no torrent'));
    expect((await refusal(transmission.add(`http://127.0.0.1:${port}/x`))).message).toMatch(/^Transmission refused: ./);
    expect((await refusal(transmission.add('magnet:?xt=urn:btih:short'))).message).toMatch(/^Transmission refused: ./);
  });

  test('a path of the daemon’s machine is never handed to it', async () => {
    for (const link of ['/etc/passwd', 'file:///etc/passwd', '', 'ftp://host/x']) {
      expect((await refusal(transmission.add(link))).message).toBe('The link is neither magnet: nor http(s).');
    }
  });

  test('a wrong password is said to be one, and is not repeated', async () => {
    const wrong = openTransmission({ ...daemon.settings, password: 'hunter2-of-mine' });
    const { message, uncertain } = await refusal(wrong.list());
    expect(message).toContain('refuses the user or password');
    expect(message).toContain('REAR_DIFF_TRANSMISSION_USERNAME');
    expect(message).not.toContain('hunter2');
    expect(uncertain).toBe(false);
  });
});

test('a restarted daemon, with other session ids, is used on', async () => {
  let session = 'first';
  const asked: (string | undefined)[] = [];
  const port = await answering((request, response) => {
    const sent = [request.headers['x-transmission-session-id']].flat()[0];
    asked.push(sent);
    if (sent !== session) response.writeHead(409, { 'x-transmission-session-id': session }).end('conflict');
    else response.end('{"result":"success","arguments":{"torrents":[]}}');
  });
  const client = at(port);
  await client.list();
  await client.list();
  session = 'second';
  await client.list();
  expect(asked).toEqual(['', 'first', 'first', 'first', 'second']);
});

test('questions that follow each other reuse connections', async () => {
  const server = createHttpServer((request, response) => {
    request.resume();
    response.end('{"result":"success","arguments":{"torrents":[]}}');
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const client = at(await serve(server));
  for (let i = 0; i < 20; i += 1) await client.list();
  // A second one may be opened while the first is being handed back.
  expect(connections).toBeLessThanOrEqual(2);
});

describe('what cannot be asked', () => {
  test('is not configured: says which variable to set', async () => {
    const none = openTransmission(null);
    expect(none.configured).toBe(false);
    for (const operation of [none.add(magnetOf(randomHash())), none.remove([randomHash()], true), none.list()]) {
      expect((await refusal(operation)).message).toContain('REAR_DIFF_TRANSMISSION_HOST');
    }
  });

  test('is stopped: says so at once, and that nothing was done', async () => {
    const { message, uncertain } = await refusal(at(await freePort()).add(magnetOf(randomHash())));
    expect(message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    expect(uncertain).toBe(false);
  });

  test('hangs: is given up after the time limit, which covers everything, and others do not wait', async () => {
    let connections = 0;
    const silent = createServer((socket) => {
      connections += 1;
      socket.on('error', () => {});
    });
    const client = at(await serve(silent), 300);
    const connected: number[] = [];
    const refusals = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const refused = await refusal(client.remove([randomHash()], false));
        connected.push(connections);
        return refused;
      }),
    );
    expect(connected[0]).toBe(8);
    for (const { message, uncertain } of refusals) {
      expect(message).toMatch(/did not answer within 0\.3 s/);
      expect(uncertain).toBe(true);
    }
  });

  test('begins to answer and hangs: is given up too', async () => {
    const port = await answering((_request, response) => {
      response.write('{"result":');
    });
    expect((await refusal(at(port, 300).list())).message).toMatch(/did not answer within/);
  });

  test('asks for a session for ever: is refused, not asked for ever', async () => {
    let asked = 0;
    const port = await answering((_request, response) => {
      asked += 1;
      response.writeHead(409, { 'x-transmission-session-id': `${asked}` }).end();
    });
    expect((await refusal(at(port).list())).message).toContain('409');
    expect(asked).toBe(2);
  });

  test('is something else: says so', async () => {
    const page = await answering((_request, response) => response.end('<html>'));
    expect((await refusal(at(page).list())).message).toContain('is not Transmission');
    const elsewhere = await answering((_request, response) => response.writeHead(302, { location: '/' }).end());
    expect((await refusal(at(elsewhere).list())).message).toContain('cannot be reached');
    const forbidden = await answering((_request, response) => response.writeHead(403).end());
    expect((await refusal(at(forbidden).list())).message).toContain('white list');
  });
});

describe('links', () => {
  const hash = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';

  test.each([
    [magnetOf(hash), hash],
    [magnetOf(hash.toUpperCase()), hash],
    [`magnet:?dn=x&xt=urn:btih:${hash}&tr=udp://t`, hash],
    [`https://yts.mx/torrent/download/${hash.toUpperCase()}`, hash],
    [`https://host/${hash}/?x=1`, hash],
    [`https://host/${hash}0`, undefined],
    [`https://host/${hash}/file.torrent`, undefined],
    [`magnet:?xt=urn:btih:${hash}0`, undefined],
    ['', undefined],
  ])('the hash of %s is %s', (link, expected) => {
    expect(hashOfLink(link)).toBe(expected);
  });

  test('an item’s torrent may be known by its own hash and by that of its link', () => {
    const other = '0'.repeat(40);
    expect(torrentHashes({ hash, original_link: null })).toEqual([hash]);
    expect(torrentHashes({ hash, original_link: magnetOf(hash.toUpperCase()) })).toEqual([hash]);
    expect(torrentHashes({ hash, original_link: magnetOf(other) })).toEqual([hash, other]);
  });

  test('only magnet: and http(s): are links', () => {
    for (const link of ['magnet:?xt=x', 'MAGNET:?x', 'http://x', 'https://x']) expect(isTorrentLink(link)).toBe(true);
    for (const link of ['', hash, 'magnet', 'javascript:x', ' http://x']) expect(isTorrentLink(link)).toBe(false);
  });
});
