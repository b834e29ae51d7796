import { withLabelRule } from '@at/contracts/label-rule';
import type { FlagValues } from '@at/contracts/labels';
import { describe, expect, test } from 'vitest';
import { historyOf, type StoredEvent } from './rules.ts';

const blank: FlagValues = { label: null, human_labeled: false, anomalous: false, reviewed: null };
const watch: FlagValues = { label: 'would_watch', human_labeled: true, anomalous: false, reviewed: true };

const event = (
  event_id: number,
  before: FlagValues,
  after: FlagValues,
  more: Partial<StoredEvent> = {},
): StoredEvent => ({
  event_id,
  at: `2025-01-01T00:00:0${event_id}.000000Z`,
  actor: 'anna',
  actor_verified: false,
  action: 'update',
  before,
  after,
  decision_ms: null,
  shown: null,
  undoes: null,
  ...more,
});

describe('the label rule', () => {
  test('a label sets human_labeled and reviewed, and overrides their values', () => {
    expect(withLabelRule({ label: 'would_watch', human_labeled: false, reviewed: false, anomalous: true })).toEqual({
      label: 'would_watch',
      human_labeled: true,
      reviewed: true,
      anomalous: true,
    });
  });
  test('a change without a label stays the same', () => {
    expect(withLabelRule({ reviewed: false })).toEqual({ reviewed: false });
  });
});

describe('history', () => {
  test('a title without events has none, with any flags', () => {
    expect(historyOf([], watch)).toEqual([]);
  });

  test('comes newest first, with what changed in the order of the flags', () => {
    const history = historyOf([event(1, blank, watch), event(2, watch, { ...watch, anomalous: true })], {
      ...watch,
      anomalous: true,
    });
    expect(history.map(({ event_id }) => event_id)).toEqual([2, 1]);
    expect(history[1]?.changes).toEqual([
      { field: 'label', from: null, to: 'would_watch' },
      { field: 'human_labeled', from: false, to: true },
      { field: 'reviewed', from: null, to: true },
    ]);
    expect(history[0]).not.toHaveProperty('before');
  });

  test('a change between two events, and one after the last, are entries of their own', () => {
    const history = historyOf([event(1, blank, watch), event(2, { ...watch, reviewed: false }, watch)], blank);
    expect(history.map(({ action, actor }) => [action, actor])).toEqual([
      ['outside', 'database'],
      ['update', 'anna'],
      ['outside', 'database'],
      ['update', 'anna'],
    ]);
    expect(history[2]).toMatchObject({
      event_id: null,
      at: null,
      changes: [{ field: 'reviewed', from: true, to: false }],
    });
    expect(history[0]?.changes.map(({ field }) => field)).toEqual(['label', 'human_labeled', 'reviewed']);
  });

  test('an undone event names the one that took it back', () => {
    const undo = event(2, watch, blank, { action: 'undo', undoes: 1 });
    const [latest, first] = historyOf([event(1, blank, watch), undo], blank);
    expect(first).toMatchObject({ event_id: 1, undone_by: 2 });
    expect(latest).toMatchObject({ event_id: 2, undoes: 1, undone_by: null });
  });
});
