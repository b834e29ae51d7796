import type { LogLine, LogsQuery } from '@at/contracts/logs';
import type { RunChanges } from '@at/contracts/runs';

/** What a statement of PostgreSQL could see: transactions before `xmax` but for those that were running. */
export class Snapshot {
  readonly text: string;
  readonly xmax: bigint;
  readonly #running: readonly bigint[];

  constructor(text: string, xmax: bigint, running: readonly bigint[]) {
    this.text = text;
    this.xmax = xmax;
    this.#running = running;
  }

  includes(txid: bigint): boolean {
    return txid < this.xmax && !this.#running.includes(txid);
  }

  /** Whether it includes all that `other` does. */
  follows(other: Snapshot): boolean {
    return this.xmax >= other.xmax && !this.#running.some((txid) => other.includes(txid));
  }
}

/** Reads the text of a pg_snapshot, such as `740:742:741`; undefined: it is none. */
export function parseSnapshot(text: string): Snapshot | undefined {
  const [, first = '', end = '', list = ''] = /^(\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,(?=\d))?)*)$/.exec(text) ?? [];
  if (first === '') return undefined;
  const [xmin, xmax] = [BigInt(first), BigInt(end)];
  const running = list === '' ? [] : list.split(',').map(BigInt);
  const isInOrder = running.every((txid, i) => txid >= xmin && txid < xmax && txid > (running[i - 1] ?? 0n));
  return xmin > 0n && xmax >= xmin && isInOrder ? new Snapshot(text, xmax, running) : undefined;
}

/** A line without what only the API needs. */
export function lineOf<L extends LogLine>({
  timestamp,
  level,
  source,
  run_id,
  subject_type,
  subject_id,
  step,
  ref,
  attempt,
  line,
  ...rest
}: L): LogLine {
  const { message, fields } = rest;
  return { timestamp, level, source, run_id, subject_type, subject_id, step, ref, attempt, line, message, fields };
}

/** Such as `2025-06-02T04:30:02.302000Z INFO [media.trash_purge] 3 files purged`. */
const textOf = ({ timestamp, level, source, message }: LogLine): string =>
  `${timestamp} ${level.toUpperCase()} [${source}] ${message}`;

/** What a reply and an event have of lines. */
export const linesReply = (entries: LogLine[]) => ({ lines: entries.map(textOf), entries, count: entries.length });

/** The filter of a list of lines, for those that a stream sends. */
export function wantsLine({
  level,
  search,
  source,
  run,
}: Pick<LogsQuery, 'level' | 'search' | 'source' | 'run'>): (line: LogLine) => boolean {
  const words = search?.toLowerCase();
  return (line) =>
    (level?.includes(line.level) ?? true) &&
    (source?.includes(line.source) ?? true) &&
    (run === undefined || line.run_id === run) &&
    (words === undefined || line.message.toLowerCase().includes(words));
}

/** Seconds until a queue is empty at the pace of the last ten minutes; null: unknown. */
export function secondsLeft({
  waiting,
  running,
  ended,
}: {
  waiting: number;
  running: number;
  ended: number;
}): number | null {
  const left = waiting + running;
  if (left === 0) return 0;
  return ended === 0 ? null : Math.ceil((left * 600) / ended);
}

/** Such as `3 runs continue, 1 was refused`. */
export function describeChanges(action: RunChanges, done: number, refused: number): string {
  const verbs = action === 'cancel' ? ['is being cancelled', 'are being cancelled'] : ['continues', 'continue'];
  const changed = done === 1 ? `1 run ${verbs[0]}` : `${done} runs ${verbs[1]}`;
  return refused === 0 ? changed : `${changed}, ${refused} ${refused === 1 ? 'was' : 'were'} refused`;
}
