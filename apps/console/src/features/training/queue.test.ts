import type { TrainingRow } from '@at/contracts/training';
import { describe, expect, it } from 'vitest';
import { type Action, emptyQueue, type Queue, reduce, waitingOf } from './queue.ts';

const row = (id: number): TrainingRow => ({ imdb_id: `tt${id}`, anomalous: false, updated_at: 'v1' }) as TrainingRow;
const rows = (...ids: number[]) => ids.map(row);
const ids = ({ upcoming }: Queue) => upcoming.map(({ imdb_id }) => Number(imdb_id.slice(2)));
const run = (queue: Queue, ...actions: Action[]) => actions.reduce(reduce, queue);
const begin = (...of: number[]): Action => ({
  type: 'begin',
  rows: rows(...of),
  cursor: 'c',
  total: 10,
  steps: [],
  outside: [],
});
const answer = (id: string): Action => ({ type: 'answer', id, label: 'would_watch', decisionMs: 1000 });

describe('the review queue', () => {
  it('puts the next title on screen with the answer, and counts it', () => {
    const queue = run(emptyQueue, begin(1, 2, 3), answer('a'));
    expect(ids(queue)).toEqual([2, 3]);
    expect(queue.left).toBe(9);
  });

  it('undoes any number of answers and skips, latest first, and marks the old answer', () => {
    const queue = run(emptyQueue, begin(1, 2, 3, 4), answer('a'), { type: 'skip', id: 's' }, answer('b'));
    const back = run(queue, { type: 'undo' }, { type: 'undo' }, { type: 'undo' });
    expect(ids(back)).toEqual([1, 2, 3, 4]);
    expect(back.left).toBe(10);
    expect(back.steps).toEqual([]);
    expect(back.returned).toEqual({ imdb_id: 'tt1', label: 'would_watch', reason: null });
    expect(reduce(back, { type: 'undo' })).toBe(back);
  });

  it('knows what was undone last, until the next step', () => {
    const queue = run(emptyQueue, begin(1, 2, 3), answer('a'), answer('b'), { type: 'undo' });
    expect(queue.undone).toMatchObject({ kind: 'answer', id: 'b', title: { imdb_id: 'tt2' } });
    expect(reduce(queue, { type: 'skip', id: 's' }).undone).toBeNull();
    expect(reduce(queue, { type: 'undo' }).undone).toMatchObject({ id: 'a' });
  });

  it('omits from a refill the title on screen and those already done', () => {
    const queue = run(emptyQueue, begin(1, 2), answer('a'), { type: 'refill', rows: rows(1, 2, 3), cursor: null });
    expect(ids(queue)).toEqual([2, 3]);
  });

  it('knows at the last page how many are left', () => {
    const queue = run(emptyQueue, begin(1, 2), { type: 'refill', rows: rows(3), cursor: null });
    expect(queue.left).toBe(3);
  });

  it('brings a title back with the reason when its answer was refused, in front of the one on screen', () => {
    const queue = run(emptyQueue, begin(1, 2, 3), answer('a'), answer('b'), { type: 'refused', id: 'a', reason: 'no' });
    expect(ids(queue)).toEqual([1, 3]);
    expect(queue.returned).toEqual({ imdb_id: 'tt1', label: 'would_watch', reason: 'no' });
    expect(queue.steps.map(({ id }) => id)).toEqual(['b']);
  });

  it('drops a step that another user decided first, so that undo cannot touch it', () => {
    const queue = run(emptyQueue, begin(1, 2), answer('a'), { type: 'overtaken', id: 'a' });
    expect(queue.steps).toEqual([]);
    expect(ids(queue)).toEqual([2]);
  });

  it('marks a title as anomalous without leaving it, and undo unmarks it', () => {
    const marked = run(emptyQueue, begin(1, 2), { type: 'anomalous', id: 'm' });
    expect(marked.upcoming[0]?.anomalous).toBe(true);
    expect(marked.left).toBe(10);
    expect(reduce(marked, { type: 'undo' }).upcoming[0]?.anomalous).toBe(false);
  });

  it("gives a returning title the version of the API's reply", () => {
    const saved: Action = { type: 'saved', id: 'a', imdb_id: 'tt1', eventId: 7, version: 'v2' };
    const queue = run(emptyQueue, begin(1, 2), answer('a'), saved);
    expect(queue.steps[0]).toMatchObject({ eventId: 7 });
    expect(reduce(queue, { type: 'undo' }).upcoming[0]?.updated_at).toBe('v2');
  });

  it('has left what the API counts, without what was skipped', () => {
    const queue = run(emptyQueue, begin(1, 2, 3), { type: 'skip', id: 's' }, { type: 'counted', total: 8 });
    expect(queue.left).toBe(7);
    expect(reduce(queue, { type: 'counted', total: 0 }).left).toBe(2);
  });

  it('shows skipped titles again only on request', () => {
    const queue = run(emptyQueue, begin(1, 2), { type: 'skip', id: 's' }, answer('a'));
    expect(ids(queue)).toEqual([]);
    const again = reduce(queue, { type: 'revisit' });
    expect(ids(again)).toEqual([1]);
    expect(again.steps.map(({ kind }) => kind)).toEqual(['answer']);
  });

  it('continues after a reload without the titles already done', () => {
    const { steps } = run(emptyQueue, begin(1, 2, 3), answer('a'));
    const queue = reduce(emptyQueue, {
      type: 'begin',
      rows: rows(1, 2, 3),
      cursor: null,
      total: 3,
      steps,
      outside: [],
    });
    expect(ids(queue)).toEqual([2, 3]);
    expect(queue.left).toBe(2);
  });

  it('subtracts a skipped title after a reload once, and one that another user labelled never', () => {
    const { steps } = run(emptyQueue, begin(1, 2, 3), { type: 'skip', id: 's' }, { type: 'skip', id: 't' });
    const again = { type: 'begin', rows: rows(3), cursor: 'c', steps } as const;
    const none = reduce(emptyQueue, { ...again, total: 10, outside: [] });
    const one = reduce(emptyQueue, { ...again, total: 9, outside: ['tt1'] });
    expect([none.left, one.left]).toEqual([8, 8]);
    const counted = [none, one].map((queue, i) => reduce(queue, { type: 'counted', total: 10 - i }));
    expect(counted.map((queue) => [queue.left, waitingOf(queue)])).toEqual([
      [8, 10],
      [8, 9],
    ]);
  });
});

