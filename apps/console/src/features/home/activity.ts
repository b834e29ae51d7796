import type { Activity } from '@at/contracts/event';
import { formatInteger } from '#shared/format.ts';
import { homeFurtherTexts } from '#shared/texts/home-further.ts';

const texts = homeFurtherTexts.activity;

/** What happened, in the words before and after what it happened to. */
type Told = {
  before: string;
  /** What it happened to; null: too many to name. */
  id: string | null;
  /** Stands for it where there is no name. */
  others: string;
  after: string;
  /** The page on which it can be looked at. */
  to: string;
};

const titlePage = (id: string) => `/training?view=list&media_type=all&reviewed=all&q=${encodeURIComponent(id)}`;
const isMedia = ({ type }: Activity) => type === 'media.changed';
const idsOf = (row: Activity) => (isMedia(row) ? row.hashes : row.imdb_ids);

/** The titles and items that are named. */
export function firstIds(rows: Activity[]): { imdb_id: string[]; hash: string[] } {
  const of = (wanted: Activity[]) => [...new Set(wanted.flatMap((row) => idsOf(row)?.slice(0, 1) ?? []))];
  return { imdb_id: of(rows.filter((row) => !isMedia(row))), hash: of(rows.filter(isMedia)) };
}

function wordsOf({ type, operation, label, media_action }: Activity): readonly [before: string, after: string] {
  if (label && label.action !== 'outside') return texts.label[label.action];
  if (media_action) return texts.media[media_action];
  const outside = type === 'prediction.changed' ? texts.prediction : texts.outside;
  return [outside[operation ?? 'update'], ''];
}

export function tell(row: Activity): Told {
  const [before, after] = wordsOf(row);
  const ids = idsOf(row);
  const id = ids?.[0] ?? null;
  const more = (ids?.length ?? 0) - 1;
  const page = isMedia(row) ? '/media' : row.type === 'prediction.changed' ? '/predictions' : '/training';
  return {
    before,
    after,
    id,
    others:
      id === null
        ? isMedia(row)
          ? texts.manyItems
          : texts.manyTitles
        : more > 0
          ? texts.others(more, formatInteger(more))
          : '',
    to: id === null ? page : isMedia(row) ? `/media/${id}` : titlePage(id),
  };
}

export const actorOf = ({ actor }: Activity) => (actor === 'database' ? texts.database : actor);
