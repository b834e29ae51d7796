import type { EventType } from '@at/contracts/vocabulary';
import { useEffect, useRef, useState } from 'react';
import { useRevalidator } from 'react-router';
import { useStore } from '#state/store.ts';
import type { LiveEvent } from './event-stream.ts';
import { useLive } from './live-events.ts';
import { createRowPatches, type Touched } from './row-patches.ts';

type Options<Row> = {
  /** As the loader gave them: another array is newer data. */
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Text that is greater the newer the row is, such as its `updated_at`. */
  versionOf: (row: Row) => string;
  /** The rows that an event concerns. */
  touches: (event: Exclude<LiveEvent, { type: 'reset' }>) => Touched;
  /** Reads rows by key, whatever the list's filter; one that does not come back is gone. */
  fetchRows: (keys: string[], signal: AbortSignal) => Promise<Row[]>;
  /** Those of the keys that the list's filter finds; without it nothing is counted as new. */
  findNew?: (keys: string[], signal: AbortSignal) => Promise<Row[]>;
  /** Which rows the list would show as new: those that were added, or every changed one (newest change first). */
  enters?: 'added' | 'changed';
  /** Shown so already, such as by one's own write: no reason to pulse. */
  isKnown?: (row: Row) => boolean;
  types: readonly EventType[];
  /** Goes to the list's first page, where new rows come; absent on that page, which is then loaded anew. */
  toFirstPage?: (() => void) | undefined;
};

/**
 * Rows that follow what anybody changes: those on screen are replaced where they stand, and keep their order; those that
 * came meanwhile are counted, until `showNew` brings them.
 */
export function useLiveRows<Row>(options: Options<Row>): {
  rows: Row[];
  /** Keys of rows that have just changed. */
  pulsing: ReadonlySet<string>;
  /** Keys of rows that exist no more. */
  gone: ReadonlySet<string>;
  /** many: too much has changed to be counted. */
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
      ? patches.hear('many', !event.isFirst)
      : patches.hear(touches(event), options.enters === 'changed' || event.operation === 'insert'),
  );
  const { pulsing, gone, fresh } = useStore(patches.state);
  return {
    rows: rows.map((row) => patches.patch(row, keyOf(row))),
    pulsing,
    gone,
    newCount: fresh === 'many' ? fresh : fresh.size,
    showNew: options.toFirstPage ?? (() => void revalidate()),
  };
}
