import { type DefaultError, type QueryKey, type UseQueryOptions, useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { signedOut } from '#api/sign-in-required.ts';
import { loadCode } from '#live/lazy-part.ts';
import { createStore, useStore } from '#state/store.ts';
import type { Page } from './define-page.ts';

/** What waits for a person, over all pages: Home lists it, and the navigation counts it. */

/** The most urgent first. `notice`: good to know, but no one must act, so the navigation does not count it. */
export const urgencies = ['broken', 'stuck', 'waiting', 'notice'] as const;

export type Attention = {
  urgency: (typeof urgencies)[number];
  /** How many there are. */
  count: number;
  /** What they are, after the count: "items in error". */
  text: string;
  /** The page with these rows. */
  to: string;
  /** What a person does there, as a verb. */
  action: string;
};

type AttentionQuery = UseQueryOptions<unknown, Error, Attention[]>;
export type AttentionModule = { attention: AttentionQuery };

/** A query whose result says what waits; it may be a query that the page uses itself. */
export const defineAttention = <Data, Key extends QueryKey>(
  query: UseQueryOptions<Data, DefaultError, Data, Key>,
  entriesOf: (data: Data) => Attention[],
): AttentionQuery => ({ ...query, select: entriesOf }) as unknown as AttentionQuery;

const queries = createStore<ReadonlyMap<string, AttentionQuery>>(new Map());

let started = false;

/** Loads the pages' queries; called again, it does nothing. During an outage it waits for the API. */
export function loadAttention(pages: readonly Page[]): void {
  if (started) return;
  started = true;
  const loaded = pages.map(
    async ({ path, attention }) => attention && ([path, (await loadCode(attention)).attention] as const),
  );
  Promise.all(loaded)
    .then((found) => queries.set(new Map(found.filter((one) => one !== undefined))))
    // The server has another build by now: what waits stays unknown until the console is loaded again.
    .catch(() => {});
}

const unknown: AttentionQuery = { queryKey: ['attention'], enabled: false };

/** What waits on a page; undefined until it is known. */
export function usePageAttention({ path }: Page): Attention[] | undefined {
  const query = useStore(queries).get(path);
  const isSignedOut = useStore(signedOut);
  return useQuery(query ? { ...query, enabled: !isSignedOut } : unknown, queryClient).data;
}

/** The queries of the pages, by path; empty until they are loaded. */
export const attentionQueries = queries;

/** Loads again what could not be loaded. */
export function retryAttention(): void {
  for (const { queryKey } of queries.get().values()) {
    if (queryKey)
      void queryClient.refetchQueries({ queryKey, exact: true, predicate: ({ state }) => state.status === 'error' });
  }
}

/** How many of a page's entries wait for someone to act. */
export const countToAct = (entries: readonly Attention[] = []): number =>
  entries.reduce((sum, { urgency, count }) => sum + (urgency === 'notice' ? 0 : count), 0);
