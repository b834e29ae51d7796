import { type Columns, kinds, type Parser } from './json-columns.ts';

/**
 * Rows as Postgres sends them (text format) turned into JSON objects without a string in between: each value's bytes are
 * rewritten into one buffer. The text is, byte for byte, what JSON.stringify makes of the objects that the driver builds
 * with the parsers of its pool.
 */

/** A control character becomes six bytes. */
const growth = 6;

/** Bytes kept free in front of the rows for what a reply begins with. */
const room = 64;

const quote = 0x22;
const comma = 0x2c;
const dot = 0x2e;
const zero = 0x30;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const blank = 0x20;

/** What follows the backslash of an escaped byte: `u` stands for `u00` and two hex digits; 0: not escaped. */
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

/** Whether one of four bytes must be escaped: below 0x20, a quote or a backslash. */
function needsEscape(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  // Each difference borrows into a byte's top bit where the byte is too small; bytes that had it set do not count.
  const found =
    ((word - 0x20202020) & ~word) | ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes);
  return (found & 0x80808080) !== 0;
}

/** Where JSON text is gathered; the memory is kept and used again. */
export class JsonRows {
  #columns: Columns = { names: [], kinds: [], parsers: [], heads: [], overhead: 0 };
  #rows = 0;
  /** Where each value of each row begins, and each row ends. */
  #marks = new Uint32Array(1024);
  #out: Buffer;
  #outView: DataView;
  #end = room;
  #source: Uint8Array = new Uint8Array(0);
  /** Where the row that is being added ends in the source. */
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

  /** Forgets all rows; those to come have these columns. */
  begin(columns: Columns): void {
    this.#columns = columns;
    this.#rows = 0;
    this.#end = room;
  }

  /** Adds the row of a DataRow message: `length` bytes of `source` hold the number of values, then size and bytes of each. */
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
      const head = columns.heads[i] as Uint8Array;
      this.#out.set(head, this.#end);
      this.#end += head.length;
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
   * The first `count` rows, separated by commas, between two texts. The bytes stay as they are until `begin`; rows
   * behind `count` are gone.
   */
  toJson(count: number, before = '', after = ''): Buffer {
    const ahead = Buffer.byteLength(before);
    if (ahead > room) return Buffer.concat([Buffer.from(before), this.toJson(count, '', after)]);
    const stride = this.#columns.heads.length + 1;
    const end = count === 0 ? room : (this.#marks[stride * count - 1] as number);
    this.#rows = count;
    this.#end = end;
    this.#reserve(3 * after.length);
    this.#out.write(before, room - ahead);
    return this.#out.subarray(room - ahead, end + this.#out.write(after, end));
  }

  /** A value as wire text: strings without quotes, numbers with all their digits; null for null. */
  text(row: number, column: string): string | null {
    const { heads, names } = this.#columns;
    const index = names.indexOf(column);
    if (index < 0 || row >= this.#rows) return null;
    const mark = row * (names.length + 1) + index;
    const next = heads[index + 1]?.length ?? 1;
    const json = this.#out.toString('utf8', this.#marks[mark], (this.#marks[mark + 1] as number) - next);
    if (json.startsWith('"')) return JSON.parse(json) as string;
    return json === 'null' ? null : json;
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
        this.#writeNumeric(from, to);
        break;
      case kinds.timestamp:
        this.#writeTimestamp(from, to);
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

  #copy(bytes: Uint8Array, from: number, to: number): void {
    const out = this.#out;
    let end = this.#end;
    for (let i = from; i < to; i += 1) out[end++] = bytes[i] as number;
    this.#end = end;
  }

  /** Without the zeros that end the decimals; NaN and the infinities are null. */
  #writeNumeric(from: number, to: number): void {
    const source = this.#source;
    const first = source[from] === 0x2d ? from + 1 : from;
    if (!isDigit(source[first])) {
      this.#copy(nullText, 0, 4);
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

  /** `2025-05-21 02:27:51.09+00` as `"2025-05-21T02:27:51.090000Z"`; another form stays as it is. */
  #writeTimestamp(from: number, to: number): void {
    const source = this.#source;
    let end = to;
    // Of the zone only UTC's is dropped.
    if (source[end - 3] === 0x2b && source[end - 2] === zero && source[end - 1] === zero) end -= 3;
    const decimals = end - from - 20;
    const plain = decimals === -1 || (decimals >= 1 && decimals <= 6 && source[from + 19] === dot);
    if (!plain || !this.#hasFormOfTime(from, decimals)) {
      this.#writeText(from, to);
      return;
    }
    const out = this.#out;
    let at = this.#end;
    out[at++] = quote;
    for (let i = from; i < from + 19; i += 1) out[at++] = source[i] as number;
    out[at - 9] = 0x54;
    out[at++] = dot;
    for (let i = 0; i < 6; i += 1) out[at++] = i < decimals ? (source[from + 20 + i] as number) : zero;
    out[at++] = 0x5a;
    out[at++] = quote;
    this.#end = at;
  }

  /** Where the signs of `dddd-dd-dd dd:dd:dd` stand in it, and digits behind the point: only that form has both. */
  #hasFormOfTime(from: number, decimals: number): boolean {
    const source = this.#source;
    if (source[from + 4] !== 0x2d || source[from + 7] !== 0x2d || source[from + 10] !== blank) return false;
    if (source[from + 13] !== 0x3a || source[from + 16] !== 0x3a) return false;
    for (let i = 0; i < decimals; i += 1) if (!isDigit(source[from + 20 + i])) return false;
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

  /** Four bytes at a time while none of them needs a backslash. */
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

  /** `{a,"b c",NULL}` as `["a","b c",null]`. Arrays of arrays, or with bounds of their own, go to the parser. */
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

  /** Within an array Postgres writes quote and backslash behind a backslash, just as JSON does. */
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
    const { buffer, byteOffset } = this.#source;
    const text = Buffer.from(buffer, byteOffset + from, to - from).toString('utf8');
    const json = JSON.stringify((columns.parsers[index] as Parser)(text)) ?? 'null';
    // How long another type's JSON gets has no bound; what the row still needs stays reserved behind it.
    this.#reserve(3 * json.length + columns.overhead + growth * (this.#sourceEnd - to));
    this.#end += this.#out.write(json, this.#end);
  }
}
