import { type Columns, type Head, kinds, type Parser } from './json-columns.ts';

// Converts rows in PostgreSQL's text format to JSON objects without intermediate strings: the bytes of each value are
// rewritten into one buffer. The result has exactly the bytes of JSON.stringify over the driver's objects.

/** A control character becomes six bytes. */
const growth = 6;

/** Bytes reserved before the rows for the beginning of a reply. */
const prefixSize = 64;

const quote = 0x22;
const comma = 0x2c;
const dash = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const blank = 0x20;

/** The character after the backslash of an escaped byte: `u` means `u00` and two hex digits; 0: not escaped. */
const escapes = new Uint8Array(256);
escapes.fill('u'.charCodeAt(0), 0, 0x20);
for (const [character, code] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\']) {
  escapes[(character as string).charCodeAt(0)] = (code as string).charCodeAt(0);
}
const hexDigits = Buffer.from('0123456789abcdef');

const nullText = Buffer.from('null');
const trueText = Buffer.from('true');
const falseText = Buffer.from('false');

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= 0x39;

/** Whether one of four bytes needs escaping: below 0x20, a quote or a backslash. */
function needsEscape(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  // Each subtraction sets the top bit of a byte that is too small; bytes that already had it set are masked out.
  const found =
    ((word - 0x20202020) & ~word) | ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes);
  return (found & 0x80808080) !== 0;
}

/** Collects JSON text in reusable memory. */
export class JsonRows {
  #columns: Columns = { names: [], kinds: [], parsers: [], heads: [], overhead: 0 };
  #rows = 0;
  /** Start of each value of each row, and end of each row. */
  #marks = new Uint32Array(1024);
  #out: Buffer;
  #outView: DataView;
  #end = prefixSize;
  /** PostgreSQL's text of the values that JSON has as null, by row and column; there are hardly any. */
  readonly #unwritable = new Map<number, string>();
  #source: Uint8Array = new Uint8Array(0);
  /** End of the current row in the source. */
  #sourceEnd = 0;
  #sourceView = new DataView(this.#source.buffer);

  constructor(capacity = 64 * 1024) {
    this.#out = Buffer.allocUnsafeSlow(capacity);
    this.#outView = new DataView(this.#out.buffer);
  }

  get length(): number {
    return this.#rows;
  }

  get capacity(): number {
    return this.#out.length;
  }

  /** Clears all rows; the next rows have these columns. */
  begin(columns: Columns): void {
    this.#columns = columns;
    this.#rows = 0;
    this.#end = prefixSize;
    this.#unwritable.clear();
  }

  /** Adds the row of a DataRow message: `length` bytes of `source` with the number of values, then size and bytes of each. */
  add(source: Uint8Array, at: number, length: number): void {
    const columns = this.#columns;
    const count = columns.heads.length;
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = new DataView(source.buffer, source.byteOffset, source.byteLength);
    }
    this.#sourceEnd = at + length;
    this.#reserve(columns.overhead + growth * length);
    this.#reserveMarks((count + 1) * (this.#rows + 1));
    const marks = this.#marks;
    let mark = (count + 1) * this.#rows;
    const view = this.#sourceView;
    let from = at + 2;
    if (this.#rows > 0) this.#out[this.#end++] = comma;
    for (let i = 0; i < count; i += 1) {
      this.#writeHead(columns.heads[i] as Head);
      marks[mark++] = this.#end;
      const size = view.getInt32(from);
      from += 4;
      if (size < 0) {
        this.#copy(nullText, 0, 4);
      } else {
        this.#write(columns, i, from, from + size);
        from += size;
      }
    }
    if (count === 0) this.#out[this.#end++] = openBrace;
    this.#out[this.#end++] = closeBrace;
    marks[mark] = this.#end;
    this.#rows += 1;
  }

