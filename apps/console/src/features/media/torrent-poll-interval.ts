import type { MediaRow, Torrent, TransmissionState } from '@at/contracts/media';
import { mayHaveTorrent } from './items.ts';

/** How often Transmission is polled. */

const activeInterval = 2_000;
/** While nothing downloads, or Transmission does not respond. */
const idleInterval = 15_000;

const isMoving = ({ status, percent }: Torrent) => percent < 100 && status !== 'stopped';

/** Milliseconds until the next request; undefined: none is needed. */
export function pollInterval(state: TransmissionState | null): number | undefined {
  if (state !== null && !state.configured) return undefined;
  return state?.data.some(isMoving) ? activeInterval : idleInterval;
}

/** Also while its removal from Transmission is not known here yet, an item of another status has none. */
export const torrentOf = (state: TransmissionState | null, item: MediaRow): Torrent | undefined =>
  mayHaveTorrent(item) ? state?.data.find(({ hash }) => hash === item.hash) : undefined;

/** Whether Transmission may have progress of one of the items. */
export const expectsProgress = (items: readonly MediaRow[]) =>
  items.some((item) => item.deleted_at == null && mayHaveTorrent(item) && item.pipeline_status !== 'transferred');
