import {
  approveMedia,
  finishMedia,
  type MediaRow,
  restoreMedia,
  softDeleteMedia,
  updatePipeline,
} from '@at/contracts/media';
import type { Role } from '@at/contracts/vocabulary';
import { useServerInfo } from '#api/server-info.ts';
import { refusalOf, useSession } from '#api/session.ts';
import { disabledReason, type MediaAction, mayHaveTorrent } from './items.ts';
import { mediaTexts as texts } from './texts.ts';
import { useTorrentHashes } from './torrents.ts';

const needed: { [A in MediaAction]: Role } = {
  reingest: updatePipeline.config.role,
  approve: approveMedia.config.role,
  finish: finishMedia.config.role,
  delete: softDeleteMedia.config.role,
  restore: restoreMedia.config.role,
};

/** Why the server's configuration forbids an action on any item; undefined: it allows it, or is not known yet. */
export function useUnavailable(): (action: MediaAction | 'pipeline') => string | undefined {
  const hasTransmission = useServerInfo()?.configured.transmission ?? true;
  return (action) => (action === 'approve' && !hasTransmission ? texts.reasons.noTransmission : undefined);
}

/** Why the item's state, the configuration or the user's role forbids an action; undefined: it is allowed. */
export function useDisabledReasons(): (action: MediaAction, item: MediaRow) => string | undefined {
  const known = useSession();
  const unavailable = useUnavailable();
  const torrents = useTorrentHashes();
  const isDownloading = (item: MediaRow) => mayHaveTorrent(item) && torrents.includes(item.hash);
  return (action, item) =>
    disabledReason(action, item) ??
    (action === 'approve' && isDownloading(item) ? texts.reasons.inTransmission : undefined) ??
    unavailable(action) ??
    refusalOf(known, needed[action]) ??
    undefined;
}
