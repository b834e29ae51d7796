import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRowPatches } from './row-patches.ts';

type Row = { key: string; version: string; label?: string };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A list over an API whose rows the test holds. */
function setUp(shown: Row[], { known = '' } = {}) {
  const stored = new Map(shown.map((row) => [row.key, row]));
  const matching = new Set<string>();
  const asked: string[][] = [];
  let failing = false;
  const patches = createRowPatches<Row>(() => ({
    keyOf: ({ key }) => key,
    versionOf: ({ version }) => version,
    isKnown: ({ version }) => version === known,
    fetchRows: async (keys) => {
      asked.push(keys);
      if (failing) throw new Error('unreachable');
      return keys.flatMap((key) => stored.get(key) ?? []);
    },
    findNew: async (keys) => keys.filter((key) => matching.has(key)).map((key) => ({ key, version: '1' })),
  }));
  patches.show(shown);
  return {
    patches,
    stored,
    matching,
    asked,
    fail: (now: boolean) => {
      failing = now;
    },
    rows: () => shown.map((row) => patches.patch(row, row.key)),
  };
}

const [a, b]: Row[] = [
  { key: 'a', version: '1' },
  { key: 'b', version: '1' },
];
const shown = [a as Row, b as Row];

describe('live rows', () => {
  it('replaces a changed row in place, lets it pulse, and leaves the others alone', async () => {
    const { patches, stored, rows } = setUp(shown);
    stored.set('b', { key: 'b', version: '2' });
    patches.report(['b'], false);
    await vi.advanceTimersByTimeAsync(0);
    expect(rows()).toEqual([a, { key: 'b', version: '2' }]);
    expect([...patches.state.get().pulsing]).toEqual(['b']);
    await vi.advanceTimersByTimeAsync(1_500);
    expect([...patches.state.get().pulsing]).toEqual([]);
  });

  it('reads at most every 200 ms, however many changes come', async () => {
    const { patches, asked } = setUp(shown);
    for (let time = 0; time < 1_000; time += 10) {
      patches.report([time % 20 === 0 ? 'a' : 'b'], false);
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked.map((keys) => keys.toSorted().join())).toEqual(['a', 'a,b', 'a,b', 'a,b', 'a,b', 'a,b']);
  });

  it('reads no rows that are not on screen', async () => {
    const { patches, asked } = setUp(shown);
    patches.report(['x'], false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([]);
  });

  it("drops patches that are older than the loader's rows, and keeps newer ones", async () => {
    const { patches, stored } = setUp(shown);
    stored.set('a', { key: 'a', version: '3' });
    stored.set('b', { key: 'b', version: '3' });
    patches.report('many', false);
    await vi.advanceTimersByTimeAsync(0);
    const loaded = [
      { key: 'a', version: '4' },
      { key: 'b', version: '2' },
    ];
    patches.show(loaded);
    expect(loaded.map((row) => patches.patch(row, row.key).version)).toEqual(['4', '3']);
  });

  it('applies a row that differs without a newer version, such as one with another prediction', async () => {
    const { patches, stored, rows } = setUp(shown);
    stored.set('a', { key: 'a', version: '1', label: 'other' });
    patches.report(['a'], false);
    await vi.advanceTimersByTimeAsync(0);
    expect(rows()[0]?.label).toBe('other');
  });

  it('does not pulse for a state already on screen', async () => {
    const { patches, stored } = setUp(shown, { known: '2' });
    stored.set('a', { key: 'a', version: '2' });
    patches.report(['a'], false);
    await vi.advanceTimersByTimeAsync(0);
    expect(patches.state.get().pulsing.size).toBe(0);
  });

  it('reports deleted rows', async () => {
    const { patches, stored, rows } = setUp(shown);
    stored.delete('a');
    patches.report(['a'], false);
    await vi.advanceTimersByTimeAsync(0);
    expect([...patches.state.get().gone]).toEqual(['a']);
    expect(rows()).toEqual(shown);
  });

  it("counts a new row once, drops one that left again, and resets with the loader's rows", async () => {
    const { patches, matching } = setUp(shown);
    const fresh = () => patches.state.get().fresh;
    matching.add('x').add('y');
    patches.report(['x', 'y', 'z'], true);
    patches.report(['x'], true);
    await vi.advanceTimersByTimeAsync(400);
    expect(fresh()).toEqual(new Set(['x', 'y']));
    matching.delete('y');
    patches.report(['y'], true);
    await vi.advanceTimersByTimeAsync(400);
    expect(fresh()).toEqual(new Set(['x']));
    patches.report('many', true);
    expect(fresh()).toBe('many');
    patches.show(structuredClone(shown));
    expect(fresh()).toEqual(new Set());
  });

  it('keeps new and deleted rows when more of the same list loads', async () => {
    const { patches, stored, matching } = setUp(shown);
    const [c, y]: Row[] = [
      { key: 'c', version: '1' },
      { key: 'y', version: '1' },
    ];
    stored.delete('a');
    matching.add('x').add('y');
    patches.report(['a', 'x', 'y'], true);
    await vi.advanceTimersByTimeAsync(0);
    patches.show([...shown, c as Row, y as Row]);
    expect(patches.state.get()).toMatchObject({ gone: new Set(['a']), fresh: new Set(['x']) });
    patches.report('many', true);
    patches.show([...shown, c as Row, y as Row, { key: 'z', version: '1' }]);
    expect(patches.state.get().fresh).toBe('many');
  });

  it('retries after a failed request', async () => {
    const { patches, stored, rows, fail } = setUp(shown);
    stored.set('a', { key: 'a', version: '2' });
    fail(true);
    patches.report(['a'], false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(rows()).toEqual(shown);
    fail(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(rows()[0]?.version).toBe('2');
  });
});
