import type { Static, TSchema } from 'typebox';
import { accessProblems } from './problem.ts';
import type { Role } from './vocabulary.ts';

/**
 * The contract of one endpoint. The API spreads it into `app.route({...endpoint, handler})` and the console passes it to
 * `call(endpoint, ...)`, so that a wrong handler, reply or call does not compile.
 */
export type Endpoint = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path below the API's prefix; `:name` is a parameter. */
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
    /** In addition to the headers that every endpoint accepts. */
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
/** The body of the endpoint's 200 reply. */
export type ReplyOf<E extends Endpoint> = E['schema']['response'] extends { 200: infer S extends TSchema }
  ? Static<S>
  : never;

/** An endpoint, with the access errors that follow from its method and role. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  const { method, config, schema } = definition;
  const response = { ...schema.response, ...accessProblems(method, config.role) };
  return { ...definition, schema: { ...schema, response } };
}
