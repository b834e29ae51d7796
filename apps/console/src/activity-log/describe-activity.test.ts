import type { Activity } from '@at/contracts/activity';
import { expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('location', new URL('http://console.test/'));
});

import { countItems, describeActivity, withoutRepeats } from './describe-activity.ts';

const row = (imdb_id: string, operation_id: string | null): Activity => ({
  type: 'label.written',
  at: '2025-06-02T19:40:12.500000Z',
  actor: 'anna',
  actor_verified: true,
  operation: null,
  imdb_ids: [imdb_id],
  hashes: [],
  media_action: null,
  operation_id,
  taken_back_by: null,
  label: { event_id: 1, action: 'would_watch', changes: [], undoes: null, undone_by: null, undoable: true },
  media: null,
  file: null,
});

it('one bulk change is one entry with the number of others', () => {
  const entries = withoutRepeats([row('tt1', 'a'), row('tt2', 'a'), row('tt3', 'a'), row('tt4', 'b'), row('tt5', 'a')]);
  expect(entries.map((entry) => [describeActivity(entry).id, describeActivity(entry).others])).toEqual([
    ['tt1', 'and 2 others'],
    ['tt4', ''],
    ['tt5', ''],
  ]);
});

it('a bulk change and its undo are headed by the same row, in any order of writing', () => {
  const [done, undone] = withoutRepeats([row('tt3', 'a'), row('tt1', 'a'), row('tt1', 'b'), row('tt3', 'b')]);
  expect(done && describeActivity(done)).toMatchObject({ id: 'tt1', others: 'and 1 other' });
  expect(undone && describeActivity(undone)).toMatchObject({ id: 'tt1', others: 'and 1 other' });
  const several = { ...row('tt1', null), imdb_ids: ['tt2', 'tt1'] };
  expect(describeActivity({ row: several, repeats: 0 }).id).toBe('tt1');
});

it('the number of others links to them: to the bulk change, or to their list', () => {
  const [bulk] = withoutRepeats([row('tt1', 'a'), row('tt2', 'a')]);
  expect(bulk && describeActivity(bulk).othersTo).toBe('/activity/a?tab=operations');
  const several = { ...row('tt1', null), imdb_ids: ['tt1', 'tt2'] };
  expect(describeActivity({ row: several, repeats: 0 })).toMatchObject({
    others: 'and 1 other',
    othersTo: '/training?view=list&media_type=all&reviewed=all',
  });
});

it('an update with the label is named so, one of other flags alone as of flags, as in the history of the title', () => {
  const changes = [
    { field: 'label' as const, from: null, to: 'would_watch' as const },
    { field: 'anomalous' as const, from: false, to: true },
  ];
  const before = (some: typeof changes) => {
    const { label, ...rest } = row('tt1', null);
    return describeActivity({
      row: { ...rest, label: label && { ...label, action: 'update', changes: some } },
      repeats: 0,
    }).before;
  };
  expect([changes.slice(0, 1), changes.slice(1), changes].map(before)).toEqual([
    'changed the label of',
    'changed the flags of',
    'changed the label of',
  ]);
});

it('single changes are single entries', () => {
  expect(withoutRepeats([row('tt1', null), row('tt2', null)])).toHaveLength(2);
});

it('a bulk change counts each item, as do files that were found, and one that was changed twice counts once', () => {
  const file = (item_id: number | null, count: number | null = null): Activity => ({
    ...row('tt1', null),
    type: 'queue.changed',
    imdb_ids: [],
    label: null,
    file: {
      action: item_id === null ? 'retry-many' : 'found',
      item_id,
      name: 'x',
      run_id: null,
      task: null,
      count,
      error: null,
      undo: null,
    },
  });
  const ten = Array.from({ length: 10 }, (_, i) => row(`tt${i}`, 'a'));
  const counted = (rows: Activity[]) => countItems(withoutRepeats(rows));
  expect(counted(ten)).toEqual({ items: 10, isLeast: false });
  expect(counted([{ ...row('tt1', 'a'), imdb_ids: ['tt1', 'tt2', 'tt3'] }])).toEqual({ items: 3, isLeast: false });
  expect(counted([...ten, row('tt3', null), row('tt11', null)])).toEqual({ items: 11, isLeast: false });
  expect(counted([file(1), file(2), file(2), file(null, 40)])).toEqual({ items: 42, isLeast: false });
  expect(counted([{ ...row('tt1', 'b'), imdb_ids: null }])).toEqual({ items: 100, isLeast: true });
});
