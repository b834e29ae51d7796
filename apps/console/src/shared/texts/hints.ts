const listed = (keys: string | null) => (keys === null ? '' : ` ${keys} lists the keys of each page.`);

/**
 * One sentence for whoever sees a page for the first time; `keys` is the key that lists the keys of the page, null where
 * fingers are what there is.
 */
export const hints: Record<string, (keys: string | null) => string> = {
  '/': (keys) => `Every number leads to the rows behind it.${listed(keys)}`,
  '/media': (keys) =>
    `Rows that are selected can be changed together, after a look at what that concerns.${listed(keys)}`,
  '/training': (keys) =>
    keys === null
      ? 'Swipe a title to the right if you would watch it, to the left if not. All can be undone.'
      : `One key press per decision; all can be undone.${listed(keys)}`,
  '/predictions': () => 'Move the threshold to see what it costs; a cell of the matrix shows the titles in it.',
  '/model': () => 'What the model looks at most stands on top; each of its trees can be opened.',
  '/activity': () => 'A change of many rows can be found here again, looked at item by item, stopped and taken back.',
  '/migrations': () => 'What failed or is still to run comes first, with what to do about it.',
  '/settings': () => 'What you choose here is kept by this browser, and by the API once a key says who you are.',
};

export const hintsTexts = {
  hint: 'Hint',
  /** Where no key opens it. */
  keyList: 'The command palette',
  dismiss: 'Do not show this hint again',
} as const;
