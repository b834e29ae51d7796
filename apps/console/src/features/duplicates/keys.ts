import { keyMap } from '#keys/bindings.ts';
import { duplicatesTexts } from './texts.ts';

const { keys: labels } = duplicatesTexts;

export const duplicatesKeys = keyMap({
  id: 'duplicates',
  title: duplicatesTexts.page,
  page: 'files',
  part: 'duplicates',
  keys: {
    search: { keys: ['/'], label: labels.search },
    refresh: { keys: ['r'], label: labels.refresh },
    next: { keys: ['j', 'ArrowDown'], label: labels.next, repeats: true },
    previous: { keys: ['k', 'ArrowUp'], label: labels.previous, repeats: true },
    nextFile: { keys: ['shift+j'], label: labels.nextFile, repeats: true },
    previousFile: { keys: ['shift+k'], label: labels.previousFile, repeats: true },
    keep: { keys: ['c'], label: labels.keep },
    own: { keys: ['p'], label: labels.own },
  },
});
