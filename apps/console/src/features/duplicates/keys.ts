import { keyMap } from '#keys/bindings.ts';
import { duplicatesTexts } from './texts.ts';

const { keys: labels } = duplicatesTexts;

export const duplicatesKeys = keyMap({
  id: 'duplicates',
  title: duplicatesTexts.page,
  page: 'files',
  keys: {
    search: { keys: ['/'], label: labels.search },
    refresh: { keys: ['r'], label: labels.refresh },
    next: { keys: ['j', 'ArrowDown'], label: labels.next, repeats: true },
    previous: { keys: ['k', 'ArrowUp'], label: labels.previous, repeats: true },
    right: { keys: ['ArrowRight'], label: labels.right, repeats: true },
    left: { keys: ['ArrowLeft'], label: labels.left, repeats: true },
    keep: { keys: ['c'], label: labels.keep },
    own: { keys: ['o'], label: labels.own },
    // The number of the file beside the one that is kept.
    keep1: { keys: ['1'], label: labels.keepNth(1) },
    keep2: { keys: ['2'], label: labels.keepNth(2) },
    keep3: { keys: ['3'], label: labels.keepNth(3) },
    keep4: { keys: ['4'], label: labels.keepNth(4) },
  },
});
