import { keyMap } from '#keys/bindings.ts';
import { queueTexts } from './texts.ts';

const { keys: labels } = queueTexts;

export const queueKeys = keyMap({
  id: 'queue',
  title: queueTexts.page,
  page: 'queue',
  keys: {
    search: { keys: ['/'], label: labels.search },
    errors: { keys: ['e'], label: labels.failed },
    refresh: { keys: ['r'], label: labels.refresh },
  },
});

export const queueItemKeys = keyMap({
  id: 'queue-items',
  title: queueTexts.itemKeys,
  page: 'queue',
  part: 'list',
  keys: {
    next: { keys: ['j', 'ArrowDown'], label: labels.next, repeats: true },
    previous: { keys: ['k', 'ArrowUp'], label: labels.previous, repeats: true },
    open: { keys: ['Enter', 'd'], label: labels.open },
    select: { keys: ['x'], label: labels.select },
    retry: { keys: ['i'], label: labels.retry },
    delete: { keys: ['shift+Backspace'], label: labels.delete },
  },
});

export const queueDetailsKeys = keyMap({
  id: 'queue-details',
  title: queueTexts.detailsKeys,
  page: 'queue',
  part: 'details',
  dialog: true,
  keys: {
    next: { keys: ['j'], label: labels.next, repeats: true },
    previous: { keys: ['k'], label: labels.previous, repeats: true },
  },
});
