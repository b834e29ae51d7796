import { setTimeout as sleep } from 'node:timers/promises';
import type { MetadataError } from '@at/adapters/metadata-error';
import type { MetadataSources } from '@at/adapters/metadata-sources';
import { type MetadataOutput, mostRefreshed } from '@at/contracts/training';
import { defineTask, FinalFailure, type Json, type TaskContext } from '@at/runs/task';
import { Type } from 'typebox';
import { findTitlesWithoutFacts, refreshMetadata } from '../metadata.ts';

const Parameters = Type.Object({
  titles: Type.Union([
    Type.Array(Type.String({ pattern: '^tt[0-9]{7,8}$' }), { minItems: 1, maxItems: mostRefreshed }),
    Type.Literal('without facts'),
  ]),
});

/** Titles that an output names. */
const mostNamed = 200;
/** Titles that are read at once: TMDB takes about forty requests a second. */
const atOnce = 4;
/** Seconds of a source's pause that the task waits for; after a longer one it goes on without the source. */
const longestPause = 60;
/** Seconds until a source that says no time is asked again. */
const usualPause = { unreachable: 2, limited: 10 };
/** Requests for one title before it is given up, and titles given up in a row before the source is. */
const patience = { attempts: 3, titles: 3 };

const configured = (metadata: MetadataSources) =>
  Object.values(metadata)
    .flatMap(({ tmdb, omdb }) => [tmdb, omdb])
    .filter((source) => source !== null);

/** Refreshes the facts and ratings of titles: of one, of a selection, or of all that lack some. */
export const rerunMetadata = defineTask<{ metadata: MetadataSources }, typeof Parameters>({
  name: 'training.rerun_metadata',
  title: 'Refresh the metadata of titles from TMDB and OMDb',
  queue: 'network',
  params: Parameters,
  timeout: 6 * 3_600,
  exclusive: 'join',
  needs: ({ metadata }) => (configured(metadata).length > 0 ? [] : ['AT_MOVIE_DETAILS_API_KEY']),
  async run({ titles }, context) {
    const { db, progress, finish } = context;
    const sources = new Sources(context);
    const ids = titles === 'without facts' ? await findTitlesWithoutFacts(db, context.adapters.metadata) : [...titles];
    const output: MetadataOutput = { changed: 0, unchanged: 0, unknown: 0, failed: 0, sources: [], titles: [] };
    const total = ids.length;
    let done = 0;
    const work = async () => {
      for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
        const kind = await refreshOne(id, sources, context, output);
        output[kind] += 1;
        done += 1;
        progress({ done, total, unit: 'titles', message: id });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const { lastFailure, gone } = sources;
    if (lastFailure && output.failed === total) {
      // Another attempt may reach a source; none changes a key.
      throw lastFailure.kind === 'unreachable' || lastFailure.kind === 'limited'
        ? lastFailure
        : new FinalFailure(lastFailure.failure, lastFailure.message, { cause: lastFailure });
    }
    await finish({ ...output, sources: gone } as Json);
  },
});

async function refreshOne(
  id: string,
  sources: Sources,
  { db, log, signal }: TaskContext<{ metadata: MetadataSources }>,
  output: MetadataOutput,
): Promise<'changed' | 'unchanged' | 'unknown' | 'failed'> {
  for (let attempt = 1; ; attempt += 1) {
    if (sources.areGone) return 'failed';
    const refreshed = await refreshMetadata(db, sources.left, id, signal);
    if (!refreshed) return 'unknown';
    const { changes, notes, failures } = refreshed;
    const pause = sources.judge(failures, attempt);
    if (pause !== undefined) {
      log.info({ imdb_id: id }, `${failures.map(({ message }) => message).join(' ')} Again in ${pause} s.`);
      await sleep(pause * 1_000, undefined, { signal });
      continue;
    }
    const all = [...notes, ...failures.map(({ message }) => message)];
    if (all.length > 0) log.warn({ imdb_id: id }, all.join(' '));
    if (changes.length + all.length > 0 && output.titles.length < mostNamed) {
      output.titles.push({ imdb_id: id, changes, notes: all });
    }
    if (changes.length > 0) {
      log.info({ imdb_id: id }, `New: ${changes.map(({ column }) => column).join(', ')}`);
      return 'changed';
    }
    if (failures.length > 0) return 'failed';
    return notes.length > 0 ? 'unknown' : 'unchanged';
  }
}

/** The sources that still reply. */
class Sources {
  readonly #log: TaskContext<unknown>['log'];
  readonly #givenUp = { TMDB: 0, OMDb: 0 };
  /** Why others are no longer asked. */
  readonly gone: string[] = [];
  left: MetadataSources;
  lastFailure: MetadataError | undefined;

  constructor({ adapters, log }: TaskContext<{ metadata: MetadataSources }>) {
    this.left = adapters.metadata;
    this.#log = log;
  }

  get areGone(): boolean {
    return configured(this.left).length === 0;
  }

  /** Judges what failed for a title at its n-th attempt. Returns the seconds until the next one; undefined: no other. */
  judge(failures: MetadataError[], attempt: number): number | undefined {
    const pauses: number[] = [];
    for (const source of ['TMDB', 'OMDb'] as const) {
      const failure = failures.find((one) => one.source === source);
      if (!failure) {
        this.#givenUp[source] = 0;
        continue;
      }
      this.lastFailure = failure;
      const { kind } = failure;
      const pause = kind === 'unreachable' || kind === 'limited' ? (failure.retryAfter ?? usualPause[kind]) : Infinity;
      if (pause > longestPause) this.#leave(failure);
      else if (attempt < patience.attempts) pauses.push(pause);
      else {
        this.#givenUp[source] += 1;
        if (this.#givenUp[source] >= patience.titles) this.#leave(failure);
      }
    }
    return pauses.length > 0 ? Math.max(...pauses) : undefined;
  }

  #leave({ source, message }: MetadataError): void {
    if (this.gone.some((reason) => reason.startsWith(message))) return;
    const reason = `${message} ${source} was not asked for the other titles.`;
    this.gone.push(reason);
    this.#log.error(reason);
    const without = ({ tmdb, omdb }: MetadataSources['movie']) =>
      source === 'TMDB' ? { tmdb: null, omdb } : { tmdb, omdb: null };
    this.left = { movie: without(this.left.movie), tv: without(this.left.tv) };
  }
}
