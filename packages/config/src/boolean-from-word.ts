const truths = new Set(['true', '1', 'yes', 'on', 't', 'y']);
const falsehoods = new Set(['false', '0', 'no', 'off', 'f', 'n']);

/** The boolean of a word in a parameter or the environment (Python clients send `True`); undefined if it is not one. */
export function booleanFromWord(word: string): boolean | undefined {
  const lower = word.trim().toLowerCase();
  if (truths.has(lower)) return true;
  return falsehoods.has(lower) ? false : undefined;
}
