import { type LabelEvent, listTrainingHistory, undoLabel } from '@at/contracts/labels';
import type { TrainingRow } from '@at/contracts/training';
import { Button, Skeleton, Text, VisuallyHidden } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { outbox } from '#outbox/browser-outbox.ts';
import { useStore } from '#state/store.ts';
import { formatWord, unnamed } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { titleTexts as texts } from './texts.ts';
import styles from './title-history.module.css';
import {
  describeAction,
  describeDecision,
  describeValue,
  flagNames,
  labelBefore,
  standingOf,
  undoableOf,
} from './title-history.ts';

function Changes({ changes }: Pick<LabelEvent, 'changes'>) {
  return (
    <ul className={styles.changes}>
      {changes.map(({ field, from, to }) => (
        <li key={field}>
          <span className={styles.field}>{`${flagNames[field]}:`}</span> {describeValue(field, from)}{' '}
          <span aria-hidden>→</span>
          <VisuallyHidden>{texts.to}</VisuallyHidden> <strong>{describeValue(field, to)}</strong>
        </li>
      ))}
    </ul>
  );
}

function Entry({ event, isNewest, undo }: { event: LabelEvent; isNewest: boolean; undo: ReactNode }) {
  const decision = describeDecision(event);
  return (
    <li className={styles.entry} data-undone={event.undone_by !== null || undefined}>
      <div>
        {event.action === 'outside' ? (
          texts.outside
        ) : (
          <>
            <strong>{event.actor}</strong>{' '}
            {!event.actor_verified && event.actor !== unnamed && (
              <span className={styles.aside}>{texts.notVerified}</span>
            )}
            {describeAction(event)}
          </>
        )}
        {event.undone_by !== null && <span className={styles.undone}>{texts.undone}</span>}
      </div>
      <Changes changes={event.changes} />
      <div className={styles.aside}>
        {event.at ? <RelativeTime at={event.at} /> : isNewest ? texts.afterBelow : texts.between}
        {decision && ` · ${decision}`}
      </div>
      {undo}
    </li>
  );
}

/** Where Undo is, if the change cannot be undone. */
const NoUndo = ({ reason }: { reason: string }) => (
  <ReasonButton size="compact-xs" reason={reason}>
    {texts.undo}
  </ReasonButton>
);

/** The entries of a title's history, newest first, down to a label from before it; the one that can be undone ends with `undo`. */
export function HistoryEntries({
  events,
  before,
  undo,
}: {
  events: LabelEvent[];
  before: ReturnType<typeof labelBefore>;
  undo?: ReactNode;
}) {
  const standing = standingOf(events);
  if (events.length === 0 && !before) return <Text size="sm">{texts.noHistory}</Text>;
  return (
    <ol className={styles.entries}>
      {events.map((event, index) => (
        // An outside change has no id; the id of the change before it identifies it.
        <Entry
          key={event.event_id ?? `before ${events[index + 1]?.event_id}`}
          event={event}
          isNewest={index === 0}
          undo={event === standing && (event.action === 'outside' ? <NoUndo reason={texts.noUndo.outside} /> : undo)}
        />
      ))}
      {before && (
        <li className={styles.entry}>
          <div>{texts.before[before.byPerson ? 'person' : 'nobody'](formatWord(before.label))}</div>
          <div className={styles.aside}>
            {before.at ? (
              <>
                {texts.noLater} <RelativeTime at={before.at} />
              </>
            ) : (
              texts.beforeAbove
            )}
          </div>
          {!standing && <NoUndo reason={texts.noUndo.before} />}
        </li>
      )}
    </ol>
  );
}

/** The history of a title; loaded when it is shown, and again for another `version`, until when the last one stays. */
export const historyOf = (imdb_id: string, version: string) =>
  queryOptions({
    queryKey: ['history', imdb_id, version],
    queryFn: async ({ signal }) => (await call(listTrainingHistory, { params: { imdb_id }, signal })).data.data,
    gcTime: 0,
    placeholderData: (last, query) => (query?.queryKey[1] === imdb_id ? last : undefined),
  });

export function TitleHistory({ title, onUndo }: { title: TrainingRow; onUndo: (event: LabelEvent) => void }) {
  const { imdb_id, updated_at } = title;
  const { data, error, refetch, isPlaceholderData } = useQuery(historyOf(imdb_id, updated_at), queryClient);
  const refusal = useRefusal(undoLabel.config.role);
  // The history does not have a change that is on its way.
  const isWriting = useStore(outbox.unsent).some((entry) => entry.imdb_id === imdb_id);
  if (data) {
    const undoable = undoableOf(data);
    const undo = undoable && (
      <Button
        size="compact-xs"
        variant="default"
        disabled={isWriting || refusal !== null}
        title={refusal ?? undefined}
        onClick={() => onUndo(undoable)}
      >
        {texts.undo}
      </Button>
    );
    // The label on screen may be newer than the history.
    const before = isWriting || isPlaceholderData ? undefined : labelBefore(data, title);
    return <HistoryEntries events={data} before={before} undo={undo} />;
  }
  if (error) return <LoadFailure what={texts.history} error={error} retry={refetch} />;
  return <Skeleton height={64} radius="md" role="status" aria-label={texts.loadingHistory} />;
}
