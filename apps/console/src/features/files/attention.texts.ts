import { plural } from '#ui/plural.ts';

/** Texts of what waits in Files, which every page loads. */
export const attentionTexts = {
  held: (count: number) => plural(count, { one: 'folder is held', other: 'folders are held' }),
  show: 'Show folders',
  lost: (count: number) =>
    plural(count, { one: 'file vanished while it was moved', other: 'files vanished while they were moved' }),
  showMissing: 'Show missing files',
} as const;
