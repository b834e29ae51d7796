import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { Claim } from './job-queue.ts';
import { insertLines, jsonText, type LogLine } from './queries.ts';
import type { Log } from './task.ts';

/** Milliseconds until lines are written, and until they are tried again; and lines that are written at once. */
const batch = { pause: 250, retry: 2_000, lines: 200 };
/** Lines that are kept while the database cannot be reached. Older ones are dropped, which the numbers of the others show. */
const maximum = 10_000;
/** Characters of a message. */
const longest = 10_000;

/** `take`: the lines that wait, to be written with the end of the attempt; `giveBack`: that failed. `open`: none waits any more. */
export type AttemptLog = { log: Log; take: () => LogLine[]; giveBack: (lines: LogLine[]) => void; open: () => void };

/** Writes the lines of attempts in batches, over a connection that no transaction of a task uses. */
export class RunLog {
  readonly #db: Kysely<DB>;
  readonly #lines: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing = Promise.resolve();

  constructor(db: Kysely<DB>) {
    this.#db = db;
  }

  /**
   * The log of one attempt; `echo` gets its lines too. They wait until the attempt is in the database, which `onMany` can hasten:
   * who follows the log would not know whose they are.
   */
  of({ jobId, retryCount }: Claim, echo: Log, onMany: () => void): AttemptLog {
    let seq = 0;
    let held: LogLine[] | undefined = [];
    const hand = (lines: LogLine[]) => {
      this.#lines.push(...lines);
      if (this.#lines.length > maximum) this.#lines.splice(0, this.#lines.length - maximum);
    };
    const write = (level: keyof Log) => (first: object | string, second?: string) => {
      const [fields, text] = typeof first === 'string' ? [null, first] : [first, second ?? ''];
      echo[level](fields ?? {}, text);
      const line = {
        job_id: jobId,
        retry_count: retryCount,
        seq,
        at: new Date().toISOString(),
        level,
        message: text.slice(0, longest),
        fields: fields && plain(fields),
      };
      seq += 1;
      if (held) {
        held.push(line);
        if (held.length > maximum) held.shift();
        if (held.length === batch.lines) onMany();
      } else {
        hand([line]);
        this.#schedule(this.#lines.length >= batch.lines ? 0 : batch.pause);
      }
    };
    return {
      log: { info: write('info'), warn: write('warn'), error: write('error') },
      take: () => held?.splice(0) ?? [],
      giveBack: (lines) => {
        if (held) held.unshift(...lines);
        else hand(lines);
      },
      open: () => {
        if (held) hand(held);
        held = undefined;
        if (this.#lines.length > 0) this.flush().catch(() => this.#schedule(batch.retry));
      },
    };
  }

  /** Writes all lines so far. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One batch at a time, in order.
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write());
    return this.#writing;
  }

  #schedule(pause: number): void {
    this.#timer ??= setTimeout(() => this.flush().catch(() => this.#schedule(batch.retry)), pause);
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#lines.slice(0, batch.lines);
      await insertLines(this.#db, lines);
      // Some may have been dropped since.
      const written = new Set(lines);
      while (written.has(this.#lines[0] as LogLine)) this.#lines.shift();
    }
  }
}

/** Read while they are as they were. A line that cannot be written would keep all later ones from being written. */
function plain(fields: object): object {
  try {
    return JSON.parse(jsonText(fields));
  } catch {
    return { unreadable: Object.keys(fields).join(', ') };
  }
}
