import type { TrainingRow } from '@at/contracts/training';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const storage = vi.hoisted(() => {
  const items = new Map<string, string>();
  vi.stubGlobal('location', new URL('http://console.test/'));
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  });
  return items;
});

beforeEach(() => vi.stubGlobal('fetch', async () => Response.json({ success: true }, { status: 202 })));
afterEach(() => storage.clear());

/** The page after a reload. */
async function load() {
  vi.resetModules();
  const { isRefreshingMetadata, refreshMetadata, pendingRefreshes } = await import('./refresh-metadata.ts');
  return {
    ask: refreshMetadata,
    isWaiting: (title: TrainingRow) => isRefreshingMetadata(title, pendingRefreshes.get()),
    pendingRefreshes,
  };
}

const row = (changes: Partial<TrainingRow> = {}) =>
  ({
    imdb_id: 'tt0000001',
    media_title: 'Alien',
    overview: 'Then',
    updated_at: '2026-01-02T00:00:00.000001Z',
    ...changes,
  }) as TrainingRow;
const later = '2026-01-02T00:00:00.000002Z';

describe('requested metadata', () => {
  it('is pending across a reload, until a newer row differs', async () => {
    await (await load()).ask(row());
    const { isWaiting } = await load();
    expect(isWaiting(row())).toBe(true);
    expect(isWaiting(row({ updated_at: later, anomalous: true }))).toBe(true);
    expect(isWaiting(row({ updated_at: later, overview: 'Now' }))).toBe(false);
    expect(isWaiting(row({ imdb_id: 'tt0000002' }))).toBe(false);
  });

  it('stays pending after a row that is older than the request', async () => {
    const { ask, isWaiting } = await load();
    await ask(row());
    expect(isWaiting(row({ updated_at: '2026-01-01T00:00:00.000000Z', overview: 'Before' }))).toBe(true);
  });

  it('is stored once per title, for the last hundred titles', async () => {
    const { ask, isWaiting, pendingRefreshes } = await load();
    for (let index = 0; index < 101; index += 1) await ask(row({ imdb_id: `tt${index}` }));
    await ask(row({ imdb_id: 'tt1' }));
    expect(pendingRefreshes.get()).toHaveLength(100);
    expect(['tt0', 'tt1', 'tt100'].map((imdb_id) => isWaiting(row({ imdb_id })))).toEqual([false, true, true]);
  });

  it('is dropped if the stored value is invalid', async () => {
    storage.set('reruns', '[{"imdb_id":"tt0000001"}]');
    expect((await load()).pendingRefreshes.get()).toEqual([]);
  });
});
