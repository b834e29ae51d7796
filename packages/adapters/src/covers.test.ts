import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { CoverError, fetchCover, isPublic } from './covers.ts';

const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from('a cover')]);
let port: number;
let answer: RequestListener;
const asked: string[] = [];
beforeAll(async () => {
  const server = createServer((request, reply) => {
    asked.push(request.url ?? '');
    answer(request, reply);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  return () => void server.close();
});

/** As if the host of the picture were a public one. */
const here: LookupFunction = (_host, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
const sends = (status: number, headers: Record<string, string>, body: Buffer | string) => {
  asked.length = 0;
  answer = (_request, reply) => void reply.writeHead(status, headers).end(body);
};

test('a picture of a public host is fetched, by what its bytes are', async () => {
  sends(200, { 'content-type': 'text/html' }, jpeg);
  expect(await fetchCover(`http://covers.example:${port}/a.jpg`, here)).toEqual({ bytes: jpeg, type: 'image/jpeg' });
});

test.each<[string, number, Record<string, string>, Buffer | string]>([
  ['a redirect, also to a public host', 302, { location: '/elsewhere.jpg' }, jpeg],
  ['a page that calls itself a picture', 200, { 'content-type': 'image/jpeg' }, '<svg/>'],
  ['an error', 404, {}, jpeg],
  ['more than 2 MiB', 200, {}, Buffer.concat([jpeg, Buffer.alloc(2 ** 21)])],
])('%s is no cover, and no other request is sent', async (_, status, headers, body) => {
  sends(status, headers, body);
  expect(await fetchCover(`http://covers.example:${port}/a.jpg`, here)).toBeUndefined();
  expect(asked).toEqual(['/a.jpg']);
});

test('a reply that ends too early says nothing of the cover', async () => {
  answer = (_request, reply) => {
    reply.writeHead(200, { 'content-length': '100' });
    reply.write(jpeg, () => reply.destroy());
  };
  await expect(fetchCover(`http://covers.example:${port}/a.jpg`, here)).rejects.toThrow(CoverError);
});

test.each([429, 500, 503])('a host that replies %i may have the cover another time', async (status) => {
  sends(status, {}, jpeg);
  await expect(fetchCover(`http://covers.example:${port}/a.jpg`, here)).rejects.toThrow(CoverError);
});

test('a host that is not found or does not answer may have the cover another time', async () => {
  const lost: LookupFunction = (_host, _options, callback) =>
    callback(Object.assign(new Error('no network'), { code: 'EAI_AGAIN' }), []);
  await expect(fetchCover('http://covers.example/a.jpg', lost)).rejects.toThrow(CoverError);
  answer = (request) => void request.socket.destroy();
  await expect(fetchCover(`http://covers.example:${port}/a.jpg`, here)).rejects.toThrow(CoverError);
});

test('four covers are fetched at once, and the others in their turn', async () => {
  const held: ServerResponse[] = [];
  let open = 0;
  let most = 0;
  answer = (_request, reply) => {
    open += 1;
    most = Math.max(most, open);
    held.push(reply);
  };
  const all = Promise.all(
    Array.from({ length: 9 }, (_, i) => fetchCover(`http://covers.example:${port}/${i}.jpg`, here)),
  );
  for (let sent = 0; sent < 9; sent += 1) {
    await expect.poll(() => held.length, { interval: 5 }).toBe(Math.min(9 - sent, 4));
    open -= 1;
    (held.shift() as ServerResponse).end(jpeg);
  }
  expect((await all).every((one) => one?.bytes.equals(jpeg))).toBe(true);
  expect(most).toBe(4);
});

test.each([
  'http://127.0.0.1',
  'http://localhost',
  'http://2130706433',
  'http://0x7f.1',
  'http://0.0.0.0',
  'http://[::1]',
  'http://[::ffff:127.0.0.1]',
])('this machine is never asked, such as by %s', async (host) => {
  sends(200, {}, jpeg);
  expect(await fetchCover(`${host}:${port}/a.jpg`)).toBeUndefined();
  expect(asked).toEqual([]);
});

test.each(['file:///etc/passwd', 'data:image/png;base64,AA', 'no address', 'http://ann:secret@covers.example/a.jpg'])(
  '%s is no address of a cover',
  async (address) => expect(await fetchCover(address, here)).toBeUndefined(),
);

test('addresses that only some can reach are not public', () => {
  const not = [
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
  ];
  const not6 = ['fd00::1', 'fe80::1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:1::1', '::ffff:8.8.8.8', 'ff02::1'];
  expect([...not, ...not6, 'name'].filter(isPublic)).toEqual([]);
  expect(['1.1.1.1', '172.32.0.1', '2606:4700::1111'].every(isPublic)).toBe(true);
});
