import { fold } from '@at/contracts/fold';
import type { Pagination } from '@at/contracts/paging';
import { expect } from 'vitest';
import type { Server } from './server.ts';

/** What every list promises. */

export type Row = Record<string, unknown>;
export type List = { data: Row[]; pagination: Pagination };

/** The lists of the original, as its documents spell them, with the column that breaks ties, and one with many. */
export const pagedLists = [
  { path: '/training', id: 'imdb_id', sort: 'created_at', tied: 'media_type' },
  { path: '/media/', id: 'hash', sort: 'created_at', tied: 'release_year' },
  { path: '/prediction/', id: 'imdb_id', sort: 'created_at', tied: 'cm_value' },
  { path: '/movies/', id: 'imdb_id', sort: 'training_created_at', tied: 'media_type' },
] as const;

/** The columns of lists that hold numbers. */
export const numericColumns =
  /^(tmdb_id|season|episode|release_year|budget|revenue|runtime|tmdb_rating|tmdb_votes|rt_score|metascore|imdb_rating|imdb_votes|prediction|probability|installed_rank|checksum|execution_time)$/;

/** Requests a page of a list, and checks that the status is 200. */
export async function list(server: Server, path: string, query = ''): Promise<List> {
  const { status, body, text } = await server.get<List>(`${path}?${query}`);
  if (status !== 200) throw new Error(`GET ${path}?${query} answered ${status}: ${text.slice(0, 500)}`);
  return body;
}

export const total = async (server: Server, path: string, query = '') =>
  (await list(server, path, `limit=1&${query}`)).pagination.total as number;

/**
 * Titles sort by their words. Other text sorts by the database's collation, which is not the contract's; all else has one
 * order.
 */
type Order = 'title' | 'text' | 'value' | readonly string[];

/** Holds rows against an order: by `key`, those without a value last both ways, ties by ascending `id`. */
export function expectSorted(rows: Row[], key: string, direction: 'asc' | 'desc', id: string, order: Order): void {
  const rank = (value: unknown) => (Array.isArray(order) ? order.indexOf(value as string) : value) as number;
  const keyOf = (row: Row) => (order === 'title' && row[key] !== null ? fold(row[key] as string) : row[key]);
  const sign = direction === 'asc' ? 1 : -1;
  const compare = (left: never, right: never) => sign * (left < right ? -1 : left > right ? 1 : 0);
  const seen = new Set<unknown>();
  rows.forEach((row, i) => {
    const next = rows[i + 1];
    if (!next) return;
    const [value, follower] = [keyOf(row), keyOf(next)];
    const where = `${key} ${direction}: ${JSON.stringify(value)} (${row[id]}), ${JSON.stringify(follower)} (${next[id]})`;
    if (value === null) expect(follower, where).toBeNull();
    if (value === follower) {
      expect((row[id] as string) < (next[id] as string), where).toBe(true);
      return;
    }
    seen.add(value);
    expect(seen.has(follower), `${where}: equal values lie together`).toBe(false);
    if (order === 'text' || follower === null) return;
    expect(compare(rank(value) as never, rank(follower) as never), where).toBeLessThan(0);
  });
}
