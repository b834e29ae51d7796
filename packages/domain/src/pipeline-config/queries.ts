import type { ConfigVersion, PipelineConfig } from '@at/contracts/pipeline-config';
import type { DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { type Kysely, sql } from 'kysely';
import { blockingStates } from '../batches/rules.ts';
import { effective, type Stored, type Tree } from './rules.ts';

/** The section of the settings; presets have another one. */
const section = 'pipeline';
const presetSection = 'pipeline-presets';

export type StoredConfig = Stored & {
  /** 0: nothing has been written. */
  version: number;
  /** The YAML of its author, without secrets; null: none was written. */
  document: string | null;
};

export async function findConfig(db: Kysely<DB>): Promise<StoredConfig> {
  const { rows } = await sql<StoredConfig>`
    select s.value, s.secrets, s.version, v.document
    from console.setting s left join console.setting_version v on v.section = s.section and v.version = s.version
    where s.owner = '' and s.section = ${section}
  `.execute(db);
  return rows[0] ?? { value: {}, secrets: {}, version: 0, document: null };
}

/** The configuration as it is now. Secrets are masked. */
export async function readPipelineConfig(db: Kysely<DB>): Promise<PipelineConfig> {
  return effective(await findConfig(db));
}

/** Waits until no other transaction changes the section. */
export async function lockSection(trx: Kysely<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('console.setting ' || ${section}, 0))`.execute(trx);
}

/** Batches that are not done, by their names, the oldest first. */
export async function findUnfinishedBatches(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from console.batch where status = any(${blockingStates}) order by id
  `.execute(db);
  return rows.map(({ name }) => name);
}

type NewVersion = Stored & {
  document: string | null;
  changes: ConfigVersion['changes'];
  restored: number | null;
  actor: string;
};

/** Writes the section and its version, and announces it. Returns the version. */
export async function writeVersion(trx: Kysely<DB>, made: NewVersion): Promise<number> {
  const { value, secrets, document, changes, restored, actor } = made;
  const { rows } = await sql<{ version: number }>`
    with written as (
      insert into console.setting as s (owner, section, value, secrets, actor)
      values ('', ${section}, ${JSON.stringify(value)}::jsonb, ${JSON.stringify(secrets)}::jsonb, ${actor})
      on conflict (owner, section) do update set value = excluded.value, secrets = excluded.secrets,
        version = s.version + 1, actor = excluded.actor, updated_at = now()
      returning section, value, version, actor
    ), kept as (
      insert into console.setting_version (section, version, value, changes, document, restored, actor)
      select section, version, value, ${JSON.stringify(changes)}::jsonb, ${document}, ${restored}::integer, actor from written
    ), announced as (
      select pg_notify('console_setting', json_build_object('owner', '', 'section', section, 'version', version)::text)
      from written
    )
    select version from written where (select count(*) from announced) = 1
  `.execute(trx);
  return (rows[0] as { version: number }).version;
}

/** Versions, newest first. */
export async function findVersions(db: Kysely<DB>, before: number | null, limit: number): Promise<ConfigVersion[]> {
  const { rows } = await sql<ConfigVersion>`
    select version as id, actor, ${sql.raw(timestampText('created_at'))} as created_at, restored, changes
    from console.setting_version
    where section = ${section} and (${before}::integer is null or version < ${before})
    order by version desc limit ${limit}
  `.execute(db);
  return rows;
}

/** What a version stored; undefined: no version has this id. */
export async function findVersion(
  db: Kysely<DB>,
  id: number,
): Promise<{ value: Tree; document: string | null } | undefined> {
  const { rows } = await sql<{ value: Tree; document: string | null }>`
    select value, document from console.setting_version where section = ${section} and version = ${id}
  `.execute(db);
  return rows[0];
}

type StoredPreset = { description: string; values: Tree };

/** The presets that users have saved, by name. */
export async function findPresets(db: Kysely<DB>): Promise<Record<string, StoredPreset>> {
  const { rows } = await sql<{ value: Record<string, StoredPreset> }>`
    select value from console.setting where owner = '' and section = ${presetSection}
  `.execute(db);
  return rows[0]?.value ?? {};
}

export async function writePresets(
  trx: Kysely<DB>,
  presets: Record<string, StoredPreset>,
  actor: string,
): Promise<void> {
  await sql`
    insert into console.setting as s (owner, section, value, actor)
    values ('', ${presetSection}, ${JSON.stringify(presets)}::jsonb, ${actor})
    on conflict (owner, section) do update
      set value = excluded.value, version = s.version + 1, actor = excluded.actor, updated_at = now()
  `.execute(trx);
}
