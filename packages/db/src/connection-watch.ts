import type { Socket } from 'node:net';
import pg from 'pg';

/** The connection is open, but nothing arrives over it. The statement may have run. */
class SilentConnection extends Error {
  override name = 'SilentConnection';
  readonly code: string;
  /** `isOpen`: it was connected, so that PostgreSQL may have got a statement. */
  constructor(isOpen: boolean) {
    super('The database connection went silent and was closed.');
    this.code = isOpen ? 'ETIMEDOUT' : 'ECONNABORTED';
  }
}

type Watched = pg.Client & {
  /** A path if it is a socket of this machine. */
  host: string;
  /** true: it waits for a statement; false: for a reply; undefined: it is not connected yet. */
  readyForQuery?: boolean;
  processID: number | null;
  connection: { stream: Socket };
};

type ClientClass = new (config: pg.ClientConfig) => pg.Client;

type State = 'connecting' | 'busy' | 'idle' | 'closing';

/** The last observed state of a connection, and for how many ticks nothing has changed. */
type Sighting = {
  state: State;
  bytes: number;
  ticks: number;
  /** The tick at which to ask the server about it. */
  askAt: number;
  /** How often in a row the server said that it waits for this connection, which waits for the server. */
  strikes: number;
};

/** Milliseconds. Counted in ticks: a process that was suspended has not waited. */
const tick = 100;
/** Ticks without a byte after which the server is asked about a connection. */
const suspicious = 3;
/** Ticks after which an idle connection must show that it lives. */
const idle = 10;
/**
 * How much longer than this machine makes timers and inquiries wait a connection must be silent: on a busy machine a server
 * process may begin with a statement later than a new one.
 */
const doubt = { timers: 10, inquiries: 5 };
/** The part of the delay of timers that counts in the next tick. */
const fading = 0.8;
/** Milliseconds after which connections that were given up without the server's knowledge are forgotten. */
const orphanLife = 60_000;

/**
 * Finds connections that went silent: still open, but something between here and the server forwards nothing, so that a
 * reply would never come. If a connection waits for a reply for more than a moment, it asks the server over a new
 * connection whether it still works on it. A slow statement continues; a connection for which the server twice said that it
 * waits itself is closed, also on the server's side, where it could hold locks. It costs a statement nothing: it looks at
 * all connections a few times per second.
 *
 * A socket of this machine leads to the server itself, so nothing can forget its connections: they are only given up after
 * their limit.
 */
export class ConnectionWatch {
  readonly #config: pg.ClientConfig;
  readonly #connectTimeout: number;
  readonly #clients = new Map<Watched, { seen: Sighting; limit: number; pool: () => pg.Pool }>();
  readonly #inquiries = new Set<Watched>();
  /** Server processes of connections that were given up, and when. */
  readonly #orphans = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #ticksSinceInquiry = 0;
  #lookedAt = 0;
  /** Milliseconds by which ticks come late: the most of the last ones, fading. */
  #lateness = 0;

  /** `connectTimeout`: milliseconds after which a connection that does not open has failed. */
  constructor(config: pg.ClientConfig, connectTimeout: number) {
    this.#config = { ...config, application_name: 'rear-differential watch', connectionTimeoutMillis: 0 };
    this.#connectTimeout = connectTimeout;
  }

