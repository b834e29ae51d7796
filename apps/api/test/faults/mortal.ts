import { disk } from '@at/adapters/disk';
import pg from 'pg';

// Imported first by a process that kills itself in the middle of its work. A step is a call of the file system or of
// Transmission, or a statement; statements that look for work or read events do not count. DIE_AT: it ends before the step of this
// number. DIE_BEFORE, a list of patterns: the first step that matches one of them is held up, and when all have been reached the
// process ends, in the middle of each.

const { DIE_AT, DIE_BEFORE = '[]' } = process.env;
const expected = new Set((JSON.parse(DIE_BEFORE) as string[]).map((pattern) => new RegExp(pattern)));
/** What is held up must not be collected, which would close its files. */
const held: (() => void)[] = [];
let isArmed = false;
let steps = 0;

/** From now on steps count. */
export function arm(): void {
  isArmed = true;
}

/** Returns what holds up the step, if something does. */
function step(name: string): Promise<never> | undefined {
  if (!isArmed) return undefined;
  steps += 1;
  const reached = [...expected].find((pattern) => pattern.test(name));
  if (reached) expected.delete(reached);
  if (steps === Number(DIE_AT) || (reached && expected.size === 0)) process.kill(process.pid, 'SIGKILL');
  return reached && new Promise<never>((go) => void held.push(go as () => void));
}

/** Makes a method a step; `nameOf` returns its name, or undefined for calls that are not steps. */
function observe(object: object, method: string, nameOf: (...args: never[]) => string | undefined): void {
  const methods = object as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[method] as (...args: unknown[]) => unknown;
  methods[method] = function (this: unknown, ...args: unknown[]) {
    const name = nameOf(...(args as never[]));
    return (name !== undefined && step(name)) || original.apply(this, args);
  };
}

// Not those of node: a disk has few calls at a time.
for (const name of ['mkdir', 'rename', 'link', 'unlink', 'rm', 'rmdir'])
  observe(disk, name, (...paths: unknown[]) => `${name} ${paths.join(' ')}`);
observe(globalThis, 'fetch', (_url: string, { body }: { body: string }) => body);
const tables =
  /^(begin|commit)|\bwith\s+(held|ended|former)\b|console\.(intent|media_removal|label_event|operation)|atp\.(training|media)/;
type Query = string | { text?: string; values?: unknown };
observe(pg.Client.prototype, 'query', (query: Query, values: unknown) => {
  const asked = typeof query === 'string' ? { text: query } : query;
  const text = (asked.text ?? '').trim();
  return tables.test(text) && !text.includes('pg_locks') ? `${text} ${asked.values ?? values}` : undefined;
});
