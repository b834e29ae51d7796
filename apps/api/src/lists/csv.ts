/**
 * Rows of JSON text rewritten as lines of CSV, byte for byte: no row becomes an object, so that a file of any size leaves
 * next to no garbage. The lines are those of RFC 4180; a list's texts are joined by `; `, null is empty, and a cell that a
 * spreadsheet would run as a formula begins with an apostrophe.
 */

const code = (character: string) => character.charCodeAt(0);
const [quote, backslash, comma, colon] = [code('"'), code('\\'), code(','), code(':')];
const [openBracket, closeBracket, closeBrace] = [code('['), code(']'), code('}')];
const firstOfNull = code('n');
const [apostrophe, lineFeed, carriageReturn, tab, unicode] = [code("'"), 0x0a, 0x0d, 0x09, code('u')];
const betweenTexts = Buffer.from('; ');

/** What stands for itself behind a backslash is not listed. */
const escaped = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ b: 0x08, f: 0x0c, n: lineFeed, r: carriageReturn, t: tab })) {
  escaped[code(letter)] = byte;
}

/** A spreadsheet runs what begins with one of these. */
const formulaBytes = new Set([...'=+-@', '\t', '\r'].map(code));
/** As wide as a Chinese character: the third byte of `＝`, `＋`, `－` and `＠`, of which the first two are EF BC. */
const wideFormulaBytes = new Set([0x9d, 0x8b, 0x8d, 0xa0]);

const endsLiteral = (byte: number | undefined) => byte === comma || byte === closeBrace || byte === closeBracket;

class CsvWriter {
  readonly #json: Buffer;
  /** The same memory: a cell loses its name, and more than it gains. */
  readonly #out: Buffer;
  #at = 0;
  #end = 0;
  /** Whether the cell that is being written holds what must stand in quotes. */
  #isQuoted = false;

  constructor(json: Buffer) {
    this.#json = json;
    this.#out = json;
  }

  write(): Buffer {
    const json = this.#json;
    while (this.#at < json.length) {
      // The brace, or the comma between two rows and the brace behind it.
      this.#at += json[this.#at] === comma ? 2 : 1;
      this.#row();
      this.#at += 1;
      this.#out[this.#end++] = carriageReturn;
      this.#out[this.#end++] = lineFeed;
    }
    return this.#out.subarray(0, this.#end);
  }

  #row(): void {
    const json = this.#json;
    for (let isFirst = true; json[this.#at] !== closeBrace; isFirst = false) {
      if (!isFirst) {
        this.#at += 1;
        this.#out[this.#end++] = comma;
      }
      // Names are those of columns: nothing in them is escaped.
      this.#at = json.indexOf(quote, this.#at + 1) + 1;
      if (json[this.#at] !== colon) throw new Error('A column has a name that CSV does not know.');
      this.#at += 1;
      this.#value();
    }
  }

  #value(): void {
    const first = this.#json[this.#at];
    const begin = this.#end;
    this.#isQuoted = false;
    if (first === quote) this.#text();
    else if (first === openBracket) this.#texts();
    else this.#literal();
    // What is no text is no formula either: a number may begin with a minus.
    if (this.#end > begin && (first === quote || first === openBracket) && this.#isFormula(begin)) {
      this.#insert(apostrophe, begin);
    }
    if (!this.#isQuoted) return;
    this.#insert(quote, begin);
    this.#out[this.#end++] = quote;
  }

  #insert(byte: number, at: number): void {
    this.#out.copyWithin(at + 1, at, this.#end);
    this.#out[at] = byte;
    this.#end += 1;
  }

  /** A number or a boolean as it stands, and nothing for null. */
  #literal(): void {
    const json = this.#json;
    const begin = this.#at;
    while (this.#at < json.length && !endsLiteral(json[this.#at])) this.#at += 1;
    if (json[begin] !== firstOfNull) this.#end += json.copy(this.#out, this.#end, begin, this.#at);
  }

  #isFormula(begin: number): boolean {
    const out = this.#out;
    const first = out[begin] as number;
    if (formulaBytes.has(first)) return true;
    return first === 0xef && out[begin + 1] === 0xbc && wideFormulaBytes.has(out[begin + 2] as number);
  }

  #texts(): void {
    const json = this.#json;
    this.#at += 1;
    while (this.#at < json.length && json[this.#at] !== closeBracket) {
      if (json[this.#at] === comma) {
        this.#at += 1;
        this.#end += betweenTexts.copy(this.#out, this.#end);
      }
      if (json[this.#at] === quote) this.#text();
      else this.#literal();
    }
    this.#at += 1;
  }

  /** A text without its quotes and backslashes; a quote in it is doubled, as cells in quotes have it. */
  #text(): void {
    const json = this.#json;
    const out = this.#out;
    let at = this.#at + 1;
    let end = this.#end;
    for (let byte = json[at] as number; at < json.length && byte !== quote; byte = json[at] as number) {
      at += 1;
      if (byte === backslash) {
        const letter = json[at] as number;
        at += 1;
        if (letter === unicode) {
          end += out.write(String.fromCharCode(Number.parseInt(json.toString('latin1', at, at + 4), 16)), end);
          at += 4;
          continue;
        }
        byte = escaped[letter] || letter;
      }
      if (byte === comma || byte === lineFeed || byte === carriageReturn) this.#isQuoted = true;
      if (byte === quote) {
        this.#isQuoted = true;
        out[end++] = quote;
      }
      out[end++] = byte;
    }
    this.#at = at + 1;
    this.#end = end;
  }
}

/**
 * `rows` are JSON objects as a list has them, separated by commas; the order of their members is that of the cells. The
 * lines are written over them.
 */
export function csvFromJson(rows: Buffer): Buffer {
  return new CsvWriter(rows).write();
}
