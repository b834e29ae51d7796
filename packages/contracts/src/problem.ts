import { type Static, Type } from 'typebox';
import { type Role, roles } from './vocabulary.ts';

/** The body of every error: the members that old clients read (`success`, `error`, `message`) and those of RFC 9457. */
export const Problem = Type.Object(
  {
    success: Type.Literal(false),
    error: Type.String({ description: 'The kind of error, a short text for clients to match' }),
    message: Type.String({ description: 'What happened, why, and what to do' }),
    type: Type.String({ description: 'about:blank, or a URI that names the kind of problem' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'The same as message' }),
    instance: Type.String({ description: 'The request id, as in the header x-request-id and the log' }),
    details: Type.Optional(Type.String({ description: 'For database errors: the kind of error' })),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          in: Type.String({ description: 'body, query, path or header' }),
          pointer: Type.String({ description: 'JSON pointer to the member, or the name of the parameter' }),
          message: Type.String(),
        }),
      ),
    ),
    latest_event_id: Type.Optional(
      Type.Union([Type.Integer(), Type.Null()], { description: 'For a refused undo: the event that can be undone' }),
    ),
    idempotency_key: Type.Optional(
      Type.String({
        description: 'For a write with an unknown outcome: repeat the request with this Idempotency-Key to find out',
      }),
    ),
    known_parameters: Type.Optional(
      Type.Array(Type.String(), { description: 'For an unknown query parameter: the supported ones' }),
    ),
  },
  { $id: 'Problem', description: 'Every reply that is not a success (application/problem+json)' },
);
export type Problem = Static<typeof Problem>;

const meanings = {
  400: 'The request is malformed',
  401: 'A key is required, or the key is unknown',
  404: 'The resource does not exist',
  409: 'The request conflicts with the current state',
  408: 'The request did not arrive in time',
  412: 'The row has changed since the version in If-Match',
  413: 'The body is larger than 1 MiB',
  415: 'The content type is not supported',
  421: 'The Host header names a host that this API does not serve',
  403: 'The origin or role is not allowed',
  422: 'A parameter or member does not match its schema',
  429: 'Too many wrong keys came from this address; retry after the time in Retry-After',
  431: 'The headers are larger than 16 KiB',
  500: 'An unexpected error; find it in the log by the request id',
  502: 'Transmission refused, did not respond or is not configured; nothing has changed',
  503: 'The database is unreachable or overloaded; retry after the time in Retry-After, a write with the same Idempotency-Key',
} as const;

type Status = keyof typeof meanings;

/** Error replies for a `response`. They reference the schema by name, so that the OpenAPI document has it once. */
function replies<S extends Status>(statuses: S[]): Record<S, typeof Problem> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: meanings[status],
        content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
      },
    ]),
  ) as unknown as Record<S, typeof Problem>;
}

/** The error replies of an endpoint: the given ones and those of every endpoint. */
export function problems<const S extends Status[]>(...statuses: S): Record<S[number] | 500 | 503, typeof Problem> {
  return replies<Status>([...statuses, 400, 408, 421, 422, 431, 500, 503]);
}

/**
 * The error replies that follow from the method and the role: no key (401), too many wrong ones (429), role too low, or a
 * write from a foreign origin (403), and a body that is refused (413, 415).
 */
export function commonProblems(method: string, role: Role | 'public'): Record<number, typeof Problem> {
  const statuses: Status[] = [];
  if (role !== 'public') statuses.push(401, 429);
  if (method !== 'GET' || (role !== 'public' && role !== roles[0])) statuses.push(403);
  // Of a body, which no write needs but each may get.
  if (method !== 'GET') statuses.push(413, 415);
  return replies(statuses);
}
