import { defineAttention } from '#pages/attention.ts';
import { attentionTexts as texts } from './attention.texts.ts';
import { needYou, queueStats } from './queue-stats.ts';

/** Failed files wait for someone who retries, corrects or removes them. */
export const attention = defineAttention(queueStats, (stats) => {
  const count = needYou(stats);
  const to = '/queue?waits=false';
  return count > 0 ? [{ urgency: 'stuck', count, text: texts.failed(count, stats.error), to, action: texts.show }] : [];
});
