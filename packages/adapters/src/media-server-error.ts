import type { FailureCode } from '@at/contracts/vocabulary';

/** The media server did not respond, refused, or sent an invalid reply; the message has no key and no address. */
export class MediaServerError extends Error {
  override name = 'MediaServerError';
  /** `unreachable` passes by itself; the others need a change of the settings or of the server. */
  readonly kind: 'unreachable' | 'refused' | 'unusable';

  constructor(kind: MediaServerError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }

  /** Its code for runs. */
  get failure(): FailureCode {
    return this.kind;
  }
}
