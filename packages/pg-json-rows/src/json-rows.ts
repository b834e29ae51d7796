import { type Columns, type Head, kinds, type Parser, shortHead } from './json-columns.ts';

// Converts rows in PostgreSQL's text format to JSON objects without intermediate strings: the bytes of each value are
// rewritten into one buffer. The result has exactly the bytes of JSON.stringify over the driver's objects.

/** A control character becomes six bytes. */
const growth = 6;

/** Bytes reserved before the rows for the beginning of a reply. */
const prefixSize = 64;

/** Bytes that may be read behind a row and written behind its JSON, because values are copied eight bytes at a time. */
const slack = 16;

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

/** Texts of four bytes in little-endian order. */
const nullWord = 0x6c6c756e;
const trueWord = 0x65757274;
const falseWord = 0x736c6166;

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= 0x39;

/**
 * The top bit of each of four bytes that needs escaping: below 0x20, a quote or a backslash. Bits above the lowest one mean
 * nothing.
 */
function escapesIn(word: number): number {
  // Each subtraction sets the top bit of a byte that is too small; bytes that already had it set are masked out.
  const controlOrQuote = (word ^ 0x02020202) - 0x21212121;
  const isBackslash = (word ^ 0x5c5c5c5c) - 0x01010101;
  return (controlOrQuote | isBackslash) & ~word & 0x80808080;
}

