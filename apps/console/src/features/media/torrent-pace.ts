import type { MediaRow, Torrent, TransmissionState } from '@at/contracts/media';
import { mayHaveTorrent } from './items.ts';

/** When Transmission is worth asking. */

const pause = 2_000;
/** Where nothing moves, or nobody answers, it is asked now and then whether that has changed. */
const longPause = 15_000;

const isMoving = ({ status, percent }: Torrent) => percent < 100 && status !== 'stopped';

/** Milliseconds until the next question; undefined: none is needed. */
export function pauseAfter(state: TransmissionState | null): number | undefined {
  if (state !== null && !state.configured) return undefined;
  return state?.data.some(isMoving) ? pause : longPause;
}

export const torrentOf = (state: TransmissionState | null, { hash }: Pick<MediaRow, 'hash'>): Torrent | undefined =>
  state?.data.find((torrent) => torrent.hash === hash);

/** Whether one of the items has something to wait for in Transmission. */
export const expectsProgress = (items: readonly MediaRow[]) =>
  items.some((item) => item.deleted_at == null && mayHaveTorrent(item) && item.pipeline_status !== 'transferred');
