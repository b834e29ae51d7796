import type { BodyOf, Endpoint, ReplyOf } from '@at/contracts/endpoint';
import type { Problem } from '@at/contracts/problem';

/**
 * What operations look like in use, for the documents. They stand beside the contracts instead of in them, because the
 * console loads those on every page.
 */
export type Example = {
  operationId: string;
  body?: unknown;
  /** By content type where there are several. */
  reply: unknown;
  /** Refusals whose words are the operation's own, by status. */
  problems: { [status: number]: unknown };
};

type Given<E extends Endpoint> = {
  reply: ReplyOf<E>;
  problems?: { [status: number]: unknown };
} & (BodyOf<E> extends undefined ? unknown : { body: BodyOf<E> });

/** An operation's example; body and reply are held against its contract by the compiler. */
export function exampleOf<E extends Endpoint>(of: E, given: Given<E>): Example {
  return { operationId: of.schema.operationId, problems: {}, ...given };
}

const titles: { [status: number]: string } = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Entity',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

type Extra = Partial<Pick<Problem, 'details' | 'errors' | 'latest_event_id' | 'known_parameters'>>;

/** A refusal. */
export function problem(status: number, error: string, message: string, extra: Extra = {}): Problem {
  return {
    success: false,
    error,
    message,
    type: 'about:blank',
    title: titles[status] as string,
    status,
    detail: message,
    instance: '3e00989d-0178-48e5-aba7-b37abeedc465',
    ...extra,
  };
}
