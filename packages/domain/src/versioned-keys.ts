import { timestampText } from '@at/db/timestamp';
import { type RawBuilder, sql } from 'kysely';

/** The rows to write and their accepted versions (`updated_at`). */
export type VersionedKeys = {
  keys: string[];
  /** Key, space and version each; null: any version. */
  versions: string[] | null;
};

/** One row in any version that If-Match accepts. */
export function versionedKey(key: string, versions: string[] | undefined): VersionedKeys {
  return { keys: [key], versions: versions?.map((version) => `${key} ${version}`) ?? null };
}

/** Many rows in one version each. */
export function versionedKeys(rows: { key: string; version: string }[]): VersionedKeys {
  return { keys: rows.map(({ key }) => key), versions: rows.map(({ key, version }) => `${key} ${version}`) };
}

/** Whether a row has an accepted version. Compares text, so an invalid time in a tag is another version. */
export function isCurrent({ versions }: VersionedKeys, key: string, updatedAt: string): RawBuilder<boolean> {
  const version = sql.raw(timestampText(updatedAt));
  return sql`(${versions}::text[] is null or ${sql.ref(key)} || ' ' || ${version} = any(${versions}::text[]))`;
}
