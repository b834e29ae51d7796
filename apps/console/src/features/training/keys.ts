import { keyMap } from '#keys/bindings.ts';
import { refreshMetadataTexts } from '#titles/refresh-metadata.texts.ts';
import { titleListKeys as entries } from '#titles/title-list-keys.ts';

export const trainingKeys = keyMap({
  id: 'training',
  title: 'Training',
  page: 'training',
  keys: {
    search: { keys: ['/'], label: 'Search' },
    view: { keys: ['v'], label: 'Switch between review and list' },
    refresh: { keys: ['r'], label: 'Refresh' },
  },
});

const blind = 'Blind mode: hide the prediction';

export const reviewKeys = keyMap({
  id: 'review',
  title: 'Review',
  page: 'training',
  part: 'review',
  keys: {
    watch: { keys: ['w', 'ArrowRight'], label: 'Would watch' },
    not: { keys: ['n', 'ArrowLeft'], label: 'Would not watch' },
    skip: { keys: ['s', 'ArrowDown'], label: 'Skip' },
    undo: { keys: ['u', 'mod+z'], label: 'Undo' },
    anomalous: { keys: ['a'], label: 'Mark or unmark as anomalous' },
    rerun: { keys: ['shift+r'], label: refreshMetadataTexts.refresh },
    details: { keys: ['d'], label: 'Show or hide details' },
    blind: { keys: ['b'], label: blind },
  },
});

export const titleListKeys = keyMap({
  id: 'titles',
  title: 'List',
  page: 'training',
  part: 'list',
  keys: { ...entries, blind: { keys: ['b'], label: blind } },
});
