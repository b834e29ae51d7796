import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { MovePlan } from '../src/file-move.ts';
import { moveFile, type RecordMove } from '../src/move-file.ts';
import type { PlannedMove } from '../src/move-files.ts';

// A process that moves a file and can be killed between two steps; its journal is a file.
// `node killed-move.ts <journal> [<step> [<n>]]`: ends by SIGKILL after that step has been done n times.

type Path = 'from' | 'fromRoot' | 'to' | 'toRoot';
export type Journal = {
  /** Paths in hexadecimal. */
  plan: Record<Path, string> & Omit<MovePlan, Path>;
  progress: { name?: string; copied?: { inode: string; sha256: string } };
};

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const hexOf = (given: Buffer) => given.toString('hex');

/** A planned move as a journal has it. */
export const storedOf = ({ plan, progress: { name, copied } }: PlannedMove): Journal => ({
  plan: {
    ...plan,
    from: hexOf(plan.from),
    fromRoot: hexOf(plan.fromRoot),
    to: hexOf(plan.to),
    toRoot: hexOf(plan.toRoot),
  },
  progress: { ...(name && { name: hexOf(name) }), ...(copied && { copied }) },
});

export const plannedOf = ({ plan, progress: { name, copied } }: Journal): PlannedMove => ({
  plan: {
    ...plan,
    from: bytes(plan.from),
    fromRoot: bytes(plan.fromRoot),
    to: bytes(plan.to),
    toRoot: bytes(plan.toRoot),
  },
  progress: { ...(name !== undefined && { name: bytes(name) }), ...(copied && { copied }) },
});

export const readJournal = (path: string): Journal => JSON.parse(readFileSync(path, 'utf8')) as Journal;

export const writeJournal = (path: string, journal: Journal) => writeFile(path, JSON.stringify(journal));

/** Writes a file so that a kill leaves the former content or this one. */
export function writeFile(path: string, text: string): void {
  const file = openSync(`${path}.new`, 'w');
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
}

/** The plan of a journal with what was recorded, and a record that writes to it. */
export function openJournal(path: string): PlannedMove & { record: RecordMove } {
  const journal = readJournal(path);
  const record: RecordMove = async ({ name, ...progress }) => {
    Object.assign(journal.progress, progress, name && { name: hexOf(name) });
    writeJournal(path, journal);
  };
  return { ...plannedOf(journal), record };
}

if (import.meta.main) {
  const [path = '', step, times = '1'] = process.argv.slice(2);
  const { plan, progress, record } = openJournal(path);
  let left = Number(times);
  await moveFile(plan, progress, record, {
    boundary: (done) => {
      if (done === step && --left === 0) process.kill(process.pid, 'SIGKILL');
    },
  });
}
