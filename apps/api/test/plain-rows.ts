import { plainReader, type ReadRows } from '@at/pg-json-rows';
import { CompiledQuery } from 'kysely';
import type { Deps } from '#deps.ts';

/** Reads rows through Kysely and the driver's objects: what the fast way must equal. */
export function plainRows(db: Deps['db']): ReadRows {
  return plainReader((sql, parameters) => db.executeQuery<object>(CompiledQuery.raw(sql, parameters)));
}
