import { keyMap } from '#keys/bindings.ts';
import { mediaTexts } from './texts.ts';

const { keys: labels } = mediaTexts;

export const mediaKeys = keyMap({
  id: 'media',
  title: mediaTexts.page,
  page: 'media',
  keys: {
    search: { keys: ['/'], label: labels.search },
    errors: { keys: ['e'], label: labels.errors },
    view: { keys: ['v'], label: labels.view },
    refresh: { keys: ['r'], label: labels.refresh },
  },
});

export const mediaItemKeys = keyMap({
  id: 'media-items',
  title: mediaTexts.itemKeys,
  page: 'media',
  part: 'list',
  keys: {
    next: { keys: ['j', 'ArrowDown'], label: labels.next, repeats: true },
    previous: { keys: ['k', 'ArrowUp'], label: labels.previous, repeats: true },
    open: { keys: ['Enter', 'd'], label: labels.open },
    select: { keys: ['x'], label: labels.select },
    reingest: { keys: ['i'], label: labels.reingest },
    approve: { keys: ['y'], label: labels.approve },
    finish: { keys: ['f'], label: labels.finish },
    delete: { keys: ['shift+Backspace'], label: labels.delete },
    undo: { keys: ['u', 'mod+z'], label: labels.undo },
  },
});

export const mediaDetailsKeys = keyMap({
  id: 'media-details',
  title: mediaTexts.detailsKeys,
  page: 'media',
  part: 'details',
  dialog: true,
  keys: {
    next: { keys: ['j'], label: labels.next, repeats: true },
    previous: { keys: ['k'], label: labels.previous, repeats: true },
  },
});
