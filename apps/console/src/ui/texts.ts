/** Texts of components that any page may show. */
export const uiTexts = {
  notLoaded: 'Not loaded',
  because: (what: string, reason: string) => `${what}: ${reason}`,
  request: (id: string) => ` (request ${id})`,
  tryAgain: 'Try again',
  refresh: 'Refresh',
  asOf: 'Data from',
  notUpdated: ', not updated since',
  dismiss: 'Dismiss',
  undo: 'Undo',
  unsent: (count: string) => `${count} unsent`,
  sendNow: 'Send now',
} as const;
