import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { fetchCover, isPublic } from './covers.ts';

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

test('a reply that ends too early is no cover', async () => {
  answer = (_request, reply) => {
    reply.writeHead(200, { 'content-length': '100' });
    reply.write(jpeg, () => reply.destroy());
  };
  expect(await fetchCover(`http://covers.example:${port}/a.jpg`, here)).toBeUndefined();
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
