import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy before the API, which counts event streams, and can hang: accept requests and never answer them. */
export type Proxy = {
  url: string;
  /** The number of open event streams. */
  streams: () => number;
  /** From now on it answers nothing, and open replies send nothing more. */
  hang: () => void;
  /** Answers new requests again; those that hang stay unanswered. */
  recover: () => void;
  close: () => Promise<void>;
};

/** With `base`, it forwards only what lies below that path, without the path. */
export async function startProxy(target: string, base = ''): Promise<Proxy> {
  const streams = new Set<ServerResponse>();
  let passed: { reply: IncomingMessage; response: ServerResponse }[] = [];
  let isHanging = false;

  const server = createServer((incoming, response) => {
    if (isHanging) return;
    const { url: originalUrl = '', method, headers } = incoming;
    if (!originalUrl.startsWith(base)) return void response.writeHead(404).end();
    const url = originalUrl.slice(base.length).replace(/^\/?/, '/');
    const forwarded = request(new URL(url, target), { method, headers }, (reply) => {
      if (isHanging) return;
      passed.push({ reply, response });
      response.writeHead(reply.statusCode as number, reply.headers);
      // Also of a reply that goes on without a first byte.
      response.flushHeaders();
      reply.pipe(response);
    });
    if (url.includes('/events')) streams.add(response);
    response.on('close', () => {
      streams.delete(response);
      passed = passed.filter((one) => one.response !== response);
      forwarded.destroy();
    });
    forwarded.on('error', () => response.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams: () => streams.size,
    hang: () => {
      isHanging = true;
      for (const { reply, response } of passed) reply.unpipe(response);
    },
    recover: () => {
      isHanging = false;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
