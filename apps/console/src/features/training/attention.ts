import { defineAttention } from '#pages/attention.ts';
import { attentionTexts as texts } from './attention.texts.ts';
import { backlog } from './backlog-count.ts';

/** Films without an answer wait for a review. */
export const attention = defineAttention(backlog, (count) =>
  count ? [{ urgency: 'waiting', count, text: texts.backlog(count), to: '/training', action: texts.review }] : [],
);
