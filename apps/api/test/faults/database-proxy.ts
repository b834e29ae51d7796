import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

type Moment = 'before' | 'after' | 'between';

/** A proxy before PostgreSQL that breaks the connection of a chosen write. */
export type DatabaseProxy = {
  connectionString: string;
  /**
   * Breaks the connection of the next write whose parameters contain `text`: before PostgreSQL gets it, after its commit and
   * before the reply, or at first only for the client, so that PostgreSQL gets it when `release` is called. Returns whether
   * it is broken.
   */
  breakAt: (moment: Moment, text: string) => () => boolean;
  /** Sends what was held, and waits for PostgreSQL to answer it. */
  release: () => Promise<void>;
  /** Refuses new connections. */
  close: () => void;
  /** Breaks all connections too. */
  stop: () => void;
};

export async function startDatabaseProxy(database: string): Promise<DatabaseProxy> {
  const url = new URL(database);
  const socket = url.searchParams.get('host');
  const port = Number(url.port || 5432);
  const sockets = new Set<Socket>();
  let plan: { moment: Moment; text: string; isBroken: boolean } | undefined;
  let held: (() => Promise<void>) | undefined;

  const follow = (one: Socket) => {
    sockets.add(one.on('error', () => {}).on('close', () => sockets.delete(one)));
    return one;
  };
  const server = createServer((incoming) => {
    const client = follow(incoming);
    const upstream = follow(socket ? connect(`${socket}/.s.PGSQL.${port}`) : connect(port, url.hostname));
    let isTransaction = false;
    let chosen: typeof plan;
    let isCommitting = false;
    client.on('data', (data) => {
      const text = data.toString('latin1');
      isTransaction ||= text.includes('begin');
      if (plan && text.includes(plan.text)) {
        chosen = plan;
        plan = undefined;
      }
      if (chosen && chosen.moment !== 'after') {
        client.destroy();
        chosen.isBroken = true;
        if (chosen.moment === 'before') return;
        held = async () => {
          upstream.write(data);
          await once(upstream, 'data');
          upstream.destroy();
        };
        return;
      }
      isCommitting = chosen !== undefined && (!isTransaction || text.includes('commit'));
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (chosen && isCommitting) {
        client.destroy();
        chosen.isBroken = true;
      } else if (!client.destroyed) client.write(data);
    });
    client.on('close', () => {
      if (!held) upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    connectionString: url.toString(),
    breakAt: (moment, text) => {
      const planned = { moment, text, isBroken: false };
      plan = planned;
      return () => planned.isBroken;
    },
    release: async () => {
      const send = held;
      held = undefined;
      await send?.();
    },
    close: () => void server.close(),
    stop: () => {
      server.close();
      for (const one of sockets) one.destroy();
    },
  };
}
