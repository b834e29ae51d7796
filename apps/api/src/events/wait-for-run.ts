import type { RunState } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { ApiError } from '#http/api-error.ts';
import { untilRunRests } from './run-end.ts';

/** `error`: why the run has ended without success; null: it goes on, or has completed. `facts`: what the caller wants to report. */
export type Report<F> = { state: RunState | 'unknown'; error: string | null; output: unknown; facts: F | null };

type Afterwards = <E extends object>(db: Kysely<DB>, interrupted: E, work: () => Promise<E>) => Promise<E>;

type Waits = Pick<Deps, 'db' | 'events' | 'background' | 'runPatience'>;

const words: Partial<Record<RunState, string>> = {
  cancelled: 'The run was cancelled.',
  timeout: 'The run took too long.',
};

/** How requests wait for the run that they have started: the original did its work within the request. */
export class Waiting {
  readonly #deps: Waits;
  readonly #stops = new AbortController();

  constructor(app: FastifyInstance, deps: Waits) {
    this.#deps = deps;
    app.addHook('preClose', async () => this.#stops.abort());
  }

  /**
   * What became of the run until the request has to be answered, and the facts of that moment; for a repeated request, what the
   * first one reported.
   */
  async outcomeOf<F>(
    reply: FastifyReply,
    run: string,
    afterwards: Afterwards,
    facts: () => Promise<F | null> = async () => null,
  ): Promise<Report<F>> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    reply.raw.once('close', leave);
    const interrupted = { state: 'unknown', error: null, output: null, facts: null } as const;
    try {
      return await afterwards<Report<F>>(this.#deps.background, interrupted, async () => {
        const signal = AbortSignal.any([gone.signal, this.#stops.signal]);
        const rested = await untilRunRests(this.#deps, run, { patience: this.#deps.runPatience, signal });
        const { state = 'unknown', error = null, output = null } = rested ?? {};
        const hasFailed = ['failed', 'timeout', 'cancelled'].includes(state);
        const why = hasFailed ? (words[state as RunState] ?? error ?? 'The run failed.') : null;
        return { state, output, error: why, facts: await facts() };
      });
    } finally {
      reply.raw.off('close', leave);
    }
  }

  /** The output of the run; undefined: it goes on, so the reply is a 202. Throws 409 if the run has failed. */
  async outputOf<O>(reply: FastifyReply, run: string, afterwards: Afterwards): Promise<O | undefined> {
    const { state, error, output } = await this.outcomeOf(reply, run, afterwards);
    if (error !== null)
      throw new ApiError(
        409,
        'Run failed',
        `${error} GET /api/runs/${run} has its log, POST /api/runs/${run}/retry continues it.`,
      );
    if (state === 'completed') return output as O;
    reply.code(202);
    return undefined;
  }
}
