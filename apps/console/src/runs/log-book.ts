import type { ReplyOf } from '@at/contracts/endpoint';
import { type LogLine, type LogsQuery, listLogs } from '@at/contracts/logs';
import { useEffect, useMemo } from 'react';
import { call } from '#api/call.ts';
import { createStore } from '#state/store.ts';
import { keyOfLine, mergeLines } from './log-lines.ts';
import { followLogs } from './log-tail.ts';

/** Lines of a request, and those that are kept: older ones are left out. */
const sizes = { page: 1_000, most: 100_000 };

export type LogState = {
  lines: readonly LogLine[];
  /** Lines that have come since the log was opened. */
  added: number;
  /** There are older lines, which are not loaded. */
  hasOlder: boolean;
  /** Older lines are not loaded any more. */
  isFull: boolean;
  isLoading: boolean;
  isLive: boolean;
  error: unknown;
};

const empty: LogState = {
  lines: [],
  added: 0,
  hasOlder: false,
  isFull: false,
  isLoading: true,
  isLive: false,
  error: undefined,
};

export type LogPage = ReplyOf<typeof listLogs>;

/** A page of lines: the newest, or those before the query's cursor. */
export const readLogs = (query: LogsQuery, signal: AbortSignal) =>
  call(listLogs, { query: { ...query, lines: sizes.page }, signal });

/** The log lines that match a query: the newest first, then older ones, and new ones as they are written. */
export class LogBook {
  readonly state = createStore<LogState>(empty);
  readonly #query: LogsQuery;
  readonly #isWhole: boolean;
  #first: LogPage | undefined;
  #known = new Set<string>();
  #older: string | null = null;
  #controller = new AbortController();
  #unfollow = () => {};

  /** `isWhole`: older lines are loaded without being asked. `first`: the newest lines, if they are loaded already. */
  constructor(query: LogsQuery, isWhole: boolean, first?: LogPage) {
    this.#query = query;
    this.#isWhole = isWhole;
    this.#first = first;
  }

  /** Loads the newest lines and follows. Returns how to close. */
  open(): () => void {
    void this.reload();
    return () => this.#close();
  }

  /** Starts over. */
  async reload(): Promise<void> {
    this.#close();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#change({ isLoading: true, error: undefined });
    try {
      const page = this.#first ?? (await readLogs(this.#query, signal)).data;
      this.#first = undefined;
      this.#known = new Set();
      this.#change({ ...empty, isLoading: false });
      this.#take(page.entries);
      this.#setOlder(page.pagination.next_cursor);
      this.#unfollow = followLogs(this.#query, page.last_event_id ?? '', {
        lines: (lines) => this.#take(lines, true),
        reset: () => void this.reload(),
        live: (isLive) => this.#change({ isLive }),
      });
    } catch (error) {
      if (!signal.aborted) this.#change({ isLoading: false, error });
      return;
    }
    if (this.#isWhole) await this.loadOlder();
  }

  /** One page more, or of a whole log all of them. */
  async loadOlder(): Promise<void> {
    const { signal } = this.#controller;
    const { isLoading, isFull } = this.state.get();
    if (isLoading || isFull || this.#older === null) return;
    this.#change({ isLoading: true, error: undefined });
    try {
      // Shown each time that there are twice as many: sorting them into rows costs as much as there are.
      let waiting: LogLine[] = [];
      do {
        const { entries, pagination }: LogPage = (await readLogs({ ...this.#query, cursor: this.#older }, signal)).data;
        if (signal.aborted) return;
        waiting = [...entries, ...waiting];
        this.#older = pagination.next_cursor;
        const shown = this.state.get().lines.length;
        if (this.#isWhole && this.#older !== null && waiting.length < shown && shown + waiting.length < sizes.most)
          continue;
        this.#take(waiting);
        waiting = [];
        this.#setOlder(this.#older);
      } while (this.#isWhole && this.#older !== null);
      this.#change({ isLoading: false });
    } catch (error) {
      if (!signal.aborted) this.#change({ isLoading: false, error });
    }
  }

  #setOlder(cursor: string | null): void {
    const isFull = this.state.get().lines.length >= sizes.most;
    this.#older = isFull ? null : cursor;
    this.#change({ hasOlder: cursor !== null, isFull: isFull && cursor !== null });
  }

  #take(lines: readonly LogLine[], isNew = false): void {
    const unknown = lines.filter((line) => !this.#known.has(keyOfLine(line)));
    for (const line of unknown) this.#known.add(keyOfLine(line));
    if (unknown.length === 0) return;
    const { lines: before, added } = this.state.get();
    const merged = isNew ? mergeLines(before, unknown) : mergeLines(unknown, before);
    const cut = merged.length > sizes.most ? merged.slice(-sizes.most) : merged;
    this.#change({ lines: cut, added: isNew ? added + unknown.length : added });
    if (cut !== merged) this.#change({ hasOlder: true, isFull: true });
  }

  #close(): void {
    this.#controller.abort();
    this.#unfollow();
    this.#unfollow = () => {};
  }

  #change(changes: Partial<LogState>): void {
    this.state.set((before) => ({ ...before, ...changes }));
  }
}

/** The log of a query, open while the component is shown; `first`: its newest lines. */
export function useLogBook(query: LogsQuery, isWhole = false, first?: LogPage): LogBook {
  const text = JSON.stringify(query);
  const book = useMemo(() => new LogBook(JSON.parse(text) as LogsQuery, isWhole, first), [text, isWhole, first]);
  useEffect(() => book.open(), [book]);
  return book;
}
