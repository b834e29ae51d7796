type Write = { (fields: object, message: string): void; (message: string): void };

/** What writes and rules need of a log. */
export type Log = { info: Write; warn: Write; error: Write };
