import { afterEach } from 'vitest';

/** Sends the page's `fetch` calls to the product of the test. */

/** Node's own, past what a test intercepts. */
export const { fetch: nodeFetch } = globalThis;

type Problem = { status: number; error: string; message: string };
type Handler = (send: () => Promise<Response>, init: RequestInit | undefined) => Promise<Response>;

let target = '';
let key: string | undefined;
let interceptors: { url: RegExp; handler: Handler }[] = [];

/** The requests since the page was opened: method and path with query. */
export const requests: string[] = [];

export function connectTo(url: string, apiKey?: string): void {
  target = url;
  key = apiKey;
  requests.length = 0;
}

/**
 * Lets the handler answer requests, the latest handler first, until the returned function is called or the test ends.
 * `send` passes the request on to the API.
 */
export function intercept(url: RegExp, handler: Handler): () => void {
  const interceptor = { url, handler };
  interceptors.unshift(interceptor);
  return () => {
    interceptors = interceptors.filter((one) => one !== interceptor);
  };
}

/** Lets requests fail, with a problem or as if nothing answered, until the returned function is called or the test ends. */
export const refuse = (url: RegExp, problem: Problem | 'unreachable') =>
  intercept(url, async () => {
    if (problem === 'unreachable') throw new TypeError('fetch failed');
    return Response.json(
      { ...problem, instance: 'request-1' },
      { status: problem.status, headers: { 'content-type': 'application/problem+json' } },
    );
  });

/** Holds requests back until the returned function is called. */
export function hold(url: RegExp): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  intercept(url, async (send) => {
    await promise;
    return send();
  });
  return resolve;
}

/** Changes the JSON of replies. */
export const alter = (url: RegExp, change: (body: Record<string, unknown>) => object) =>
  intercept(url, async (send) => {
    const response = await send();
    const headers = { etag: response.headers.get('etag') ?? '' };
    return Response.json(change(await response.json()), { status: response.status, headers });
  });

afterEach(() => {
  interceptors = [];
});

globalThis.fetch = async (input, init) => {
  const { pathname, search } = new URL(input instanceof Request ? input.url : input, location.href);
  const path = pathname + search;
  requests.push(`${init?.method ?? 'GET'} ${path}`);
  const headers = new Headers(init?.headers);
  if (key) headers.set('x-api-key', key);
  const send = () => nodeFetch(target + path, { ...init, headers });
  const handler = interceptors.find(({ url }) => url.test(path))?.handler;
  return handler ? handler(send, init) : send();
};
