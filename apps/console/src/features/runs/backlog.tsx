import { listRunQueues } from '@at/contracts/runs';
import { Text } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { keyOf } from '#live/invalidations.ts';
import { formatDuration, formatInteger } from '#ui/format.ts';
import { runsPageTexts as texts } from './texts.ts';

const runQueues = queryOptions({
  queryKey: keyOf('run-figures', 'queues'),
  queryFn: async ({ signal }) => (await call(listRunQueues, { signal })).data.queues,
});

/** How many steps wait for workers, and how long that may take; nothing while none waits. */
export function Backlog() {
  const { data = [] } = useQuery(runQueues, queryClient);
  const waiting = data.filter((queue) => queue.waiting > 0);
  if (waiting.length === 0) return null;
  const shown = waiting.map(({ queue, waiting: count, seconds_left }) => {
    const left = seconds_left === null ? texts.noPace : texts.left(formatDuration(1_000 * seconds_left));
    return texts.waiting(texts.queues[queue], formatInteger(count), left);
  });
  return (
    <Text component="section" size="sm" mb="xs" aria-label={texts.backlog}>
      {shown.join(' · ')}
    </Text>
  );
}
