const truths = new Set(['true', '1', 'yes', 'on', 't', 'y']);
const falsehoods = new Set(['false', '0', 'no', 'off', 'f', 'n']);

/** The boolean that a word of a parameter or of the environment means (Python callers send `True`); undefined: none. */
export function booleanFromWord(word: string): boolean | undefined {
  const lower = word.trim().toLowerCase();
  if (truths.has(lower)) return true;
  return falsehoods.has(lower) ? false : undefined;
}
