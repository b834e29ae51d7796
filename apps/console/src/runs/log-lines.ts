import type { LogLine } from '@at/contracts/logs';

/** Log lines as rows on a screen. */

const keys = new WeakMap<LogLine, string>();

/** Names a line among all lines; it never changes. */
export function keyOfLine(line: LogLine): string {
  const known = keys.get(line);
  if (known !== undefined) return known;
  const key = `${line.step}.${line.attempt}.${line.line}`;
  keys.set(line, key);
  return key;
}

/** A negative number: `left` comes first. Lines of one time keep the order in which their attempt wrote them. */
function compareLines(left: LogLine, right: LogLine): number {
  if (left.timestamp !== right.timestamp) return left.timestamp < right.timestamp ? -1 : 1;
  if (left.step !== right.step) return left.step < right.step ? -1 : 1;
  return left.attempt - right.attempt || left.line - right.line;
}

/** Both in the order of their times. Mostly one comes after the other. */
export function mergeLines(lines: readonly LogLine[], added: readonly LogLine[]): LogLine[] {
  const [first, last] = [added[0], lines.at(-1)];
  const both = [...lines, ...added];
  return first && last && compareLines(last, first) > 0 ? both.sort(compareLines) : both;
}

export type LogRow =
  | { type: 'part'; key: string; line: LogLine; lines: number; isFolded: boolean }
  /** Lines that were written and are not here. */
  | { type: 'gap'; key: string; missing: number }
  /** `number` counts the lines of a whole log from 1; null: some are not loaded. */
  | { type: 'line'; key: string; line: LogLine; number: number | null };

/** An attempt at a step. */
export const partOf = ({ step, attempt }: LogLine) => `${step}.${attempt}`;

/** What of the lines of a run is on screen: attempt after attempt, if there are several each with a heading. */
export function rowsOfRun(
  lines: readonly LogLine[],
  isWhole: boolean,
  wants: (line: LogLine) => boolean,
  folded: ReadonlySet<string>,
): LogRow[] {
  const parts = Map.groupBy(lines, partOf);
  const rows: LogRow[] = [];
  let number = 0;
  for (const [key, own] of parts) {
    const isFolded = parts.size > 1 && folded.has(key);
    if (parts.size > 1) rows.push({ type: 'part', key, line: own[0] as LogLine, lines: own.length, isFolded });
    // Without the lines before, nothing is known of the first number.
    let expected = isWhole ? 0 : (own[0] as LogLine).line;
    for (const line of own) {
      number += 1;
      const missing = line.line - expected;
      expected = line.line + 1;
      if (isFolded) continue;
      const id = keyOfLine(line);
      if (missing > 0) rows.push({ type: 'gap', key: `gap ${id}`, missing });
      if (wants(line)) rows.push({ type: 'line', key: id, line, number: isWhole ? number : null });
    }
  }
  return rows;
}

/** The rows of lines that were narrowed before they were loaded: numbers and gaps mean nothing. */
export const rowsOfAll = (lines: readonly LogLine[]): LogRow[] =>
  lines.map((line) => ({ type: 'line', key: keyOfLine(line), line, number: null }));

/** Control characters as people write them, such as `^[`, so that the colours of a terminal are text. */
export const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  text.replace(/[\0-\x08\x0b-\x1f\x7f]/g, (character) => `^${String.fromCharCode(character.charCodeAt(0) ^ 64)}`);

/** The stack of an error among the fields of a line, and the other fields as JSON. */
export function fieldsOf({ fields }: LogLine): { text: string; stack: string | undefined } {
  if (fields === null) return { text: '', stack: undefined };
  const err = fields.err as { type?: unknown; message?: unknown; stack?: unknown } | null | undefined;
  if (typeof err?.stack !== 'string') return { text: JSON.stringify(fields), stack: undefined };
  const { stack, ...shown } = err;
  return { text: JSON.stringify({ ...fields, err: shown }), stack: stack as string };
}

/** A line as text, to search in. */
export const searchText = (line: LogLine): string =>
  `${line.message} ${line.fields === null ? '' : JSON.stringify(line.fields)}`.toLowerCase();

/** A line as a file has it. */
export const fileLine = (line: LogLine): string => {
  const { timestamp, level, source, attempt, message, fields } = line;
  const rest = fields === null ? '' : ` ${JSON.stringify(fields)}`;
  return `${timestamp} ${level.toUpperCase()} [${source} ${attempt}] ${message}${rest}`;
};
