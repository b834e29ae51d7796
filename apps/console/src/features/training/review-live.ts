import { listTraining } from '@at/contracts/training';
import { useEffect, useState } from 'react';
import { call } from '#api/call.ts';
import { readByIds } from '#api/read-by-ids.ts';
import { createChangedKeys } from '#live/changed-keys.ts';
import { useLive } from '#live/live-events.ts';
import { findTitle } from '#titles/find-title.ts';
import type { ReviewSession } from './review-session.ts';

/** Keeps a review up to date with the changes of other users: the titles to come, and the one on screen. */

export function createFollower(session: ReviewSession) {
  const upcoming = () => session.queue.get().upcoming.map(({ imdb_id }) => imdb_id);
  /** By id, with the user who changed the title last. */
  const changed = createChangedKeys<string>(async (by, signal) => {
    const ids = upcoming().filter((id) => by.has(id));
    const [first] = upcoming();
    if (ids.length === 0) return;
    const [staying, shown] = await Promise.all([
      readByIds(ids, async (imdb_id) => {
        const query = { ...session.query, imdb_id, limit: imdb_id.length, count: 'none' } as const;
        return (await call(listTraining, { query, signal })).data.data;
      }),
      first !== undefined && ids.includes(first) ? findTitle(first, signal) : undefined,
    ]);
    const rows = [...staying.filter(({ imdb_id }) => imdb_id !== first), ...(shown ? [shown] : [])];
    const known = new Set(rows.map(({ imdb_id }) => imdb_id));
    // The user may have moved on to one of them: the title on screen leaves only when it no longer exists.
    const left = ids.filter((id) => !known.has(id) && (id === first || id !== upcoming()[0]));
    session.applyRemoteChanges(rows, left, by);
  });
  return {
    /** `ids` undefined: any title may have changed. */
    report: (ids: readonly string[] | undefined, actor: string) =>
      changed.add(ids === undefined ? upcoming() : upcoming().filter((id) => ids.includes(id)), actor),
    stop: changed.stop,
  };
}

/** While the review is shown. */
export function useLiveReview(session: ReviewSession): void {
  const [follower] = useState(() => createFollower(session));
  useEffect(() => follower.stop, [follower]);
  useLive(['title.changed', 'prediction.changed'], (event) =>
    event.type === 'reset'
      ? follower.report(undefined, 'another user')
      : follower.report(event.imdb_ids ?? undefined, event.actor),
  );
}
