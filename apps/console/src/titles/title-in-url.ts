import { parametersInUrl, writeInUrl } from '#lists/use-url-values.ts';

/** The current title in the URL, so that a reload or a shared link shows it. */
export function setTitleInUrl(imdbId: string | null): void {
  writeInUrl('title', imdbId === null ? [] : [imdbId]);
}

const withoutTitle = ({ pathname, search }: Pick<URL, 'pathname' | 'search'>) => {
  const parameters = new URLSearchParams(search);
  parameters.delete('title');
  return `${pathname}?${parameters}`;
};

/**
 * The title of a router request. The router does not see changes of the URL since its last navigation, so the address bar
 * counts while it stays on the page.
 */
export function titleInUrl(request: URL): string | null {
  const requested = withoutTitle(request) === withoutTitle(location) ? parametersInUrl() : request.searchParams;
  return requested.get('title');
}
