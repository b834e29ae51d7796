import { createStore } from '#state/store.ts';

/** What has changed in the rows of a list since they were loaded, read in batches. Knows no React. */

/** Keys of rows; many: too many to name. */
export type Touched = readonly string[] | 'many';

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
  /** Rows that came meanwhile. */
  fresh: ReadonlySet<string> | 'many';
};

/** Milliseconds from one reading to the next, however fast changes come. */
const pause = 200;
const retryAfter = 2_000;
const pulse = 1_500;
/** As many ids as fit into one request. */
const most = 200;

export function createRowPatches<Row>(options: () => Options<Row>) {
  const none: State<Row> = { patched: new Map(), pulsing: new Set(), gone: new Set(), fresh: new Set() };
  const state = createStore(none);
  let shown: ReadonlyMap<string, Row> = new Map();
  let changed = new Set<string>();
  let candidates = new Set<string>();
  let controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;
  let lastRead = Number.NEGATIVE_INFINITY;

  const isNewer = (row: Row, than: Row) => options().versionOf(row) > options().versionOf(than);

  function patch(row: Row, key: string): Row {
    const patched = state.get().patched.get(key);
    return patched === undefined || isNewer(row, patched) ? row : patched;
  }

  /** What a version does not tell of, such as a prediction made anew, counts as well. */
  const differs = (row: Row, from: Row) => !isNewer(from, row) && JSON.stringify(row) !== JSON.stringify(from);

  function schedule(wait: number): void {
    if (isReading || (changed.size === 0 && candidates.size === 0)) return;
    timer ??= setTimeout(read, wait);
  }

  const untilNext = () => Math.max(0, lastRead + pause - performance.now());

  function lay(keys: readonly string[], rows: readonly Row[]): void {
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

  async function read(): Promise<void> {
    timer = undefined;
    isReading = true;
    lastRead = performance.now();
    const { fetchRows, findNew, keyOf } = options();
    const { signal } = controller;
    const keys = [...changed];
    const others = [...candidates].slice(0, most);
    changed = new Set();
    candidates = new Set([...candidates].slice(most));
    let wait = 0;
    try {
      const [rows, found] = await Promise.all([
        keys.length > 0 ? fetchRows(keys, signal) : [],
        findNew && others.length > 0 ? findNew(others, signal) : [],
      ]);
      if (signal.aborted) return;
      lay(keys, rows);
      const came = found.map(keyOf).filter((key) => !shown.has(key));
      const left = new Set(others);
      state.set((before) => {
        if (before.fresh === 'many') return before;
        // What was new a moment ago may have left the filter again.
        const fresh = new Set([...[...before.fresh].filter((key) => !left.has(key)), ...came]);
        return { ...before, fresh };
      });
    } catch {
      if (signal.aborted) return;
      // That the API is away is told by the connection; the rows are asked for again.
      for (const key of keys) changed.add(key);
      for (const key of others) candidates.add(key);
      wait = retryAfter;
    } finally {
      isReading = false;
      schedule(Math.max(wait, untilNext()));
    }
  }

  return {
    state,
    /** The row as it stands now. */
    patch,
    /** Says what the loader has brought: what is older than that is dropped. */
    show: (rows: readonly Row[]) => {
      const { keyOf } = options();
      const before = shown;
      shown = new Map(rows.map((row) => [keyOf(row), row]));
      // More of the same list says nothing new of what was there.
      const goesOn = before.size > 0 && [...before].every(([key, row]) => shown.get(key) === row);
      changed = new Set([...changed].filter((key) => shown.has(key)));
      // What is on its way goes on: the loader may have read before it.
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
    /** Rows have changed; `mayEnter`: those not shown may belong into the list now. */
    hear: (touched: Touched, mayEnter: boolean) => {
      if (touched === 'many') {
        for (const key of shown.keys()) changed.add(key);
        if (mayEnter) state.set((before) => ({ ...before, fresh: 'many' }));
      } else {
        for (const key of touched) {
          if (shown.has(key)) changed.add(key);
          else if (mayEnter && options().findNew && state.get().fresh !== 'many') candidates.add(key);
        }
      }
      schedule(untilNext());
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      controller.abort();
      controller = new AbortController();
    },
  };
}
