import type { DB } from '@at/db/schema';
import { sql, type Transaction } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openRoots } from '../../test/journal.ts';
import { endMoves } from '../moves/queries.ts';
import { findAbsent, findKeepers } from './queries.ts';
import { decideAlone, writeDuplicates, writeFound, writeHashes, writeMissing } from './writes.ts';

async function opened() {
  const product = await openRoots();
  onTestFinished(() => product.close());
  return product;
}
type Product = Awaited<ReturnType<typeof opened>>;
type Row = { id: number; size: number; mtime_ns: string; ctime_ns: string; inode: string };

const one = (value: string | number) => BigInt64Array.of(BigInt(value));

/** How a keeper ends, each in a transaction of its own. */
const ends: Record<string, (product: Product, keeper: Row) => Promise<unknown>> = {
  'a scan does not find it': ({ db }, { id }) => db.transaction().execute((trx) => writeMissing(trx, [id])),
  'a scan finds another size': ({ db, inbox }, { mtime_ns, ctime_ns, inode }) =>
    db.transaction().execute((trx) =>
      writeFound(trx, {
        directories: [inbox.directory],
        names: [Buffer.from('a.jpg')],
        sizes: one(7),
        mtimes: one(mtime_ns),
        ctimes: one(ctime_ns),
        inodes: one(inode),
        links: Uint32Array.of(1),
        kinds: ['photo'],
      }),
    ),
  'it is read again, and is another': ({ db }, { id, ...row }) =>
    db
      .transaction()
      .execute((trx) => writeHashes(trx, [{ ids: [id], ...row, head: undefined, sha256: Buffer.alloc(32) }])),
  'a move does not find it': async ({ db, archive }, { id }) => {
    const { rows } = await sql<{ id: number }>`
      insert into console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode)
      select gen_random_uuid(), id, directory_id, name, ${archive.directory}, name, size, mtime_ns, inode
      from console.file where id = ${id} returning id
    `.execute(db);
    const move = rows[0]?.id as number;
    await endMoves(db, [{ id: move, state: 'missing', reason: null, is_changed: false, file: null }]);
  },
};

test.each(Object.entries(ends))('a file is no duplicate of one that ends while that is decided: %s', async (_, end) => {
  const product = await opened();
  const { db } = product;
  const [keeper, late] = (await product.add(['a.jpg', 'b.jpg'])) as [number, number];
  await sql`update console.file set status = 'NEW' where id = ${late}`.execute(db);
  const { rows } = await sql<Row & { hash: string }>`
    select id, size, mtime_ns::text, ctime_ns::text, inode::text, encode(sha256, 'hex') as hash from console.file where id = ${keeper}
  `.execute(db);
  const { hash, ...row } = rows[0] as (typeof rows)[0];
  const isWaiting = async (trx: Transaction<DB>) => {
    for (;;) {
      const waiting = await sql`select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(trx);
      if (waiting.rows.length > 0) return;
    }
  };
  let ended: Promise<unknown> | undefined;
  await db.transaction().execute(async (trx) => {
    await decideAlone(trx);
    const [found] = await findKeepers(trx, [hash]);
    ended = end(product, row);
    await Promise.race([ended, isWaiting(trx)]);
    await writeDuplicates(trx, [{ id: late, keeper: found?.id as number }]);
  });
  await ended;
  const { rows: states } = await sql`select status, duplicate_of from console.file where id = ${late}`.execute(db);
  expect(states).toEqual([{ status: 'NEW', duplicate_of: null }]);
});

test('what is absent in a directory of very many files is found at once', async () => {
  const { db, inbox } = await opened();
  const count = 20_000;
  await sql`
    insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind)
    select ${inbox.directory}, convert_to('a long name of a file ' || n, 'UTF8'), 1, 1, 1, n, 'photo' from generate_series(1, ${count}::int) n
  `.execute(db);
  const names = Array.from({ length: 10 * count }, (_, i) => Buffer.from(`a long name of a file ${i + 2}`));
  const absent = await db.transaction().execute(async (trx) => {
    await sql`set local statement_timeout = '10s'`.execute(trx);
    return findAbsent(trx, [inbox.directory], { directories: names.map(() => inbox.directory), names });
  });
  expect(absent.map(({ name }) => name.toString())).toEqual(['a long name of a file 1']);
});
