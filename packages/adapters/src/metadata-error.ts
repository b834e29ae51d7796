import type { FailureCode } from '@at/contracts/vocabulary';

/** A source of metadata did not respond, refused, or sent an invalid reply; the message has no key and no address. */
export class MetadataError extends Error {
  override name = 'MetadataError';
  readonly source: 'TMDB' | 'OMDb';
  /** `unreachable` and `limited` pass by themselves; the others need a change of the settings. */
  readonly kind: 'unreachable' | 'limited' | 'refused' | 'unusable';
  /** Seconds that the source asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(
    source: MetadataError['source'],
    kind: MetadataError['kind'],
    message: string,
    { retryAfter, ...options }: ErrorOptions & { retryAfter?: number | undefined } = {},
  ) {
    super(message, options);
    this.source = source;
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  /** Its code for runs. */
  get failure(): FailureCode {
    return this.kind;
  }
}
