import { defineAttention } from '#pages/attention.ts';
import { attentionTexts as texts } from './attention.texts.ts';
import { queueStats } from './queue-stats.ts';

/** Failed items wait for someone who retries, corrects or removes them; not those that are retried without a person. */
export const attention = defineAttention(queueStats, ({ error, error_waiting }) => {
  const count = error - error_waiting;
  const to = '/queue?waits=false';
  return count > 0 ? [{ urgency: 'stuck', count, text: texts.failed(count), to, action: texts.show }] : [];
});
