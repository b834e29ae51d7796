import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import pg from 'pg';

/** When the connection of a write breaks: before PostgreSQL gets it, after its commit, or for the caller only. */
type Moment = 'before' | 'after' | 'between';

/** A path to the database that can go silent, as a proxy or a firewall that forgot its connections does, or break. */
export type TestProxy = {
  connectionString: string;
  /** How many connections were accepted and are open. */
  open: () => number;
  /** The open connections stay open and forward nothing any more; new ones work. */
  freeze: () => void;
  /** Until it is called with false, new connections are accepted and forward nothing either. */
  swallow: (all: boolean) => void;
  /**
   * Breaks the connection of the next write whose parameters contain `text`; after `between`, PostgreSQL gets the write when
   * `release` is called. Returns whether it is broken.
   */
  breakAt: (moment: Moment, text: string) => () => boolean;
  /** Sends what was held, and waits for PostgreSQL to answer it. */
  release: () => Promise<void>;
  /** Refuses new connections; those that are open stay. */
  refuse: () => void;
  close: () => void;
};

type Plan = { moment: Moment; text: string; isBroken: boolean };

/** The head of the message BackendKeyData, which a process number follows. */
const keyData = Buffer.from([0x4b, 0, 0, 0, 12]);

/** Passes on what `change` returns. */
const through = (change: (chunk: Buffer) => Buffer | undefined) =>
  new Transform({ transform: (chunk: Buffer, _encoding, done) => done(null, change(chunk)) });

/** As a pooler does, which gives each connection a number of its own. */
function hide(chunk: Buffer): void {
  const at = chunk.indexOf(keyData);
  if (at >= 0) chunk.writeUInt32BE(1, at + keyData.length);
}

export async function startProxy(connectionString: string, { hidesProcesses = false } = {}): Promise<TestProxy> {
  const { host, port } = new pg.Client(connectionString);
  const sockets = new Set<Socket>();
  let accepted = 0;
  const pairs = new Set<[Socket, Socket]>();
  let isSwallowing = false;
  let plan: Plan | undefined;
  let held: (() => Promise<void>) | undefined;
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
    let chosen: Plan | undefined;
    let isTransaction = false;
    let isCommitting = false;
    const send = (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      isTransaction ||= text.includes('begin');
      if (plan && text.includes(plan.text)) {
        chosen = plan;
        plan = undefined;
      }
      if (!chosen) return chunk;
      if (chosen.moment === 'after') {
        isCommitting = !isTransaction || text.includes('commit');
        return chunk;
      }
      if (chosen.moment === 'between') {
        pairs.delete(pair);
        held = async () => {
          far.write(chunk);
          await once(far, 'data');
          far.destroy();
        };
      }
      chosen.isBroken = true;
      near.destroy();
      return undefined;
    };
    const reply = (chunk: Buffer) => {
      if (hidesProcesses) hide(chunk);
      if (!chosen || !isCommitting) return chunk;
      chosen.isBroken = true;
      near.destroy();
      return undefined;
    };
    near.pipe(through(send)).pipe(far);
    far.pipe(through(reply)).pipe(near);
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
    breakAt: (moment, text) => {
      const planned = { moment, text, isBroken: false };
      plan = planned;
      return () => planned.isBroken;
    },
    release: async () => {
      await held?.();
      held = undefined;
    },
    refuse: () => void server.close(),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
