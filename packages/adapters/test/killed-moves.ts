import { existsSync, readFileSync } from 'node:fs';
import { moveFiles, type PlannedMove, type RecordMoves } from '../src/move-files.ts';
import { type Journal, plannedOf, storedOf, writeFile } from './killed-move.ts';

// A process that moves groups of files and ends, or freezes, between two steps; its journal is a file.
// `node killed-moves.ts <journal> <step> <n> <signal> <lost>`: the signal comes after that step has been done n times. It must not go
// on once the file `lost` exists.

/** Whether a process is stopped. */
export const isFrozen = (pid: number) => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

export const writeGroups = (path: string, groups: PlannedMove[][]) =>
  writeFile(path, JSON.stringify(groups.map((group) => group.map(storedOf))));

/** The plans of a journal with what was recorded, and a record that writes to it. */
export function openGroups(path: string): { groups: PlannedMove[][]; record: RecordMoves } {
  const groups = (JSON.parse(readFileSync(path, 'utf8')) as Journal[][]).map((group) => group.map(plannedOf));
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
