/** The parameter of a copied link that has the columns of its list. */
export const columnsInLink = 'columns';

/** Of a choice that is the default. */
const usual = 'default';

/** A choice of columns as text, such as `hash,-year`. */
export const printColumns = (choice: Record<string, boolean> = {}) =>
  Object.entries(choice)
    .map(([id, shown]) => (shown ? id : `-${id}`))
    .join() || usual;

/** The choice of such a text. A column that another version has is no column here, and changes nothing. */
export const readColumns = (text: string): Record<string, boolean> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((part) => part !== usual && part !== '')
      .map((part) => (part.startsWith('-') ? [part.slice(1), false] : [part, true])),
  );
