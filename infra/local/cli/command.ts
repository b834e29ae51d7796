import type { ParseArgsConfig } from 'node:util';
import type { Api } from './api.ts';

/** What a command gets. */
export type Context = {
  api: Api;
  positionals: string[];
  values: Record<string, string | boolean | undefined>;
  /** For scripts: what the API replied, as JSON. */
  json: boolean;
  /** Prints a text, or JSON on one line. */
  print: (output: string | object) => void;
  /** Replaces what it printed before; an empty text removes it. Only on a terminal. */
  progress: (text: string) => void;
};

export type Command = {
  name: string;
  usage: string;
  summary: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /** Returns the exit code. */
  run: (context: Context) => Promise<number>;
};

/** The command cannot be understood; the message says what is missing. */
export class UsageError extends Error {
  override name = 'UsageError';
}
