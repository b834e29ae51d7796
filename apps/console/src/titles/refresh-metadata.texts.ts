/** Texts of refreshing metadata. Titles come formatted. */
export const refreshMetadataTexts = {
  waiting: 'Refreshing metadata',
  refresh: 'Refresh metadata',
  refreshTitle: (title: string) => `Refresh metadata: ${title}`,
  /** Where all titles of a filter are selected. */
  tooMany: (most: string) => `Select rows, ${most} at most`,
  titles: (count: string) => `${count} titles`,
  changed: (title: string, facts: readonly string[], others: number) =>
    `${title}: new metadata (${facts.join(', ')}${others > 0 ? ` and ${others} more` : ''})`,
  unchanged: (title: string) => `${title}: no new metadata`,
  many: (changed: string, unchanged: string, unknown: string) =>
    `Metadata refreshed: ${changed} titles changed, ${unchanged} did not, ${unknown} were not found`,
  cancelled: (title: string) => `${title}: the refresh of metadata was cancelled`,
  /** Titles of errors. */
  failed: (title: string) => `${title}: metadata not refreshed`,
  inPart: (title: string) => `${title}: metadata refreshed in part`,
} as const;
