import type { MediaRow } from '@at/contracts/media';
import { describe, expect, it } from 'vitest';
import { countCards, createBoard } from './board.ts';

type Page = Parameters<typeof createBoard>[0][number]['page'];

const page = (hashes: string[], next: string | null, total: number | null = null): Page => ({
  data: {
    data: hashes.map((hash) => ({ hash }) as MediaRow),
    pagination: {
      total,
      limit: 2,
      offset: 0,
      next: null,
      previous: null,
      has_more: next !== null,
      next_cursor: next,
    },
  },
  etag: null,
  age: 0,
  url: 'http://api/media/',
});

const hashesOf = (board: ReturnType<typeof createBoard>) =>
  board.columns.get().map(({ rows }) => rows.map(({ hash }) => hash).join(''));

describe('a column', () => {
  it('grows at its end, shows a card that moved between two pages once, and ends', async () => {
    const asked: string[] = [];
    const board = createBoard(
      [
        { status: 'parsed', page: page(['a', 'b'], 'after b', 4) },
        { status: 'complete', page: page([], null, 0) },
      ],
      async (status, cursor) => {
        asked.push(`${status} ${cursor}`);
        return cursor === 'after b' ? page(['b', 'c'], 'after c') : page(['d'], null);
      },
    );
    await board.loadMore('parsed');
    expect(hashesOf(board)).toEqual(['abc', '']);
    await board.loadMore('parsed');
    await board.loadMore('parsed');
    await board.loadMore('complete');
    expect(hashesOf(board)).toEqual(['abcd', '']);
    expect(asked).toEqual(['parsed after b', 'parsed after c']);
    expect(board.columns.get()[0]).toMatchObject({ total: 4, cursor: null, isLoading: false });
  });

  it('sends one request for several calls, and can retry after a failure', async () => {
    let isDown = true;
    let asked = 0;
    const board = createBoard([{ status: 'parsed', page: page(['a'], 'after a') }], async () => {
      asked += 1;
      if (isDown) throw new Error('unreachable');
      return page(['b'], null);
    });
    await Promise.all([board.loadMore('parsed'), board.loadMore('parsed')]);
    expect(asked).toBe(1);
    expect(board.columns.get()[0]).toMatchObject({
      failure: new Error('unreachable'),
      isLoading: false,
      cursor: 'after a',
    });
    isDown = false;
    await board.loadMore('parsed');
    expect(board.columns.get()[0]).toMatchObject({ failure: undefined, cursor: null });
    expect(hashesOf(board)).toEqual(['ab']);
  });
});

describe('the cards of all columns', () => {
  const counted = (...totals: (number | null)[]) =>
    countCards(
      createBoard(
        totals.map((total) => ({ status: 'parsed', page: page(['a', 'b'], null, total) })),
        async () => page([], null),
      ).columns.get(),
    );

  it('are counted: the loaded ones and all that match', () => {
    expect(counted(30, 2, 11)).toEqual({ shown: 6, total: 43, isEstimate: false });
    expect(counted(30, null, 11)).toMatchObject({ shown: 6, total: null });
  });
});
