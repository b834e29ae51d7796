import { connection } from '#state/connection.ts';
import { createStore } from '#state/store.ts';

/** The last calls to the API, for the API line and the connection state. */

export type Call = {
  id: number;
  method: string;
  url: string;
  /** Its place in the API's documentation, after `/docs`. */
  docs: string;
  /** Headers that change what the request does. */
  headers?: Record<string, string>;
  /** What was sent, without secrets. */
  body?: unknown;
  at: Date;
  ms: number;
  status?: number;
  requestId?: string;
  /** The reply. */
  answer?: unknown;
  /** Why there is no reply. */
  error?: string;
  /** The reply did not come in time. */
  isLate?: boolean;
};

const kept = 20;
let nextId = 1;

export const calls = createStore<Call[]>([]);

const secretNames = /(^|_)(key|secrets?|password|token)$/i;

/** The body without keys and other secrets. */
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
    // Otherwise connection checks would fill the list.
    const others = /\/(meta|health)$/.test(call.url) ? before.filter(({ url }) => url !== call.url) : before;
    return [{ ...call, ...body, id: nextId++ }, ...others].slice(0, kept);
  });
  // A gateway sends these without JSON; a 503 with JSON comes from the API, which is up.
  const isOutage = call.status === undefined || ([502, 503, 504].includes(call.status) && call.answer === undefined);
  connection.set((before) => {
    if (!isOutage) return { state: 'up', lastAnswer: new Date() };
    // One slow reply: the API has answered other calls since.
    if (call.isLate && before.lastAnswer && before.lastAnswer > call.at) return before;
    return { ...before, state: 'down' };
  });
}

/** How many rows a list reply holds; undefined for other replies. */
export function rowsOf({ answer }: Call): number | undefined {
  const data = (answer as { data?: unknown } | undefined)?.data;
  return Array.isArray(data) ? data.length : undefined;
}
