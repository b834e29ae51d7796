import type { Meta } from '@at/contracts/system';
import { serverInfo } from '#api/server-info.ts';
import { type Attention, defineAttention } from '#pages/attention.ts';
import { attentionTexts as texts } from './attention.texts.ts';

const addressOf = (schemas: Meta['schemas']) =>
  `/migrations?${new URLSearchParams({ schema: schemas[0]?.schema ?? 'console' })}`;

/** Failed migrations wait for a repair, pending ones for `db:migrate`. */
export const attention = defineAttention(serverInfo, ({ schemas }): Attention[] => {
  const failed = schemas.filter((one) => one.failed > 0);
  const pending = schemas.filter((one) => one.failed === 0 && (one.pending ?? 0) > 0);
  const failures = failed.reduce((sum, one) => sum + one.failed, 0);
  const waiting = pending.reduce((sum, one) => sum + (one.pending ?? 0), 0);
  const entry = { action: texts.show };
  return [
    ...(failures > 0
      ? [{ ...entry, urgency: 'broken' as const, count: failures, text: texts.failed(failures), to: addressOf(failed) }]
      : []),
    ...(waiting > 0
      ? [
          {
            ...entry,
            urgency: 'waiting' as const,
            count: waiting,
            text: texts.pending(waiting),
            to: addressOf(pending),
          },
        ]
      : []),
  ];
});
