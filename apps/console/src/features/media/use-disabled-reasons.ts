import {
  approveMedia,
  finishMedia,
  type MediaRow,
  restoreMedia,
  softDeleteMedia,
  updatePipeline,
} from '@at/contracts/media';
import type { Role } from '@at/contracts/vocabulary';
import { refusalOf, useSession } from '#api/session.ts';
import { disabledReason, type MediaAction } from './items.ts';

const needed: { [A in MediaAction]: Role } = {
  reingest: updatePipeline.config.role,
  approve: approveMedia.config.role,
  finish: finishMedia.config.role,
  delete: softDeleteMedia.config.role,
  restore: restoreMedia.config.role,
};

/** Why the item's state or the user's role forbids an action; undefined: it is allowed. */
export function useDisabledReasons(): (action: MediaAction, item: MediaRow) => string | undefined {
  const known = useSession();
  return (action, item) => disabledReason(action, item) ?? refusalOf(known, needed[action]) ?? undefined;
}
