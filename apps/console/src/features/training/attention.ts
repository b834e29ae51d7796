import { defineAttention } from '#pages/attention.ts';
import { backlog } from '#titles/backlog-count.ts';
import { attentionTexts as texts } from './attention.texts.ts';

/** Films without an answer wait for a review. */
export const attention = defineAttention(backlog, (count) =>
  count ? [{ urgency: 'waiting', count, text: texts.backlog(count), to: '/training', action: texts.review }] : [],
);
