import type { BodyOf, Endpoint, ReplyOf } from '@at/contracts/endpoint';
import type { Problem } from '@at/contracts/problem';

/** An example of an endpoint for the documentation. Examples are outside of the contracts, which the console loads. */
export type Example = {
  operationId: string;
  body?: unknown;
  /** By content type if there are several. */
  reply: unknown;
  /** Errors specific to the endpoint, by status. */
  problems: { [status: number]: unknown };
};

type ExampleInput<E extends Endpoint> = {
  reply: ReplyOf<E>;
  problems?: { [status: number]: unknown };
} & (BodyOf<E> extends undefined ? unknown : { body: BodyOf<E> });

/** The compiler checks body and reply against the contract. */
export function exampleOf<E extends Endpoint>(of: E, example: ExampleInput<E>): Example {
  return { operationId: of.schema.operationId, problems: {}, ...example };
}

const titles: { [status: number]: string } = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

type Extra = Partial<Pick<Problem, 'details' | 'errors' | 'latest_event_id' | 'known_parameters'>>;

/** An error reply. */
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
