/** Text for a terminal. */

/** Without what a terminal would obey: other users, releases and services write these texts. */
export const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');

/** Columns, as wide as their widest cell. */
export function table(names: string[], rows: string[][]): string {
  const lines = [names, ...rows].map((row) => row.map((cell) => plain(cell).replace(/\s+/g, ' ')));
  const widths = names.map((_name, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A time as the local clock has it. */
export const timeOf = (text: string | null): string =>
  text === null ? '-' : new Date(text).toLocaleString('sv-SE', { timeZoneName: undefined });

/** Between two times, or from one until now. */
export function durationOf(from: string | null, to: string | null): string {
  if (from === null) return '-';
  const seconds = ((to === null ? Date.now() : Date.parse(to)) - Date.parse(from)) / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return seconds < 3_600
    ? `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
    : `${(seconds / 3_600).toFixed(1)} h`;
}
