/** A row that a write is asked for, and the version (`updated_at`) it may have; null: whatever it has. */
export type Asked = { key: string; version: string | null };

/** One row, in any of the versions that If-Match accepts; none of those it names may be a version. */
export function askedFor(key: string, versions: string[] | undefined): Asked[] {
  if (versions === undefined) return [{ key, version: null }];
  // An empty text is no row's version: the row is found, and not current.
  return (versions.length > 0 ? versions : ['']).map((version) => ({ key, version }));
}
