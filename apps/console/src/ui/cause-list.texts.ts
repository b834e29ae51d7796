/** Texts of what can be done about failures of one cause. Numbers come formatted. */
export const causeTexts = {
  retry: 'Retry',
  one: 'Retry one',
  all: (shown: string) => `Retry all ${shown}`,
  of: (label: string, what: string) => `${label}: ${what}`,
} as const;
