import pg from 'pg';
import { planSettings } from './plan-settings.ts';
import { type FastRows, RowClient, type RowStatement, runStatement } from './row-query.ts';

// Reads rows with the standard driver but without a string per value: pool, TLS, authentication and errors come from the
// driver; an additional query class passes the bytes of each row to `json-rows.ts`. It depends on driver internals:
// import this file only if `driver.ts` knows the version.

/** Opens a pool; `config` overrides the caller's own driver settings. */
export type CreatePool = (config: pg.PoolConfig) => pg.Pool;

/** Reads rows; fails with the driver's errors. */
export type RowConnections = {
  read: (statement: RowStatement) => Promise<FastRows>;
  pool: pg.Pool;
  /** Closes the connections after their running statements. */
  end: () => Promise<void>;
};

const poolConfig = (settings: string) => ({
  onConnect: (client: pg.ClientBase) => client.query(settings),
  Client: RowClient,
});

/** Each statement gets its own connection while it runs. */
export function openRowPool(createPool: CreatePool, max: number): RowConnections {
  const pool = createPool({ max, ...poolConfig(planSettings) });
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
 * `max` connections with pipelined statements: fewer wake-ups on both sides and more pages per second, but a slow
 * statement delays the ones behind it. Named statements use a generic plan.
 */
export function openRowPipelines(createPool: CreatePool, max: number): RowConnections {
  // By default PostgreSQL compares costs with a custom plan and may plan on every run.
  const settings = `${planSettings}; SET plan_cache_mode = force_generic_plan`;
  const pool = createPool({ max, pipeline: true, ...poolConfig(settings) } as pg.PoolConfig);
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

/** A persistent connection that reopens after it breaks. */
class Pipeline {
  /** Statements in flight. */
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

/** Whether the connection is closed or the server is about to close it. */
function isLost(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return !(error instanceof pg.DatabaseError) || code.startsWith('57P') || code.startsWith('08');
}

async function connect(pool: pg.Pool): Promise<PooledClient> {
  return (await pool.connect()) as unknown as PooledClient;
}
