import type { Setting } from '@at/contracts/settings';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';

/** The owner of shared settings. */
export const sharedOwner = '';

/** A row without its secrets: their names alone. */
const publicColumns: RawBuilder<Setting> = sql`
  section, case owner when ${sharedOwner} then 'shared' else 'own' end as scope, value,
  array(select jsonb_object_keys(secrets) order by 1) as secrets, version, actor, updated_at
`;

/** Each section once: the owner's own, else the shared one. */
export async function findSettings(db: Kysely<DB>, owner: string, section: string | undefined): Promise<Setting[]> {
  const { rows } = await sql<Setting>`
    select distinct on (section) ${publicColumns}
    from console.setting
    where owner in (${sharedOwner}, ${owner}) and (${section ?? null}::text is null or section = ${section ?? null})
    order by section, owner desc
  `.execute(db);
  return rows;
}

type NewSetting = {
  owner: string;
  section: string;
  value: object;
  /** null deletes a secret; omitted ones stay. */
  secrets: Record<string, string | null>;
  actor: string;
};

/**
 * Writes the section and announces it. undefined: it does not have one of the versions (undefined: any), or is not there
 * to have one.
 */
export async function writeSetting(
  db: Kysely<DB>,
  { owner, section, value, secrets, actor }: NewSetting,
  versions: string[] | undefined,
): Promise<Setting | undefined> {
  const [valueJson, secretsJson] = [JSON.stringify(value), JSON.stringify(secrets)];
  const change = sql`
    value = ${valueJson}::jsonb, secrets = jsonb_strip_nulls(s.secrets || ${secretsJson}::jsonb),
    version = s.version + 1, actor = ${actor}, updated_at = now()
  `;
  const write = versions
    ? sql`
        update console.setting as s set ${change}
        where owner = ${owner} and section = ${section} and version::text = any(${versions}::text[])
        returning s.*`
    : sql`
        insert into console.setting as s (owner, section, value, secrets, actor)
        values (${owner}, ${section}, ${valueJson}::jsonb, jsonb_strip_nulls(${secretsJson}::jsonb), ${actor})
        on conflict (owner, section) do update set ${change}
        returning s.*`;
  const { rows } = await sql<Setting>`
    with written as (${write}), announced as (
      select pg_notify('console_setting', json_build_object('owner', owner, 'section', section, 'version', version)::text)
      from written
    )
    select ${publicColumns} from written where (select count(*) from announced) = 1
  `.execute(db);
  return rows[0];
}
