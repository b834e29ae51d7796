import { mediaTypes, pipelineStatuses, rejectionStatuses, rssSources } from '@at/contracts/vocabulary';
import { queryClient } from '#api/query-client.ts';
import type { FilterField } from '#lists/filter-panel.tsx';
import { mediaStats } from './media-stats.ts';
import { mediaTexts as texts } from './texts.ts';
import type { MediaView } from './view.ts';

const { all, filterNames: names } = texts;
const wordsOf = (column: 'pipeline_status' | 'rejection_status' | 'media_type') => async () =>
  Object.keys((await queryClient.fetchQuery({ ...mediaStats, staleTime: 10_000 }))[column]);
const rejections = Object.fromEntries(rejectionStatuses.map((status) => [status, texts.rejectionName(status)]));
const types = Object.fromEntries(mediaTypes.map((type) => [type, texts.typeName(type)]));

export const filterFields: readonly FilterField<MediaView>[] = [
  {
    name: 'pipeline_status',
    label: names.pipeline_status,
    choices: pipelineStatuses.map((value) => ({ value, label: texts.statusName(value) })),
    wide: true,
    more: wordsOf('pipeline_status'),
  },
  { name: 'error_status', label: names.error_status, options: texts.errorChoices },
  {
    name: 'rejection_status',
    label: names.rejection_status,
    options: { all, ...rejections },
    more: wordsOf('rejection_status'),
  },
  { name: 'media_type', label: names.media_type, options: { all, ...types }, more: wordsOf('media_type') },
  { name: 'deleted', label: names.deleted, options: texts.deletedChoices },
  { name: 'rss_source', label: names.rss_source, choices: rssSources.map((value) => ({ value, label: value })) },
  { column: 'release_year', label: names.year, limits: { min: 1850, max: 2100 } },
];
