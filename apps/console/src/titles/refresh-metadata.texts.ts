/** Texts of refreshing metadata. Titles come formatted. */
export const refreshMetadataTexts = {
  asked: (title: string) => `${title}: metadata requested`,
  failed: (title: string) => `"${title}": could not request metadata`,
  waiting: 'Metadata requested',
  ask: 'Refresh metadata',
  askFor: (title: string) => `Refresh metadata: ${title}`,
} as const;
