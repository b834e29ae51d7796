import { createStore } from './store.ts';

/** The last calls to the API: what the API line shows, and what tells whether the API can be reached. */

export type Call = {
  id: number;
  method: string;
  url: string;
  /** What was sent. */
  body?: unknown;
  at: Date;
  ms: number;
  status?: number;
  requestId?: string;
  /** What came back. */
  answer?: unknown;
  /** Why nothing came back. */
  error?: string;
};

const kept = 20;
let nextId = 1;

export const calls = createStore<Call[]>([]);

export type Connection = {
  /** unknown until the first call has ended. */
  state: 'unknown' | 'up' | 'down';
  /** When the API last answered. */
  lastAnswer: Date | null;
};

export const connection = createStore<Connection>({ state: 'unknown', lastAnswer: null });

export function recordCall(call: Omit<Call, 'id'>): void {
  calls.set((before) => [{ ...call, id: nextId++ }, ...before].slice(0, kept));
  // A gateway says these in words of its own; the API's own 503 is JSON, and a sign that it is there.
  const away = call.status === undefined || ([502, 503, 504].includes(call.status) && call.answer === undefined);
  connection.set(({ lastAnswer }) => (away ? { state: 'down', lastAnswer } : { state: 'up', lastAnswer: new Date() }));
}

/** How many rows a list reply holds; undefined for other replies. */
export function rowsOf({ answer }: Call): number | undefined {
  const data = (answer as { data?: unknown } | undefined)?.data;
  return Array.isArray(data) ? data.length : undefined;
}
