import { keyMap } from '#keys/bindings.ts';
import { listsTexts } from './texts.ts';

/** Of every list that is shown by page. */
export const pagerKeys = keyMap({
  id: 'pages',
  title: listsTexts.pageKeys,
  page: '*',
  keys: {
    next: { keys: [']'], label: listsTexts.nextPage },
    previous: { keys: ['['], label: listsTexts.pageBefore },
  },
});
