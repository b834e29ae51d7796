import type { EventType } from '@at/contracts/vocabulary';
import { QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';

const listeners: { types: readonly string[]; notify: () => void }[] = [];
vi.mock('./live-events.ts', () => ({
  onLive: (types: readonly EventType[], notify: () => void) => void listeners.push({ types, notify }),
}));

import { queryClient } from '#api/query-client.ts';
import { followInvalidations, invalidate, keyOf } from './invalidations.ts';

const report = (type: EventType | 'reset') => {
  for (const { types, notify } of listeners) if (type === 'reset' || types.includes(type)) notify();
};

/** Counts the loads of a query that a component shows. */
function watch(name: Parameters<typeof keyOf>[0]) {
  const counted = { loads: 0, fails: false };
  const observer = new QueryObserver(queryClient, {
    queryKey: keyOf(name),
    queryFn: async () => {
      counted.loads += 1;
      if (counted.fails) throw new Error('down');
      return counted.loads;
    },
  });
  observer.subscribe(() => {});
  return { counted, data: () => observer.getCurrentResult().data };
}

// One clock for all tests: the table remembers when it last loaded.
beforeAll(() => {
  vi.useFakeTimers();
  followInvalidations();
  return () => vi.useRealTimers();
});
afterEach(async () => {
  queryClient.clear();
  await vi.advanceTimersByTimeAsync(10_000);
});

it('loads what an event makes stale, and nothing else', async () => {
  const all = [watch('backlog'), watch('media-stats'), watch('evaluation'), watch('home')];
  const loads = async () => {
    await vi.advanceTimersByTimeAsync(10_000);
    return all.map(({ counted }) => counted.loads);
  };
  expect(await loads()).toEqual([1, 1, 1, 1]);
  report('title.changed');
  expect(await loads()).toEqual([2, 1, 2, 2]);
  report('prediction.changed');
  expect(await loads()).toEqual([2, 1, 3, 3]);
  report('media.changed');
  expect(await loads()).toEqual([2, 2, 3, 4]);
  report('reset');
  expect(await loads()).toEqual([3, 3, 4, 5]);
});

it('loads the counts of the queue also after an attempt of which only the run tells', async () => {
  const { counted } = watch('queue-stats');
  await vi.advanceTimersByTimeAsync(10_000);
  report('queue.changed');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(counted.loads).toBe(2);
  report('run.changed');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(counted.loads).toBe(3);
});

it('loads no more often than the table allows, and surely after the last event', async () => {
  const backlog = watch('backlog');
  await vi.advanceTimersByTimeAsync(0);
  for (let time = 0; time < 2_000; time += 10) {
    report('title.changed');
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(10_000);
  // At 0, 400, ... 1,600 and once after the last event.
  expect(backlog.counted.loads).toBe(1 + 6);
});

it('loads sums only when the API includes the change, and again for changes during that wait', async () => {
  const evaluation = watch('evaluation');
  await vi.advanceTimersByTimeAsync(0);
  report('title.changed');
  await vi.advanceTimersByTimeAsync(1_000);
  report('title.changed');
  expect(evaluation.counted.loads).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(evaluation.counted.loads).toBe(2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(evaluation.counted.loads).toBe(3);
});

it('keeps the last data when a load fails, and loads what no component shows only when it is shown', async () => {
  const backlog = watch('backlog');
  await vi.advanceTimersByTimeAsync(0);
  backlog.counted.fails = true;
  invalidate('backlog');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(backlog.counted.loads).toBe(2);
  expect(backlog.data()).toBe(1);

  let loads = 0;
  const query = { queryKey: keyOf('media-stats'), queryFn: async () => ++loads };
  await queryClient.fetchQuery(query);
  report('media.changed');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(loads).toBe(1);
  new QueryObserver(queryClient, query).subscribe(() => {});
  await vi.advanceTimersByTimeAsync(0);
  expect(loads).toBe(2);
});
