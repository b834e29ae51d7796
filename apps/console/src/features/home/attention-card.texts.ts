import type { Attention } from '#pages/attention.ts';
import { plural } from '#ui/plural.ts';

/** Texts of the list of what needs attention. */
export const attentionTexts = {
  nothing: 'Nothing needs attention',
  urgencies: { broken: 'Broken', stuck: 'Stuck', waiting: 'Waiting', notice: 'News' } satisfies Record<
    Attention['urgency'],
    string
  >,
  willFail: (detail: string) => `Requests will fail: ${detail}`,
  showChecks: 'Show checks',
  rejections: 'Rejections today',
  rejected: (count: number) =>
    plural(count, {
      one: 'item rejected by the filter since midnight',
      other: 'items rejected by the filter since midnight',
    }),
  showRejected: 'Show rejected',
} as const;
