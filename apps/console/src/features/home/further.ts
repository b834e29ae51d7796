import { type Activity, listActivity } from '@at/contracts/event';
import { getMediaStats, listMedia } from '@at/contracts/media';
import { getEvaluation } from '@at/contracts/prediction';
import { listTraining } from '@at/contracts/training';
import { call } from '#shared/api.ts';
import { ownZone, timeZone } from '#shared/format.ts';
import { firstIds } from './activity.ts';
import { midnightBefore } from './today.ts';

/** What the page shows of the pipeline, the model and of what happened; loaded beside what it begins with. */

export type Further = Awaited<ReturnType<typeof findFurther>>;

const activityRows = 8;

export async function findFurther(signal: AbortSignal) {
  const midnight = midnightBefore(new Date(), timeZone.get() || ownZone);
  const [media, rejected, evaluation, activity] = await Promise.allSettled([
    call(getMediaStats, { signal }),
    call(listMedia, { query: { rejection_status: 'rejected', updated_at_min: midnight, limit: 1 }, signal }),
    call(getEvaluation, { query: { media_type: 'movie' }, signal }),
    findActivity(signal),
  ]);
  return { midnight, media, rejected, evaluation, activity };
}

export type NamedActivity = {
  rows: Activity[];
  /** What titles and items are called, by IMDb id and hash. */
  names: Map<string, string>;
};

/** What happened last. The names of what it happened to are asked for behind it; without them the ids say it. */
async function findActivity(signal: AbortSignal): Promise<NamedActivity> {
  const { data: rows } = (await call(listActivity, { query: { limit: activityRows }, signal })).data;
  const { imdb_id, hash } = firstIds(rows);
  const [titles, items] = await Promise.allSettled([
    imdb_id.length > 0 ? call(listTraining, { query: { imdb_id, count: 'none' }, signal }) : undefined,
    hash.length > 0 ? call(listMedia, { query: { hash, deleted: 'include', count: 'none' }, signal }) : undefined,
  ]);
  const names = new Map<string, string>();
  for (const title of (titles.status === 'fulfilled' && titles.value?.data.data) || []) {
    if (title.media_title) names.set(title.imdb_id, title.media_title);
  }
  for (const item of (items.status === 'fulfilled' && items.value?.data.data) || []) {
    names.set(item.hash, item.media_title ?? item.original_title);
  }
  return { rows, names };
}
