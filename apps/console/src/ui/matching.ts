import { foldTight } from '@at/contracts/fold';
import type { OptionsFilter } from '@mantine/core';

// Texts on the page match as titles do in the API's search: by their words, however they are typed.

/** Whether a text has the words of the query in it. */
export function matches(text: string, query: string): boolean {
  const words = foldTight(query);
  return words === '' ? text.includes(query.trim()) : foldTight(text).includes(words);
}

/** The first part of a text that matches the query, as it is in the text; empty if none does. */
export function matchingPart(text: string, query: string): string {
  const words = foldTight(query);
  if (words === '') return text.includes(query.trim()) ? query.trim() : '';
  // The letters of the text, each as often as it has letters when folded.
  const letters = [...text];
  const sources = letters.flatMap((letter, i) => [...foldTight(letter)].map(() => i));
  const at = foldTight(text).indexOf(words);
  if (at < 0) return '';
  const before = [...foldTight(text).slice(0, at)].length;
  const [start, last] = [sources[before], sources[before + [...words].length - 1]];
  if (start === undefined || last === undefined) return '';
  // With the accents behind the last letter.
  let end = last + 1;
  while (/^\p{Mn}$/u.test(letters[end] ?? '')) end += 1;
  return letters.slice(start, end).join('');
}

/** The options of a list that match what was typed. */
export const filterOptions: OptionsFilter = ({ options, search, limit }) =>
  options.filter((option) => 'label' in option && matches(option.label, search)).slice(0, limit);
