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
import { type MediaAction, reasonAgainst } from './items.ts';

const needed: { [A in MediaAction]: Role } = {
  reingest: updatePipeline.config.role,
  approve: approveMedia.config.role,
  finish: finishMedia.config.role,
  delete: softDeleteMedia.config.role,
  restore: restoreMedia.config.role,
};

/** Why the item's state or the user's role forbids an action; undefined: it is allowed. */
export function useReasons(): (action: MediaAction, item: MediaRow) => string | undefined {
  const known = useSession();
  return (action, item) => reasonAgainst(action, item) ?? refusalOf(known, needed[action]) ?? undefined;
}
