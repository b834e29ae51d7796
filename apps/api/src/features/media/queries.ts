import type { MediaQuery, MediaRow, MediaSort, MediaStats } from '@at/contracts/media';
import {
  mediaTypes,
  type PipelineStatus,
  pipelineStatuses,
  type RejectionStatus,
  rejectionStatuses,
} from '@at/contracts/vocabulary';
import type { AtpMedia, AtpTraining, DB } from '@at/db/schema';
import { expressionBuilder, type Kysely, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { jsonBuildObject } from 'kysely/helpers/postgres';
import type { Actor } from '#shared/actor.ts';
import type { SortKey } from '#shared/keyset.ts';
import { given, type List, type ListInput } from '#shared/list.ts';
import { type MediaSearch, rangeOfId, searchOf } from './rules.ts';

type Tables = DB & { m: AtpMedia; t: AtpTraining };
type Select<Row> = SelectQueryBuilder<Tables, 'm' | 't', Row>;

const eb = expressionBuilder<Tables, 'm' | 't'>();

/** The title's facts, by their type in Postgres; older databases hold them in atp.media too. */
const metadataTypes = {
  budget: 'bigint',
  revenue: 'bigint',
  runtime: 'integer',
  origin_country: 'bpchar[]',
  production_companies: 'varchar[]',
  production_countries: 'bpchar[]',
  production_status: 'varchar',
  original_language: 'bpchar',
  spoken_languages: 'bpchar[]',
  genre: 'varchar[]',
  original_media_title: 'varchar',
  tagline: 'varchar',
  overview: 'text',
  tmdb_rating: 'numeric',
  tmdb_votes: 'integer',
  rt_score: 'integer',
  metascore: 'integer',
  imdb_rating: 'numeric',
  imdb_votes: 'integer',
} as const;
type MetadataColumn = keyof typeof metadataTypes;
const metadataColumns = Object.keys(metadataTypes) as MetadataColumn[];

/** Which metadata columns this database has in atp.media itself. */
export async function findOwnMetadata(db: Kysely<DB>): Promise<MetadataColumn[]> {
  const { rows } = await sql<{ name: MetadataColumn }>`
    select attname as name from pg_attribute
    where attrelid = 'atp.media'::regclass and attnum > 0 and not attisdropped and attname = any(${metadataColumns}::text[])
    order by attname
  `.execute(db);
  return rows.map(({ name }) => name);
}

/** From the labelled set; where that says nothing, from atp.media's own column if there is one. */
function metadata(column: MetadataColumn, own: readonly string[]): RawBuilder<unknown> {
  const ofTitle = sql.ref(`t.${column}`);
  if (!own.includes(column)) return ofTitle;
  return sql`coalesce(${ofTitle}, ${sql.ref(`m.${column}`)}::${sql.raw(metadataTypes[column])})`;
}

const mediaColumns = [
  'm.hash',
  'm.media_type',
  'm.media_title',
  'm.season',
  'm.episode',
  'm.release_year',
  'm.pipeline_status',
  'm.error_status',
  'm.error_condition',
  'm.rejection_status',
  'm.rejection_reason',
  'm.parent_path',
  'm.target_path',
  'm.original_title',
  'm.original_path',
  'm.original_link',
  'm.rss_source',
  'm.uploader',
  'm.imdb_id',
  'm.tmdb_id',
  'm.resolution',
  'm.video_codec',
  'm.upload_type',
  'm.audio_codec',
] as const;

function media(db: Kysely<DB>, own: readonly string[], withDeletedAt: boolean): Select<MediaRow> {
  const joined = db
    .selectFrom('atp.media as m')
    .leftJoin('atp.training as t', 't.imdb_id', 'm.imdb_id') as unknown as Select<object>;
  const base = joined
    .select(mediaColumns)
    .select(metadataColumns.map((column) => metadata(column, own).as(column)))
    .select(['m.created_at', 'm.updated_at']);
  return (withDeletedAt ? base.select('m.deleted_at') : base) as unknown as Select<MediaRow>;
}

/** The parameters that stand in the SQL as words, because a partial index fits no parameter, or that choose the order. */
const words = ['media_type', 'rejection_status', 'error_status', 'deleted', 'sort_by', 'sort_order'] as const;

const valued = [
  'pipeline_status',
  'imdb_id',
  'hash',
  'media_title',
  'rss_source',
  'resolution',
  'release_year_min',
  'release_year_max',
] as const;

/** What the parameters say about the statements of a list: the words, and which others are there. */
export type MediaShape = Pick<MediaQuery, (typeof words)[number]> & {
  /** The one status asked for; several are a value. */
  status?: string;
  search?: MediaSearch;
  filters: (keyof MediaQuery)[];
  /** Metadata columns that atp.media has itself. */
  own: readonly string[];
};

export function mediaShape(query: MediaQuery, own: readonly string[]): MediaShape {
  const [status, ...others] = new Set(query.pipeline_status);
  const isOne = status !== undefined && others.length === 0;
  return {
    ...Object.fromEntries(words.map((name) => [name, query[name]])),
    ...(isOne ? { status } : {}),
    ...(query.q === undefined ? {} : { search: searchOf(query.q) }),
    filters: valued.filter((name) => query[name] !== undefined && !(isOne && name === 'pipeline_status')),
    own,
  };
}

/** A value that each request has of its own. */
const value = <Value>(read: (query: MediaQuery) => Value) => given(({ query }: ListInput<MediaQuery>) => read(query));

/** `%`, `_` and the backslash as themselves in a LIKE pattern. */
const literal = (text: string) => text.replace(/[\\%_]/g, '\\$&');
const searched = ({ q = '' }: MediaQuery) => literal(q.trim());
const partOfTitle = () => sql<SqlBool>`m.media_title ilike ${value((query) => `%${searched(query)}%`)}`;

const searches: Record<MediaSearch, () => RawBuilder<SqlBool>> = {
  // As a range, which the plain index on imdb_id serves in any collation.
  id: () => {
    const bound = (i: 0 | 1) => value(({ q = '' }) => rangeOfId(q)[i]);
    return sql<SqlBool>`(m.imdb_id >= ${bound(0)} and m.imdb_id < ${bound(1)})`;
  },
  // A word of hexadecimal digits may be a title too.
  hash: () => sql<SqlBool>`(m.hash like ${value((query) => `${searched(query).toLowerCase()}%`)} or ${partOfTitle()})`,
  // In lower case by Postgres on both sides: JavaScript lowers some letters (Σ, İ) otherwise.
  start: () => sql<SqlBool>`lower(m.media_title) like lower(${value((query) => `${searched(query)}%`)})`,
  part: partOfTitle,
};

const lower = (hashes: string[] | undefined) => hashes?.map((hash) => hash.toLowerCase());

const valueConditions: Record<(typeof valued)[number], () => RawBuilder<SqlBool>> = {
  pipeline_status: () =>
    sql`m.pipeline_status = any(${value((query) => query.pipeline_status)}::atp.pipeline_status[])`,
  imdb_id: () => sql`m.imdb_id = any(${value(({ imdb_id }) => imdb_id)}::text[])`,
  hash: () => sql`m.hash = any(${value(({ hash }) => lower(hash))}::bpchar[])`,
  media_title: () => sql`m.media_title ilike ${value(({ media_title = '' }) => `%${literal(media_title)}%`)}`,
  rss_source: () => sql`m.rss_source = any(${value(({ rss_source }) => rss_source)}::atp.rss_source[])`,
  resolution: () => sql`m.resolution = any(${value(({ resolution }) => resolution)}::text[])`,
  // As numeric, so that a bound with decimals or beyond the column's type is compared instead of refused.
  release_year_min: () => sql`m.release_year >= ${value((query) => query.release_year_min)}::numeric`,
  release_year_max: () => sql`m.release_year <= ${value((query) => query.release_year_max)}::numeric`,
};

/** What the parameters ask of a media item; of its title they ask nothing, so that it need not be joined to count. */
function conditions({ deleted = 'exclude', filters, ...shape }: MediaShape): RawBuilder<SqlBool>[] {
  const all: RawBuilder<SqlBool>[] = [];
  if (deleted !== 'include') all.push(deleted === 'only' ? sql`m.deleted_at is not null` : sql`m.deleted_at is null`);
  if (shape.media_type !== undefined) all.push(sql`m.media_type = ${sql.lit(shape.media_type)}`);
  if (shape.status !== undefined) all.push(sql`m.pipeline_status = ${sql.lit(shape.status)}`);
  if (shape.rejection_status !== undefined) all.push(sql`m.rejection_status = ${sql.lit(shape.rejection_status)}`);
  if (shape.error_status !== undefined) all.push(sql`m.error_status = ${sql.lit(shape.error_status)}`);
  if (shape.search !== undefined) all.push(searches[shape.search]());
  for (const name of valued) if (filters.includes(name)) all.push(valueConditions[name]());
  return all;
}

/** The type that a cursor's text is read as. */
const cursorTypes: Record<MediaSort, string> = {
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  release_year: 'integer',
  media_title: 'varchar',
  imdb_rating: 'numeric',
};

function sortKey({ sort_by = 'created_at', sort_order = 'desc', own }: MediaShape): SortKey {
  return {
    expression: sort_by === 'imdb_rating' ? metadata(sort_by, own) : sql.ref(`m.${sort_by}`),
    fromCursor: (text) => sql`${text}::${sql.raw(cursorTypes[sort_by])}`,
    column: sort_by,
    nullable: sort_by !== 'created_at' && sort_by !== 'updated_at',
    direction: sort_order,
  };
}

/** Whether one index holds these rows and no others in this order, so that a page costs the same wherever it lies. */
function isServed({ sort_by = 'created_at', sort_order: _, own: __, filters, search, ...asked }: MediaShape): boolean {
  const { deleted = 'exclude', status, error_status, ...others } = asked;
  if (deleted !== 'exclude' || search !== undefined || filters.length > 0) return false;
  if (Object.values(others).some((word) => word !== undefined)) return false;
  if (status === undefined && error_status === undefined) return sort_by === 'created_at' || sort_by === 'updated_at';
  return sort_by === 'updated_at' && (status === undefined ? error_status === true : error_status === undefined);
}

/** The list that the parameters describe. */
export function mediaList(db: Kysely<DB>, shape: MediaShape): List<MediaRow> {
  const asked = eb.and(conditions(shape));
  const query = media(db, shape.own, shape.deleted === 'only' || shape.deleted === 'include').where(asked);
  return {
    phases: [{ query, key: sortKey(shape), id: sql.ref('m.hash') }],
    idColumn: 'hash',
    counted: (db.selectFrom('atp.media as m') as unknown as Select<object>).where(asked),
    isServed: isServed(shape),
  };
}

/** One media item, deleted or not; undefined when there is none. */
export async function findMedia(
  db: Kysely<DB>,
  hash: string,
  own: readonly string[],
): Promise<(MediaRow & { deleted_at: string | null }) | undefined> {
  const found = await media(db, own, true).where('m.hash', '=', hash).executeTakeFirst();
  return found as (MediaRow & { deleted_at: string | null }) | undefined;
}

/** Counts over the whole table in one pass. */
export async function countMedia(db: Kysely<DB>): Promise<MediaStats> {
  const active = sql<SqlBool>`m.deleted_at is null`;
  const count = (condition: RawBuilder<SqlBool>) =>
    sql<number>`(count(*) filter (where ${active} and ${condition}))::integer`;
  const perWord = <const W extends readonly string[]>(column: string, all: W) =>
    jsonBuildObject(
      Object.fromEntries(all.map((word) => [word, count(sql`${sql.ref(column)} = ${sql.lit(word)}`)])) as {
        [K in W[number]]: RawBuilder<number>;
      },
    );
  return db
    .selectFrom('atp.media as m')
    .select((of) => [
      count(sql`true`).as('total'),
      sql<number>`(count(*) filter (where m.deleted_at is not null))::integer`.as('deleted'),
      perWord('m.pipeline_status', pipelineStatuses).as('pipeline_status'),
      perWord('m.rejection_status', rejectionStatuses).as('rejection_status'),
      jsonBuildObject({ true: count(sql`m.error_status`), false: count(sql`not m.error_status`) }).as('error_status'),
      perWord('m.media_type', mediaTypes).as('media_type'),
      of.fn.min('m.created_at').filterWhere(active).as('oldest_created_at'),
      of.fn.max('m.created_at').filterWhere(active).as('newest_created_at'),
      of.fn.max('m.updated_at').filterWhere(active).as('newest_updated_at'),
    ])
    .executeTakeFirstOrThrow();
}

/** Which of the hashes are media items. */
export async function findKnownHashes(db: Kysely<DB>, hashes: string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('atp.media as m')
    .select('m.hash')
    .where(sql<SqlBool>`m.hash = any(${hashes}::bpchar[])`)
    .execute();
  return new Set(rows.map(({ hash }) => hash));
}

/** What a write found and left. */
export type MediaWrite = {
  hash: string;
  original_link: string | null;
  /** Before the write. */
  deleted_at: string | null;
  /** false: the row has none of the versions asked for. */
  current: boolean;
  /** Whether it was written: it was current, and active or deleted as the write wants it. */
  written: boolean;
  /** After the write. */
  updated_at: string;
  rejection_status: RejectionStatus;
  rejection_reason: string | null;
};

/** `old`, the row locked as the previous writer left it, and `fit`, the same when it may be written. */
function locked(hash: string, versions: string[] | undefined, state: 'active' | 'deleted'): RawBuilder<unknown> {
  const wanted = sql.raw(state === 'active' ? 'is null' : 'is not null');
  return sql`old as (
      select m.hash, m.original_link, m.deleted_at, m.updated_at, m.rejection_status, m.rejection_reason,
        -- As text: a tag that names no time of any calendar is another version, not an error.
        ${versions ?? null}::text[] is null
          or to_char(m.updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') = any(${versions ?? null}::text[]) as current
      from atp.media m where m.hash = ${hash} for update
    ), fit as (select * from old where current and deleted_at ${wanted})`;
}

const returned = sql`m.hash, m.updated_at, m.deleted_at, m.rejection_status, m.rejection_reason`;
const outcome = sql`
    select old.hash, old.original_link, old.deleted_at, old.current, changed.hash is not null as written,
      coalesce(changed.updated_at, old.updated_at) as updated_at,
      coalesce(changed.rejection_status, old.rejection_status) as rejection_status,
      case when changed.hash is null then old.rejection_reason else changed.rejection_reason end as rejection_reason
    from old left join changed on true`;

export type MediaChange = {
  pipeline_status?: PipelineStatus;
  error_status?: boolean;
  rejection_status?: RejectionStatus;
};

/** Changes an active item, if it has one of the versions. Undefined when there is no such item. */
export async function changeMedia(
  db: Kysely<DB>,
  hash: string,
  versions: string[] | undefined,
  { pipeline_status = null, error_status = null, rejection_status = null }: Nullable<MediaChange>,
): Promise<MediaWrite | undefined> {
  const { rows } = await sql<MediaWrite>`
    with ${locked(hash, versions, 'active')}, changed as (
      update atp.media m
      set pipeline_status = coalesce(${pipeline_status}::atp.pipeline_status, m.pipeline_status),
        error_status = coalesce(${error_status}::boolean, m.error_status),
        rejection_status = coalesce(${rejection_status}::atp.rejection_status, m.rejection_status)
      from fit where m.hash = fit.hash
      returning ${returned}
    ) ${outcome}
  `.execute(db);
  return rows[0];
}

/** Deletes an active item softly and remembers its rejection, which the deletion overwrites, in one statement. */
export async function softDelete(
  db: Kysely<DB>,
  hash: string,
  versions: string[] | undefined,
  actor: Actor,
): Promise<MediaWrite | undefined> {
  const { rows } = await sql<MediaWrite>`
    with ${locked(hash, versions, 'active')}, changed as (
      update atp.media m set deleted_at = now() from fit where m.hash = fit.hash
      returning ${returned}
    ), remembered as (
      insert into console.media_deletion (hash, deleted_at, rejection_status, rejection_reason, actor, actor_verified)
      select fit.hash, changed.deleted_at, fit.rejection_status, fit.rejection_reason, ${actor.name}, ${actor.verified}::boolean
      from fit, changed
    ) ${outcome}
  `.execute(db);
  return rows[0];
}

/** Takes a soft delete back; `remembered` is whether the rejection from before was known. */
export async function restore(
  db: Kysely<DB>,
  hash: string,
  versions: string[] | undefined,
): Promise<(MediaWrite & { remembered: boolean }) | undefined> {
  const { rows } = await sql<MediaWrite & { remembered: boolean }>`
    with ${locked(hash, versions, 'deleted')}, memory as (
      select d.rejection_status::atp.rejection_status as rejection_status, d.rejection_reason
      from console.media_deletion d join fit on d.hash = fit.hash and d.deleted_at = fit.deleted_at
    ), changed as (
      update atp.media m
      set deleted_at = null,
        rejection_status = coalesce(memory.rejection_status, m.rejection_status),
        rejection_reason = case when memory.rejection_status is null then m.rejection_reason else memory.rejection_reason end
      from fit left join memory on true
      where m.hash = fit.hash
      returning ${returned}
    ) select outcome.*, exists (select from memory) as remembered from (${outcome}) as outcome
  `.execute(db);
  return rows[0];
}

type Nullable<T> = { [K in keyof T]: T[K] | null };
