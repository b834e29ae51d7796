/** What is said of metadata that is fetched anew. Titles come in as they are shown. */
export const refreshMetadataTexts = {
  asked: (title: string) => `${title}: new metadata is asked for`,
  failed: (title: string) => `"${title}": new metadata could not be asked for`,
  waiting: 'New metadata is asked for',
  ask: 'Refresh the metadata',
  askFor: (title: string) => `Refresh the metadata: ${title}`,
} as const;
