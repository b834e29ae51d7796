import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type RequestListener,
} from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  closedPort,
  type Daemon,
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
  type TransmissionSettings,
  torrentHashes,
} from './transmission.ts';

let daemon: Daemon;
let transmission: Transmission;
beforeAll(async () => {
  daemon = await startTransmission();
  transmission = openTransmission(daemon.settings);
});
afterAll(() => daemon.stop());

/** The error of a rejected call. */
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
const startFake = (listener: RequestListener) => serve(createHttpServer(listener));
const at = (port: number, timeout?: number) =>
  openTransmission({ ...daemon.settings, port }, timeout === undefined ? {} : { timeout });

describe('against a real daemon', () => {
  test('a magnet link is added once and already exists the second time', async () => {
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

  test('of many concurrent adds exactly one adds', async () => {
    const hash = randomHash();
    const results = await Promise.all(Array.from({ length: 12 }, () => transmission.add(magnetOf(hash))));
    expect(results.filter(({ added }) => added)).toHaveLength(1);
  });

  test('remove returns the existing torrents and ignores the others', async () => {
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
    // The daemon replies before it deletes the file.
    if (!stays) await expect.poll(() => existsSync(shared.file)).toBe(false);
    expect(existsSync(shared.file)).toBe(stays);
  });

  test("an unreadable torrent is refused with the daemon's message", async () => {
    const port = await startFake((_request, response) => response.end('no torrent'));
    expect((await refusal(transmission.add(`http://127.0.0.1:${port}/x`))).message).toMatch(/^Transmission refused: ./);
    expect((await refusal(transmission.add('magnet:?xt=urn:btih:short'))).message).toMatch(/^Transmission refused: ./);
  });

  test('a path on the machine of the daemon is never sent', async () => {
    for (const link of ['/etc/passwd', 'file:///etc/passwd', '', 'ftp://host/x']) {
      expect((await refusal(transmission.add(link))).message).toBe('The link is neither magnet: nor http(s).');
    }
  });

  test('a wrong password is reported and not repeated', async () => {
    const wrong = openTransmission({ ...daemon.settings, password: 'hunter2-of-mine' });
    const { message, uncertain } = await refusal(wrong.list());
    expect(message).toContain('refuses the user or password');
    expect(message).toContain('REAR_DIFF_TRANSMISSION_USERNAME');
    expect(message).not.toContain('hunter2');
    expect(uncertain).toBe(false);
  });
});

test('a restarted daemon with another session id still works', async () => {
  let session = 'first';
  const sessions: (string | undefined)[] = [];
  const port = await startFake((request, response) => {
    const sent = [request.headers['x-transmission-session-id']].flat()[0];
    sessions.push(sent);
    if (sent !== session) response.writeHead(409, { 'x-transmission-session-id': session }).end('conflict');
    else response.end('{"result":"success","arguments":{"torrents":[]}}');
  });
  const client = at(port);
  await client.list();
  await client.list();
  session = 'second';
  await client.list();
  expect(sessions).toEqual(['', 'first', 'first', 'first', 'second']);
});

test('a call may take five seconds', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout');
  onTestFinished(() => timeout.mockRestore());
  await transmission.list([]);
  expect(timeout).toHaveBeenCalledExactlyOnceWith(5_000);
});

test('consecutive calls reuse connections', async () => {
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
  // A second connection may open while the first is being returned.
  expect(connections).toBeLessThanOrEqual(2);
});

describe('a daemon that', () => {
  test('is not configured: the error names the variable to set', async () => {
    const none = openTransmission(null);
    expect(none.configured).toBe(false);
    for (const operation of [none.add(magnetOf(randomHash())), none.remove([randomHash()], true), none.list()]) {
      expect((await refusal(operation)).message).toContain('REAR_DIFF_TRANSMISSION_HOST');
    }
  });

  test('is stopped: fails at once and reports that nothing was done', async () => {
    const { message, uncertain } = await refusal(at(closedPort).add(magnetOf(randomHash())));
    expect(message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    expect(uncertain).toBe(false);
  });

  test('hangs: fails after the timeout of the whole call and does not delay others', async () => {
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
      expect(message).toMatch(/did not respond within 0\.3 s/);
      expect(uncertain).toBe(true);
    }
  });

  test('hangs within a reply: fails after the timeout too', async () => {
    const port = await startFake((_request, response) => {
      response.write('{"result":');
    });
    expect((await refusal(at(port, 300).list())).message).toMatch(/did not respond within/);
  });

  test('always requests a new session: fails after one retry', async () => {
    let requests = 0;
    const port = await startFake((_request, response) => {
      requests += 1;
      response.writeHead(409, { 'x-transmission-session-id': `${requests}` }).end();
    });
    expect((await refusal(at(port).list())).message).toContain('session id');
    expect(requests).toBe(2);
  });

  test('is another server: the error reports that', async () => {
    for (const body of ['<html>', 'null', '[]', '{"status":"ok"}']) {
      const page = await startFake((_request, response) => response.end(body));
      expect((await refusal(at(page).list())).message).toContain('is not Transmission');
    }
    const elsewhere = await startFake((_request, response) => response.writeHead(302, { location: '/' }).end());
    expect((await refusal(at(elsewhere).list())).message).toMatch(
      /redirects to http:\/\/127\.0\.0\.1:\d+\/, .*REAR_DIFF_TRANSMISSION_HOST, _PORT and _RPC_PATH/,
    );
  });
});

test.each([301, 302, 307, 308])('a redirect (%i) is not followed, nor is it called uncertain', async (status) => {
  let visited = 0;
  const other = await startFake((_request, response) => {
    visited += 1;
    response.end('{"result":"success","arguments":{}}');
  });
  const location = `http://user:secret@127.0.0.1:${other}/torrents/rpc?key=secret`;
  const port = await startFake((_request, response) => response.writeHead(status, { location }).end());
  const { message, uncertain } = await refusal(at(port).add(magnetOf(randomHash())));
  expect(message).toContain(`redirects to http://127.0.0.1:${other}/torrents/rpc,`);
  expect(message).not.toContain('secret');
  expect([uncertain, visited]).toEqual([false, 0]);
});

describe('a real daemon says why it refuses, and the message what to do', () => {
  /** A proxy before it, under another host name, that passes on what `headers` returns. */
  const behind = (daemon: Daemon, headers: (given: IncomingHttpHeaders) => OutgoingHttpHeaders) =>
    startFake((request, response) => {
      const { method, url: path } = request;
      const { host, port } = daemon.settings;
      const onwards = httpRequest({ host, port, path, method, headers: headers(request.headers) }, (reply) => {
        response.writeHead(reply.statusCode as number, reply.headers);
        reply.pipe(response);
      });
      request.pipe(onwards);
    });
  const start = async (more: Record<string, unknown>) => {
    const started = await startTransmission(more);
    onTestFinished(() => started.stop());
    return started;
  };
  const why = async (settings: TransmissionSettings) => {
    const { message, uncertain } = await refusal(openTransmission(settings).list());
    expect(uncertain).toBe(false);
    return message;
  };

  test('an unknown path of its RPC, whichever it is', async () => {
    const elsewhere = await start({ 'rpc-url': '/torrents/' });
    const { settings } = elsewhere;
    expect(await openTransmission({ ...settings, path: '/torrents/rpc' }).list()).toEqual([]);
    for (const path of ['/transmission/rpc', '/', '/torrents']) {
      expect(await why({ ...settings, path })).toMatch(/ Set REAR_DIFF_TRANSMISSION_RPC_PATH to \/torrents\/rpc\.$/);
    }
    for (const path of ['/torrents/', '/torrents/web/']) {
      expect(await why({ ...settings, path })).toMatch(
        /^There is no RPC of Transmission at .*_RPC_PATH to the rpc-url/,
      );
    }
  });

  test('a host name that is not on its list, if it needs no password', async () => {
    const lists = { 'rpc-host-whitelist-enabled': true, 'rpc-host-whitelist': 'torrents.lan' };
    const open = await start({ ...lists, 'rpc-authentication-required': false });
    const named = async (daemon: Daemon, host: string) => ({
      ...daemon.settings,
      port: await behind(daemon, (given) => ({ ...given, host })),
    });
    expect(await openTransmission(await named(open, 'torrents.lan')).list()).toEqual([]);
    expect(await why(await named(open, 'other.lan'))).toContain('rpc-host-whitelist');
    const locked = await start(lists);
    const settings = await named(locked, 'other.lan');
    expect(await openTransmission(settings).list()).toEqual([]);
    expect(await why({ ...settings, password: 'wrong' })).toContain('refuses the user or password');
  });

  test('an address that is not on its list', async () => {
    const { settings } = await start({ 'rpc-whitelist-enabled': true, 'rpc-whitelist': '192.0.2.1' });
    expect(await why(settings)).toContain('Add the address to rpc-whitelist');
  });

  test('a session id that a proxy drops', async () => {
    const port = await behind(daemon, ({ 'x-transmission-session-id': _, ...others }) => others);
    expect(await why({ ...daemon.settings, port })).toContain('pass on the header X-Transmission-Session-Id');
  });
});

describe('links', () => {
  const hash = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';

  test.each([
    [magnetOf(hash), hash],
    [magnetOf(hash.toUpperCase()), hash],
    [`magnet:?dn=x&xt=urn:btih:${hash}&tr=udp://t`, hash],
    [`magnet:?xt=urn%3Abtih%3A${hash}`, hash],
    [`magnet:?xt.1=urn:ed2k:${'0'.repeat(32)}&XT.2=URN:BTIH:${hash.toUpperCase()}`, hash],
    ['magnet:?xt=urn:btih:UGZMHVHF6YDRQKJ2JNOG27UPSAAREIZU', hash],
    [`https://yts.mx/torrent/download/${hash.toUpperCase()}`, hash],
    [`https://host/${hash}/?x=1`, hash],
    [`https://host/${hash}0`, undefined],
    [`https://host/${hash}/file.torrent`, undefined],
    [`magnet:?xt=urn:btih:${hash}0`, undefined],
    ['', undefined],
  ])('the hash of %s is %s', (link, expected) => {
    expect(hashOfLink(link)).toBe(expected);
  });

  test('a torrent may have the hash of its item and the one in its link', () => {
    const other = '0'.repeat(40);
    expect(torrentHashes({ hash, original_link: null })).toEqual([hash]);
    expect(torrentHashes({ hash, original_link: magnetOf(hash.toUpperCase()) })).toEqual([hash]);
    expect(torrentHashes({ hash, original_link: magnetOf(other) })).toEqual([hash, other]);
  });

  test('only magnet: and http(s): are torrent links', () => {
    for (const link of ['magnet:?xt=x', 'MAGNET:?x', 'http://x', 'https://x']) expect(isTorrentLink(link)).toBe(true);
    for (const link of ['', hash, 'magnet', 'javascript:x', ' http://x']) expect(isTorrentLink(link)).toBe(false);
  });
});
