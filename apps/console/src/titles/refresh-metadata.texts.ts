/** Texts of refreshing metadata. Titles come formatted. */
export const refreshMetadataTexts = {
  requested: (title: string) => `${title}: metadata requested`,
  failed: (title: string) => `"${title}": could not request metadata`,
  waiting: 'Metadata requested',
  notConfigured: 'Metadata is not set up. Set AT_MOVIE_DETAILS_API_KEY and restart the API.',
  refresh: 'Refresh metadata',
  refreshTitle: (title: string) => `Refresh metadata: ${title}`,
} as const;
