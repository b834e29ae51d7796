import { plural } from '#ui/plural.ts';

/** Texts of an item's timeline. Numbers come formatted. */
export const timelineTexts = {
  title: 'Timeline',
  kinds: {
    added: 'Added to the pipeline',
    found: 'Set by the pipeline',
    outside: 'Changed by the pipeline or another program',
    action: 'Changed',
    labelled: 'Title labelled',
  },
  item: 'this item',
  itsTitle: 'its title',
  found: (field: string, value: string) => `${field}: ${value}`,
  predicted: (percent: string) => `The model: ${percent} would watch`,
  removed: (torrents: number, files: number) =>
    [
      torrents > 0 && `${torrents} ${plural(torrents, { one: 'torrent', other: 'torrents' })}`,
      files > 0 && `${files} ${plural(files, { one: 'file or folder', other: 'files or folders' })}`,
    ]
      .filter(Boolean)
      .join(' and ')
      .concat(' removed'),
  unknown: 'time not recorded',
  undone: 'Undone',
  bulk: 'Part of a bulk change',
  failed: (message: string) => `The timeline could not be loaded. ${message}`,
} as const;
