import { describe, expect, it } from 'vitest';
import { loadKeyMaps } from './features.ts';

/** What an action means, where its name does not say it: the name is stored with keys that users chose. */
const meanings: Record<string, string> = {
  'activity.tab': 'view',
  'media-items.open': 'details',
  'queue-items.open': 'details',
  // Sends it through the pipeline again.
  'queue-items.retry': 'reingest',
  // The next title, without an answer.
  'review.skip': 'next',
  'pages.next': 'next page',
  'pages.previous': 'previous page',
};

const maps = await loadKeyMaps();
const actions = maps
  .flatMap(
    ({ id, keys }) =>
      Object.entries(keys).map(([name, { keys }]) => ({ meaning: meanings[`${id}.${name}`] ?? `${name}`, keys })),
    // In a log N is the next match, as wherever text is searched; no title is answered there.
  )
  .filter(({ meaning }) => meaning !== 'match');
const keys = [...new Set(actions.flatMap((action) => action.keys))];
const shared = Object.entries(Object.groupBy(actions, ({ meaning }) => meaning)).filter(([, same]) => same?.[1]);

describe('on every page', () => {
  it.each(keys)('%s means the same', (key) => {
    const found = actions.filter((action) => action.keys.includes(key)).map(({ meaning }) => meaning);
    expect(new Set(found).size, found.join(', ')).toBe(1);
  });

  it.each(shared)('"%s" has a key that it has elsewhere', (_, same = []) => {
    for (const { keys } of same) {
      const elsewhere = same.filter((other) => other.keys !== keys).flatMap((other) => other.keys);
      expect(keys.some((key) => elsewhere.includes(key))).toBe(true);
    }
  });

  it.each([
    ['details', 'd'],
    ['refresh', 'r'],
    ['rerun', 'shift+r'],
    ['delete', 'shift+Backspace'],
  ])('"%s" is %s', (meaning, key) => {
    const found = actions.filter((action) => action.meaning === meaning);
    expect(found.length).toBeGreaterThan(0);
    for (const { keys } of found) expect(keys).toContain(key);
  });
});
