import { listFileRoots } from '@at/contracts/file-roots';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { defineAttention } from '#pages/attention.ts';
import { attentionTexts as texts } from './attention.texts.ts';

/** The page with files that vanished. */
export const lostFiles = '/files/all?status=MISSING';

export const fileRoots = queryOptions({
  queryKey: keyOf('files', 'roots'),
  queryFn: async ({ signal }) => (await call(listFileRoots, { signal })).data,
});

/** Folders in which nothing is done until a person accepts them, and files that vanished. Runs that failed wait in Runs. */
export const attention = defineAttention(fileRoots, ({ roots, lost_files }) => {
  const held = roots.filter((root) => root.held !== null && root.place !== null).length;
  const of = { urgency: 'broken' as const };
  return [
    ...(held > 0 ? [{ ...of, count: held, text: texts.held(held), to: '/files', action: texts.show }] : []),
    ...(lost_files > 0
      ? [{ ...of, count: lost_files, text: texts.lost(lost_files), to: lostFiles, action: texts.showMissing }]
      : []),
  ];
});
