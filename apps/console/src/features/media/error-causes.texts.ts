/** Texts of the errors by cause. Numbers come formatted. */
export const causesTexts = {
  title: 'Errors by cause',
  retry: 'Re-ingest all like this',
  retryOf: (cause: string) => `Re-ingest all like this: ${cause}`,
  others: (count: string) => `${count} rarer causes are not listed.`,
  failed: (message: string) => `Causes could not be loaded. ${message}`,
} as const;
