import type { FailureCode } from '@at/contracts/vocabulary';

/** The provider of the queue did not respond, refused, or sent an invalid reply; the message has no token and no address. */
export class ProviderError extends Error {
  override name = 'ProviderError';
  /** `unreachable` and `limited` pass by themselves; the others need a change of the settings or of the provider. */
  readonly kind: 'unreachable' | 'limited' | 'refused' | 'unusable';

  constructor(kind: ProviderError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }

  /** Its code for runs. */
  get failure(): FailureCode {
    return this.kind;
  }
}
