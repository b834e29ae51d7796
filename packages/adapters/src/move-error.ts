import type { FailureCode } from '@at/contracts/vocabulary';
import { DiskError } from './disk.ts';

const codes = { changed: 'file_changed', outside: 'file_outside', full: 'disk_full', failed: 'place_taken' } as const;

/** The move was refused or failed; nothing is lost, and the message says what to do. */
export class MoveError extends Error {
  override name = 'MoveError';
  /** `changed`: another program wrote the file; `outside`: a path leaves its directory; `full`: no space; else `failed`. */
  readonly kind: 'changed' | 'outside' | 'full' | 'failed';
  constructor(kind: MoveError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }

  /** Its code for runs. */
  get failure(): FailureCode {
    return codes[this.kind];
  }
}

/** Codes of a disk that is full, lost or read-only, and of a process that can open no more files. */
const general = /^E(NOSPC|DQUOT|ROFS|STALE|NOTCONN|HOSTDOWN|HOSTUNREACH|TIMEDOUT|NODEV|NXIO|MFILE|NFILE)$/;

/** Whether other files would not move either. */
export const stopsAll = (error: unknown): boolean =>
  error instanceof MoveError ? error.kind === 'full' : error instanceof DiskError && general.test(error.code);
