import { joinList } from '@at/contracts/comma-list';
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ReplyOf } from '@at/contracts/endpoint';
import { pathOfEndpoint } from '@at/contracts/endpoint-path';
import type { Problem } from '@at/contracts/problem';
import { openSession } from '@at/contracts/session';
import { basePath } from '#state/base-path.ts';
import { recordCall } from './call-log.ts';
import { config, configured } from './config.ts';
import { recordRefused } from './sign-in-required.ts';

/** Typed calls to the API, one per endpoint of the contracts. */

type Arguments<E extends Endpoint> = (ParamsOf<E> extends undefined ? object : { params: ParamsOf<E> }) &
  (QueryOf<E> extends undefined ? object : { query?: QueryOf<E> }) &
  (BodyOf<E> extends undefined ? object : { body?: BodyOf<E> }) & {
    /** ETag of the row that the user saw. */
    ifMatch?: string;
    /** Of a write: a request that is repeated with it has no further effect. */
    idempotencyKey?: string;
    signal?: AbortSignal;
    /** Seconds after which the API counts as unreachable, instead of the configured ones. */
    patience?: number;
  };

export type Reply<E extends Endpoint> = {
  data: ReplyOf<E>;
  etag: string | null;
  /** Seconds since what the reply says was read. */
  age: number;
  /** The absolute URL of the request. */
  url: string;
};

/** The API answered with a problem. */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly problem: Problem;
  /** The reply: the problem, or the contract's type for that status. */
  readonly answer: unknown;
  constructor(problem: Problem, answer: unknown = problem) {
    super(problem.message);
    this.problem = problem;
    this.answer = answer;
  }
  get requestId(): string {
    return this.problem.instance;
  }
}

/** No response, or too late; a write may have arrived. */
export class ApiUnreachable extends Error {
  override name = 'ApiUnreachable';
}

/** Whether the API or its database is unavailable, so that the same request may succeed later. */
export const isOutage = (error: unknown): boolean =>
  error instanceof ApiUnreachable || (error instanceof ApiProblem && [502, 503, 504].includes(error.problem.status));

type Values = Record<string, unknown>;

/** The absolute URL of a call. Absent and empty parameters are omitted; lists are comma-separated. */
export function urlOf(endpoint: Endpoint, params: Values = {}, query: Values = {}): string {
  const path = endpoint.url.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(String(params[name])));
  const { prefix, origin } = config();
  const url = new URL(pathOfEndpoint(path, { root: basePath.slice(0, -1), api: prefix }), origin);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    if (Array.isArray(value) && value.length === 0) continue;
    url.searchParams.set(name, Array.isArray(value) ? joinList(value) : String(value));
  }
  return url.toString();
}

async function readBody(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  return /\bjson\b/.test(type) ? response.json() : undefined;
}

/** For a reply that does not come from the API, such as a proxy's error page. */
function foreignProblem(response: Response): Problem {
  const message = `A proxy or gateway answered ${response.status} ${response.statusText}.`;
  return {
    success: false,
    error: 'Unexpected reply',
    message,
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: message,
    instance: response.headers.get('x-request-id') ?? '',
  };
}

/** Calls an endpoint. Throws ApiProblem, ApiUnreachable, or the reason of an aborted signal. */
export async function call<E extends Endpoint>(endpoint: E, args: Arguments<E>): Promise<Reply<E>> {
  const { params, query, body, ifMatch, idempotencyKey, signal, patience } = args as {
    params?: Values;
    query?: Values;
    body?: unknown;
    ifMatch?: string;
    idempotencyKey?: string;
    signal?: AbortSignal;
    patience?: number;
  };
  await configured();
  const seconds = patience ?? config().apiTimeoutSeconds;
  const url = urlOf(endpoint, params, query);
  const began = performance.now();
  const timeout = AbortSignal.timeout(seconds * 1000);
  const { operationId, tags } = endpoint.schema;
  // Without the key: a copied command is a write of its own.
  const headers = { ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) };
  const docs = `#/${tags[0]}/${operationId}`;
  const record = { method: endpoint.method, url, docs, headers, body, at: new Date() };
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, {
      method: endpoint.method,
      headers: {
        accept: 'application/json',
        prefer: 'handling=strict',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    answer = await readBody(response);
  } catch (error) {
    if (signal?.aborted) throw error;
    const message = timeout.aborted ? `The API has not answered for ${seconds} seconds.` : 'The API cannot be reached.';
    recordCall({ ...record, ms: performance.now() - began, error: message, isLate: timeout.aborted });
    throw new ApiUnreachable(message, { cause: error });
  }
  const requestId = response.headers.get('x-request-id') ?? '';
  recordCall({ ...record, ms: performance.now() - began, status: response.status, requestId, answer });
  // The sign-in page reports a wrong key itself.
  if (response.status === 401 && endpoint.url !== openSession.url) recordRefused(began);
  // After a gateway's 502, 503 or 504 a write may have arrived.
  if (!response.ok) {
    const isProblem = typeof answer === 'object' && answer !== null && 'instance' in answer;
    throw new ApiProblem(isProblem ? (answer as Problem) : foreignProblem(response), answer);
  }
  const { headers: sent } = response;
  return { data: answer as ReplyOf<E>, etag: sent.get('etag'), age: Number(sent.get('age')), url };
}
