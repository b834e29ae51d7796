import { listTrainingSessions } from '@at/contracts/labels';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useSession } from '#api/session.ts';
import { invalidate, keyOf } from '#live/invalidations.ts';
import { liveState } from '#live/live-events.ts';
import { outbox } from '#outbox/browser-outbox.ts';

/** The user's own labelling session, as Home shows it: both figures are the API's. */

/** Sessions to search for the user's own. */
const latest = 20;
/** The API names users like this where no keys are configured. */
const unnamed = 'anonymous';
/** A session ends after this time without a label. */
const sessionEnd = 30 * 60_000;

const sessions = queryOptions({
  queryKey: keyOf('sessions'),
  queryFn: async ({ signal }) => (await call(listTrainingSessions, { query: { limit: latest }, signal })).data.data,
});

// Otherwise the event of the write updates the figures.
outbox.onSettled(() => {
  if (liveState.get() !== 'live') invalidate('sessions');
});

/** Labels an hour and the median time of a title; null: no session is going on, or it is too short. */
export function useLabellingSpeed(): { perHour: number | null; medianMs: number | null } {
  const actor = useSession()?.name ?? unnamed;
  const own = useQuery(sessions, queryClient).data?.find((session) => session.actor === actor);
  if (!own || Date.now() - Date.parse(own.ended_at) > sessionEnd) return { perHour: null, medianMs: null };
  return { perHour: own.labels_per_hour, medianMs: own.median_decision_ms };
}
