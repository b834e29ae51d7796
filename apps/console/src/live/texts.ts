/** Texts of changes that arrive while a page is open. */
export const liveTexts = {
  newRows: (count: string) => `+${count} new`,
  changed: 'Show changes',
} as const;