describe('changes of other users', () => {
  const others = (rows: TrainingRow[], ...left: number[]): Action => ({
    type: 'others',
    rows,
    left: left.map((id) => `tt${id}`),
    outside: [],
    by: new Map(rows.map(({ imdb_id }) => [imdb_id, 'anna'])),
  });
  const now = (id: number, changes: Partial<TrainingRow>): TrainingRow => ({
    ...row(id),
    updated_at: 'v2',
    ...changes,
  });

  it('removes an upcoming title that they answered, and counts it', () => {
    const queue = run(emptyQueue, begin(1, 2, 3), others([], 2));
    expect(ids(queue)).toEqual([1, 3]);
    expect(queue.left).toBe(9);
  });

  it('are subtracted once: the count of the API has them, whichever comes first', () => {
    const counted: Action = { type: 'counted', total: 9 };
    const first = run(emptyQueue, begin(1, 2, 3), counted, others([], 2));
    const last = run(emptyQueue, begin(1, 2, 3), others([], 2), counted);
    expect([first.left, last.left]).toEqual([9, 9]);
  });

  it('leave out of the count the title on screen, also when it is skipped, answered or back', () => {
    const changed = { ...others([now(1, { label: 'would_watch', reviewed: true })]), outside: ['tt1'] } as Action;
    const queue = run(emptyQueue, begin(1, 2, 3), { type: 'counted', total: 9 }, changed);
    const skipped = reduce(queue, { type: 'skip', id: 's' });
    const answered = reduce(queue, answer('a'));
    expect([queue, skipped, answered, reduce(skipped, { type: 'undo' })].map(({ left }) => left)).toEqual([9, 9, 9, 9]);
    expect(reduce(skipped, { type: 'counted', total: 8 }).left).toBe(8);
    expect(waitingOf(reduce(skipped, { type: 'revisit' }))).toBe(9);
  });

  it('leave out of the count a title that was skipped before, until it matches again', () => {
    const skipped = run(emptyQueue, begin(1, 2, 3), { type: 'skip', id: 's' }, { type: 'counted', total: 9 });
    const queue = reduce(skipped, { ...others([]), outside: ['tt1'] } as Action);
    expect([queue.left, waitingOf(queue)]).toEqual([9, 9]);
    expect(waitingOf(run(queue, others([now(1, {})]), { type: 'counted', total: 10 }))).toBe(10);
  });

  it('updates the title on screen and names the user who changed its flags', () => {
    const queue = run(emptyQueue, begin(1, 2), others([now(1, { label: 'would_watch', reviewed: true })]));
    expect(queue.upcoming[0]).toMatchObject({ label: 'would_watch', updated_at: 'v2' });
    expect(queue.changedBy).toEqual({ imdb_id: 'tt1', by: 'anna' });
    expect(run(queue, answer('a')).changedBy).toBeNull();
  });

  it('reports no change without a decision, and ignores older rows', () => {
    const renamed = run(emptyQueue, begin(1), others([now(1, { media_title: 'Other' })]));
    expect(renamed.upcoming[0]?.media_title).toBe('Other');
    expect(renamed.changedBy).toBeNull();
    expect(run(renamed, others([row(1)])).upcoming[0]?.media_title).toBe('Other');
  });

  it('moves to the next title if the one on screen no longer exists', () => {
    const queue = run(emptyQueue, begin(1, 2), others([], 1));
    expect(ids(queue)).toEqual([2]);
    expect(queue.changedBy).toBeNull();
  });
});

describe('a refill', () => {
  it('keeps the reason why the title on screen is back', () => {
    const refused = run(emptyQueue, begin(1, 2), answer('a'), { type: 'refused', id: 'a', reason: 'no' });
    expect(reduce(refused, { ...begin(1, 2), steps: [] } as Action).returned?.reason).toBe('no');
    expect(reduce(refused, { ...begin(2, 1), steps: [] } as Action).returned).toBeNull();
  });
});
