/**
 * Rows of JSON text as lines of CSV (RFC 4180). Numbers stay text, so that they keep every digit. "; " joins lists, null is
 * empty, and text that a spreadsheet would run as a formula starts with an apostrophe.
 */

const text = /"(?:[^"\\]+|\\.)*"/y;
const list = /\[(?:"(?:[^"\\]+|\\.)*"|[^"\]])*\]/y;
const literal = /[^,}]+/y;

const formula = /^[=+\-@\t\r＝＋－＠]/;

function cellOf(value: string): string {
  const cell = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function lineOf(row: string): string {
  let line = '';
  for (let at = 0; row[at] !== '}'; ) {
    if (at > 0) line += ',';
    at = row.indexOf('":', at) + 2;
    const first = row[at];
    const pattern = first === '"' ? text : first === '[' ? list : literal;
    pattern.lastIndex = at;
    const [json] = pattern.exec(row) as RegExpExecArray;
    if (pattern === text) line += cellOf(json.includes('\\') ? JSON.parse(json) : json.slice(1, -1));
    else if (pattern === list) line += cellOf(JSON.parse(json).join('; '));
    else if (json !== 'null') line += json;
    at += json.length;
  }
  return `${line}\r\n`;
}

/** What separates two rows, with the name of the first column: a text can end with the other characters. */
export function separatorOf(rows: Buffer): Buffer {
  return Buffer.concat([Buffer.from('},'), rows.subarray(0, rows.indexOf(':') + 1)]);
}

/**
 * `rows` are JSON objects, separated by commas; the order of their members is that of the cells. Each line overwrites its
 * row, which is longer, so that the memory stays that of the rows.
 */
export function csvFromJson(rows: Buffer): Buffer {
  const separator = separatorOf(rows);
  let end = 0;
  for (let at = 0; at < rows.length; ) {
    const next = rows.indexOf(separator, at);
    const close = next < 0 ? rows.length : next + 1;
    end += rows.write(lineOf(rows.toString('utf8', at, close)), end);
    at = close + 1;
  }
  return rows.subarray(0, end);
}
