export const hintsTexts = {
  hint: 'Hint',
  /** `opener` is the key that opens the list of keys. */
  keys: (opener: string) => `${opener} lists the keys of each page.`,
  /** If no key opens it. */
  palette: 'The command palette',
  dismiss: 'Do not show this hint again',
} as const;
