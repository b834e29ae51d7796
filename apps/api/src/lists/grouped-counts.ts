import { compareTimes } from '@at/contracts/compare-times';
import { filterWord } from '@at/contracts/filter-words';

/** Statistics from the groups of one GROUP BY, so that words that only the database knows are counted too. */

/** Counts by word, as filters name it: the known words, also those without rows, then the others. */
export function countsBy<Row extends { count: number }>(
  rows: Row[],
  known: readonly string[],
  wordOf: (row: Row) => string | null,
): Record<string, number> {
  const counts = new Map(known.map((word) => [word, 0]));
  for (const row of rows) {
    const word = filterWord(wordOf(row));
    counts.set(word, (counts.get(word) ?? 0) + row.count);
  }
  return Object.fromEntries(counts);
}

export const sumOf = (rows: { count: number }[]): number => rows.reduce((sum, { count }) => sum + count, 0);

const inOrder = (times: (string | null)[]) => times.filter((time) => time !== null).sort(compareTimes);

export const earliest = (times: (string | null)[]): string | null => inOrder(times)[0] ?? null;
export const latest = (times: (string | null)[]): string | null => inOrder(times).at(-1) ?? null;
