import { maximumLimit } from '@at/contracts/paging';
import { listTaskRuns } from '@at/contracts/runs';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { defineAttention } from '#pages/attention.ts';
import { runsTexts } from '#runs/texts.ts';
import { ownZone, timeZone } from '#ui/format.ts';
import { startOfDate } from '#ui/start-of-day.ts';
import { attentionTexts as texts } from './attention.texts.ts';

/** Those of the processing queue wait in Queue, by file. */
const tasks = Object.keys(runsTexts.tasks).filter((task) => !task.startsWith('item.'));

/** Milliseconds. */
const day = 86_400_000;

const failedRuns = queryOptions({
  queryKey: keyOf('run-figures'),
  queryFn: async ({ signal }) => {
    const zone = timeZone.get() || ownZone;
    // The same as in the address of the list, which counts by days.
    const from = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(Date.now() - day);
    const query = {
      state: ['failed', 'timeout'],
      task: tasks,
      repaired: false,
      at_min: startOfDate(from, zone),
      limit: maximumLimit,
    };
    const { data } = await call(listTaskRuns, { query: query as never, signal });
    return { from, count: data.data.length };
  },
});

/** Runs that failed since yesterday, and were not retried since, wait for someone who retries them. */
export const attention = defineAttention(failedRuns, ({ from, count }) => {
  const to = `/runs?${new URLSearchParams({ state: 'failed,timeout', task: tasks.join(), repaired: 'false', day: 'dates', from })}`;
  return count > 0 ? [{ urgency: 'stuck', count, text: texts.failed(count), to, action: texts.show }] : [];
});
