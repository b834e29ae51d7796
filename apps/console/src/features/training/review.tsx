import type { LabelEvent } from '@at/contracts/labels';
import { Button, Loader } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { useKeys } from '#keys/bindings.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { useStore } from '#state/store.ts';
import { backlog } from '#titles/backlog-count.ts';
import { refreshMetadata, useMetadataRefusal } from '#titles/refresh-metadata.ts';
import { undoEvent } from '#titles/title-changes.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatInteger } from '#ui/format.ts';
import { notify } from '#ui/notify.tsx';
import { countsOwnAnswers, isBacklog } from './backlog.ts';
import { reviewKeys } from './keys.ts';
import { NoMatch } from './no-match.tsx';
import { ReviewCard } from './review-card.tsx';
import { useLiveReview } from './review-live.ts';
import { ReviewProgress } from './review-progress.tsx';
import type { ReviewSession } from './review-session.ts';
import { reviewTexts as texts, trainingTexts } from './texts.ts';
import { useBlindMode } from './use-blind-mode.ts';
import { backlogOf, describeView, passOf, type TrainingView } from './view.ts';

/** Replaces the card while titles load or when none is left. */
function Emptied({
  session,
  view,
  onChange,
}: {
  session: ReviewSession;
  view: TrainingView;
  onChange: ChangeView<TrainingView>;
}) {
  const { cursor, steps } = useStore(session.queue);
  const stalled = useStore(session.stalled);
  const skipped = steps.filter(({ kind }) => kind === 'skip').length;
  if (cursor !== null && stalled !== null) {
    return (
      <EmptyState title={texts.stalled} text={stalled}>
        <Button onClick={() => void session.refill()}>{texts.tryAgain}</Button>
      </EmptyState>
    );
  }
  if (cursor !== null) return <EmptyState title={texts.loading} children={<Loader size="sm" />} />;
  if (skipped > 0) {
    return (
      <EmptyState title={texts.onlySkipped} text={texts.skippedCount(formatInteger(skipped))}>
        <Button onClick={session.revisit}>{texts.reviewSkipped(skipped)}</Button>
      </EmptyState>
    );
  }
  if (passOf(view) === passOf(backlogOf(view))) {
    return <EmptyState title={texts.cleared} text={texts.allReviewed} />;
  }
  if (steps.length === 0) return <NoMatch view={view} onChange={onChange} />;
  return (
    <EmptyState title={texts.nothingLeft} text={texts.reviewedFilter(describeView(view))}>
      <Button onClick={() => onChange(backlogOf(view))}>{trainingTexts.toBacklog}</Button>
    </EmptyState>
  );
}

/** The review of one title at a time. */
export function Review({
  session,
  view,
  onChange,
}: {
  session: ReviewSession;
  view: TrainingView;
  onChange: ChangeView<TrainingView>;
}) {
  const queue = useStore(session.queue);
  const { blind, toggle: toggleBlind } = useBlindMode(view, onChange);
  useLiveReview(session);
  const { data: waiting, dataUpdatedAt } = useQuery(backlog, queryClient);
  // What is left of the backlog is the number on its button.
  useEffect(() => {
    if (waiting != null && isBacklog(view) && countsOwnAnswers()) session.count(waiting);
  }, [dataUpdatedAt]);
  const [details, { toggle: toggleDetails }] = useDisclosure(false);
  const [title] = queue.upcoming;

  const refusal = useRefusal('operator');
  const metadataRefusal = useMetadataRefusal();
  const decide = (act: () => void) => () => (refusal === null ? act() : notify(refusal));
  // A viewer may skip, and so go back; answers that were made in this tab with another key stay.
  const undoLatest = () => {
    const step = session.queue.get().steps.at(-1);
    if (step && step.kind !== 'skip') decide(session.undo)();
    else session.undo();
  };

  const undoInHistory = (event: LabelEvent) => {
    const step = session.queue.get().steps.at(-1);
    if (step && step.kind !== 'skip' && step.eventId === event.event_id) session.undo();
    else if (title) session.amend(title.imdb_id, undoEvent(title, event));
  };

  useKeys(
    reviewKeys,
    {
      watch: decide(() => session.answer('would_watch')),
      not: decide(() => session.answer('would_not_watch')),
      skip: session.skip,
      undo: undoLatest,
      anomalous: decide(session.toggleAnomalous),
      rerun: decide(() => title && void refreshMetadata(title)),
      details: toggleDetails,
      blind: toggleBlind,
    },
    {
      watch: refusal,
      not: refusal,
      anomalous: refusal,
      undo: queue.steps.length > 0 ? null : texts.nothingToUndo,
      rerun: refusal ?? metadataRefusal,
    },
  );

  return (
    <>
      <ReviewProgress queue={queue} filter={describeView(view)} blind={blind} onUndo={undoLatest} />
      {title ? (
        <ReviewCard
          title={title}
          returned={queue.returned?.imdb_id === title.imdb_id ? queue.returned : null}
          changedBy={queue.changedBy?.imdb_id === title.imdb_id ? queue.changedBy : null}
          blind={blind}
          details={details}
          canUndo={queue.steps.length > 0}
          refusal={refusal}
          onAnswer={(label) => decide(() => session.answer(label))()}
          onSkip={session.skip}
          onNext={session.next}
          onUndo={undoLatest}
          onUndoEvent={undoInHistory}
          onAnomalous={decide(session.toggleAnomalous)}
          onRefreshMetadata={decide(() => void refreshMetadata(title))}
          onDetails={toggleDetails}
          onBlind={toggleBlind}
        />
      ) : (
        <Emptied session={session} view={view} onChange={onChange} />
      )}
    </>
  );
}
