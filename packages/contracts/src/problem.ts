import { type Static, Type } from 'typebox';
import { type Role, roles } from './vocabulary.ts';

/** The one error body: the members that old callers read (`success`, `error`, `message`) beside RFC 9457's. */
export const Problem = Type.Object(
  {
    success: Type.Literal(false),
    error: Type.String({ description: 'The kind of error, a short text that callers match' }),
    message: Type.String({ description: 'What, why and what next' }),
    type: Type.String({ description: 'about:blank, or a URI that names the kind of problem' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'The same as message' }),
    instance: Type.String({ description: 'The id of this request, as in the header x-request-id and the log' }),
    details: Type.Optional(Type.String({ description: 'On faults of the database: what kind of fault it was' })),
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
      Type.Union([Type.Integer(), Type.Null()], { description: 'On a refused undo: the event that can be undone' }),
    ),
    known_parameters: Type.Optional(
      Type.Array(Type.String(), { description: 'On an unknown query parameter: the ones there are' }),
    ),
  },
  { $id: 'Problem', description: 'Every reply that is not a success (application/problem+json)' },
);
export type Problem = Static<typeof Problem>;

const meanings = {
  400: 'The request is malformed',
  401: 'A key is needed, or the one sent is not known',
  404: 'There is no such thing',
  409: 'It conflicts with the present state',
  412: 'The row has changed since the version named in If-Match',
  413: 'The body is larger than 1 MiB',
  415: 'The content type is not supported',
  421: 'The Host header names a host this API does not serve',
  403: 'The Origin or role is refused',
  422: 'A parameter or member does not fit its schema',
  500: 'An unforeseen fault; the request id finds it in the log',
  502: 'Transmission refused, did not answer or is not configured; nothing has changed here',
  503: 'The database is unreachable or overloaded; Retry-After says when to try again',
} as const;

type Status = keyof typeof meanings;

/** Error replies, for a `response`. They refer to the schema by name, so that the document holds it once. */
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

/** The error replies of an operation: those named, and the ones that every operation can give. */
export function problems<const S extends Status[]>(...statuses: S): Record<S[number] | 500 | 503, typeof Problem> {
  return replies<Status>([...statuses, 400, 421, 422, 500, 503]);
}

/**
 * The error replies that come of who asks: of a caller without a key or with too small a role, and of a page that is not
 * ours, which may read but not write.
 */
export function refusals(method: string, role: Role | 'public'): Record<number, typeof Problem> {
  const statuses: Status[] = [];
  if (role !== 'public') statuses.push(401);
  if (method !== 'GET' || (role !== 'public' && role !== roles[0])) statuses.push(403);
  return replies(statuses);
}
