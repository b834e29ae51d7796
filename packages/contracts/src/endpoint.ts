import type { Static, TSchema } from 'typebox';
import { refusals } from './problem.ts';
import type { Role } from './vocabulary.ts';

/**
 * What crosses the wire for one operation. The same object is spread into the API's `app.route({...endpoint, handler})`
 * and handed to the console's `call(endpoint, ...)`, so that a wrong handler, reply or call does not compile.
 */
export type Endpoint = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path below the API's prefix, spelled as the documents spell it; `:name` is a parameter. */
  url: string;
  config: {
    /** The least role of a key that may call it; public: nobody needs a key. */
    role: Role | 'public';
    /** What its success says in headers, beside what every reply does. */
    replyHeaders?: readonly ('ETag' | 'Age')[];
  };
  schema: {
    operationId: string;
    summary: string;
    description?: string;
    tags: string[];
    params?: TSchema;
    /** Beside those that every operation may be sent. */
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

/** An endpoint, with the refusals that follow from its method and role. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  const { method, config, schema } = definition;
  const response = { ...schema.response, ...refusals(method, config.role) };
  return { ...definition, schema: { ...schema, response } };
}
