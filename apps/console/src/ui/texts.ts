/** Texts of components that any page may show. */
export const uiTexts = {
  notLoaded: 'Not loaded',
  because: (what: string, reason: string) => `${what}: ${reason}`,
  change: (field: string, from: string, to: string) => `${field}: ${from} → ${to}`,
  request: (id: string) => ` (request ${id})`,
  copy: (what: string) => `Copy ${what}`,
  tryAgain: 'Try again',
  refresh: 'Refresh',
  dataFrom: 'Data from',
  notUpdatedSince: 'Not updated since',
  dismiss: 'Dismiss',
  undo: 'Undo',
  unsent: (count: string) => `${count} unsent`,
  sendNow: 'Send now',
  notStored: 'Unsent answers are not stored',
  notStoredReason: 'This browser refuses storage. Answers that are not sent yet are lost when you close the tab.',
} as const;
