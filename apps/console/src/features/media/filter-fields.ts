import { mediaTypes, pipelineStatuses, rejectionStatuses, rssSources } from '@at/contracts/vocabulary';
import type { FilterField } from '#lists/filter-panel.tsx';
import { mediaTexts as texts } from './texts.ts';
import type { MediaView } from './view.ts';

const { all, filterNames: names } = texts;
const rejections = Object.fromEntries(rejectionStatuses.map((status) => [status, texts.rejection[status].name]));
const types = Object.fromEntries(mediaTypes.map((type) => [type, texts.type[type]]));

export const filterFields: readonly FilterField<MediaView>[] = [
  {
    name: 'pipeline_status',
    label: names.pipeline_status,
    choices: pipelineStatuses.map((value) => ({ value, label: texts.status[value].name })),
    wide: true,
  },
  { name: 'error_status', label: names.error_status, options: texts.errorChoices },
  { name: 'rejection_status', label: names.rejection_status, options: { all, ...rejections } },
  { name: 'media_type', label: names.media_type, options: { all, ...types } },
  { name: 'deleted', label: names.deleted, options: texts.deletedChoices },
  { name: 'rss_source', label: names.rss_source, choices: rssSources.map((value) => ({ value, label: value })) },
  { column: 'release_year', label: names.year, limits: { min: 1850, max: 2100 } },
];
