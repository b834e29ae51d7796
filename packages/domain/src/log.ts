type Write = { (fields: object, message: string): void; (message: string): void };

/** The part of a logger that writes and rules use. */
export type Log = { info: Write; warn: Write; error: Write };
