import { Button, Loader } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Blank } from '#shared/blank.tsx';
import { reviewKeys } from '#shared/key-map/training.ts';
import { useKeys } from '#shared/keys.ts';
import { notify } from '#shared/notify.tsx';
import { rerunMetadata } from '#shared/rerun.ts';
import { useRefusal } from '#shared/session.ts';
import { useStore } from '#shared/store.ts';
import { backlogOf, describeView, passOf, type TrainingView } from './filters.ts';
import { NoMatch } from './no-match.tsx';
import { ReviewCard } from './review-card.tsx';
import { useLiveReview } from './review-live.ts';
import { ReviewProgress } from './review-progress.tsx';
import {
  answer,
  blindMode,
  type ReviewSession,
  refill,
  revisit,
  skip,
  toggleAnomalous,
  undo,
} from './review-session.ts';

type Change = (changes: Partial<TrainingView>) => void;

/** What is there when no title is left: a success, nothing found, or more on its way. */
function Emptied({ session, view, onChange }: { session: ReviewSession; view: TrainingView; onChange: Change }) {
  const { cursor, steps } = useStore(session.queue);
  const stalled = useStore(session.stalled);
  const skipped = steps.filter(({ kind }) => kind === 'skip').length;
  if (cursor !== null && stalled !== null) {
    return (
      <Blank title="More titles could not be loaded" text={stalled}>
        <Button onClick={() => void refill(session)}>Try again</Button>
      </Blank>
    );
  }
  if (cursor !== null) return <Blank title="Loading more titles" children={<Loader size="sm" />} />;
  if (skipped > 0) {
    return (
      <Blank title="Only skipped titles are left" text={`You skipped ${skipped} on the way.`}>
        <Button onClick={() => revisit(session)}>Look at {skipped === 1 ? 'it' : 'them'} again</Button>
      </Blank>
    );
  }
  if (passOf(view) === passOf(backlogOf(view))) {
    return <Blank title="Backlog cleared" text="Every film has been reviewed." />;
  }
  if (steps.length === 0) return <NoMatch view={view} onChange={onChange} />;
  return (
    <Blank title="Nothing is left of this filter" text={`You have gone through ${describeView(view)}.`}>
      <Button onClick={() => onChange(backlogOf(view))}>Back to the backlog</Button>
    </Blank>
  );
}

/** One title at a time, hands on the keyboard. */
export function Review({ session, view, onChange }: { session: ReviewSession; view: TrainingView; onChange: Change }) {
  const queue = useStore(session.queue);
  const blind = useStore(blindMode);
  useLiveReview(session);
  const [details, { toggle: toggleDetails }] = useDisclosure(false);
  const [title] = queue.upcoming;

  const refusal = useRefusal('operator');
  const decide = (act: () => void) => () => (refusal === null ? act() : notify(refusal));

  useKeys(reviewKeys, {
    watch: decide(() => answer(session, 'would_watch')),
    not: decide(() => answer(session, 'would_not_watch')),
    skip: () => skip(session),
    undo: decide(() => undo(session)),
    anomalous: decide(() => toggleAnomalous(session)),
    rerun: decide(() => title && void rerunMetadata(title)),
    details: toggleDetails,
    blind: () => blindMode.set(!blind),
  });

  return (
    <>
      <ReviewProgress queue={queue} filter={describeView(view)} blind={blind} onUndo={() => undo(session)} />
      {title ? (
        <ReviewCard
          title={title}
          returned={queue.returned?.imdb_id === title.imdb_id ? queue.returned : null}
          meanwhile={queue.meanwhile?.imdb_id === title.imdb_id ? queue.meanwhile : null}
          blind={blind}
          details={details}
          canUndo={queue.steps.length > 0}
          refusal={refusal}
          onAnswer={(label) => decide(() => answer(session, label))()}
          onSkip={() => skip(session)}
          onUndo={decide(() => undo(session))}
          onAnomalous={decide(() => toggleAnomalous(session))}
          onRerun={decide(() => void rerunMetadata(title))}
          onDetails={toggleDetails}
          onBlind={() => blindMode.set(!blind)}
        />
      ) : (
        <Emptied session={session} view={view} onChange={onChange} />
      )}
    </>
  );
}
