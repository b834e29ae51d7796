import type { Duplex } from 'node:stream';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readColumns } from './json-columns.ts';
import { JsonRows } from './json-rows.ts';
import { type Message, RowParser, type RowSlice } from './protocol-parser.ts';

let database: TestDatabase;
/** Bytes of a real server: a notice, rows of many types, and rows followed by an error. */
let answer: Buffer;

beforeAll(async () => {
  database = await createTestDatabase('empty');
  const client = new pg.Client(database.connectionString);
  await client.connect();
  const chunks: Buffer[] = [];
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await client.query(`do $$ begin raise notice 'hello'; end $$`);
  await client.query(
    `select i, repeat('é"', i) as text, array['a', null, 'b"'] as list, now() as now, i * 1.50 as number, null::text as nothing
     from generate_series(1, 12) as i`,
  );
  await client.query('select 10 / (5 - i) as value from generate_series(1, 9) as i').catch(() => {});
  await client.end();
  answer = Buffer.concat(chunks);
});
afterAll(() => database.drop());

const parserOf = (oid: number) => pg.types.getTypeParser(oid) as (text: string) => unknown;

/** The parsed messages of a reply in the given chunks; rows as JSON and as the driver reads them. */
function read(chunks: Buffer[]): unknown[] {
  const parser = new RowParser();
  const rows = new JsonRows(8);
  const messages: unknown[] = [];
  for (const chunk of chunks) {
    // The socket reuses its memory after each chunk.
    const memory = Buffer.from(chunk);
    parser.parse(memory, (message: Message) => {
      if (message.name === 'rowDescription') {
        rows.begin(readColumns((message as Message & { fields: pg.FieldDef[] }).fields, parserOf, new Set()));
      }
      if (message.name === 'dataRow') {
        const place = message as Message & RowSlice & { fields: (string | null)[] };
        rows.add(place.bytes, place.offset, place.length);
        messages.push(place.fields);
      } else {
        const { name, message: text } = message as Message & { message?: string };
        messages.push([name, text, rows.length > 0 ? rows.toJson(rows.length).toString() : '']);
      }
    });
    memory.fill(0);
  }
  return messages;
}

test('a reply is parsed the same for every position of a chunk boundary', () => {
  const whole = read([answer]);
  expect(whole.filter((one) => (one as string[])[0] === 'readyForQuery')).toHaveLength(3);
  expect(whole).toContainEqual(['error', 'division by zero', expect.stringContaining('{"value":10}')]);
  expect(whole).toContainEqual(['notice', 'hello', '']);
  for (let cut = 0; cut <= answer.length; cut += 1) {
    expect(read([answer.subarray(0, cut), answer.subarray(cut)])).toEqual(whole);
  }
});

test.each([1, 2, 3, 4, 5, 6, 7, 100])('a reply is parsed the same in chunks of %i bytes', (size) => {
  const chunks = Array.from({ length: Math.ceil(answer.length / size) }, (_, i) =>
    answer.subarray(i * size, (i + 1) * size),
  );
  expect(read(chunks)).toEqual(read([answer]));
});

test('a message larger than all previous chunks is assembled', () => {
  const value = Buffer.alloc(200_000, 'x');
  const row = Buffer.alloc(11 + value.length);
  row.write('D');
  row.writeInt32BE(10 + value.length, 1);
  row.writeInt16BE(1, 5);
  row.writeInt32BE(value.length, 7);
  value.copy(row, 11);
  const parser = new RowParser();
  const found: (string | null)[] = [];
  for (let at = 0; at < row.length; at += 30_000) {
    parser.parse(row.subarray(at, at + 30_000), (message) => {
      found.push(...(message as Message & { fields: (string | null)[] }).fields);
    });
  }
  expect(found).toEqual([value.toString()]);
});

test('what the driver keeps of a message survives the next message in the same memory', () => {
  const salted = Buffer.from([0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4]);
  for (const chunks of [[salted], [salted.subarray(0, 7), salted.subarray(7)]]) {
    const salts: Buffer[] = [];
    const parser = new RowParser();
    for (const chunk of chunks) {
      const memory = Buffer.from(chunk);
      parser.parse(memory, (message) => salts.push((message as Message & { salt: Buffer }).salt));
      memory.fill(0);
    }
    parser.parse(Buffer.from('C\0\0\0\rSELECT'), () => {});
    expect(salts.map((salt) => [...salt])).toEqual([[1, 2, 3, 4]]);
  }
});
