import type { Problem } from '@at/contracts/problem';

type Extra = Partial<Pick<Problem, 'errors' | 'latest_event_id' | 'known_parameters' | 'details' | 'idempotency_key'>>;

/**
 * An error reply. `kind` is the short text that clients match (`error` on the wire); the message says what,
 * why and what next.
 */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly kind: string;
  readonly extra: Extra;
  readonly headers: Record<string, string>;

  constructor(status: number, kind: string, message: string, extra: Extra = {}, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.kind = kind;
    this.extra = extra;
    this.headers = headers;
  }
}

type Where = 'query' | 'body' | 'path' | 'header';

/** 422: one parameter or member does not fit. */
export function invalid(where: Where, pointer: string, message: string): ApiError {
  return new ApiError(422, 'Invalid request', message, { errors: [{ in: where, pointer, message }] });
}

/** Faults that a reply shows: a body can have 100,000. */
export const maxFaults = 20;

/** 422: parameters or members do not fit. A message continues the sentence that its pointer begins. */
export function invalidParts(where: Where, faults: readonly { pointer: string; message: string }[]): ApiError {
  const errors = faults.slice(0, maxFaults).map((fault) => ({ in: where, ...fault }));
  const sentence = errors.map(({ pointer, message }) => `${pointer || 'the body'} ${message}`).join('; ');
  return new ApiError(422, 'Invalid request', `In the ${where}: ${sentence}.`, { errors });
}

/** 409: `latest` is the event that can be undone, null if there is none. */
export function undoRefused(message: string, latest: number | null): ApiError {
  return new ApiError(409, 'Cannot undo', message, { latest_event_id: latest });
}
