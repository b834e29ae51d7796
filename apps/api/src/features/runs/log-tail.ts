import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '@at/contracts/logs';
import type { Log } from '@at/domain/log';
import type { Deps } from '#deps.ts';
import { type EventStream, messageText } from '#events/sse.ts';
import { StreamClients } from '#events/stream-clients.ts';
import { findNewLogs, findSnapshot, type LogPage } from './queries.ts';
import { lineOf, parseSnapshot, type Snapshot } from './rules.ts';

/** Milliseconds: between two reads without a notification, at least between two reads, and after a failure. */
const pauses = { poll: 2_000, rest: 25, retry: 1_000 };
/** Lines of a read. Who has missed more has to load them. */
const most = 5_000;

type Follower = {
  stream: EventStream;
  wants: (line: LogLine) => boolean;
  /** The data of an event with these lines. */
  dataOf: (lines: LogLine[]) => object;
  /** What was written up to here was sent, or is not wanted; undefined: it is not known yet. */
  seen: Snapshot | undefined;
  /** What others were sent in the meantime. */
  held: LogPage[];
};

/**
 * Hands new log lines to those who follow them: one reader for all of them, which reads after a notification, and every two
 * seconds in case one was lost. While nobody follows, nothing is read.
 */
export class LogTail {
  readonly #deps: Pick<Deps, 'db' | 'events' | 'streams'>;
  readonly #log: Log;
  readonly #followers: StreamClients<Follower>;
  readonly #deaf: () => void;
  #isStopped = false;
  #wake: () => void = () => {};
  #isWoken = false;
  /** Where the reader begins; undefined: nobody follows. */
  #begun: Promise<string> | undefined;

  constructor(deps: Pick<Deps, 'db' | 'events' | 'streams'>, log: Log) {
    this.#deps = deps;
    this.#log = log;
    this.#followers = new StreamClients(deps.streams, ({ seen }) => seen?.text);
    this.#deaf = deps.events.onLogLines(() => this.#nudge());
  }

  /** Throws 503 if no other client fits. */
  requireRoom(): void {
    this.#followers.requireRoom();
  }

  /** Sends what comes after the id `resume`, or from now on, until the client leaves. */
  async serve(
    stream: EventStream,
    { wants, dataOf }: Pick<Follower, 'wants' | 'dataOf'>,
    resume: string | undefined,
  ): Promise<void> {
    const follower: Follower = { stream, wants, dataOf, seen: undefined, held: [] };
    this.#followers.add(follower);
    const { db } = this.#deps;
    const from = resume === undefined ? undefined : parseSnapshot(resume);
    await this.#untilDone(follower, async () => {
      // First: what is written after this read comes from the reader.
      await this.#begin();
      const missed = from ? await findNewLogs(db, from.text, most + 1) : { rows: [], snapshot: await findSnapshot(db) };
      const now = parseSnapshot(missed.snapshot) as Snapshot;
      const isForeign = resume !== undefined && (from === undefined || from.xmax > now.xmax);
      follower.seen = from;
      stream.write(messageText({ id: from?.text ?? missed.snapshot, event: 'ready', data: {} }));
      if (isForeign) this.#reset(follower, missed.snapshot);
      else this.#push(follower, missed);
      for (const page of follower.held.splice(0)) this.#push(follower, page);
    });
  }

  /** Ends every stream with a message to reconnect. */
  stop(): void {
    this.#isStopped = true;
    this.#deaf();
    this.#followers.stop();
    this.#nudge();
  }

  /** Tries until it succeeds or the client leaves. */
  async #untilDone({ stream }: Follower, work: () => Promise<void>): Promise<void> {
    while (stream.isOpen() && !this.#isStopped) {
      try {
        return await work();
      } catch (error) {
        this.#log.warn({ err: error }, 'A client waits for the database to follow the log');
        await sleep(pauses.retry);
      }
    }
  }

  /** Settles when all that is written from then on comes from the reader. */
  #begin(): Promise<string> {
    if (!this.#begun) {
      const begun = findSnapshot(this.#deps.db);
      this.#begun = begun;
      begun.then(
        (snapshot) => void this.#read(snapshot),
        () => {
          this.#begun = undefined;
        },
      );
    }
    return this.#begun;
  }

  /** Reads until nobody follows. */
  async #read(begin: string): Promise<void> {
    let snapshot = begin;
    while (!this.#isStopped && this.#followers.count > 0) {
      await this.#pause();
      try {
        const page = await findNewLogs(this.#deps.db, snapshot, most + 1);
        ({ snapshot } = page);
        for (const follower of this.#followers) {
          if (follower.seen) this.#push(follower, page);
          else follower.held.push(page);
        }
      } catch (error) {
        this.#log.warn({ err: error }, 'The log could not be read and will be retried');
        await sleep(pauses.retry);
      }
    }
    this.#begun = undefined;
  }

  #push(follower: Follower, { rows, snapshot }: LogPage): void {
    const { stream, wants, dataOf, seen } = follower;
    if (rows.length > most) {
      this.#reset(follower, snapshot);
      return;
    }
    const now = parseSnapshot(snapshot) as Snapshot;
    const lines = rows
      .filter(({ txid }) => !seen?.includes(BigInt(txid as string)))
      .map(lineOf)
      .filter(wants);
    // A read that began earlier may end later.
    if (!seen || now.follows(seen)) follower.seen = now;
    if (lines.length === 0) return;
    // It continues with Last-Event-ID, or loads what it has missed.
    if (stream.unread() > this.#deps.streams.unread) stream.drop();
    else stream.write(messageText({ id: (follower.seen as Snapshot).text, event: 'lines', data: dataOf(lines) }));
  }

  #reset(follower: Follower, snapshot: string): void {
    follower.seen = parseSnapshot(snapshot);
    follower.stream.write(messageText({ id: snapshot, event: 'reset', data: {} }));
  }

  #nudge(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Waits for a notification, and at least so long that many at once are one read. */
  async #pause(): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauses.poll).unref();
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isWoken = false;
    if (!this.#isStopped) await sleep(pauses.rest);
  }
}
