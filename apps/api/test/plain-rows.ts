import { exactTimes } from '@at/contracts/training';
import { createPool } from '@at/db/client';
import { openReader, type RowReader } from '@at/pg-json-rows';

/** Reads rows with the driver's parsers on connections of its own: what the fast way must equal. */
export function openPlainRows(connection: string): RowReader {
  const open = (config: object) => createPool({ connection, config });
  return openReader({ createPool: open, warn: () => {}, exactTimes: new Set(exactTimes) }, null);
}
