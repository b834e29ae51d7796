import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import pg from 'pg';

// Imported first by a process that kills itself in the middle of its work: before the step that DIE_AT numbers, or before the
// first step that matches DIE_BEFORE. A step is a call of the file system or of Transmission, or a statement; statements that
// look for work or read events do not count.

const { DIE_AT, DIE_BEFORE } = process.env;
const dieBefore = DIE_BEFORE === undefined ? undefined : new RegExp(DIE_BEFORE);
let isArmed = false;
let steps = 0;

/** From now on steps count. */
export function arm(): void {
  isArmed = true;
}

function step(name: string): void {
  if (!isArmed) return;
  steps += 1;
  if (dieBefore ? dieBefore.test(name) : steps === Number(DIE_AT)) process.kill(process.pid, 'SIGKILL');
}

/** Makes a method a step; `nameOf` returns its name, or undefined for calls that are none. */
function observe(object: object, method: string, nameOf: (...args: never[]) => string | undefined): void {
  const methods = object as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[method] as (...args: unknown[]) => unknown;
  methods[method] = function (this: unknown, ...args: unknown[]) {
    const name = nameOf(...(args as never[]));
    if (name !== undefined) step(name);
    return original.apply(this, args);
  };
}

for (const name of ['mkdir', 'rename', 'link', 'unlink', 'rm', 'rmdir']) observe(fs, name, () => name);
syncBuiltinESMExports();
observe(globalThis, 'fetch', (_url: string, { body }: { body: string }) => body);
const tables =
  /^(begin|commit)|\bwith\s+(held|ended|former)\b|console\.(intent|media_removal|label_event|operation)|atp\.(training|media)/;
type Query = string | { text?: string; values?: unknown };
observe(pg.Client.prototype, 'query', (query: Query, values: unknown) => {
  const asked = typeof query === 'string' ? { text: query } : query;
  const text = (asked.text ?? '').trim();
  return tables.test(text) && !text.includes('pg_locks') ? `${text} ${asked.values ?? values}` : undefined;
});
