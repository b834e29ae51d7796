import type { Presence } from '@at/adapters/syncthing';
import type { SyncedFile } from './queries.ts';

/** Why a file does not count as there; `errors`: what Syncthing says of paths. */
export function whyNot({ path }: SyncedFile, presence: Presence, errors: ReadonlyMap<string, string>): string {
  const said = errors.get(path);
  switch (presence) {
    case 'not_indexed':
      return said ? `Syncthing does not take it: ${said}` : 'Ignored here: a pattern of the folder leaves it out';
    case 'differs':
      return 'It is not the file that it was when the batch was made';
    case 'gone_here':
      return 'It is gone from the folder';
    case 'changed_there':
      return 'Changed or deleted on the device';
    default:
      return 'The device does not have it: it ignores or refuses it';
  }
}

/** Names that a reason has. */
const mostNamed = 3;

/** Which files are missing, and why, in a sentence. */
export function blockedReason(refused: readonly { path: string; why: string }[], total: number): string {
  const groups = Map.groupBy(refused, ({ why }) => why);
  const parts = [...groups].map(([why, files]) => {
    const names = files.slice(0, mostNamed).map(({ path }) => path.slice(path.indexOf('/') + 1));
    const more = files.length - names.length;
    return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''} (${why})`;
  });
  return `${refused.length} of ${total} files are not confirmed: ${parts.join('; ')}.`;
}

/** How much the device has, in percent with a decimal; 100 is all of it. */
export function percentOf(files: readonly SyncedFile[], present: (file: SyncedFile) => boolean): number {
  const of = (some: readonly SyncedFile[]) => some.reduce((sum, { size }) => sum + size, 0);
  const there = files.filter(present);
  if (there.length === files.length) return 100;
  const [done, all] = [of(there), of(files)];
  const share = all === 0 ? there.length / files.length : done / all;
  return Math.min(99.9, Math.floor(share * 1_000) / 10);
}
