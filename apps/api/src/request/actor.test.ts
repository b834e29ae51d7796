import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actorOf } from './actor.ts';

const heard: ((request: IncomingMessage) => void)[] = [];
const server = createServer((request, response) => {
  heard.shift()?.(request);
  response.end();
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

/** The actor of a request whose X-Actor has these bytes, as Node's own parser hands it over. */
async function actorFrom(bytes: Uint8Array): Promise<string> {
  const request = new Promise<IncomingMessage>((resolve) => heard.push(resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(Buffer.concat([Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nX-Actor: '), bytes, Buffer.from('\r\n\r\n')]));
  const { name, verified } = actorOf((await request) as unknown as FastifyRequest);
  socket.destroy();
  expect(verified).toBe(false);
  return name;
}

test.each(['Anna', 'Zoë Müller', 'Łukasz', '田中', 'Ада \u{1f3ac}'])(
  '%s sent as UTF-8 is read as it is',
  async (name) => {
    expect(await actorFrom(Buffer.from(name, 'utf8'))).toBe(name);
  },
);

test('bytes that are no UTF-8 are read as Latin-1', async () => {
  expect(await actorFrom(Buffer.from('Zoë Müller', 'latin1'))).toBe('Zoë Müller');
});

test('a long name is cut between two characters', async () => {
  expect(await actorFrom(Buffer.from(`x${'\u{1f3ac}'.repeat(200)}`))).toBe(`x${'\u{1f3ac}'.repeat(99)}`);
});

test('blanks of any kind are no name', async () => {
  expect(await actorFrom(Buffer.from(' \u00a0\u2003\ufeff '))).toBe('anonymous');
});
