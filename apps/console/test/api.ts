/** Sends the page's `fetch` calls to the product of the test. */

/** Node's own, past what a test intercepts. */
export const { fetch: nodeFetch } = globalThis;

type Problem = { status: number; error: string; message: string };
type Handler = (send: () => Promise<Response>, init: RequestInit | undefined) => Promise<Response>;

let target = '';
let key: string | undefined;
let interceptors: { url: RegExp; handler: Handler }[] = [];
/** Ends of what `hold` holds back. */
const releases: (() => void)[] = [];
const inFlight = new Set<Promise<unknown>>();

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
  releases.push(resolve);
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

/** Lets all requests through, and waits until none is in flight: none may reach the next test. */
export async function settleRequests(): Promise<void> {
  interceptors = [];
  for (const release of releases.splice(0)) release();
  while (inFlight.size > 0) {
    await Promise.allSettled(inFlight);
    // A reply may lead to another request.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

// A page gives up after seconds that a busy machine may need.
AbortSignal.timeout = () => new AbortController().signal;

globalThis.fetch = (input, init) => {
  const { pathname, search } = new URL(input instanceof Request ? input.url : input, location.href);
  const path = pathname + search;
  requests.push(`${init?.method ?? 'GET'} ${path}`);
  const headers = new Headers(init?.headers);
  if (key) headers.set('x-api-key', key);
  const url = target + path;
  const send = () => nodeFetch(url, { ...init, headers });
  const handler = interceptors.find(({ url }) => url.test(path))?.handler;
  const reply = handler ? handler(send, init) : send();
  const end = () => void inFlight.delete(reply);
  inFlight.add(reply);
  reply.then(end, end);
  return reply;
};
