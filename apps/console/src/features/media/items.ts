import type { MediaRow } from '@at/contracts/media';
import { none, shownName } from '#ui/format.ts';
import { mediaTexts as texts } from './texts.ts';
import { downloads, inTransmission, toApprove } from './view.ts';

/** Names, actions and status changes of media items. */

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** `S02E05`, `S02`, or empty if it is not a show. */
const numberingOf = ({ season, episode }: Pick<MediaRow, 'season' | 'episode'>) =>
  (season === null ? '' : `S${twoDigits(season)}`) + (episode === null ? '' : `E${twoDigits(episode)}`);

/** The title with its season and episode; without a title, as before the release is parsed, its raw name. */
export function nameOf(item: Pick<MediaRow, 'media_title' | 'original_title' | 'season' | 'episode'>): string {
  if (item.media_title === null || item.media_title.trim() === '') return shownName(item.original_title);
  return [item.media_title, numberingOf(item)].filter(Boolean).join(' ');
}

/** `1080p x265`; empty when neither is known. */
export const qualityOf = ({ resolution, video_codec }: Pick<MediaRow, 'resolution' | 'video_codec'>) =>
  [resolution, video_codec].filter(Boolean).join(' ');

/** Whether Transmission accepts this link and a browser may follow it. */
export const isLink = (link: string) => /^(magnet:\?|https?:\/\/)/i.test(link.trim());

export const mediaActions = ['reingest', 'approve', 'finish', 'delete', 'restore'] as const;
export type MediaAction = (typeof mediaActions)[number];

const isDeleted = ({ deleted_at }: MediaRow) => deleted_at != null;
const isStuck = (item: MediaRow) =>
  item.pipeline_status !== 'ingested' || item.error_status || item.rejection_status !== 'unfiltered';
const settled: readonly string[] = [...inTransmission, 'complete'];

/** Why an action is not possible for an item; undefined: it is. */
export function disabledReason(action: MediaAction, item: MediaRow): string | undefined {
  if (action === 'restore') return isDeleted(item) ? undefined : texts.reasons.notDeleted;
  if (isDeleted(item)) return texts.reasons.deleted;
  if (action === 'reingest' && !isStuck(item)) return texts.reasons.ingested;
  if (action === 'approve' && !isLink(item.original_link ?? '')) return texts.reasons.noLink;
  if (action === 'approve' && settled.includes(item.pipeline_status)) return texts.reasons.approved;
  if (action === 'finish' && item.pipeline_status === 'complete') return texts.reasons.complete;
  return undefined;
}

const isRefused = ({ pipeline_status, rejection_status }: MediaRow) =>
  pipeline_status === 'rejected' || rejection_status === 'rejected';

/** Errors that recur, because their cause stays. */
const recurring = { unparsable: /could not be parsed/i, unmatched: /no result for/i };

/**
 * The action that an item most likely needs, with the reason; undefined: none, the pipeline moves it on. `isFutile`: on its own
 * it changes nothing.
 */
export function likelyAction(item: MediaRow): { action: MediaAction; why: string; isFutile?: boolean } | undefined {
  const { pipeline_status: status } = item;
  if (isDeleted(item)) return { action: 'restore', why: texts.likely.deleted };
  if (item.error_status) {
    const cause = (['unparsable', 'unmatched'] as const).find((name) =>
      recurring[name].test(item.error_condition ?? ''),
    );
    if (cause) return { action: 'reingest', why: texts.pipeline.recurs[cause], isFutile: true };
    return { action: 'reingest', why: texts.likely.failed };
  }
  // Also for those that the rules refused: all items of the list "To approve" have the same action.
  if (toApprove.includes(status)) {
    return { action: 'approve', why: status === 'paused' ? texts.likely.paused : texts.likely.waiting };
  }
  if (isRefused(item)) return { action: 'reingest', why: texts.likely.rejected };
  if (status === 'transferred') return { action: 'finish', why: texts.likely.transferred };
  return undefined;
}

/** Whether Transmission may have its torrent: deleting the item then removes the downloaded data for good. */
export const mayHaveTorrent = ({ pipeline_status }: MediaRow) => downloads.includes(pipeline_status);

/** The statuses that a re-ingest sets. */
export const reingested = { pipeline_status: 'ingested', error_status: false, rejection_status: 'unfiltered' } as const;

export type PipelineFields = Pick<MediaRow, 'pipeline_status' | 'error_status' | 'rejection_status'>;
const pipelineNames = ['pipeline_status', 'error_status', 'rejection_status'] as const;

/** Those of the three statuses in `wanted` that differ from the item's; empty: nothing to send. */
export function changesTo(item: PipelineFields, wanted: Partial<PipelineFields>): Partial<PipelineFields> {
  return Object.fromEntries(
    pipelineNames.flatMap((name) =>
      wanted[name] !== undefined && wanted[name] !== item[name] ? [[name, wanted[name]]] : [],
    ),
  );
}

/** New statuses as `pipeline status parsed`. */
export function describeStatuses({
  pipeline_status,
  error_status,
  rejection_status,
}: Partial<PipelineFields>): string[] {
  const { fields } = texts;
  return [
    pipeline_status && texts.setTo(fields.pipeline_status, texts.statusName(pipeline_status)),
    error_status !== undefined && texts.setTo(fields.error_status, texts.yesNo(error_status)),
    rejection_status && texts.setTo(fields.rejection_status, texts.rejectionName(rejection_status)),
  ].filter((text) => text !== undefined && text !== false);
}

/** The changes between two states of an item as `Error: no → yes`; `parsed → complete` if only the pipeline status changed. */
export function differences(before: MediaRow, after: MediaRow): string[] {
  const { fields } = texts;
  const pairs: [name: string, from: string, to: string][] = [
    [fields.pipeline_status, texts.statusName(before.pipeline_status), texts.statusName(after.pipeline_status)],
    [fields.error_status, texts.yesNo(before.error_status), texts.yesNo(after.error_status)],
    [fields.error_condition, before.error_condition ?? none, after.error_condition ?? none],
    [
      fields.rejection_status,
      texts.rejectionName(before.rejection_status),
      texts.rejectionName(after.rejection_status),
    ],
    [fields.rejection_reason, before.rejection_reason ?? none, after.rejection_reason ?? none],
    [fields.deleted, texts.yesNo(isDeleted(before)), texts.yesNo(isDeleted(after))],
    [fields.target_path, before.target_path ?? none, after.target_path ?? none],
  ];
  const changed = pairs.filter(([, from, to]) => from !== to);
  const isMove = changed.length === 1 && changed[0]?.[0] === fields.pipeline_status;
  return changed.map(([name, from, to]) => {
    const change = texts.change(from, to);
    return isMove ? change : texts.changeOf(name, change);
  });
}
