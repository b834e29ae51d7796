import { plural } from '#ui/plural.ts';

/** Texts of what waits in Files, which every page loads. */
export const attentionTexts = {
  held: (count: number) => plural(count, { one: 'folder is held', other: 'folders are held' }),
  show: 'Show folders',
  lost: (count: number) =>
    plural(count, { one: 'file vanished while it was moved', other: 'files vanished while they were moved' }),
  showMissing: 'Show missing files',
  batches: {
    stopped: (count: number) => plural(count, { one: 'batch has stopped', other: 'batches have stopped' }),
    undecided: (count: number) =>
      plural(count, { one: 'batch waits to be sorted', other: 'batches wait to be sorted' }),
    uncleaned: (count: number) =>
      plural(count, {
        one: 'sorted batch waits until its files can go',
        other: 'sorted batches wait until their files can go',
      }),
  },
  showBatches: 'Show batches',
  tooLarge: (count: number) =>
    plural(count, { one: 'group is larger than a batch may be', other: 'groups are larger than a batch may be' }),
  showFiles: 'Show files',
} as const;
