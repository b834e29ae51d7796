import { refreshMetadataTexts } from './refresh-metadata.texts.ts';

/** The keys of every list of titles. */
export const titleListKeys = {
  next: { keys: ['j', 'ArrowDown'], label: 'Next title', repeats: true },
  previous: { keys: ['k', 'ArrowUp'], label: 'Previous title', repeats: true },
  watch: { keys: ['w'], label: 'Would watch, then next' },
  not: { keys: ['n'], label: 'Would not watch, then next' },
  anomalous: { keys: ['a'], label: 'Mark or unmark as anomalous' },
  undo: { keys: ['u', 'mod+z'], label: 'Undo' },
  rerun: { keys: ['shift+r'], label: refreshMetadataTexts.refresh },
  details: { keys: ['d'], label: 'Show or hide details' },
  select: { keys: ['x'], label: 'Select or deselect' },
};
