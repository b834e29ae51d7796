import { type LabelEvent, listTrainingHistory } from '@at/contracts/labels';
import type { TrainingRow } from '@at/contracts/training';
import { Skeleton, Text, VisuallyHidden } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { titleTexts as texts } from './texts.ts';
import styles from './title-history.module.css';
import { actionTexts, describeDecision, describeValue, flagNames } from './title-history.ts';

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

function Entry({ event, isNewest }: { event: LabelEvent; isNewest: boolean }) {
  const decision = describeDecision(event);
  return (
    <li className={styles.entry} data-undone={event.undone_by !== null || undefined}>
      <div>
        {event.action === 'outside' ? (
          texts.outside
        ) : (
          <>
            <strong>{event.actor}</strong>{' '}
            {!event.actor_verified && <span className={styles.aside}>{texts.notVerified}</span>}
            {actionTexts[event.action]}
          </>
        )}
        {event.undone_by !== null && <span className={styles.undone}>{texts.undone}</span>}
      </div>
      <Changes changes={event.changes} />
      <div className={styles.aside}>
        {event.at ? <RelativeTime at={event.at} /> : isNewest ? texts.afterBelow : texts.between}
        {decision && ` · ${decision}`}
      </div>
    </li>
  );
}

/** The entries of a title's history, newest first. */
export function HistoryEntries({ events }: { events: LabelEvent[] }) {
  if (events.length === 0) return <Text size="sm">{texts.noHistory}</Text>;
  return (
    <ol className={styles.entries}>
      {events.map((event, index) => (
        // An outside change has no id; the id of the change before it identifies it.
        <Entry key={event.event_id ?? `before ${events[index + 1]?.event_id}`} event={event} isNewest={index === 0} />
      ))}
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

export function TitleHistory({ imdb_id, updated_at }: Pick<TrainingRow, 'imdb_id' | 'updated_at'>) {
  const { data, error, refetch } = useQuery(historyOf(imdb_id, updated_at), queryClient);
  if (data) return <HistoryEntries events={data} />;
  if (error) return <LoadFailure what={texts.history} error={error} retry={refetch} />;
  return <Skeleton height={64} radius="md" role="status" aria-label={texts.loadingHistory} />;
}
