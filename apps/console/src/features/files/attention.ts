import { listFileRoots } from '@at/contracts/file-roots';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { defineAttention } from '#pages/attention.ts';
import { attentionTexts as texts } from './attention.texts.ts';

const roots = queryOptions({
  queryKey: keyOf('files', 'roots'),
  queryFn: async ({ signal }) => (await call(listFileRoots, { signal })).data.roots,
});

/** Folders in which nothing is done until a person accepts them. Runs that failed wait in Runs. */
export const attention = defineAttention(roots, (found) => {
  const count = found.filter(({ held, place }) => held !== null && place !== null).length;
  return count > 0 ? [{ urgency: 'broken', count, text: texts.held(count), to: '/files', action: texts.show }] : [];
});
