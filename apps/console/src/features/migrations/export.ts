import type { Migration } from '@at/contracts/migrations';

/**
 * Exports the migrations on screen as a file. The API has no export of these rows, because the browser adds their states
 * and the pending ones.
 */

const columns = [
  'version',
  'state',
  'description',
  'script',
  'type',
  'installed_rank',
  'installed_on',
  'installed_by',
  'execution_time',
  'checksum',
  'shipped_checksum',
] as const satisfies (keyof Migration)[];

/** A spreadsheet evaluates cells that begin with one of these, also in their full-width form. */
const formula = /^[=+\-@\t\r＝＋－＠]/;

/** As in the API's exports: null is empty, and an apostrophe before a formula makes it a text. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const migrationFormats = {
  csv: {
    type: 'text/csv',
    write: (migrations: readonly Migration[]) =>
      [columns.join(), ...migrations.map((row) => columns.map((name) => cell(row[name])).join())]
        .map((line) => `${line}\r\n`)
        .join(''),
  },
  json: {
    type: 'application/json',
    write: (migrations: readonly Migration[]) =>
      `${JSON.stringify(
        migrations.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]]))),
        null,
        2,
      )}\n`,
  },
} as const;
