import { createPreference } from '#state/preferences.ts';

/** The filter that a page opens with from the navigation, by key or from the palette. A link means what it says. */

type DefaultViews = Record<string, string>;

const isDefaultViews = (value: unknown): value is DefaultViews =>
  typeof value === 'object' && value !== null && Object.values(value).every((query) => typeof query === 'string');

/** By page, the first part of its path: what stands behind the question mark. */
export const defaultViews = createPreference<DefaultViews>('default-views', {}, isDefaultViews);

/** Where the way to a page leads. */
export function addressOf(path: string, defaults: DefaultViews = defaultViews.get()): string {
  const query = defaults[path.slice(1)];
  return query ? `${path}?${query}` : path;
}

/** Chooses the filter that a page opens with; null: as usual. */
export function openWith(page: string, query: string | null): void {
  defaultViews.set(({ [page]: _before, ...others }) => (query === null ? others : { ...others, [page]: query }));
}
