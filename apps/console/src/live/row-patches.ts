import { compareTimes } from '@at/contracts/compare-times';
import { createStore } from '#state/store.ts';
import { createChangedKeys } from './changed-keys.ts';

/** What has changed in the rows of a list since they were loaded. Knows no React. */

/** Keys of rows; many: too many to name. */
export type RowKeys = readonly string[] | 'many';

type Options<Row> = {
  keyOf: (row: Row) => string;
  versionOf: (row: Row) => string;
  fetchRows: (keys: string[], signal: AbortSignal) => Promise<Row[]>;
  findNew?: (keys: string[], signal: AbortSignal) => Promise<Row[]>;
  isKnown?: (row: Row) => boolean;
};

type State<Row> = {
  /** Newer rows than the loader's, by key. */
  patched: ReadonlyMap<string, Row>;
  pulsing: ReadonlySet<string>;
  gone: ReadonlySet<string>;
  /** Rows that were added since. */
  fresh: ReadonlySet<string> | 'many';
};

/** Milliseconds for which a changed row pulses. */
const pulse = 1_500;
export function createRowPatches<Row>(options: () => Options<Row>) {
  const none: State<Row> = { patched: new Map(), pulsing: new Set(), gone: new Set(), fresh: new Set() };
  const state = createStore(none);
  let shown: ReadonlyMap<string, Row> = new Map();
  const isNewer = (row: Row, than: Row) => compareTimes(options().versionOf(row), options().versionOf(than)) > 0;

  function patch(row: Row, key: string): Row {
    const patched = state.get().patched.get(key);
    return patched === undefined || isNewer(row, patched) ? row : patched;
  }

  /** Also true for what the version does not show, such as a new prediction. */
  const differs = (row: Row, from: Row) => !isNewer(from, row) && JSON.stringify(row) !== JSON.stringify(from);

  function apply(keys: readonly string[], rows: readonly Row[]): void {
    const { keyOf, isKnown } = options();
    const found = new Map(rows.map((row) => [keyOf(row), row]));
    const fresh = rows.filter((row) => {
      const before = shown.get(keyOf(row));
      return before !== undefined && differs(row, patch(before, keyOf(row)));
    });
    const pulsing = fresh.filter((row) => !isKnown?.(row)).map(keyOf);
    const gone = keys.filter((key) => !found.has(key) && shown.has(key));
    state.set((before) => ({
      ...before,
      patched: new Map([...before.patched, ...fresh.map((row): [string, Row] => [keyOf(row), row])]),
      pulsing: new Set([...before.pulsing, ...pulsing]),
      gone: new Set([...[...before.gone].filter((key) => !found.has(key)), ...gone]),
    }));
    if (pulsing.length === 0) return;
    setTimeout(() => {
      state.set((before) => ({
        ...before,
        pulsing: new Set([...before.pulsing].filter((key) => !pulsing.includes(key))),
      }));
    }, pulse);
  }

  const reader = createChangedKeys<'changed' | 'candidate'>(async (touched, signal) => {
    const { fetchRows, findNew, keyOf } = options();
    const keys = [...touched.keys()].filter((key) => shown.has(key));
    const candidates = [...touched].flatMap(([key, note]) => (note === 'candidate' && !shown.has(key) ? key : []));
    const [rows, found] = await Promise.all([
      keys.length > 0 ? fetchRows(keys, signal) : [],
      findNew && candidates.length > 0 ? findNew(candidates, signal) : [],
    ]);
    if (signal.aborted) return;
    apply(keys, rows);
    const came = found.map(keyOf).filter((key) => !shown.has(key));
    const left = new Set(candidates);
    state.set((before) => {
      if (before.fresh === 'many') return before;
      // A row that was new may have left the filter again.
      const fresh = new Set([...[...before.fresh].filter((key) => !left.has(key)), ...came]);
      return { ...before, fresh };
    });
  });

  return {
    state,
    /** The latest known state of the row. */
    patch,
    /** Takes the loader's rows; older patches are dropped. */
    show: (rows: readonly Row[]) => {
      const { keyOf } = options();
      const before = shown;
      shown = new Map(rows.map((row) => [keyOf(row), row]));
      // More of the same list changes nothing about the rows before.
      const goesOn = before.size > 0 && [...before].every(([key, row]) => shown.get(key) === row);
      state.set(({ patched, pulsing, gone, fresh }) => ({
        patched: new Map(
          [...patched].filter(([key, row]) => {
            const loaded = shown.get(key);
            return loaded !== undefined && isNewer(row, loaded);
          }),
        ),
        pulsing,
        gone: goesOn ? gone : none.gone,
        fresh: !goesOn ? none.fresh : fresh === 'many' ? fresh : new Set([...fresh].filter((key) => !shown.has(key))),
      }));
    },
    /** Reports changed rows. `mayEnter`: rows that are not shown may belong to the list now. */
    report: (touched: RowKeys, mayEnter: boolean) => {
      if (touched === 'many') {
        reader.add(shown.keys(), 'changed');
        if (mayEnter) state.set((before) => ({ ...before, fresh: 'many' }));
      } else {
        const isCounted = mayEnter && options().findNew && state.get().fresh !== 'many';
        reader.add(
          touched.filter((key) => shown.has(key)),
          'changed',
        );
        if (isCounted)
          reader.add(
            touched.filter((key) => !shown.has(key)),
            'candidate',
          );
      }
    },
    stop: reader.stop,
  };
}
