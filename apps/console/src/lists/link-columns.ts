/** The parameter of a copied link for the columns of its list. */
export const columnsInLink = 'columns';

/** The text of the default choice. */
const usual = 'default';

/** A choice of columns as text, such as `hash,-year`. */
export const printColumns = (choice: Record<string, boolean> = {}) =>
  Object.entries(choice)
    .map(([id, shown]) => (shown ? id : `-${id}`))
    .join() || usual;

/** The choice in such a text. Names of columns that the list does not have are kept, and have no effect. */
export const readColumns = (text: string): Record<string, boolean> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((part) => part !== usual && part !== '')
      .map((part) => (part.startsWith('-') ? [part.slice(1), false] : [part, true])),
  );
