import { listFileRoots } from '@at/contracts/file-roots';
import type { BatchStatus } from '@at/contracts/vocabulary';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { defineAttention } from '#pages/attention.ts';
import { attentionTexts as texts } from './attention.texts.ts';
import { batchAddress } from './next.ts';

/** The page with files that vanished. */
export const lostFiles = '/files/all?status=MISSING';

export const fileRoots = queryOptions({
  queryKey: keyOf('files', 'roots'),
  queryFn: async ({ signal }) => (await call(listFileRoots, { signal })).data,
});

/** What a batch waits for. */
export const batchNeeds = { ERROR: 'stopped', SYNCED: 'undecided', SORTED: 'uncleaned' } as const;
type Need = (typeof batchNeeds)[keyof typeof batchNeeds];
export const needOf = (status: BatchStatus): Need => batchNeeds[status as keyof typeof batchNeeds] ?? 'stopped';

const urgencyOf = { stopped: 'broken', undecided: 'waiting', uncleaned: 'waiting' } as const;

/**
 * Folders in which nothing is done until a person accepts them, files that vanished, batches that wait for a person, and groups that no batch
 * can take. Runs that failed wait in Runs.
 */
export const attention = defineAttention(fileRoots, ({ roots, lost_files, waiting_batches, too_large }) => {
  const held = roots.filter((root) => root.held !== null && root.place !== null).length;
  const of = { urgency: 'broken' as const };
  return [
    ...(held > 0 ? [{ ...of, count: held, text: texts.held(held), to: '/files', action: texts.show }] : []),
    ...(lost_files > 0
      ? [{ ...of, count: lost_files, text: texts.lost(lost_files), to: lostFiles, action: texts.showMissing }]
      : []),
    ...Object.values(batchNeeds).flatMap((need) => {
      const of = waiting_batches.filter(({ status }) => needOf(status) === need);
      const [first] = of;
      if (!first) return [];
      const to = of.length === 1 ? batchAddress(first.id) : `/files/batches?status=${first.status}`;
      const text = texts.batches[need](of.length);
      return [{ urgency: urgencyOf[need], count: of.length, text, to, action: texts.showBatches }];
    }),
    ...(too_large.length > 0
      ? [
          {
            urgency: 'waiting' as const,
            count: too_large.length,
            text: texts.tooLarge(too_large.length),
            to: '/files',
            action: texts.showFiles,
          },
        ]
      : []),
  ];
});
