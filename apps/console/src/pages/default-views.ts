import { createPreference } from '#state/preferences.ts';

/** The filter that a page opens with from the navigation, by key or from the palette. A link keeps its own filter. */

type DefaultViews = Record<string, string>;

const isDefaultViews = (value: unknown): value is DefaultViews =>
  typeof value === 'object' && value !== null && Object.values(value).every((query) => typeof query === 'string');

/** The query string by page, which is the first part of its path. */
export const defaultViews = createPreference<DefaultViews>('default-views', {}, isDefaultViews);

/** The address of a page with its default filter. */
export function addressOf(path: string, defaults: DefaultViews = defaultViews.get()): string {
  const query = defaults[path.slice(1)];
  return query ? `${path}?${query}` : path;
}

/** Sets the filter that a page opens with; null: the default. */
export function openWith(page: string, query: string | null): void {
  defaultViews.set(({ [page]: _before, ...others }) => (query === null ? others : { ...others, [page]: query }));
}
