import { plural } from '#ui/plural.ts';

/** Texts of what waits in Files, which every page loads. */
export const attentionTexts = {
  held: (count: number) => plural(count, { one: 'folder is held', other: 'folders are held' }),
  show: 'Show folders',
} as const;
