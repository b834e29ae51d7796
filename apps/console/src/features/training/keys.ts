import { keyMap } from '#keys/bindings.ts';
import { refreshMetadataTexts } from '#titles/refresh-metadata.texts.ts';

export const trainingKeys = keyMap({
  id: 'training',
  title: 'Training',
  page: 'training',
  keys: {
    search: { keys: ['/'], label: 'Search' },
    view: { keys: ['v'], label: 'Review one at a time, or show as a list' },
  },
});

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
    anomalous: { keys: ['a'], label: 'Mark as anomalous, or not' },
    rerun: { keys: ['r'], label: refreshMetadataTexts.ask },
    details: { keys: ['d'], label: 'Show or hide the details' },
    blind: { keys: ['b'], label: 'Blind mode: hide the probability' },
  },
});

export const titleListKeys = keyMap({
  id: 'titles',
  title: 'List',
  page: 'training',
  part: 'list',
  keys: {
    next: { keys: ['j', 'ArrowDown'], label: 'Next title', repeats: true },
    previous: { keys: ['k', 'ArrowUp'], label: 'Title before', repeats: true },
    watch: { keys: ['w'], label: 'Would watch, and on to the next' },
    not: { keys: ['n'], label: 'Would not watch, and on to the next' },
    anomalous: { keys: ['a'], label: 'Mark as anomalous, or not' },
    undo: { keys: ['u', 'mod+z'], label: 'Undo' },
    rerun: { keys: ['r'], label: refreshMetadataTexts.ask },
    details: { keys: ['d'], label: 'Show or hide the details' },
    select: { keys: ['x'], label: 'Select, or not' },
  },
});
