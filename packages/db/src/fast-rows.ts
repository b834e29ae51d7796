import pg from 'pg';
import { createPool, type PoolOptions, type PoolSize, poolSize } from './client.ts';
import { type FastRows, RowClient, type RowStatement, runStatement } from './row-query.ts';

/**
 * Reads rows over the stock driver without making a string of every value: pool, TLS, authentication and errors are the
 * driver's; one more class of query hands the bytes of each row to `json-rows.ts`. It leans on the driver's insides:
 * import this file only where `driver.ts` says that they are known.
 */

/** Reads rows; fails as the driver's own queries do. */
export type RowConnections = {
  read: (statement: RowStatement) => Promise<FastRows>;
  size: () => PoolSize;
  /** Closes the connections when what runs on them has ended. */
  end: () => Promise<void>;
};

/**
 * How these connections plan. The default price of a random read is that of a turning disk; here it lets Postgres read a
 * whole table for a thousand rows that an index finds sooner.
 */
export const planSettings = 'SET random_page_cost = 1.1';

function openPool(options: PoolOptions, settings: string, more: pg.PoolConfig = {}): pg.Pool {
  const connection =
    typeof options.connection === 'string' ? { connectionString: options.connection } : options.connection;
  const onConnect = (client: pg.ClientBase) => client.query(settings);
  return createPool({ ...options, connection: { ...connection, ...more, onConnect, Client: RowClient } });
}

/** Each statement has a connection to itself while it runs. */
export function openRowPool(options: PoolOptions): RowConnections {
  const pool = openPool(options, planSettings);
  return {
    read: async (statement) => {
      const client = await connect(pool);
      let lost = false;
      try {
        return await runStatement(client, statement);
      } catch (error) {
        lost = isLost(error);
        throw error;
      } finally {
        client.release(lost);
      }
    },
    size: () => poolSize(pool),
    end: () => pool.end(),
  };
}

/**
 * `max` connections on which statements follow each other without waiting for answers: fewer wake-ups on both sides, so
 * more pages a second, but a slow statement delays those behind it. A named one is planned once, for no parameters in
 * particular.
 */
export function openRowPipelines(options: PoolOptions): RowConnections {
  // Left to itself Postgres compares what a plan of its own for each run would cost, and may make one every time.
  const settings = `${planSettings}; SET plan_cache_mode = force_generic_plan`;
  // They stay open, so that a peer that is silently gone must be noticed by probing.
  const pool = openPool(options, settings, { pipeline: true, keepAlive: true, keepAliveInitialDelayMillis: 10_000 });
  const pipelines = Array.from({ length: options.max ?? 2 }, () => new Pipeline(pool));
  return {
    read: (statement) => {
      const [first, ...others] = pipelines as [Pipeline, ...Pipeline[]];
      return others.reduce((least, one) => (one.running < least.running ? one : least), first).read(statement);
    },
    size: () => poolSize(pool),
    end: async () => {
      await Promise.all(pipelines.map((pipeline) => pipeline.end()));
      await pool.end();
    },
  };
}

type PooledClient = RowClient & Pick<pg.PoolClient, 'release'>;

/** A connection that is kept, and opened anew when it broke. */
class Pipeline {
  /** Statements on their way. */
  running = 0;
  readonly #pool: pg.Pool;
  #client: Promise<PooledClient> | undefined;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async read(statement: RowStatement): Promise<FastRows> {
    this.running += 1;
    this.#client ??= this.#open();
    const opened = this.#client;
    try {
      return await runStatement(await opened, statement);
    } catch (error) {
      if (isLost(error)) this.#drop(opened);
      throw error;
    } finally {
      this.running -= 1;
    }
  }

  async end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.then(
      (open) => open.release(),
      () => {},
    );
  }

  #open(): Promise<PooledClient> {
    const opened = connect(this.#pool);
    opened.then(
      (client) => {
        client.once('end', () => this.#drop(opened));
      },
      () => this.#drop(opened),
    );
    return opened;
  }

  /** Lets the next statement open a new connection. */
  #drop(opened: Promise<PooledClient>): void {
    if (this.#client !== opened) return;
    this.#client = undefined;
    opened.then(
      (client) => client.release(true),
      () => {},
    );
  }
}

/** Whether nothing more can be asked on the connection: it is closed, or the server has said that it is about to be. */
function isLost(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return !(error instanceof pg.DatabaseError) || code.startsWith('57P') || code.startsWith('08');
}

async function connect(pool: pg.Pool): Promise<PooledClient> {
  return (await pool.connect()) as unknown as PooledClient;
}
