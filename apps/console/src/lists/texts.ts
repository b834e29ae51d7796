import { plural } from '#ui/plural.ts';

/** Texts of all lists. Numbers come formatted. */
export const listsTexts = {
  range: (first: string, last: string) => `${first}–${last}`,
  part: (shown: string, total: string) => `${shown} of ${total}`,
  stay: (count: number, shown: string) =>
    `plus ${shown} changed ${plural(count, { one: 'row', other: 'rows' })} until you refresh`,
  nothingOnPage: (page: string, pages: string) => `Nothing on page ${page} of ${pages}`,
  page: (page: string, pages: string) => `Page ${page} of ${pages}`,
  pages: 'Pages of the list',
  nextPage: 'Next page',
  pageBefore: 'Previous page',
  pageKeys: 'Pages',
  previous: 'Previous',
  next: 'Next',
  pageSize: 'Rows per page',
  pageSizeOption: (size: string) => `${size} per page`,

  when: 'When',
  days: { any: 'Any time', today: 'Today', yesterday: 'Yesterday', week: 'Last 7 days', dates: 'From … to …' },
  dates: { from: 'From', to: 'To' },
  inDays: { today: 'today', yesterday: 'yesterday', week: 'in the last 7 days' },
  labelled: (label: string, choice: string) => `${label}: ${choice.toLowerCase()}`,

  order: 'Order',
  sortBy: 'Sort by',
  filters: 'Filters',
  filtersSet: (count: string) => `Filters (${count})`,
  loadingFilters: 'Loading the filters…',
  clearFilters: 'Clear all filters',
  clearSearch: 'Clear the search',
  removeFilter: (words: string) => `Remove the filter ${words}`,
  any: 'any',
  from: 'from',
  to: 'to',
  atLeast: (name: string) => `${name} at least`,
  atMost: (name: string) => `${name} at most`,
  between: (from: number | string | undefined, to: number | string | undefined) =>
    from === undefined ? `up to ${to}` : to === undefined ? `from ${from}` : `${from} to ${to}`,
  or: ' or ',
  allMatch: (count: number, shown: string, name: string, text: string) =>
    `Without these filters, ${shown} ${name} ${plural(count, { one: 'matches', other: 'match' })} "${text}".`,
  showAllMatches: 'Show all',
  matchElsewhere: (count: number, shown: string, page: string, text: string) =>
    `${shown} ${plural(count, { one: 'row matches', other: 'rows match' })} "${text}" in ${page}.`,
  otherPages: { media: 'Media', queue: 'Queue' },
  showIn: (page: string) => `Show in ${page}`,
  matching: (text: string) => `matching "${text}"`,
  legend: 'Legend',
  refresh: 'Refresh',

  display: 'Columns and density',
  columns: 'Columns',
  defaultColumns: 'Default columns',
  ownColumns: "Your own columns instead of the link's",
  density: 'Density',
  comfortable: 'Comfortable',
  compact: 'Compact',

  export: 'Export',
  exportRows: (count: number, shown: string) =>
    `${shown} ${plural(count, { one: 'row', other: 'rows' })} of this filter`,
  exportUnknown: 'All rows of this filter',
  exportColumns: 'With every column, also those that are hidden here',
  exportFormats: {
    csv: { name: 'CSV', for: 'for a spreadsheet' },
    json: { name: 'JSON', for: 'one array' },
    ndjson: { name: 'NDJSON', for: 'one object per line' },
  },

  undoLast: 'Undo last',
  undoLastOf: (items: string) => `Undo last: ${items}`,
  newRows: (count: string) => `+${count} new`,
  changed: 'Show changes',

  selection: 'Selection',
  select: (name: string) => `Select ${name}`,
  selectPage: 'Select all rows on this page',
  selected: (count: number, shown: string) => `${shown} ${plural(count, { one: 'row', other: 'rows' })} selected`,
  selectMatching: (shown: string) => `Select all ${shown} that match`,
  clearSelection: 'Clear selection',
} as const;
