import {
  type FileFilters,
  type FileHistory,
  type FileSort,
  type FilesQuery,
  fileDefaultSort,
  type PipelineFile,
} from '@at/contracts/files';
import type { SortOrder } from '@at/contracts/paging';
import type { BatchStatus } from '@at/contracts/vocabulary';
import type { ConsoleFile, DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { type Kysely, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { SortKey } from '#lists/keyset.ts';
import { type List, type ListInput, param } from '#lists/list-statements.ts';
import { holdsWords, textOfBytes } from '#lists/title-search.ts';

type Select<Row> = SelectQueryBuilder<DB & { f: ConsoleFile }, 'f', Row>;

const filterNames = ['id', 'kind', 'root', 'search'] as const satisfies (keyof FileFilters)[];

/** The part of the parameters that the SQL depends on. */
export type FilesShape = {
  sort_by: FileSort;
  sort_order: SortOrder;
  filters: (typeof filterNames)[number][];
  /** How many statuses are wanted; 0: any. */
  statuses: number;
};

export function filesShape(query: FilesQuery): FilesShape {
  const { sort_by = fileDefaultSort.sort_by, sort_order = fileDefaultSort.sort_order, status = [] } = query;
  const filters = filterNames.filter((name) => query[name] !== undefined);
  return { sort_by, sort_order, filters, statuses: new Set(status).size };
}

const of = <Value>(read: (query: FilesQuery) => Value) => param(({ query }: ListInput<FilesQuery>) => read(query));

const conditions: Record<(typeof filterNames)[number], RawBuilder<SqlBool>> = {
  id: sql`f.id = any(${of(({ id }) => id)}::bigint[])`,
  kind: sql`f.kind = any(${of(({ kind }) => kind)}::text[])`,
  root: sql`exists (
    select from console.file_directory d
    where d.id = f.directory_id and d.root_id = any(${of(({ root }) => root)}::integer[])
  )`,
  search: holdsWords(textOfBytes(sql`f.name`), sql`${of(({ search }) => search)}::text`),
};

/** The name of the last part of a path, for readers. */
const name = sql<string | null>`regexp_replace(console.file_path(f.directory_id, f.name), '^.*/', '')`;
const rootOf = (column: 'id' | 'name') => sql`(
  select r.${sql.ref(column)} from console.file_directory d join console.file_root r on r.id = d.root_id where d.id = f.directory_id
)`;

/** A time in nanoseconds, to the microsecond. */
const modifiedAt = sql.raw(
  timestampText("(timestamptz 'epoch' + (f.mtime_ns / 1000) * interval '1 microsecond')"),
) as RawBuilder<string>;

const selected = [
  'f.id',
  rootOf('id').as('root_id'),
  rootOf('name').as('root'),
  name.as('name'),
  sql`console.file_path(f.directory_id, f.name)`.as('path'),
  'f.size',
  'f.kind',
  'f.status',
  'f.error',
  'f.batch_refusal',
  'f.duplicate_of',
  'f.batch_id',
  modifiedAt.as('modified_at'),
  sql`to_char(f.captured_at, 'YYYY-MM-DD"T"HH24:MI:SS')`.as('captured_at'),
  'f.captured_from',
  'f.found_at',
] as const;

/** The list that the parameters describe. */
export function filesList(db: Kysely<DB>, { sort_by, sort_order, filters, statuses }: FilesShape): List<PipelineFile> {
  let all = db.selectFrom('console.file as f') as unknown as Select<object>;
  for (const filter of filters) all = all.where(conditions[filter]);
  const counted = statuses > 0 ? all.where(sql<SqlBool>`f.status = any(${of(({ status }) => status)}::text[])`) : all;
  const key: SortKey = {
    expression: sql.ref(`f.${sort_by}`),
    fromCursor: (value) => sql`${value}::bigint`,
    column: sort_by,
    nullable: false,
    direction: sort_order,
    ties: sort_order,
    indexed: true,
  };
  const segment = { query: counted.select(selected) as unknown as Select<PipelineFile>, key, id: sql.ref('f.id') };
  // The index has the order within a status alone.
  const branches = Array.from({ length: statuses }, (_one, i) => {
    const status = of((query) => [...new Set(query.status)][i]);
    const query = all.where(sql<SqlBool>`f.status = ${status}`).select(selected) as unknown as Select<PipelineFile>;
    return { query, key };
  });
  return {
    segments: [branches.length > 1 ? { ...segment, branches } : { ...segment, ...branches[0] }],
    idColumn: 'id',
    counted,
    // A rare status needs another plan than a frequent one.
    isServed: filters.length === 0 && statuses === 0,
  };
}

const pathOf = (directory: string, file: string) => sql`console.file_path(${sql.ref(directory)}, ${sql.ref(file)})`;
const rootNamed = (directory: string) => sql`(
  select r.name from console.file_directory d join console.file_root r on r.id = d.root_id where d.id = ${sql.ref(directory)}
)`;
const at = (column: string) => sql.raw(timestampText(column));

/** A file with its history; undefined: there is none with this id. */
export async function findFileHistory(db: Kysely<DB>, id: number): Promise<FileHistory | undefined> {
  const [file] = (await db
    .selectFrom('console.file as f')
    .select(selected as never)
    .where('f.id', '=', id)
    .execute()) as unknown as PipelineFile[];
  if (!file) return undefined;
  const { rows } = await sql<Omit<FileHistory, 'file'>>`
    select encode(f.sha256, 'hex') as sha256, (
      select coalesce(json_agg(json_build_object('id', c.id, 'name', ${pathOf('c.directory_id', 'c.name')}, 'status', c.status)
        order by c.id), '[]')
      from (
        select * from console.file c
        where (c.id = coalesce(f.group_id, f.id) or c.group_id = coalesce(f.group_id, f.id)) and c.id <> f.id
          and c.directory_id is not null
        limit 50
      ) c
    ) as companions, (
      select json_build_object('id', k.id, 'root', ${rootNamed('k.directory_id')}, 'path', ${pathOf('k.directory_id', 'k.name')})
      from console.file k where k.id = f.duplicate_of
    ) as kept, (
      select coalesce(json_agg(json_build_object('id', m.id, 'action', m.action, 'state', m.state,
        'from_root', ${rootNamed('m.from_directory_id')}, 'from_path', ${pathOf('m.from_directory_id', 'm.from_name')},
        'to_root', ${rootNamed('m.to_directory_id')}, 'to_path', ${pathOf('m.to_directory_id', 'm.to_name')},
        'is_undo', m.undoes is not null, 'reason', m.reason, 'run_id', m.run_id,
        'planned_at', ${at('m.planned_at')}, 'ended_at', ${at('m.ended_at')}) order by m.id desc), '[]')
      from (
        (select * from console.move m where m.file_id = f.id order by m.id desc limit 100)
        union
        (select * from console.move m where m.copy_id = f.id order by m.id desc limit 100)
        order by id desc limit 100
      ) m
    ) as moves, (
      select coalesce(json_agg(json_build_object('batch_id', b.id, 'name', b.name, 'state', bf.state, 'path', bf.path,
        'confirmed_at', ${at('bf.confirmed_at')}, 'error', bf.error) order by b.id desc), '[]')
      from console.batch_file bf join console.batch b on b.id = bf.batch_id where bf.file_id = f.id
    ) as batches
    from console.file f where f.id = ${id}
  `.execute(db);
  const [rest] = rows;
  return rest && { file, ...rest };
}

export async function countBatches(db: Kysely<DB>): Promise<{ status: BatchStatus; batches: number }[]> {
  const { rows } = await sql<{ status: BatchStatus; batches: number }>`
    select status, count(*)::integer as batches from console.batch group by status
  `.execute(db);
  return rows;
}
