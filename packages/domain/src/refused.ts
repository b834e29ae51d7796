// What the domain refuses. The API replies with the message, so it says why, and what to do.

/** What was asked for is not possible as things are now. */
export class Refused extends Error {
  override name = 'Refused';
}

/** What a run needs is missing, such as a setting. */
export class StartRefused extends Refused {
  override name = 'StartRefused';
}

/** Nothing has the id or the name. `kind`: of what, as "Batch". */
export class NotFound extends Error {
  override name = 'NotFound';
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}
