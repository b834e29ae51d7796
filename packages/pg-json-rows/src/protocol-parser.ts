import { createRequire } from 'node:module';

// The driver's protocol parser, except for rows: their bytes stay where the socket wrote them until they are read.

/** A message of the server. */
export type Message = { name: string };

/** Position of a row's values: their number, then size and bytes of each. Valid until the next message. */
export type RowSlice = { bytes: Uint8Array; offset: number; length: number };

type DriverParser = new () => {
  parse(chunk: Buffer, callback: (message: Message) => void): void;
  handlePacket(offset: number, code: number, length: number, bytes: Uint8Array): Message;
};

const require = createRequire(import.meta.url);
const { Parser } = createRequire(require.resolve('pg'))('pg-protocol/dist/parser.js') as { Parser: DriverParser };

const dataRow = 'D'.charCodeAt(0);
/** CommandComplete, ReadyForQuery and BindComplete, the messages of each statement: the driver keeps none of their bytes. */
const frequent = new Set(['C', 'Z', '2'].map((code) => code.charCodeAt(0)));
/** One byte for the message type, four for the length without the type. */
const headerLength = 5;

/** The message DataRow; creates strings only for the driver's own queries. */
class RowMessage implements Message, RowSlice {
  readonly name = 'dataRow';
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;

  get fields(): (string | null)[] {
    const bytes = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    let at = this.offset + 2;
    return Array.from({ length: bytes.readInt16BE(this.offset) }, () => {
      const size = bytes.readInt32BE(at);
      at += 4 + Math.max(0, size);
      return size < 0 ? null : bytes.toString('utf8', at - size, at);
    });
  }
}

/** Splits the stream into messages. Copies only a message that spans chunks; the driver's parser copies whole chunks. */
export class RowParser extends Parser {
  readonly #row = new RowMessage();
  /** The beginning of an incomplete message. */
  #held = Buffer.allocUnsafe(16 * 1024);
  #heldLength = 0;

  override parse(chunk: Buffer, callback: (message: Message) => void): void {
    let at = 0;
    while (this.#heldLength > 0) {
      const wanted = this.#heldLength < headerLength ? headerLength : messageLength(this.#held, 0);
      at = this.#hold(chunk, at, Math.min(chunk.length, at + wanted - this.#heldLength));
      if (this.#heldLength < wanted) return;
      if (this.#heldLength < messageLength(this.#held, 0)) continue;
      this.#heldLength = 0;
      callback(this.#read(this.#held, 0));
    }
    while (at + headerLength <= chunk.length) {
      const next = at + messageLength(chunk, at);
      if (next > chunk.length) break;
      callback(this.#read(chunk, at));
      at = next;
    }
    this.#hold(chunk, at, chunk.length);
  }

  #read(bytes: Buffer, at: number): Message {
    const code = bytes[at] as number;
    const length = messageLength(bytes, at) - 1;
    const begin = at + headerLength;
    if (code === dataRow) {
      this.#row.bytes = bytes;
      this.#row.offset = begin;
      this.#row.length = length - 4;
      return this.#row;
    }
    if (frequent.has(code)) return this.handlePacket(begin, code, length, bytes);
    // The driver keeps bytes of some others, as the salt of a password, and the next messages overwrite them.
    return this.handlePacket(headerLength, code, length, Buffer.from(bytes.subarray(at, begin + length)));
  }

  /** Keeps the bytes from `from` to `to`; returns `to`. */
  #hold(chunk: Buffer, from: number, to: number): number {
    const length = this.#heldLength + to - from;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldLength, from, to);
    this.#heldLength = length;
    return to;
  }
}

function messageLength(bytes: Buffer, at: number): number {
  return 1 + bytes.readUInt32BE(at + 1);
}
