import type { ReadRows } from '@at/pg-json-rows';
import type { FastifyReply } from 'fastify';
import type { CompiledQuery } from 'kysely';
import { etagOf } from '#request/etag.ts';

/**
 * The reply of an endpoint for one row, read as the rows of lists are, so that both have the same bytes; undefined if the
 * row does not exist. Its ETag is the column `version`.
 */
export async function rowReply<Row>(
  reply: FastifyReply,
  read: ReadRows,
  { sql, parameters }: CompiledQuery<Row>,
  version: keyof Row & string,
): Promise<Row | undefined> {
  const set = await read({ sql, parameters, quick: true });
  // The reply's bytes are in its memory until they are sent.
  reply.raw.once('close', () => set.release());
  if (set.length === 0) return undefined;
  reply.header('etag', etagOf(set.text(0, version) as string));
  reply.header('content-type', 'application/json; charset=utf-8');
  return set.toJson(1) as unknown as Row;
}
