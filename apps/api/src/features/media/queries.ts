import type { FlagValues } from '@at/contracts/labels';
import {
  type ErrorCause,
  type MediaQuery,
  type MediaRow,
  type MediaSort,
  type MediaState,
  type MediaStats,
  mediaDefaultSort,
} from '@at/contracts/media';
import {
  approvalStatuses,
  type LabelAction,
  type MediaAction,
  mediaTypes,
  pipelineStatuses,
  rejectionStatuses,
} from '@at/contracts/vocabulary';
import type { AtpMedia, AtpTraining, DB } from '@at/db/schema';
import { hasCalendarTime } from '@at/db/timestamp';
import { stateOf } from '@at/domain/media/writes';
import {
  type CompiledQuery,
  expressionBuilder,
  type Kysely,
  type RawBuilder,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely';
import { countsBy, earliest, latest, sumOf } from '#lists/grouped-counts.ts';
import type { SortKey } from '#lists/keyset.ts';
import type { List, Segment } from '#lists/list-statements.ts';
import { isQuick } from '#lists/served.ts';
import { titleKey } from '#lists/title-search.ts';
import {
  causedErrors,
  errorCause,
  type MediaFilterShape,
  mediaConditions,
  mediaFilterShape,
} from '#media-items/filters.ts';
import type { ItemRecord } from './rules.ts';
import { served } from './served.ts';

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

/** From the labelled set; if null there, from atp.media's own column if it exists. */
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

/** The part of the parameters that the SQL depends on, and which table has which columns. */
export type MediaShape = MediaFilterShape &
  Pick<MediaQuery, 'sort_by' | 'sort_order'> & {
    /** Metadata columns that atp.media has itself. */
    own: readonly string[];
  };

export function mediaShape(query: MediaQuery, own: readonly string[]): MediaShape {
  const { sort_by, sort_order } = query;
  return { ...mediaFilterShape(query), ...(sort_by && { sort_by }), ...(sort_order && { sort_order }), own };
}

/** The type that a cursor's text is read as. */
const cursorTypes: Record<Exclude<MediaSort, 'media_title'>, string> = {
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  release_year: 'integer',
  imdb_rating: 'numeric',
};

const id = sql.ref('m.hash');

/** Items without a title come last in both orders, by hash, as a segment of their own: no index has nulls last in both. */
function titleSegments(query: Select<MediaRow>, direction: SortKey['direction']): Segment<MediaRow>[] {
  const title = sql.ref('m.media_title');
  const byTitle: SortKey = {
    expression: titleKey(title),
    fromCursor: (text) => titleKey(sql`${text}::text`),
    column: 'media_title',
    nullable: false,
    direction,
    indexed: true,
  };
  const byHash: SortKey = {
    expression: id,
    fromCursor: (text) => sql`${text}::bpchar`,
    column: 'hash',
    nullable: false,
    direction: 'asc',
    indexed: true,
  };
  return [
    { query: query.where(sql<SqlBool>`${title} is not null`), key: byTitle, id },
    { query: query.where(sql<SqlBool>`${title} is null`), key: byHash, id },
  ];
}

function segmentsOf(
  query: Select<MediaRow>,
  { sort_by = mediaDefaultSort.sort_by, sort_order = mediaDefaultSort.sort_order, own }: MediaShape,
): Segment<MediaRow>[] {
  if (sort_by === 'media_title') return titleSegments(query, sort_order);
  const isTime = sort_by === 'created_at' || sort_by === 'updated_at';
  const key: SortKey = {
    expression: sort_by === 'imdb_rating' ? metadata(sort_by, own) : sql.ref(`m.${sort_by}`),
    fromCursor: (text) => sql`${text}::${sql.raw(cursorTypes[sort_by])}`,
    column: sort_by,
    nullable: !isTime,
    direction: sort_order,
    indexed: isTime,
  };
  return [{ query, key, id }];
}

function isServed({ sort_by = mediaDefaultSort.sort_by, sort_order: _, own: __, ...shape }: MediaShape): boolean {
  const { filters, deleted = 'exclude', status: pipeline_status, ...words } = shape;
  return filters.length === 0 && deleted === 'exclude' && isQuick(served, { ...words, pipeline_status }, sort_by);
}

/** The list that the parameters describe. */
export function mediaList(db: Kysely<DB>, shape: MediaShape): List<MediaRow> {
  const conditions = eb.and(mediaConditions(shape));
  const query = media(db, shape.own, shape.deleted === 'only' || shape.deleted === 'include').where(conditions);
  return {
    segments: segmentsOf(query, shape),
    idColumn: 'hash',
    counted: (db.selectFrom('atp.media as m') as unknown as Select<object>).where(conditions),
    isServed: isServed(shape),
  };
}

/** One media item, also a deleted one. */
export function mediaStatement(db: Kysely<DB>, hash: string, own: readonly string[]): CompiledQuery<MediaRow> {
  return media(db, own, true).where('m.hash', '=', hash).compile();
}

type MediaGroup = {
  deleted: boolean;
  pipeline_status: string;
  rejection_status: string;
  media_type: string;
  error_status: boolean;
  count: number;
  oldest_created_at: string | null;
  newest_created_at: string | null;
  newest_updated_at: string | null;
};

/** Counts over the whole table in one pass. */
export async function countMedia(db: Kysely<DB>): Promise<MediaStats> {
  const [createdInCalendar, updatedInCalendar] = ['m.created_at', 'm.updated_at'].map((time) =>
    sql.raw(hasCalendarTime(time)),
  );
  const { rows } = await sql<MediaGroup>`
    select m.deleted_at is not null as deleted, m.pipeline_status::text, m.rejection_status::text, m.media_type::text,
      m.error_status, count(*)::integer as count,
      min(m.created_at) filter (where ${createdInCalendar}) as oldest_created_at,
      max(m.created_at) filter (where ${createdInCalendar}) as newest_created_at,
      max(m.updated_at) filter (where ${updatedInCalendar}) as newest_updated_at
    from atp.media as m
    group by m.deleted_at is not null, m.pipeline_status, m.rejection_status, m.media_type, m.error_status
  `.execute(db);
  const active = rows.filter(({ deleted }) => !deleted);
  return {
    total: sumOf(active),
    deleted: sumOf(rows) - sumOf(active),
    pipeline_status: countsBy(active, pipelineStatuses, (row) => row.pipeline_status) as MediaStats['pipeline_status'],
    rejection_status: countsBy(
      active,
      rejectionStatuses,
      (row) => row.rejection_status,
    ) as MediaStats['rejection_status'],
    error_status: countsBy(active, ['true', 'false'], (row) => String(row.error_status)) as MediaStats['error_status'],
    media_type: countsBy(active, mediaTypes, (row) => row.media_type) as MediaStats['media_type'],
    to_approve: sumOf(active.filter((row) => !row.error_status && approvalStatuses.includes(row.pipeline_status))),
    oldest_created_at: earliest(active.map((row) => row.oldest_created_at)),
    newest_created_at: latest(active.map((row) => row.newest_created_at)),
    newest_updated_at: latest(active.map((row) => row.newest_updated_at)),
  };
}

/** The newest active items in error by cause, and how many causes there are. */
export async function countErrors(db: Kysely<DB>): Promise<{ data: ErrorCause[]; total: number }> {
  const { rows } = await sql<ErrorCause & { total: number }>`
    select ${errorCause} as cause, count(*)::integer as count,
      (array_agg(m.error_condition order by m.updated_at desc, m.hash))[1] as example,
      max(m.updated_at) filter (where ${sql.raw(hasCalendarTime('m.updated_at'))}) as newest_updated_at,
      (count(*) over ())::integer as total
    from (
      select hash, error_condition, updated_at from atp.media
      where error_status and deleted_at is null order by updated_at desc, hash limit ${sql.lit(causedErrors)}
    ) as m
    group by 1 order by 2 desc, 1 limit 100
  `.execute(db);
  return { data: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}

/** What is recorded of an item. */
export async function findRecord(db: Kysely<DB>, hash: string): Promise<ItemRecord | undefined> {
  const { rows } = await sql<{ present: MediaState; created_at: string; updated_at: string; imdb_id: string | null }>`
    select ${stateOf('m')} as present, m.created_at, m.updated_at, m.imdb_id from atp.media m where m.hash = ${hash}::bpchar
  `.execute(db);
  const [item] = rows;
  if (!item) return undefined;
  const { imdb_id, ...found } = item;
  const columns = ['event_id', 'at', 'actor', 'action', 'before', 'after', 'undoes', 'operation_id'] as const;
  const events = await db
    .selectFrom('console.media_event')
    .select(columns)
    .where('hash', '=', hash)
    .orderBy('event_id')
    .$narrowType<{ action: MediaAction; before: MediaState; after: MediaState }>()
    .execute();
  const labels = await db
    .selectFrom('console.label_event')
    .select(columns)
    .where('imdb_id', '=', imdb_id ?? '')
    .orderBy('event_id')
    .$narrowType<{ action: LabelAction; before: FlagValues; after: FlagValues }>()
    .execute();
  const { rows: removals } = await sql<ItemRecord['removals'][number]>`
    select r.at, cardinality(r.links) as torrents, jsonb_array_length(r.trashed) + cardinality(r.deleted) as files
    from console.media_removal r
    where r.hash = ${hash}::bpchar and (r.event_id = any(${labels.map((event) => event.event_id)}::bigint[])
      or r.media_event_id = any(${events.map((event) => event.event_id)}::bigint[]))
  `.execute(db);
  const predictions = await db
    .selectFrom('atp.prediction')
    .select(['created_at', 'probability'])
    .where('imdb_id', '=', imdb_id ?? '')
    .execute();
  return { ...found, events, labels, removals, predictions };
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
