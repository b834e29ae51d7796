/** What is known about a word; undefined for a word that only the database has. */
export const known = <T>(all: { readonly [word: string]: T }, word: string): T | undefined =>
  Object.hasOwn(all, word) ? all[word] : undefined;
