import { type Static, type TSchema, Type } from 'typebox';
import { commonProblems } from './problem.ts';
import type { Role } from './vocabulary.ts';

/**
 * The contract of one endpoint. The API spreads it into `app.route({...endpoint, handler})` and the console passes it to
 * `call(endpoint, ...)`, so that a wrong handler, reply or call does not compile.
 */
export type Endpoint = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path below the API's prefix; `:name` is a parameter. One that begins with /api/ stands beside the prefix. */
  url: string;
  config: {
    /** The lowest role that may call it; public: no key needed. */
    role: Role | 'public';
    /** Headers of a successful reply, in addition to those of every reply. */
    replyHeaders?: readonly ('ETag' | 'Age' | 'X-Flyway-Schema')[];
    /** Parameters whose unknown values become the default, and whose numbers above the maximum become the maximum. */
    forgives?: readonly string[];
  };
  schema: {
    operationId: string;
    summary: string;
    description?: string;
    tags: string[];
    params?: TSchema;
    headers?: TSchema;
    querystring?: TSchema;
    body?: TSchema;
    response: { [status: number]: TSchema };
  };
};

type Part<E extends Endpoint, P extends 'params' | 'querystring' | 'body'> =
  E['schema'] extends Record<P, infer S extends TSchema> ? Static<S> : undefined;

export type ParamsOf<E extends Endpoint> = Part<E, 'params'>;
export type QueryOf<E extends Endpoint> = Part<E, 'querystring'>;
export type BodyOf<E extends Endpoint> = Part<E, 'body'>;
/** The body of the endpoint's success: 200, or 202 for what is done later. */
export type ReplyOf<E extends Endpoint> = E['schema']['response'] extends { 200: infer S extends TSchema }
  ? Static<S>
  : E['schema']['response'] extends { 202: infer S extends TSchema }
    ? Static<S>
    : never;

/** The body of a write that needs none. */
export const EmptyBody = Type.Object({}, { additionalProperties: false });

/** The id of a run. */
export const RunId = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });

/** How long a run or a step takes, wherever that is said. */
export const WorkedMs = Type.Integer({
  minimum: 0,
  description:
    'Milliseconds of work: the sum of all attempts, one in progress until now. Waiting for a worker, for another attempt or for a ' +
    'person is not part of it',
});

/** The reply to a request whose work a run does. */
export const RunAccepted = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  run_id: RunId,
});

/** Headers of every write. */
const writeHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'A unique value for each write, such as a UUID. A repeated request with the same key changes nothing: for 24 hours ' +
        'it gets the first reply again, with the header Idempotency-Replayed. Another request with the key: 422.',
    }),
  ),
});

/** An endpoint, with the headers and the access errors that follow from its method and role. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  const { method, config, schema } = definition;
  const headers = method === 'GET' || config.role === 'public' ? {} : { headers: writeHeaders };
  const response = { ...schema.response, ...commonProblems(method, config.role) };
  return { ...definition, schema: { ...schema, ...headers, response } };
}
