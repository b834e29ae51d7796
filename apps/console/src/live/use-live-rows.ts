import type { EventType } from '@at/contracts/vocabulary';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useRevalidator } from 'react-router';
import { useStore } from '#state/store.ts';
import type { LiveEvent } from './event-stream.ts';
import { useLive } from './live-events.ts';
import { createRowPatches, type RowKeys } from './row-patches.ts';

type Options<Row> = {
  /** From the loader; another array is newer data. */
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** The time of its last change, `updated_at`. */
  versionOf: (row: Row) => string;
  /** The rows that an event concerns. */
  touches: (event: Exclude<LiveEvent, { type: 'reset' }>) => RowKeys;
  /** Reads rows by key, ignoring the list's filter; a row that does not come back is gone. */
  fetchRows: (keys: string[], signal: AbortSignal) => Promise<Row[]>;
  /** Reads the rows that the list's filter finds; without it nothing is counted as new. */
  findNew?: (keys: string[], signal: AbortSignal) => Promise<Row[]>;
  /** Which rows count as new: added ones, or every changed one (order: newest change first). */
  enters?: 'added' | 'changed';
  /** Whether the row is shown like this already, such as after the user's own write; it does not pulse. */
  isKnown?: (row: Row) => boolean;
  types: readonly EventType[];
  /** Goes to the list's first page; absent on that page, which is reloaded instead. */
  toFirstPage?: (() => void) | undefined;
};

/**
 * Rows that follow the changes of all users. Rows on screen are replaced in place and keep their order; added ones are
 * counted, and `showNew` loads them.
 */
export function useLiveRows<Row>(options: Options<Row>): {
  rows: Row[];
  /** Keys of rows that changed a moment ago. */
  pulsing: ReadonlySet<string>;
  /** Keys of deleted rows. */
  gone: ReadonlySet<string>;
  /** many: too many to count. */
  newCount: number | 'many';
  showNew: () => void;
} {
  const latest = useRef(options);
  latest.current = options;
  const { revalidate } = useRevalidator();
  const [patches] = useState(() => createRowPatches<Row>(() => latest.current));
  const { rows, keyOf, types, touches } = options;
  useEffect(() => patches.show(rows), [patches, rows]);
  useEffect(() => patches.stop, [patches]);
  useLive(types, (event) =>
    event.type === 'reset'
      ? patches.report('many', !event.isFirst)
      : patches.report(touches(event), options.enters === 'changed' || event.operation === 'insert'),
  );
  const { pulsing, gone, fresh, patched } = useStore(patches.state);
  // `patched` is what `patch` reads.
  const shown = useMemo(() => rows.map((row) => patches.patch(row, keyOf(row))), [rows, patches, patched]);
  return {
    rows: shown,
    pulsing,
    gone,
    newCount: fresh === 'many' ? fresh : fresh.size,
    showNew: options.toFirstPage ?? (() => void revalidate()),
  };
}