  /** The class whose connections are watched; `limit`: milliseconds that each may wait for a byte of a reply. */
  watched(Client: ClientClass, limit: number, pool: () => pg.Pool): ClientClass {
    const add = (client: Watched) => {
      this.#clients.set(client, { seen: sightingOf(client), limit, pool });
      client.once('end', () => this.#clients.delete(client));
      if (this.#timer) return;
      this.#lookedAt = performance.now();
      this.#timer = setInterval(() => this.#look(), tick).unref();
    };
    return class extends Client {
      constructor(config: pg.ClientConfig) {
        super(config);
        add(this as unknown as Watched);
      }
    };
  }

  #look(): void {
    if (this.#clients.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    this.#lateness = Math.max(now - this.#lookedAt - tick, fading * this.#lateness);
    this.#lookedAt = now;
    this.#ticksSinceInquiry += 1;
    let isDue = this.#orphans.size > 0 && this.#inquiries.size === 0 && this.#ticksSinceInquiry > idle;
    for (const [client, watched] of this.#clients) {
      const { seen } = watched;
      if (!isUnchanged(client, seen)) {
        watched.seen = sightingOf(client);
        continue;
      }
      seen.ticks += 1;
      if (seen.state === 'closing') {
        if (seen.ticks > suspicious) client.connection.stream.destroy();
      } else if (seen.state !== 'idle' && seen.ticks * tick > watched.limit) this.#giveUp(client);
      else if (isLocal(client)) continue;
      else if (seen.state === 'idle') {
        if (seen.ticks >= idle) ping(client);
      } else isDue ||= seen.ticks >= seen.askAt;
    }
    // A new one beside those that are open: they may have gone silent too.
    if (isDue && (this.#inquiries.size === 0 || this.#ticksSinceInquiry >= suspicious)) void this.#inquire();
  }

  async #inquire(): Promise<void> {
    this.#ticksSinceInquiry = 0;
    // If one went silent others did: they must show it now.
    const remote = [...this.#clients]
      .map(([client, { seen }]) => ({ client, seen }))
      .filter(({ client }) => !isLocal(client));
    for (const { client, seen } of remote) if (seen.state === 'idle') ping(client);
    const asked = remote.filter(
      ({ seen: { state, ticks } }) => (state === 'busy' || state === 'connecting') && ticks >= suspicious,
    );
    const inquiry = new pg.Client(this.#config) as unknown as Watched;
    inquiry.on('error', () => {});
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      inquiry.connection.stream.destroy();
    }, this.#connectTimeout);
    inquiry.once('end', () => clearTimeout(timer));
    this.#inquiries.add(inquiry);
    const began = performance.now();
    try {
      await inquiry.connect();
      const { rows } = await inquiry.query<{ own: number; working: number[] }>(
        `select pg_catalog.pg_backend_pid() as own, array(
           select pid from pg_catalog.pg_stat_activity where pid = any($1::int[]) and wait_event_type is distinct from 'Client'
         ) as working`,
        [asked.map(({ client }) => client.processID)],
      );
      for (const older of this.#inquiries) if (older !== inquiry) older.connection.stream.destroy();
      const { own, working } = rows[0] as (typeof rows)[number];
      // A pooler between here and the server gives each connection a process number of its own.
      const areKnown = own === inquiry.processID;
      const delay = doubt.timers * this.#lateness + doubt.inquiries * (performance.now() - began);
      this.#judge(asked, delay, ({ processID }) => !areKnown || working.includes(processID as number));
      if (this.#orphans.size > 0) await this.#endOrphans(inquiry, areKnown);
    } catch {
      // No connection opens: what has been silent all the time is not worth waiting for.
      if (isLate) for (const { client, seen } of asked) if (isUnchanged(client, seen)) this.#giveUp(client);
    } finally {
      this.#inquiries.delete(inquiry);
      inquiry.end().catch(() => {});
    }
  }

  /** `delay`: milliseconds for which a connection may be silent because this machine is busy. */
  #judge(asked: { client: Watched; seen: Sighting }[], delay: number, isAtWork: (client: Watched) => boolean): void {
    let lost = 0;
    for (const { client, seen } of asked) {
      if (!isUnchanged(client, seen)) continue;
      if (seen.state === 'busy' && isAtWork(client)) {
        seen.strikes = 0;
        seen.askAt = 2 * seen.ticks;
        continue;
      }
      seen.askAt = seen.ticks + 1;
      if (seen.ticks * tick < delay) continue;
      // Once is no proof: the reply may be on its way.
      seen.strikes += 1;
      if (seen.strikes < 2) continue;
      this.#giveUp(client);
      lost += 1;
    }
    if (lost > 0) this.#replaceIdle();
  }

  /** The next statements get new connections. */
  #replaceIdle(): void {
    for (const pool of new Set([...this.#clients.values()].map((one) => one.pool()))) {
      for (let left = pool.idleCount; left > 0; left -= 1) pool.connect((_error, _client, release) => release?.(true));
    }
  }

  #giveUp(client: Watched): void {
    this.#clients.delete(client);
    if (client.processID) this.#orphans.set(client.processID, performance.now());
    client.connection.stream.destroy(new SilentConnection(client.readyForQuery !== undefined));
  }

  /** Ends the server's side of connections that were given up; until then it holds their locks. */
  async #endOrphans(inquiry: pg.Client, areKnown: boolean): Promise<void> {
    const orphans = [...this.#orphans].map(([pid, since]) => ({ pid, age: performance.now() - since }));
    this.#orphans.clear();
    const recent = orphans.filter(({ age }) => age < orphanLife);
    if (!areKnown || recent.length === 0) return;
    // Not a newer process with the same number.
    await inquiry.query(
      `select pg_catalog.pg_terminate_backend(a.pid)
       from pg_catalog.pg_stat_activity a, unnest($1::int[], $2::float8[]) as o(pid, age)
       where a.pid = o.pid and a.usename = current_user and a.wait_event_type = 'Client'
         and a.backend_start < clock_timestamp() - o.age * interval '1 millisecond'`,
      [recent.map(({ pid }) => pid), recent.map(({ age }) => age)],
    );
  }
}

const isLocal = ({ host }: Watched) => host.startsWith('/');

/** An empty statement, also between those of a transaction. */
function ping(client: Watched): void {
  client.query('').catch(() => {});
}

function stateOf({ readyForQuery, connection }: Watched): State {
  if (connection.stream.writableEnded) return 'closing';
  return readyForQuery === undefined ? 'connecting' : readyForQuery ? 'idle' : 'busy';
}

function sightingOf(client: Watched): Sighting {
  const bytes = client.connection.stream.bytesRead;
  return { state: stateOf(client), bytes, ticks: 0, askAt: suspicious, strikes: 0 };
}

function isUnchanged(client: Watched, { state, bytes }: Sighting): boolean {
  return client.connection.stream.bytesRead === bytes && stateOf(client) === state;
}
