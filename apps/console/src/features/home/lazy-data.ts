import { listActivity } from '@at/contracts/activity';
import { listLabelDays } from '@at/contracts/labels';
import { getMediaStats, listMedia } from '@at/contracts/media';
import { getEvaluation } from '@at/contracts/predictions';
import { type NamedActivity, nameActivity } from '#activity-log/describe-activity.ts';
import { call, type Reply } from '#api/call.ts';
import { countedAt } from '#ui/counted-at.ts';
import { ownZone, timeZone } from '#ui/format.ts';
import { startOfDay } from '#ui/start-of-day.ts';
import { keepDuringOutage } from './keep-during-outage.ts';

/** The data of the cards at the bottom, which loads separately from the rest. */

export type LazyData = {
  midnight: string;
  media: PromiseSettledResult<Reply<typeof getMediaStats>>;
  rejected: PromiseSettledResult<Reply<typeof listMedia>>;
  evaluation: PromiseSettledResult<Awaited<ReturnType<typeof findEvaluation>>>;
  activity: PromiseSettledResult<NamedActivity>;
  days: PromiseSettledResult<Reply<typeof listLabelDays>>;
};

const activityRows = 8;

export async function loadLazyData(signal: AbortSignal, shown?: Promise<LazyData>): Promise<LazyData> {
  const zone = timeZone.get() || ownZone;
  const midnight = startOfDay(new Date(), zone);
  const [media, rejected, evaluation, activity, days] = await Promise.allSettled([
    call(getMediaStats, { signal }),
    call(listMedia, { query: { rejection_status: 'rejected', changed_at_min: midnight, limit: 1 }, signal }),
    findEvaluation(signal),
    findActivity(signal),
    call(listLabelDays, { query: { time_zone: zone, media_type: 'movie' }, signal }),
  ]);
  // That it could not be loaded either changes nothing.
  const before = await shown?.catch(() => undefined);
  return {
    midnight,
    media: keepDuringOutage(media, before?.media),
    rejected: keepDuringOutage(rejected, before?.rejected),
    evaluation: keepDuringOutage(evaluation, before?.evaluation),
    activity: keepDuringOutage(activity, before?.activity),
    days: keepDuringOutage(days, before?.days),
  };
}

async function findEvaluation(signal: AbortSignal) {
  const { data, age } = await call(getEvaluation, { query: { media_type: 'movie' }, signal });
  return { evaluation: data, countedAt: countedAt(age) };
}

async function findActivity(signal: AbortSignal): Promise<NamedActivity> {
  const { data: rows } = (await call(listActivity, { query: { limit: activityRows }, signal })).data;
  return nameActivity(rows, signal);
}
