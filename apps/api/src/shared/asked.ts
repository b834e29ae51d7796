import { type RawBuilder, sql } from 'kysely';

/** The rows that a write is asked for, and the version (`updated_at`) that each may have. */
export type Asked = {
  keys: string[];
  /** Each a key, a blank and a version; null: whatever the rows have. */
  versions: string[] | null;
};

/** One row, in any of the versions that If-Match accepts. */
export function askedFor(key: string, versions: string[] | undefined): Asked {
  return { keys: [key], versions: versions?.map((version) => `${key} ${version}`) ?? null };
}

/** Many rows, each in one version. */
export function askedAll(rows: { key: string; version: string }[]): Asked {
  return { keys: rows.map(({ key }) => key), versions: rows.map(({ key, version }) => `${key} ${version}`) };
}

/** Whether a row has a version that was asked for. As text: a tag that names no time of any calendar is another version. */
export function isCurrent({ versions }: Asked, key: string, updatedAt: string): RawBuilder<boolean> {
  const version = sql`to_char(${sql.ref(updatedAt)}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return sql`(${versions}::text[] is null or ${sql.ref(key)} || ' ' || ${version} = any(${versions}::text[]))`;
}