/** Which byte of a word the lowest bit is in. */
const firstByte = (bits: number) => (31 - Math.clz32(bits & -bits)) >> 3;

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
  /** Reaches to the end of the memory that the source is in. */
  #sourceView = new DataView(this.#source.buffer);
  /** End of the current row in the source. */
  #sourceEnd = 0;

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
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = new DataView(source.buffer, source.byteOffset);
    }
    if (at + length + slack > this.#sourceView.byteLength) {
      const moved = new Uint8Array(length + slack);
      moved.set(source.subarray(at, at + length));
      this.add(moved, 0, length);
      return;
    }
    const columns = this.#columns;
    const { heads } = columns;
    const count = heads.length;
    this.#sourceEnd = at + length;
    this.#reserve(this.#end, columns.overhead + growth * length);
    this.#reserveMarks((count + 1) * (this.#rows + 1));
    const marks = this.#marks;
    let mark = (count + 1) * this.#rows;
    const view = this.#sourceView;
    let from = at + 2;
    let end = this.#end;
    if (this.#rows > 0) this.#out[end++] = comma;
    for (let i = 0; i < count; i += 1) {
      end = this.#writeHead(heads[i] as Head, end);
      marks[mark++] = end;
      const size = view.getInt32(from);
      from += 4;
      if (size < 0) {
        end = this.#writeWord(nullWord, end);
      } else {
        end = this.#write(columns, i, from, from + size, end);
        from += size;
      }
    }
    if (count === 0) this.#out[end++] = openBrace;
    this.#out[end++] = closeBrace;
    marks[mark] = end;
    this.#end = end;
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
    this.#reserve(end, 3 * after.length);
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

  /** Makes room for so many bytes behind `end`. */
  #reserve(end: number, bytes: number): void {
    const needed = end + bytes + slack;
    if (needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#out.length));
    larger.set(this.#out.subarray(0, end));
    this.#out = larger;
    this.#outView = new DataView(larger.buffer);
  }

  #reserveMarks(count: number): void {
    if (count <= this.#marks.length) return;
    const larger = new Uint32Array(Math.max(count, 2 * this.#marks.length));
    larger.set(this.#marks);
    this.#marks = larger;
  }

  // Each of these takes the end of the JSON and returns the new one.

  #write(columns: Columns, index: number, from: number, to: number, end: number): number {
    switch (columns.kinds[index]) {
      case kinds.verbatim:
        return this.#copy(from, to, end);
      case kinds.boolean:
        if (this.#source[from] === 0x74) return this.#writeWord(trueWord, end);
        this.#out[end + 4] = 0x65;
        return this.#writeWord(falseWord, end) + 1;
      case kinds.numeric:
        return this.#writeNumeric(columns, index, from, to, end);
      case kinds.timestamp:
        return this.#writeTimestamp(from, to, end) || this.#writeNull(columns, index, from, to, end);
      case kinds.exactTime:
        return this.#writeTimestamp(from, to, end) || this.#writeText(from, to, end);
      case kinds.text:
        return this.#writeText(from, to, end);
      case kinds.padded:
        return this.#writeText(from, this.#withoutPadding(from, to), end);
      case kinds.texts:
        return this.#writeTexts(columns, index, from, to, end, false);
      case kinds.paddedTexts:
        return this.#writeTexts(columns, index, from, to, end, true);
      default:
        return this.#writeParsed(columns, index, from, to, end);
    }
  }

  /** Without a loop for the length that nearly all have. */
  #writeHead({ words, length }: Head, end: number): number {
    const view = this.#outView;
    view.setFloat64(end, words[0] as number, true);
    view.setFloat64(end + 8, words[1] as number, true);
    view.setFloat64(end + 16, words[2] as number, true);
    for (let i = shortHead; i < words.length; i += 1) view.setFloat64(end + 8 * i, words[i] as number, true);
    return end + length;
  }

  #writeWord(word: number, end: number): number {
    this.#outView.setInt32(end, word, true);
    return end + 4;
  }

  #copy(from: number, to: number, end: number): number {
    const source = this.#sourceView;
    const out = this.#outView;
    for (let i = from, at = end; i < to; i += 8, at += 8) {
      out.setInt32(at, source.getInt32(i, true), true);
      out.setInt32(at + 4, source.getInt32(i + 4, true), true);
    }
    return end + to - from;
  }

  /** Writes null for a value that JSON does not have, and keeps its text for `text`. */
  #writeNull(columns: Columns, index: number, from: number, to: number, end: number): number {
    this.#unwritable.set(this.#rows * columns.heads.length + index, this.#sourceText(from, to));
    return this.#writeWord(nullWord, end);
  }

  #sourceText(from: number, to: number): string {
    const { buffer, byteOffset } = this.#source;
    return Buffer.from(buffer, byteOffset + from, to - from).toString('utf8');
  }

  /** Drops trailing zeros of the decimals; NaN and infinities become null. */
  #writeNumeric(columns: Columns, index: number, from: number, to: number, end: number): number {
    const last = this.#source[to - 1];
    if (!isDigit(last)) return this.#writeNull(columns, index, from, to, end);
    return this.#copy(from, last === zero ? this.#withoutZeros(from, to) : to, end);
  }

  #withoutZeros(from: number, to: number): number {
    const source = this.#source;
    let point = from;
    while (point < to && source[point] !== dot) point += 1;
    if (point === to) return to;
    let end = to;
    while (source[end - 1] === zero) end -= 1;
    return end - 1 === point ? point : end;
  }

  /** `2025-05-21 02:27:51.09+00` as `"2025-05-21T02:27:51.090000Z"`. Returns 0 for text of any other form. */
  #writeTimestamp(from: number, to: number, end: number): number {
    const source = this.#source;
    // Only the zone UTC is dropped.
    const isUtc = source[to - 3] === 0x2b && source[to - 2] === zero && source[to - 1] === zero;
    let year = 4;
    while (year < 6 && source[from + year] !== dash) year += 1;
    const seconds = from + year + 15;
    const decimals = (isUtc ? to - 3 : to) - seconds - 1;
    const plain = decimals === -1 || (decimals >= 1 && decimals <= 6 && source[seconds] === dot);
    if (!plain || !this.#hasFormOfTime(from + year, decimals)) return 0;
    const out = this.#out;
    out[end] = quote;
    let at = this.#copy(from, seconds, end + 1);
    out[at - 9] = 0x54;
    out[at++] = dot;
    this.#copy(seconds + 1, seconds + 7, at);
    for (let i = Math.max(0, decimals); i < 6; i += 1) out[at + i] = zero;
    out[at + 6] = 0x5a;
    out[at + 7] = quote;
    return at + 8;
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

  #writeText(from: number, to: number, end: number): number {
    this.#out[end] = quote;
    const stop = this.#copyPlain(from, to, end + 1);
    let at = end + 1 + stop - from;
    if (stop < to) at = this.#escape(stop, to, at);
    this.#out[at] = quote;
    return at + 1;
  }

  /** Writes text whose first byte needs escaping. */
  #escape(from: number, to: number, end: number): number {
    let at = end;
    let i = from;
    while (i < to) {
      at = this.#writeEscaped(this.#source[i] as number, at);
      const stop = this.#copyPlain(i + 1, to, at);
      at += stop - i - 1;
      i = stop;
    }
    return at;
  }

  /** Copies up to the first byte that needs escaping, and returns where it is in the source; `to`: there is none. */
  #copyPlain(from: number, to: number, end: number): number {
    const source = this.#sourceView;
    const out = this.#outView;
    for (let i = from, at = end; i < to; i += 8, at += 8) {
      const low = source.getInt32(i, true);
      const high = source.getInt32(i + 4, true);
      out.setInt32(at, low, true);
      out.setInt32(at + 4, high, true);
      const inLow = escapesIn(low);
      const inHigh = escapesIn(high);
      if (inLow !== 0) return Math.min(to, i + firstByte(inLow));
      if (inHigh !== 0) return Math.min(to, i + 4 + firstByte(inHigh));
    }
    return to;
  }

  #writeEscaped(byte: number, end: number): number {
    const out = this.#out;
    const code = escapes[byte] as number;
    let at = end;
    out[at++] = backslash;
    out[at++] = code;
    if (code === 0x75) {
      out[at++] = zero;
      out[at++] = zero;
      out[at++] = hexDigits[byte >> 4] as number;
      out[at++] = hexDigits[byte & 15] as number;
    }
    return at;
  }

  /** `{a,"b c",NULL}` as `["a","b c",null]`. Nested arrays and arrays with explicit bounds go to the parser. */
  #writeTexts(columns: Columns, index: number, from: number, to: number, end: number, padded: boolean): number {
    const source = this.#source;
    const out = this.#out;
    if (source[from] !== openBrace) return this.#writeParsed(columns, index, from, to, end);
    let i = from + 1;
    let at = end;
    out[at++] = openBracket;
    while (source[i] !== closeBrace) {
      if (source[i] === comma) out[at++] = source[i++] as number;
      if (source[i] === openBrace) return this.#writeParsed(columns, index, from, to, end);
      if (source[i] === quote) {
        out[at++] = quote;
        i += 1;
        for (;;) {
          const stop = this.#copyPlain(i, to, at);
          at += stop - i;
          i = stop + 1;
          if (source[stop] === quote) break;
          // PostgreSQL writes a backslash before quotes and backslashes.
          if (source[stop] === backslash) i += 1;
          at = this.#writeEscaped(source[i - 1] as number, at);
        }
        if (padded) while (out[at - 1] === blank) at -= 1;
        out[at++] = quote;
      } else {
        const begin = at;
        out[at++] = quote;
        for (let byte = source[i] as number; byte !== comma && byte !== closeBrace; byte = source[++i] as number) {
          if (byte < blank) at = this.#writeEscaped(byte, at);
          else out[at++] = byte;
        }
        const isNull = at - begin === 5 && this.#outView.getInt32(begin + 1) === 0x4e554c4c;
        if (isNull) at = this.#writeWord(nullWord, begin);
        else out[at++] = quote;
      }
    }
    out[at] = closeBracket;
    return at + 1;
  }

  #writeParsed(columns: Columns, index: number, from: number, to: number, end: number): number {
    const json = JSON.stringify((columns.parsers[index] as Parser)(this.#sourceText(from, to))) ?? 'null';
    if (json === 'null') return this.#writeNull(columns, index, from, to, end);
    // The JSON of other types has no maximum length; keep the rest of the row reserved after it.
    this.#reserve(end, 3 * json.length + columns.overhead + growth * (this.#sourceEnd - to));
    return end + this.#out.write(json, end);
  }
}
