import { basename } from 'node:path';
import {
  type DuplicateFilters,
  type DuplicateSet,
  type DuplicateSort,
  type DuplicatesQuery,
  type DuplicateTotals,
  duplicateDefaultSort,
  usualFilesPerSet,
} from '@at/contracts/duplicates';
import type { SortOrder } from '@at/contracts/paging';
import type { ConsoleDuplicateSet, DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { movedBy } from '@at/domain/duplicates/queries';
import { type Kysely, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { SortKey } from '#lists/keyset.ts';
import { filledStatement, type List, type ListInput, param } from '#lists/list-statements.ts';
import { holdsWords, textOfBytes } from '#lists/title-search.ts';

type Select<Row> = SelectQueryBuilder<DB & { s: ConsoleDuplicateSet }, 's', Row>;

/** The name of a file without its folder. */
export async function findFileName(db: Kysely<DB>, id: number): Promise<string | undefined> {
  const { rows } = await sql<{ path: string }>`
    select console.file_path(directory_id, name) as path from console.file where id = ${id}
  `.execute(db);
  return rows[0] && basename(rows[0].path);
}

/** The request, with the root of duplicates; null: there is none. */
export type DuplicatesInput = DuplicatesQuery & { duplicates_root: number | null };

const filterNames = [
  'id',
  'kind',
  'status',
  'moved',
  'size_min',
  'saving_min',
  'files_min',
  'search',
] as const satisfies (keyof DuplicateFilters)[];

/** The part of the parameters that the SQL depends on. */
export type DuplicatesShape = {
  sort_by: DuplicateSort;
  sort_order: SortOrder;
  filters: (typeof filterNames)[number][];
};

export function duplicatesShape(query: DuplicatesQuery): DuplicatesShape {
  const { sort_by = duplicateDefaultSort.sort_by, sort_order = duplicateDefaultSort.sort_order } = query;
  return { sort_by, sort_order, filters: filterNames.filter((name) => query[name] !== undefined) };
}

const of = <Value>(read: (query: DuplicatesInput) => Value) =>
  param(({ query }: ListInput<DuplicatesInput>) => read(query));

const hasWords = (bytes: RawBuilder<unknown>) =>
  holdsWords(textOfBytes(bytes), sql`${of(({ search }) => search)}::text`);

/** Sets with a file whose name has the text, or that is in a folder whose path has it. */
const found = sql<SqlBool>`s.keeper_id in (
  with recursive folder as materialized (
    select id, name as path from console.file_directory where parent_id is null
    union all
    select d.id, case when f.path = '' then d.name else f.path || '\\x2f'::bytea || d.name end
    from folder f join console.file_directory d on d.parent_id = f.id
  ), inside as materialized (select id from folder where ${hasWords(sql`path`)}),
  member as (
    select duplicate_of as keeper, name, directory_id from console.file where duplicate_of is not null
    union all
    select k.id, k.name, k.directory_id from console.duplicate_set d join console.file k on k.id = d.keeper_id
  )
  select keeper from member where ${hasWords(sql`name`)} or directory_id in (select id from inside)
)`;

const conditions: Record<(typeof filterNames)[number], RawBuilder<SqlBool>> = {
  id: sql`(s.keeper_id = any(${of(({ id }) => id)}::bigint[])
    or s.keeper_id in (select duplicate_of from console.file where id = any(${of(({ id }) => id)}::bigint[])))`,
  kind: sql`s.kind = any(${of(({ kind }) => kind)}::text[])`,
  status: sql`exists (
    select from console.file k where k.id = s.keeper_id and k.status = any(${of(({ status }) => status)}::text[])
  )`,
  moved: sql`case when ${of(({ moved }) => moved)}::boolean
    then coalesce(s.roots @> array[${of(({ duplicates_root }) => duplicates_root)}::integer], false)
    else s.roots <> array[coalesce(${of(({ duplicates_root }) => duplicates_root)}::integer, 0)] end`,
  size_min: sql`s.size >= ${of(({ size_min }) => size_min)}::bigint`,
  saving_min: sql`s.saving >= ${of(({ saving_min }) => saving_min)}::bigint`,
  files_min: sql`s.files >= ${of(({ files_min }) => files_min)}::integer`,
  search: found,
};

/** A time in nanoseconds, to the microsecond. */
const modifiedAt = (file: 'f' | 'k') =>
  sql.raw(timestampText(`(timestamptz 'epoch' + (${file}.mtime_ns / 1000) * interval '1 microsecond')`));

const companions = (file: RawBuilder<unknown>) => sql`(
  select count(*)::integer from console.file c
  where (c.id = coalesce(${file}.group_id, ${file}.id) or c.group_id = coalesce(${file}.group_id, ${file}.id))
    and c.id <> ${file}.id and c.status <> 'MISSING'
)`;

/** The members of a file in JSON. */
const fileMembers = (name: 'f' | 'k', root: RawBuilder<unknown>) => {
  const file = sql.raw(name);
  return sql`'id', ${file}.id, 'root', ${root}, 'path', coalesce(console.file_path(${file}.directory_id, ${file}.name), ''),
    'status', ${file}.status, 'modified_at', ${modifiedAt(name)},
    'captured_at', to_char(${file}.captured_at, 'YYYY-MM-DD"T"HH24:MI:SS'), 'links', ${file}.links`;
};

/** The file of a set that is kept. */
const fromKept = sql`console.file k
  left join console.file_directory kd on kd.id = k.directory_id left join console.file_root kr on kr.id = kd.root_id
  cross join lateral (select ${companions(sql.raw('k'))} as companions) kept`;

const keeper = sql<DuplicateSet['keeper']>`(
  select json_build_object(${fileMembers('k', sql`coalesce(kr.name, '')`)}, 'companions', kept.companions)
  from ${fromKept} where k.id = s.keeper_id
)`;

const duplicates = sql<DuplicateSet['duplicates']>`(
  select coalesce(json_agg(json_build_object(${fileMembers('f', sql`r.name`)}, 'companions', also.companions,
    'is_linked', coalesce(r.device = kr.device and f.inode = k.inode, false),
    'differs', array_remove(array[
      case when coalesce(m.from_name, f.name) <> k.name then 'name' end,
      case when coalesce(m.from_directory_id, f.directory_id) is distinct from k.directory_id then 'folder' end,
      case when f.mtime_ns <> k.mtime_ns then 'modified' end,
      -- Only of files that were read: the same content was taken at the same time.
      case when f.captured_at <> k.captured_at then 'captured' end,
      case when also.companions <> kept.companions then 'companions' end
    ], null),
    'moved_from', console.file_path(m.from_directory_id, m.from_name), 'moved_from_root', fr.name) order by f.id), '[]')
  from ${fromKept}
  cross join lateral (
    select f.*, ${movedBy} as moved_by from console.file f where f.duplicate_of = k.id
    order by f.id limit ${of(({ files_per_set = usualFilesPerSet }) => files_per_set)}
  ) f
  join console.file_directory d on d.id = f.directory_id join console.file_root r on r.id = d.root_id
  left join console.move m on m.id = f.moved_by
  left join console.file_directory fd on fd.id = m.from_directory_id left join console.file_root fr on fr.id = fd.root_id
  cross join lateral (select ${companions(sql.raw('f'))} as companions) also
  where k.id = s.keeper_id
)`;

function countedSets(db: Kysely<DB>, filters: DuplicatesShape['filters']): Select<object> {
  let counted = db.selectFrom('console.duplicate_set as s') as unknown as Select<object>;
  for (const name of filters) counted = counted.where(conditions[name]);
  return counted;
}

/** The list that the parameters describe. */
export function duplicatesList(db: Kysely<DB>, { sort_by, sort_order, filters }: DuplicatesShape): List<DuplicateSet> {
  const counted = countedSets(db, filters);
  const key: SortKey = {
    expression: sql.ref(`s.${sort_by}`),
    fromCursor: (value) => (sort_by === 'found_at' ? sql`${value}::timestamptz` : sql`${value}::bigint`),
    column: sort_by,
    nullable: false,
    direction: sort_order,
    // As its index has them.
    ties: sort_order,
    indexed: true,
  };
  const query = counted.select([
    's.keeper_id as id',
    's.kind',
    's.size',
    's.files',
    's.saving',
    's.found_at',
    // In the list of columns: they are computed for the rows of the page alone.
    keeper.as('keeper'),
    duplicates.as('duplicates'),
  ]) as unknown as Select<DuplicateSet>;
  return {
    segments: [{ query, key, id: sql.ref('s.keeper_id') }],
    idColumn: 'id',
    counted,
    isServed: filters.length === 0,
  };
}

/** The statement of the totals of the sets that match. */
export const totalsStatement = (db: Kysely<DB>, { filters }: DuplicatesShape, query: DuplicatesInput) =>
  filledStatement(
    db,
    sql<DuplicateTotals>`${countedSets(db, filters).select([
      sql`count(*)`.as('sets'),
      sql`coalesce(sum(s.files), 0)::bigint`.as('files'),
      sql`coalesce(sum(s.saving), 0)::bigint`.as('bytes'),
    ])}`,
    query,
  );
