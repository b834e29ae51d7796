import { existsSync, readFileSync } from 'node:fs';
import { moveFiles, type PlannedMove, type RecordMoves } from '../src/move-files.ts';
import { type Journal, writeFile } from './killed-move.ts';

// A process that moves groups of files and ends, or freezes, between two steps; its journal is a file.
// `node killed-moves.ts <journal> <step> <n> <signal> <lost>`: the signal comes after that step has been done n times. It must not go
// on once the file `lost` exists.

type Stored = Journal[][];
const bytes = (hex: string) => Buffer.from(hex, 'hex');

export function writeGroups(path: string, groups: PlannedMove[][]): void {
  const stored: Stored = groups.map((group) =>
    group.map(({ plan: { from, fromRoot, to, toRoot, ...rest }, progress: { name, copied } }) => ({
      plan: {
        ...rest,
        from: from.toString('hex'),
        fromRoot: fromRoot.toString('hex'),
        to: to.toString('hex'),
        toRoot: toRoot.toString('hex'),
      },
      progress: { ...(name && { name: name.toString('hex') }), ...(copied && { copied }) },
    })),
  );
  writeFile(path, JSON.stringify(stored));
}

/** The plans of a journal with what was recorded, and a record that writes to it. */
export function openGroups(path: string): { groups: PlannedMove[][]; record: RecordMoves } {
  const groups = (JSON.parse(readFileSync(path, 'utf8')) as Stored).map((group) =>
    group.map(({ plan: { from, fromRoot, to, toRoot, ...rest }, progress: { name, copied } }) => ({
      plan: { ...rest, from: bytes(from), fromRoot: bytes(fromRoot), to: bytes(to), toRoot: bytes(toRoot) },
      progress: { ...(name !== undefined && { name: bytes(name) }), ...(copied && { copied }) },
    })),
  );
  const record: RecordMoves = async (all) => {
    for (const { plan, progress } of groups.flat()) Object.assign(progress, all.get(plan.id));
    writeGroups(path, groups);
  };
  return { groups, record };
}

if (import.meta.main) {
  const [path = '', step, times = '1', signal = 'SIGKILL', lost] = process.argv.slice(2);
  const { groups, record } = openGroups(path);
  let left = Number(times);
  const boundary = (done: string) => {
    if (done === step && --left === 0) process.kill(process.pid, signal as NodeJS.Signals);
  };
  const check = async () => {
    if (lost !== undefined && existsSync(lost)) throw new Error('Another process has taken over.');
  };
  await moveFiles(groups, record, { boundary, check }).catch((error) => {
    if (error.message !== 'Another process has taken over.') throw error;
  });
}
