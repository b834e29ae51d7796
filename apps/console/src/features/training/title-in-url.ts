/**
 * The title on screen or selected stands in the URL, so that a reload or a shared link finds it. The entry of the
 * history is rewritten; no navigation takes place.
 */
export function nameTitleInUrl(imdbId: string | null): void {
  const url = new URL(location.href);
  if (imdbId === null) url.searchParams.delete('title');
  else url.searchParams.set('title', imdbId);
  if (url.href !== location.href) history.replaceState(history.state, '', url);
}

export function titleInUrl(): string | null {
  return new URLSearchParams(location.search).get('title');
}
