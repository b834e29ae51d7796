/** Texts of refreshing metadata. Titles come formatted. */
export const refreshMetadataTexts = {
  requested: (title: string) => `${title}: metadata requested`,
  failed: (title: string) => `"${title}": could not request metadata`,
  waiting: 'Metadata requested',
  refresh: 'Refresh metadata',
  refreshTitle: (title: string) => `Refresh metadata: ${title}`,
} as const;
