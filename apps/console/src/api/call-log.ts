import { connection } from '#state/connection.ts';
import { createStore } from '#state/store.ts';

/** The last calls to the API: what the API line shows, and what tells whether the API can be reached. */

export type Call = {
  id: number;
  method: string;
  url: string;
  /** Where the API's documentation has it, behind `/docs`. */
  docs: string;
  /** What the request depends on beside its URL and its body. */
  headers?: Record<string, string>;
  /** What was sent, without secrets. */
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

const secretNames = /^(key|secrets?|password|token)$/i;

/** The body without what nobody may read over a shoulder, or paste somewhere: keys, and secrets of settings. */
export function withoutSecrets(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withoutSecrets);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, secretNames.test(name) ? '•••' : withoutSecrets(value)]),
  );
}

export function recordCall(call: Omit<Call, 'id'>): void {
  const body = call.body === undefined ? {} : { body: withoutSecrets(call.body) };
  calls.set((before) => {
    // Looking whether the API is there would soon be all that is left.
    const others = call.url.endsWith('/meta') ? before.filter(({ url }) => url !== call.url) : before;
    return [{ ...call, ...body, id: nextId++ }, ...others].slice(0, kept);
  });
  // A gateway says these in words of its own; the API's own 503 is JSON, and a sign that it is there.
  const away = call.status === undefined || ([502, 503, 504].includes(call.status) && call.answer === undefined);
  connection.set(({ lastAnswer }) => (away ? { state: 'down', lastAnswer } : { state: 'up', lastAnswer: new Date() }));
}

/** How many rows a list reply holds; undefined for other replies. */
export function rowsOf({ answer }: Call): number | undefined {
  const data = (answer as { data?: unknown } | undefined)?.data;
  return Array.isArray(data) ? data.length : undefined;
}
