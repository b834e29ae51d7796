import { describe, expect, it, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://console.test/')));

import { loadKeyMaps } from '#app/features.ts';
import { type KeyMap, keysOf } from '#keys/bindings.ts';
import { globalKeys } from '#keys/global-keys.ts';
import { reviewKeys, titleListKeys } from '../training/keys.ts';
import { findClash, press } from './key-clashes.ts';

const keyMaps = await loadKeyMaps();

const taken = (map: KeyMap, name: string, key: string, chosen = {}) => findClash(keyMaps, map, name, key, chosen);

describe('the keys of the console', () => {
  it('have no conflicts by default', () => {
    const clashes = keyMaps.flatMap((map) =>
      Object.keys(map.keys).flatMap((name) =>
        keysOf(map, name, {}).flatMap((key) => {
          const found = taken(map, name, key);
          return found ? [`${key}: ${map.title} ${name}, ${found.title} ${found.label}`] : [];
        }),
      ),
    );
    expect(clashes).toEqual([]);
  });

  it('have names that are unique to one group', () => {
    const ids = keyMaps.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('can all be changed: no group of a feature is missing', () => {
    const modules = import.meta.glob<Record<string, KeyMap>>('/src/**/keys.ts', { eager: true });
    const all = Object.values(modules).flatMap((module) => Object.values(module));
    expect(all.filter((map) => !keyMaps.includes(map)).map(({ id }) => id)).toEqual([]);
  });
});

describe('a key for another action', () => {
  it('is refused if the page uses it, with the name of its action', () => {
    expect(taken(reviewKeys, 'watch', 'n')).toEqual({ key: 'n', title: 'Review', label: 'Would not watch' });
    expect(taken(reviewKeys, 'watch', '/')).toMatchObject({ title: 'Training', label: 'Search' });
    expect(taken(reviewKeys, 'watch', 'mod+k')).toMatchObject({ title: 'Everywhere' });
  });

  it('may be the key of another view or page, or its own', () => {
    expect(taken(reviewKeys, 'watch', 'j')).toBeUndefined();
    expect(taken(titleListKeys, 'watch', 's')).toBeUndefined();
    expect(taken(reviewKeys, 'watch', 'w')).toBeUndefined();
  });

  it('of every page is refused if any page uses it', () => {
    expect(taken(globalKeys, 'palette', 'w')).toMatchObject({ label: 'Would watch' });
  });

  it('is refused if it starts a sequence, or if a key is the start of it', () => {
    expect(taken(reviewKeys, 'watch', 'g')).toMatchObject({ title: 'Everywhere', label: 'Go to Home' });
    expect(taken(reviewKeys, 'watch', 'n x')).toMatchObject({ label: 'Would not watch' });
  });

  it('is free after its action gets another key', () => {
    expect(taken(reviewKeys, 'watch', 'n', { 'review.not': ['q'] })).toBeUndefined();
    expect(taken(reviewKeys, 'watch', 'q', { 'review.not': ['q'] })).toMatchObject({ label: 'Would not watch' });
  });
});

describe('pressing keys', () => {
  it('captures one key, or two in a row; a third starts again', () => {
    expect(press('', 'f')).toBe('f');
    expect(press('f', 'h')).toBe('f h');
    expect(press('f h', 'x')).toBe('x');
    expect(press('', 'mod+j')).toBe('mod+j');
  });

  it('ignores modifiers and browser shortcuts', () => {
    expect([press('', 'Shift'), press('f', 'mod+Control'), press('f', undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
