import { getQueueItem, type QueueItemDetails } from '@at/contracts/queue';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { keyOf } from '#live/invalidations.ts';
import { useStore } from '#state/store.ts';
import { isolate } from '#ui/format.ts';
import { notify } from '#ui/notify.tsx';
import { type Asked, answer, answers, asked, type Came } from './item-changes.ts';
import { nameOf } from './items.ts';
import { queueTexts as texts } from './texts.ts';

/** Milliseconds between two looks at a run that a person waits for. */
const pause = 1_000;

/** What came of a run; null: it goes on, undefined: there is nothing to say. */
function outcomeOf(
  { runs, status, error_message, next_retry_at }: QueueItemDetails,
  { run: id, wasFailed }: Asked,
): Came | null | undefined {
  const run = runs.find((one) => one.id === id);
  const hasFailed = status === 'error' && error_message !== null;
  if (run?.finished_at === null && !(hasFailed && next_retry_at !== null)) return null;
  if (hasFailed) return { text: texts.came.failed(error_message, wasFailed), hasFailedAgain: wasFailed };
  if (run?.state !== 'completed') return undefined;
  const rests = status === 'completed' || status === 'moved';
  return { text: rests ? texts.came[status] : texts.came.done(run.steps.map(texts.stepName)), hasFailedAgain: false };
}

function Answer({ id, waited }: { id: number; waited: Asked }) {
  const { data: item } = useQuery(
    {
      queryKey: keyOf('queue', 'answer', id, waited.count),
      queryFn: async ({ signal }) => (await call(getQueueItem, { params: { id }, signal })).data,
      refetchInterval: pause,
      retry: false,
      gcTime: 0,
    },
    queryClient,
  );
  const came = item && outcomeOf(item, waited);
  useEffect(() => {
    if (!item || came === null) return;
    answer(id, came);
    if (came !== undefined) notify(texts.came.of(isolate(nameOf(item)), came.text));
  }, [id, item, came]);
  return null;
}

/** Says what came of the actions of this person, as long as the page is open. */
export function Answers() {
  const waited = useStore(asked);
  useEffect(
    () => () => {
      asked.set(new Map());
      answers.set(new Map());
    },
    [],
  );
  return [...waited].map(([id, one]) => <Answer key={one.count} id={id} waited={one} />);
}