  /**
   * The first `count` rows, separated by commas, between two texts. The bytes stay valid until `begin`; rows after
   * `count` are lost.
   */
  toJson(count: number, before = '', after = ''): Buffer {
    const ahead = Buffer.byteLength(before);
    if (ahead > prefixSize) return Buffer.concat([Buffer.from(before), this.toJson(count, '', after)]);
    const stride = this.#columns.heads.length + 1;
    const end = count === 0 ? prefixSize : (this.#marks[stride * count - 1] as number);
    this.#rows = count;
    this.#end = end;
    this.#reserve(3 * after.length);
    this.#out.write(before, prefixSize - ahead);
    return this.#out.subarray(prefixSize - ahead, end + this.#out.write(after, end));
  }

  /**
   * A value as text: strings without quotes, numbers with every digit, null for null. A value that is null in JSON only
   * is PostgreSQL's text.
   */
  text(row: number, column: string): string | null {
    const { heads, names } = this.#columns;
    const index = names.indexOf(column);
    if (index < 0 || row >= this.#rows) return null;
    const mark = row * (names.length + 1) + index;
    const next = heads[index + 1]?.length ?? 1;
    const json = this.#out.toString('utf8', this.#marks[mark], (this.#marks[mark + 1] as number) - next);
    if (json.startsWith('"')) return JSON.parse(json) as string;
    return json === 'null' ? (this.#unwritable.get(row * names.length + index) ?? null) : json;
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#out.length));
    larger.set(this.#out.subarray(0, this.#end));
    this.#out = larger;
    this.#outView = new DataView(larger.buffer);
  }

  #reserveMarks(count: number): void {
    if (count <= this.#marks.length) return;
    const larger = new Uint32Array(Math.max(count, 2 * this.#marks.length));
    larger.set(this.#marks);
    this.#marks = larger;
  }

  #write(columns: Columns, index: number, from: number, to: number): void {
    switch (columns.kinds[index]) {
      case kinds.verbatim:
        this.#copy(this.#source, from, to);
        break;
      case kinds.boolean:
        if (this.#source[from] === 0x74) this.#copy(trueText, 0, 4);
        else this.#copy(falseText, 0, 5);
        break;
      case kinds.numeric:
        this.#writeNumeric(columns, index, from, to);
        break;
      case kinds.timestamp:
        if (!this.#writeTimestamp(from, to)) this.#writeNull(columns, index, from, to);
        break;
      case kinds.exactTime:
        if (!this.#writeTimestamp(from, to)) this.#writeText(from, to);
        break;
      case kinds.text:
        this.#writeText(from, to);
        break;
      case kinds.padded:
        this.#writeText(from, this.#withoutPadding(from, to));
        break;
      case kinds.texts:
        this.#writeTexts(columns, index, from, to, false);
        break;
      case kinds.paddedTexts:
        this.#writeTexts(columns, index, from, to, true);
        break;
      default:
        this.#writeParsed(columns, index, from, to);
    }
  }

  /** Writes whole words, faster than `set` for so few bytes; the value overwrites what stands behind the last byte. */
  #writeHead({ words, length }: Head): void {
    const view = this.#outView;
    const end = this.#end;
    for (let i = 0; i < words.length; i += 1) view.setInt32(end + 4 * i, words[i] as number, true);
    this.#end = end + length;
  }

  #copy(bytes: Uint8Array, from: number, to: number): void {
    const out = this.#out;
    let end = this.#end;
    for (let i = from; i < to; i += 1) out[end++] = bytes[i] as number;
    this.#end = end;
  }

  /** Writes null for a value that JSON does not have, and keeps its text for `text`. */
  #writeNull(columns: Columns, index: number, from: number, to: number): void {
    this.#unwritable.set(this.#rows * columns.heads.length + index, this.#sourceText(from, to));
    this.#copy(nullText, 0, 4);
  }

  #sourceText(from: number, to: number): string {
    const { buffer, byteOffset } = this.#source;
    return Buffer.from(buffer, byteOffset + from, to - from).toString('utf8');
  }

  /** Drops trailing zeros of the decimals; NaN and infinities become null. */
  #writeNumeric(columns: Columns, index: number, from: number, to: number): void {
    const source = this.#source;
    const first = source[from] === dash ? from + 1 : from;
    if (!isDigit(source[first])) {
      this.#writeNull(columns, index, from, to);
      return;
    }
    let point = first;
    while (point < to && source[point] !== dot) point += 1;
    let end = to;
    if (point < to) {
      while (source[end - 1] === zero) end -= 1;
      if (end - 1 === point) end = point;
    }
    this.#copy(source, from, end);
  }

  /** `2025-05-21 02:27:51.09+00` as `"2025-05-21T02:27:51.090000Z"`. Returns false for text of any other form. */
  #writeTimestamp(from: number, to: number): boolean {
    const source = this.#source;
    let end = to;
    // Only the zone UTC is dropped.
    if (source[end - 3] === 0x2b && source[end - 2] === zero && source[end - 1] === zero) end -= 3;
    let year = 4;
    while (year < 6 && source[from + year] !== dash) year += 1;
    const seconds = from + year + 15;
    const decimals = end - seconds - 1;
    const plain = decimals === -1 || (decimals >= 1 && decimals <= 6 && source[seconds] === dot);
    if (!plain || !this.#hasFormOfTime(from + year, decimals)) return false;
    const out = this.#out;
    let at = this.#end;
    out[at++] = quote;
    for (let i = from; i < seconds; i += 1) out[at++] = source[i] as number;
    out[at - 9] = 0x54;
    out[at++] = dot;
    for (let i = 0; i < 6; i += 1) out[at++] = i < decimals ? (source[seconds + 1 + i] as number) : zero;
    out[at++] = 0x5a;
    out[at++] = quote;
    this.#end = at;
    return true;
  }

  /** Checks the punctuation of `-dd-dd dd:dd:dd` and the digits after the point; no other format has both. */
  #hasFormOfTime(from: number, decimals: number): boolean {
    const source = this.#source;
    if (source[from] !== dash || source[from + 3] !== dash || source[from + 6] !== blank) return false;
    if (source[from + 9] !== 0x3a || source[from + 12] !== 0x3a) return false;
    for (let i = 0; i < decimals; i += 1) if (!isDigit(source[from + 16 + i])) return false;
    return true;
  }

  #withoutPadding(from: number, to: number): number {
    let end = to;
    while (end > from && this.#source[end - 1] === blank) end -= 1;
    return end;
  }

  #writeText(from: number, to: number): void {
    this.#out[this.#end++] = quote;
    this.#escape(from, to);
    this.#out[this.#end++] = quote;
  }

  /** Copies four bytes at a time while none needs escaping. */
  #escape(from: number, to: number): void {
    const source = this.#source;
    const sourceView = this.#sourceView;
    const out = this.#out;
    const outView = this.#outView;
    let end = this.#end;
    let i = from;
    while (i < to) {
      if (i + 4 <= to) {
        const word = sourceView.getInt32(i, true);
        if (!needsEscape(word)) {
          outView.setInt32(end, word, true);
          i += 4;
          end += 4;
          continue;
        }
      }
      const stop = Math.min(i + 4, to);
      for (; i < stop; i += 1) {
        const byte = source[i] as number;
        const code = escapes[byte] as number;
        if (code === 0) {
          out[end++] = byte;
          continue;
        }
        out[end++] = backslash;
        out[end++] = code;
        if (code === 0x75) {
          out[end++] = zero;
          out[end++] = zero;
          out[end++] = hexDigits[byte >> 4] as number;
          out[end++] = hexDigits[byte & 15] as number;
        }
      }
    }
    this.#end = end;
  }

  /** `{a,"b c",NULL}` as `["a","b c",null]`. Nested arrays and arrays with explicit bounds go to the parser. */
  #writeTexts(columns: Columns, index: number, from: number, to: number, padded: boolean): void {
    const source = this.#source;
    const begin = this.#end;
    if (source[from] !== openBrace) {
      this.#writeParsed(columns, index, from, to);
      return;
    }
    let i = from + 1;
    let separator = openBracket;
    while (source[i] !== closeBrace) {
      if (source[i] === comma) i += 1;
      if (source[i] === openBrace) {
        this.#end = begin;
        this.#writeParsed(columns, index, from, to);
        return;
      }
      this.#out[this.#end++] = separator;
      separator = comma;
      const quoted = source[i] === quote;
      if (quoted) i += 1;
      let last = i;
      if (quoted) while (source[last] !== quote) last += source[last] === backslash ? 2 : 1;
      else while (source[last] !== comma && source[last] !== closeBrace) last += 1;
      if (!quoted && last - i === 4 && source[i] === 0x4e && this.#sourceView.getInt32(i) === 0x4e554c4c) {
        this.#copy(nullText, 0, 4);
      } else {
        this.#writeElement(i, padded ? this.#withoutPadding(i, last) : last);
      }
      i = quoted ? last + 1 : last;
    }
    if (separator === openBracket) this.#out[this.#end++] = openBracket;
    this.#out[this.#end++] = closeBracket;
  }

  /** In arrays PostgreSQL escapes quote and backslash with a backslash, like JSON. */
  #writeElement(from: number, to: number): void {
    this.#out[this.#end++] = quote;
    let i = from;
    while (i < to) {
      let stop = i;
      while (stop < to && this.#source[stop] !== backslash) stop += 1;
      this.#escape(i, stop);
      if (stop < to) this.#escape(stop + 1, stop + 2);
      i = stop + 2;
    }
    this.#out[this.#end++] = quote;
  }

  #writeParsed(columns: Columns, index: number, from: number, to: number): void {
    const json = JSON.stringify((columns.parsers[index] as Parser)(this.#sourceText(from, to))) ?? 'null';
    if (json === 'null') {
      this.#writeNull(columns, index, from, to);
      return;
    }
    // The JSON of other types has no maximum length; keep the rest of the row reserved after it.
    this.#reserve(3 * json.length + columns.overhead + growth * (this.#sourceEnd - to));
    this.#end += this.#out.write(json, this.#end);
  }
}
