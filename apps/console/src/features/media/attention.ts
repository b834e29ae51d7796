import { defineAttention } from '#pages/attention.ts';
import { attentionTexts as texts } from './attention.texts.ts';
import { mediaStats } from './media-stats.ts';

/** Items in error wait for someone who retries, corrects or deletes them. */
export const attention = defineAttention(mediaStats, ({ error_status: { true: count } }) =>
  count > 0
    ? [{ urgency: 'stuck', count, text: texts.errors(count), to: '/media?error_status=true', action: texts.show }]
    : [],
);
