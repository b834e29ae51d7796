/**
 * The title on screen or selected stands in the URL, so that a reload or a shared link finds it. The entry of the
 * history is rewritten; no navigation takes place.
 */
export function nameTitleInUrl(imdbId: string | null): void {
  const url = new URL(location.href);
  if (imdbId === null) url.searchParams.delete('title');
  else url.searchParams.set('title', imdbId);
  if (url.href === location.href) return;
  try {
    history.replaceState(history.state, '', url);
  } catch {
    // Safari allows this a hundred times in thirty seconds; the next title that comes later is named again.
  }
}

export function titleInUrl(): string | null {
  return new URLSearchParams(location.search).get('title');
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
export function titleAskedFor(request: URL): string | null {
  return withoutTitle(request) === withoutTitle(location) ? titleInUrl() : request.searchParams.get('title');
}
