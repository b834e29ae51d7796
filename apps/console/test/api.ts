import { afterEach } from 'vitest';

/** The way from the console under test to an API: `fetch` of the page goes to the product that the test opened it on. */

/** Node's own, past what a test refuses. */
export const { fetch: nodeFetch } = globalThis;

type Problem = { status: number; error: string; message: string };
type Refusal = { url: RegExp; problem: Problem | 'unreachable' };

let target = '';
let key: string | undefined;
let refusals: Refusal[] = [];

/** What was requested since the page was opened: method and path with query. */
export const requests: string[] = [];

export function connectTo(url: string, apiKey?: string): void {
  target = url;
  key = apiKey;
  requests.length = 0;
}

/** Lets requests fail, with a problem or as if nothing answered, until the returned function is called or the test ends. */
export function refuse(url: RegExp, problem: Problem | 'unreachable'): () => void {
  const refusal = { url, problem };
  refusals.push(refusal);
  return () => {
    refusals = refusals.filter((one) => one !== refusal);
  };
}

afterEach(() => {
  refusals = [];
});

globalThis.fetch = async (input, init) => {
  const { pathname, search } = new URL(input instanceof Request ? input.url : input, location.href);
  const path = pathname + search;
  requests.push(`${init?.method ?? 'GET'} ${path}`);
  const refused = refusals.find(({ url }) => url.test(path))?.problem;
  if (refused === 'unreachable') throw new TypeError('fetch failed');
  if (refused) {
    return Response.json(
      { ...refused, instance: 'request-1' },
      { status: refused.status, headers: { 'content-type': 'application/problem+json' } },
    );
  }
  const headers = new Headers(init?.headers);
  if (key) headers.set('x-api-key', key);
  return nodeFetch(target + path, { ...init, headers });
};
