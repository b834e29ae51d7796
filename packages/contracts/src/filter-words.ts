/**
 * Words of a column as filters, counts and addresses name them. Some words of filters stand for something else: there the
 * word of the column itself is in double quotes, and so is the empty one, which would be no filter.
 */

const reserved = new Set(['', 'none', 'any', 'all', 'errors']);
const quoted = /^"(.*)"$/s;

/** How a filter names a word of a column; null: `none`. */
export const filterWord = (word: string | null): string =>
  word === null ? 'none' : reserved.has(word) || quoted.test(word) ? `"${word}"` : word;

/** The word of the column that a filter names. */
export const wordOfFilter = (text: string): string => quoted.exec(text)?.[1] ?? text;
