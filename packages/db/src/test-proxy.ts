import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import pg from 'pg';

/** A path to the database that can go silent, as a proxy or a firewall that forgot its connections does. */
export type TestProxy = {
  connectionString: string;
  /** How many connections were accepted and are open. */
  open: () => number;
  /** The open connections stay open and forward nothing any more; new ones work. */
  freeze: () => void;
  /** Until it is called with false, new connections are accepted and forward nothing either. */
  swallow: (all: boolean) => void;
  close: () => void;
};

/** The head of the message BackendKeyData, which a process number follows. */
const keyData = Buffer.from([0x4b, 0, 0, 0, 12]);

/** As a pooler does, which gives each connection a number of its own. */
const hiding = () =>
  new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      const at = chunk.indexOf(keyData);
      if (at >= 0) chunk.writeUInt32BE(1, at + keyData.length);
      done(null, chunk);
    },
  });

export async function startProxy(connectionString: string, { hidesProcesses = false } = {}): Promise<TestProxy> {
  const { host, port } = new pg.Client(connectionString);
  const sockets = new Set<Socket>();
  let accepted = 0;
  const pairs = new Set<[Socket, Socket]>();
  let isSwallowing = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    accepted += 1;
    near.on('close', () => {
      accepted -= 1;
    });
    if (isSwallowing) {
      near.pause();
      return;
    }
    const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    keep(far);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    near.pipe(far);
    if (hidesProcesses) far.pipe(hiding()).pipe(near);
    else far.pipe(near);
    for (const [one, other] of [pair, pair.toReversed() as typeof pair]) {
      one.on('close', () => {
        // A frozen connection tells the other side nothing.
        if (pairs.delete(pair)) other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(connectionString);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  url.searchParams.delete('host');
  return {
    connectionString: url.toString(),
    open: () => accepted,
    freeze: () => {
      for (const [near, far] of pairs) {
        for (const socket of [near, far]) socket.unpipe().pause();
      }
      pairs.clear();
    },
    swallow: (all) => {
      isSwallowing = all;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
