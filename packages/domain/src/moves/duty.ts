import type { Duty } from '@at/runs/worker';
import { replayLeft } from './journal.ts';

/**
 * A duty of workers: moves of files whose process has ended are ended by another one, also if no step of their run begins again. `minutes`: how
 * old their plans are. While there are none it costs one look into an index.
 */
export const leftMoves = (minutes = 5, pause = 60_000): Duty<unknown> => ({
  name: 'The search for moves of files that were interrupted',
  pause,
  work: (db, _runs, signal) => replayLeft({ db, signal }, minutes),
});
