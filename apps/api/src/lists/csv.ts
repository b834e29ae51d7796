import { timesTen } from '@at/contracts/export';

/**
 * Rows of JSON text as lines of CSV (RFC 4180). Numbers stay text, so that they keep every digit. "; " joins lists; a list
 * that could not be split again is JSON. null is empty, and text that a spreadsheet would run as a formula starts with an
 * apostrophe. A rating that the rows hold times ten is out of ten, as people know it and see it on screen.
 */

const text = /"(?:[^"\\]+|\\.)*"/y;
/** Without lists in it. */
const list = /\[(?:"(?:[^"\\]+|\\.)*"|[^"[\]])*\]/y;
const textOrBracket = /"(?:[^"\\]+|\\.)*"|[[\]{}]/g;
const literal = /[^,}]+/y;

/** The number that is a tenth of it, with every digit. */
const tenthOf = (number: string) => {
  const [, sign, whole = '', rest = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(number) ?? [];
  if (whole === '') return number;
  const digits = whole.padStart(2, '0');
  return `${sign}${digits.slice(0, -1)}.${digits.slice(-1)}${rest}`.replace(/\.?0+$/, '');
};
const beforeTimesTen = `"${timesTen}":`;

const formula = /^[=+\-@\t\r＝＋－＠]/;

function cellOf(value: string): string {
  const cell = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** The object that begins at `at`, or the list with lists or objects in it. */
function nested(row: string, at: number): string {
  let depth = 0;
  for (const { 0: token, index } of row.slice(at).matchAll(textOrBracket)) {
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
    if (depth === 0) return row.slice(at, at + index + 1);
  }
  throw new Error('A list without an end.');
}

/** Whether "; " separates the elements and nothing else in the list. */
const isSplittable = (values: unknown[]) =>
  values.every((value) => typeof value === 'string' && value !== '' && !value.includes(';')) &&
  !String(values[0]).startsWith('[');

function listCell(json: string): string {
  const values = JSON.parse(json) as unknown[];
  return cellOf(isSplittable(values) ? values.join('; ') : json);
}

function lineOf(row: string): string {
  let line = '';
  for (let at = 0; row[at] !== '}'; ) {
    if (at > 0) line += ',';
    at = row.indexOf('":', at) + 2;
    const first = row[at];
    const pattern = first === '"' ? text : first === '[' ? list : literal;
    pattern.lastIndex = at;
    const json = (first === '{' ? undefined : pattern.exec(row)?.[0]) ?? nested(row, at);
    if (pattern === text) line += cellOf(json.includes('\\') ? JSON.parse(json) : json.slice(1, -1));
    else if (pattern === list) line += listCell(json);
    else if (first === '{') line += cellOf(json);
    else if (json !== 'null') line += row.startsWith(beforeTimesTen, at - beforeTimesTen.length) ? tenthOf(json) : json;
    at += json.length;
  }
  return `${line}\r\n`;
}

/** What separates two rows, with the name of the first column: a text can end with the other characters. */
export function separatorOf(rows: Buffer): Buffer {
  return Buffer.concat([Buffer.from('},'), rows.subarray(0, rows.indexOf(':') + 1)]);
}

/**
 * `rows` are JSON objects, separated by commas; the order of their members is that of the cells. Lines overwrite the rows,
 * which are longer as a rule, so that the memory stays that of the rows.
 */
export function csvFromJson(rows: Buffer): Buffer {
  const separator = separatorOf(rows);
  const parts: Buffer[] = [];
  let [start, end] = [0, 0];
  for (let at = 0; at < rows.length; ) {
    const next = rows.indexOf(separator, at);
    const close = next < 0 ? rows.length : next + 1;
    const line = lineOf(rows.toString('utf8', at, close));
    at = close + 1;
    if (end + Buffer.byteLength(line) <= close) {
      end += rows.write(line, end);
    } else {
      parts.push(rows.subarray(start, end), Buffer.from(line));
      start = at;
      end = at;
    }
  }
  const rest = rows.subarray(start, end);
  return parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
}
