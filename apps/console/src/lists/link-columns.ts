/** The parameter of an address for the columns of its list. */
export const columnsInAddress = 'columns';

/** The text of the default choice. */
export const defaultColumns = 'default';

/** A choice of columns as text, such as `-year,hash`; one choice has one text. */
export const printColumns = (choice: Record<string, boolean> = {}) =>
  Object.entries(choice)
    .map(([id, shown]) => (shown ? id : `-${id}`))
    .toSorted()
    .join() || defaultColumns;

/** The choice in such a text. Names of columns that the list does not have are kept, and have no effect. */
export const readColumns = (text: string): Record<string, boolean> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((part) => part !== defaultColumns && part !== '')
      .map((part) => (part.startsWith('-') ? [part.slice(1), false] : [part, true])),
  );
