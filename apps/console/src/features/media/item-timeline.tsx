import type { MediaRow } from '@at/contracts/media';
import { listMediaHistory, type MediaHistoryEntry, undoMedia } from '@at/contracts/media-history';
import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { actionWords } from '#activity-log/describe-activity.ts';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { keyOf } from '#live/invalidations.ts';
import { useStore } from '#state/store.ts';
import { formatProbability } from '#titles/label-badges.tsx';
import { changesOf, shownValue } from '#ui/describe-changes.ts';
import { formatName, isolate } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import drawer from './item-drawer.module.css';
import styles from './item-timeline.module.css';
import { timelineTexts as texts } from './item-timeline.texts.ts';
import { undoEvent, writing } from './media-changes.ts';
import { mediaTexts } from './texts.ts';

/** What happened, such as `Anna re-ingested this item`, in the words of Activity. */
function titleOf({ kind, actor, action, changes, probability, torrents, files }: MediaHistoryEntry): string {
  if (kind === 'predicted') return texts.predicted(formatProbability(probability ?? 0));
  if (kind === 'removed') return texts.removed(torrents, files);
  const words = actionWords(kind === 'labelled' ? 'label' : 'media', action, changes);
  if (!words) return texts.kinds[kind];
  const [before, after] = words;
  return [isolate(actor ?? ''), before, kind === 'labelled' ? texts.itsTitle : texts.item, after].join(' ').trim();
}

/** The changes as text; of a state that was found there is no before. */
const linesOf = ({ kind, changes }: MediaHistoryEntry): string[] =>
  kind === 'found'
    ? changes.map(({ field, to }) => texts.found(formatName(field), shownValue(to, field)))
    : changesOf({
        before: Object.fromEntries(changes.map(({ field, from }) => [field, from])),
        after: Object.fromEntries(changes.map(({ field, to }) => [field, to])),
      });

/** The latest action, if it can be undone: nothing else has changed the item since. */
function undoableOf(history: readonly MediaHistoryEntry[]): number | null {
  const own = history.filter(({ kind }) => kind === 'action' || kind === 'outside');
  const latest = own.find(
    ({ kind, action, undone_by }) => kind === 'outside' || (action !== 'undo' && undone_by === null),
  );
  return latest?.kind === 'action' && latest.action !== 'restore' ? latest.event_id : null;
}

/** What is recorded of an item, newest first, with the undo of the latest action. */
export function ItemTimeline({ item }: { item: MediaRow }) {
  const { hash } = item;
  const { data, error } = useQuery(
    {
      queryKey: keyOf('media-history', hash, item.updated_at),
      queryFn: async ({ signal }) => (await call(listMediaHistory, { params: { hash }, signal })).data.data,
      placeholderData: keepPreviousData,
    },
    queryClient,
  );
  const isWriting = useStore(writing).has(hash);
  const refusal = useRefusal(undoMedia.config.role);
  const undoable = data ? undoableOf(data) : null;
  return (
    <section className={drawer.group} aria-label={texts.title}>
      <h3>{texts.title}</h3>
      {!data && error && <p className={styles.line}>{texts.failed(error.message)}</p>}
      <ol className={styles.entries}>
        {data?.map((entry, index) => (
          <li key={`${entry.kind} ${entry.event_id ?? index}`} data-undone={entry.undone_by !== null || undefined}>
            <div className={styles.head}>
              <span>{titleOf(entry)}</span>
              {entry.at === null ? (
                <span className={styles.line}>{texts.unknown}</span>
              ) : (
                <RelativeTime at={entry.at} />
              )}
            </div>
            {linesOf(entry).map((line) => (
              <p key={line} className={styles.line}>
                <bdi>{line}</bdi>
              </p>
            ))}
            {entry.undone_by !== null && <p className={styles.line}>{texts.undone}</p>}
            {entry.operation_id !== null && entry.kind === 'action' && (
              <Link className={styles.line} to={`/activity/${entry.operation_id}?tab=operations`}>
                {texts.bulk}
              </Link>
            )}
            {entry.kind === 'action' && entry.event_id === undoable && (
              <Button
                size="compact-xs"
                variant="default"
                disabled={isWriting || refusal !== null}
                title={refusal ?? undefined}
                onClick={() => undoable !== null && undoEvent(item, undoable)}
              >
                {mediaTexts.undoing}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
