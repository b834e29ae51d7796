import type { LabelEvent } from '@at/contracts/labels';
import { Button, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import { ApiProblem } from '#api/call.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { uiTexts } from '#ui/texts.ts';
import { titleTexts as texts } from './texts.ts';
import styles from './title-history.module.css';
import { actionTexts, describeDecision, describeValue, flagNames } from './title-history.ts';
import type { loader } from './title-history-route.ts';

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

function Failure({ failure, retry }: { failure: unknown; retry: () => void }) {
  const requestId = failure instanceof ApiProblem ? failure.problem.instance : undefined;
  return (
    <Stack gap="xs" align="flex-start" role="alert">
      <Text size="sm">
        {texts.historyFailed(failure instanceof Error ? failure.message : String(failure))}
        {requestId && uiTexts.request(requestId)}
      </Text>
      <Button size="compact-sm" variant="default" onClick={retry}>
        {uiTexts.tryAgain}
      </Button>
    </Stack>
  );
}

/** The history of a title; loaded when it is shown, and again for another `version`. */
export function TitleHistory({ imdbId, version }: { imdbId: string; version?: string | number | undefined }) {
  const { data, load } = useFetcher<typeof loader>({ key: `history ${imdbId}` });
  const path = `/training/${imdbId}/history`;
  // Another version reloads it.
  useEffect(() => {
    void load(path);
  }, [load, path, version]);
  if (!data) return <Skeleton height={64} radius="md" role="status" aria-label={texts.loadingHistory} />;
  if ('failure' in data) return <Failure failure={data.failure} retry={() => void load(path)} />;
  return <HistoryEntries events={data.events} />;
}
