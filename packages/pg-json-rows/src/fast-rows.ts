import pg from 'pg';
import { planSettings } from './plan-settings.ts';
import { type FastRows, RowClient, type RowStatement, runStatement } from './row-query.ts';

/** Opens a pool to the database that is read; `config` goes to the driver, over the caller's own settings. */
export type CreatePool = (config: pg.PoolConfig) => pg.Pool;

/**
 * Reads rows over the stock driver without making a string of every value: pool, TLS, authentication and errors are the
 * driver's; one more class of query hands the bytes of each row to `json-rows.ts`. It leans on the driver's insides:
 * import this file only where `driver.ts` says that they are known.
 */

/** Reads rows; fails as the driver's own queries do. */
export type RowConnections = {
  read: (statement: RowStatement) => Promise<FastRows>;
  pool: pg.Pool;
  /** Closes the connections when what runs on them has ended. */
  end: () => Promise<void>;
};

const initialising = (settings: string) => ({
  onConnect: (client: pg.ClientBase) => client.query(settings),
  Client: RowClient,
});

/** Each statement has a connection to itself while it runs. */
export function openRowPool(createPool: CreatePool, max: number): RowConnections {
  const pool = createPool({ max, ...initialising(planSettings) });
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
    pool,
    end: () => pool.end(),
  };
}

/**
 * `max` connections on which statements follow each other without waiting for answers: fewer wake-ups on both sides, so
 * more pages a second, but a slow statement delays those behind it. A named one is planned once, for no parameters in
 * particular.
 */
export function openRowPipelines(createPool: CreatePool, max: number): RowConnections {
  // Left to itself Postgres compares what a plan of its own for each run would cost, and may make one every time.
  const settings = `${planSettings}; SET plan_cache_mode = force_generic_plan`;
  // They stay open, so that a peer that is silently gone must be noticed by probing.
  const pool = createPool({
    max,
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...initialising(settings),
  } as pg.PoolConfig);
  const pipelines = Array.from({ length: max }, () => new Pipeline(pool));
  return {
    read: (statement) => {
      const [first, ...others] = pipelines as [Pipeline, ...Pipeline[]];
      return others.reduce((least, one) => (one.running < least.running ? one : least), first).read(statement);
    },
    pool,
    end: async () => {
      await Promise.all(pipelines.map((pipeline) => pipeline.end()));
      await pool.end();
    },
  };
}

type PooledClient = RowClient & Pick<pg.PoolClient, 'release'>;

/** A connection that stays open, and is opened again after it broke. */
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

/** Whether the connection is of no more use: it is closed, or the server is about to close it. */
function isLost(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return !(error instanceof pg.DatabaseError) || code.startsWith('57P') || code.startsWith('08');
}

async function connect(pool: pg.Pool): Promise<PooledClient> {
  return (await pool.connect()) as unknown as PooledClient;
}
