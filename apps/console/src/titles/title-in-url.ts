import { parametersInUrl, writeInUrl } from '#lists/use-url-values.ts';

/** The title on screen or selected stands in the URL, so that a reload or a shared link finds it. */
export function setTitleInUrl(imdbId: string | null): void {
  writeInUrl('title', imdbId === null ? [] : [imdbId]);
}

const withoutTitle = ({ pathname, search }: Pick<URL, 'pathname' | 'search'>) => {
  const parameters = new URLSearchParams(search);
  parameters.delete('title');
  return `${pathname}?${parameters}`;
};

/**
 * The title that a request of the router asks for. The router does not know of those named since it last went somewhere,
 * so where it stays on the page, the address bar counts.
 */
export function titleInUrl(request: URL): string | null {
  const asked = withoutTitle(request) === withoutTitle(location) ? parametersInUrl() : request.searchParams;
  return asked.get('title');
}
