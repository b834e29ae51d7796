import type { listMedia, MediaRow } from '@at/contracts/media';
import type { Reply } from '#api/call.ts';
import { createStore } from '#state/store.ts';

/** The columns of the board: each is a list that loads more on request. */

/** How many cards load at once. */
export const boardLimit = 20;

export type BoardColumn = {
  status: string;
  rows: MediaRow[];
  total: number | null;
  isEstimate: boolean;
  /** Of the next cards; null: all are loaded. */
  cursor: string | null;
  isLoading: boolean;
  /** Why the next cards could not be loaded. */
  failure: unknown;
};

type Page = Reply<typeof listMedia>;

const columnOf = (status: string, { data: { data, pagination } }: Page): BoardColumn => ({
  status,
  rows: data,
  total: pagination.total,
  isEstimate: pagination.total_is_estimate ?? false,
  cursor: pagination.has_more ? pagination.next_cursor : null,
  isLoading: false,
  failure: undefined,
});

/** `readMore` reads the page of a status that starts at a cursor. */
export function createBoard(
  first: { status: string; page: Page }[],
  readMore: (status: string, cursor: string) => Promise<Page>,
) {
  const columns = createStore(first.map(({ status, page }) => columnOf(status, page)));
  const change = (status: string, next: (column: BoardColumn) => Partial<BoardColumn>) =>
    columns.set((all) => all.map((column) => (column.status === status ? { ...column, ...next(column) } : column)));
  return {
    columns,
    /** The URL of its first list, for the API line. */
    url: first[0]?.page.url ?? null,
    loadMore: async (status: string) => {
      const column = columns.get().find((one) => one.status === status);
      if (!column || column.cursor === null || column.isLoading) return;
      change(status, () => ({ isLoading: true, failure: undefined }));
      try {
        const { data } = await readMore(status, column.cursor);
        const { pagination } = data;
        change(status, ({ rows }) => {
          const known = new Set(rows.map(({ hash }) => hash));
          // A card that moved between two pages is in both.
          const added = data.data.filter(({ hash }) => !known.has(hash));
          return { rows: [...rows, ...added], cursor: pagination.has_more ? pagination.next_cursor : null };
        });
      } catch (failure) {
        change(status, () => ({ failure }));
      }
      change(status, () => ({ isLoading: false }));
    },
  };
}

/** The number of loaded cards and the total; null: unknown. */
export function countCards(columns: readonly BoardColumn[]): {
  shown: number;
  total: number | null;
  isEstimate: boolean;
} {
  return {
    shown: columns.reduce((all, { rows }) => all + rows.length, 0),
    total: columns.reduce<number | null>((all, { total }) => (all === null || total === null ? null : all + total), 0),
    isEstimate: columns.some(({ isEstimate }) => isEstimate),
  };
}

export type Board = ReturnType<typeof createBoard>;
