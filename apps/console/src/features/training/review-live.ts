import { useEffect, useState } from 'react';
import { createChangedKeys } from '#live/changed-keys.ts';
import { useLive } from '#live/live-events.ts';
import { findTitle } from '#titles/find-title.ts';
import { findMatching } from './find-matching.ts';
import { skippedTitles } from './queue.ts';
import type { ReviewSession } from './review-session.ts';

/** Keeps a review up to date with the changes of other users: the titles to come, and the one on screen. */

export function createFollower(session: ReviewSession) {
  const upcoming = () => session.queue.get().upcoming.map(({ imdb_id }) => imdb_id);
  const skipped = () => skippedTitles(session.queue.get()).map(({ imdb_id }) => imdb_id);
  const known = () => [...new Set([...upcoming(), ...skipped()])];
  /** By id, with the user who changed the title last. */
  const changed = createChangedKeys<string>(async (by, signal) => {
    const ids = known().filter((id) => by.has(id));
    const [first] = upcoming();
    if (ids.length === 0) return;
    const [staying, shown] = await Promise.all([
      findMatching(session.query, ids, signal),
      first !== undefined && ids.includes(first) ? findTitle(first, signal) : undefined,
    ]);
    const rows = [...staying.filter(({ imdb_id }) => imdb_id !== first), ...(shown ? [shown] : [])];
    const loaded = new Set(rows.map(({ imdb_id }) => imdb_id));
    const matching = new Set(staying.map(({ imdb_id }) => imdb_id));
    const others = upcoming().slice(1);
    // The user may have moved on to one of them: the title on screen leaves only when it no longer exists.
    const left = ids.filter((id) => !loaded.has(id) && (id === first || others.includes(id)));
    const outside = ids.filter((id) => !matching.has(id) && !left.includes(id));
    session.applyRemoteChanges(rows, left, outside, by);
  });
  return {
    /** `ids` undefined: any title may have changed. */
    report: (ids: readonly string[] | undefined, actor: string) =>
      changed.add(ids === undefined ? known() : known().filter((id) => ids.includes(id)), actor),
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
