import type { FailureCode } from '@at/contracts/vocabulary';

/** Syncthing did not respond, refused, or sent an invalid reply. The message has no key. */
export class SyncthingError extends Error {
  override name = 'SyncthingError';
  /**
   * `unreachable` passes by itself; `key` and `host`: it refuses the key, or the name by which it was called; `folder`: the folder is
   * paused, unknown or stopped; `unusable`: what replies is no Syncthing, or one that does something else than it was asked.
   */
  readonly kind: 'unreachable' | 'key' | 'host' | 'folder' | 'unusable';

  constructor(kind: SyncthingError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }

  /** Its code for runs. */
  get failure(): FailureCode {
    return this.kind === 'unreachable' || this.kind === 'unusable' ? this.kind : 'refused';
  }
}
