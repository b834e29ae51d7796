import type { TrainingRow } from '@at/contracts/training';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('location', new URL('http://console.test/'));
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('document', { hidden: false, addEventListener: () => {} });
});

import { createStore } from '#state/store.ts';
import { emptyQueue } from './queue.ts';
import { createFollower } from './review-live.ts';
import type { ReviewSession } from './review-session.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const idOf = (index: number) => `tt${index}`;

/** A review of so many titles, over an API that has them newer; `changes` are what it says of one of them. */
function setUp(count: number, changes: Record<string, Partial<TrainingRow>> = {}) {
  const row = (imdb_id: string) => ({ imdb_id, updated_at: 'v1', label: null, reviewed: false }) as TrainingRow;
  const newer = (imdb_id: string) => ({ ...row(imdb_id), updated_at: 'v2', ...changes[imdb_id] });
  const upcoming = Array.from({ length: count }, (_, index) => row(idOf(index)));
  const asked: number[] = [];
  vi.stubGlobal('fetch', async (address: string) => {
    const { pathname, searchParams } = new URL(address);
    const ids = searchParams.get('imdb_id')?.split(',');
    if (!ids) return Response.json(newer(pathname.split('/').at(-1) as string));
    asked.push(ids.length);
    return Response.json({ data: ids.map(newer), pagination: { next_cursor: null } });
  });
  const session: ReviewSession = {
    pass: '',
    url: '',
    query: {},
    queue: createStore({ ...emptyQueue, upcoming, left: count }),
    stalled: createStore<string | null>(null),
  };
  return { follower: createFollower(session), queue: session.queue.get, asked };
}

it('names who changed the title on screen, whoever else has changed another at that moment', async () => {
  const { follower, queue } = setUp(3, { tt0: { label: 'would_watch' } });
  follower.report(['tt9'], 'me');
  follower.report(['tt0'], 'Bob');
  follower.report(['tt1'], 'Ada');
  follower.report(['tt9'], 'me');
  await vi.advanceTimersByTimeAsync(200);
  expect(queue().meanwhile).toEqual({ imdb_id: 'tt0', by: 'Bob' });
});

it('keeps every title that still matches, of however many, when anything may have changed', async () => {
  const { follower, queue, asked } = setUp(401);
  follower.report(undefined, 'somebody else');
  await vi.advanceTimersByTimeAsync(200);
  expect(queue().upcoming.map(({ updated_at }) => updated_at)).toEqual(Array(401).fill('v2'));
  expect(asked).toEqual([200, 200, 1]);
});
