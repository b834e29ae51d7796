import { wordOfFilter } from '@at/contracts/filter-words';
import { type MediaQuery, type mediaFilters, noCause } from '@at/contracts/media';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type ListInput, param } from '#lists/list-statements.ts';
import { holdsText, matchesSearch, type TitleSearch, titleSearch } from '#lists/title-search.ts';

/** What media items (`m`) are filtered by. */

type MediaFilters = Pick<MediaQuery, keyof typeof mediaFilters>;

/** The filters whose values are literals in the SQL, because a partial index matches no placeholder. */
const words = ['media_type', 'rejection_status', 'error_status', 'deleted'] as const;

const valued = [
  'cause',
  'pipeline_status',
  'imdb_id',
  'hash',
  'media_title',
  'rss_source',
  'resolution',
  'release_year_min',
  'release_year_max',
  'updated_at_min',
  'changed_at_min',
] as const;

/** The part of the filters that the SQL depends on: the literals, and which others are set. */
export type MediaFilterShape = Pick<MediaFilters, (typeof words)[number]> & {
  /** The status, when the filter has exactly one; several are a value. */
  status?: string;
  search?: Search;
  filters: (keyof MediaFilters)[];
};

export function mediaFilterShape(query: MediaFilters): MediaFilterShape {
  const [status, ...others] = new Set(query.pipeline_status);
  const isOne = status !== undefined && others.length === 0;
  return {
    ...Object.fromEntries(words.map((name) => [name, query[name]])),
    ...(isOne ? { status } : {}),
    ...(query.q === undefined ? {} : { search: searchOf(query.q) }),
    filters: valued.filter((name) => query[name] !== undefined && !(isOne && name === 'pipeline_status')),
  };
}

/** How a search finds media items: by the start of an IMDb id; else by words, and by the start of a hash if it can be one. */
type Search = 'id' | { words: TitleSearch; isHash: boolean };

function searchOf(q: string): Search {
  const text = q.trim();
  if (/^tt\d+$/i.test(text)) return 'id';
  return { words: titleSearch(text), isHash: /^[0-9a-f]{6,40}$/i.test(text) };
}

/** The IMDb ids that begin with `q` (`tt` and digits), as the range from the first text up to before the second. */
function rangeOfId(q: string): [from: string, before: string] {
  const digits = q.trim().slice(2);
  const next = String(BigInt(digits) + 1n).padStart(digits.length, '0');
  // After nines come letters: no id begins with one.
  return [`tt${digits}`, next.length > digits.length ? 'ttz' : `tt${next}`];
}

/** A value that each request has of its own. */
const value = <Value>(read: (query: MediaFilters) => Value) =>
  param(({ query }: ListInput<MediaFilters>) => read(query));

function searchCondition(search: Search): RawBuilder<SqlBool> {
  if (search === 'id') {
    // As a range, which the plain index on imdb_id serves in any collation.
    const bound = (i: 0 | 1) => value(({ q = '' }) => rangeOfId(q)[i]);
    return sql<SqlBool>`(m.imdb_id >= ${bound(0)} and m.imdb_id < ${bound(1)})`;
  }
  const { words, isHash } = search;
  const [title, release] = [sql.ref('m.media_title'), sql.ref('m.original_title')];
  // A title is a part of its release's name, and begins as it does. The conditions on null are those of the indexes.
  const found =
    words.by === 'start'
      ? [
          sql<SqlBool>`(${title} is not null and ${matchesSearch(title, words)})`,
          sql<SqlBool>`(${title} is null and ${matchesSearch(release, words)})`,
        ]
      : [matchesSearch(title, words), matchesSearch(release, words)];
  if (isHash) found.push(sql<SqlBool>`m.hash like ${value(({ q = '' }) => `${q.trim().toLowerCase()}%`)}`);
  return sql<SqlBool>`(${sql.join(found, sql` or `)})`;
}

/** What differs between errors of one cause: URLs, names in quotes, ids, hashes, paths, numbers. */
const differing = [
  'https?://\\S+',
  '"[^"]*"',
  '\\m[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\M',
  '\\m[0-9a-fA-F]{16,}\\M',
  '\\mtt[0-9]{7,8}\\M',
  '(?<![^\\s(=:])/[^\\s:,;]+',
  '[0-9]+([.,:][0-9]+)*',
];

/** Why an item (`m`) is in error: its error condition without what differs. */
const withoutDiffering = differing.reduce(
  (text, pattern) => sql`regexp_replace(${text}, ${sql.lit(pattern)}, '…', 'g')`,
  sql`left(m.error_condition, 1000)`,
);
export const errorCause = sql<string>`coalesce(
  nullif(left(btrim(regexp_replace(${withoutDiffering}, '\\s+', ' ', 'g')), 300), ''), ${sql.lit(noCause)})`;

/** So many errors have a cause, the newest: finding the cause of one costs time. */
export const causedErrors = 10_000;

/** What the error condition of every error of a cause holds: the parts of the cause, in their order. */
function patternOf(cause = ''): string {
  if (cause === noCause) return '%';
  const parts = cause.split(/[\s…]+/).map((part) => part.replaceAll(/[\\%_]/g, '\\$&'));
  return `%${parts.join('%')}%`;
}

const deletedConditions = {
  exclude: 'm.deleted_at is null',
  only: 'm.deleted_at is not null',
  include: 'true',
} as const;

/** Errors of a cause, among the newest that are deleted or not as wanted. */
function causeCondition(deleted: keyof typeof deletedConditions): RawBuilder<SqlBool> {
  // The condition of the index of errors comes with it.
  const last = (column: 'updated_at' | 'hash') => sql`(
    select m.${sql.ref(column)} from atp.media m where m.error_status and ${sql.raw(deletedConditions[deleted])}
    order by m.updated_at desc, m.hash offset ${sql.lit(causedErrors - 1)} limit 1
  )`;
  return sql<SqlBool>`(m.error_status and m.updated_at >= coalesce(${last('updated_at')}, '-infinity')
    and (m.updated_at > ${last('updated_at')} or m.hash <= ${last('hash')}) is not false
    and coalesce(m.error_condition, '') like ${value(({ cause }) => patternOf(cause))}
    and ${errorCause} = ${value(({ cause }) => cause)})`;
}

const lower = (hashes: string[] | undefined) => hashes?.map((hash) => hash.toLowerCase());

const valueConditions: Record<
  (typeof valued)[number],
  (deleted: keyof typeof deletedConditions) => RawBuilder<SqlBool>
> = {
  pipeline_status: () => sql`m.pipeline_status = any(${value((query) => query.pipeline_status?.map(wordOfFilter))})`,
  cause: causeCondition,
  imdb_id: () => sql`m.imdb_id = any(${value(({ imdb_id }) => imdb_id)}::text[])`,
  hash: () => sql`m.hash = any(${value(({ hash }) => lower(hash))}::bpchar[])`,
  media_title: () => holdsText(sql.ref('m.media_title')),
  rss_source: () => sql`m.rss_source = any(${value(({ rss_source }) => rss_source?.map(wordOfFilter))})`,
  resolution: () => sql`m.resolution = any(${value(({ resolution }) => resolution)}::text[])`,
  // As numeric, so that a bound with decimals or beyond the column's type is compared instead of refused.
  release_year_min: () => sql`m.release_year >= ${value((query) => query.release_year_min)}::numeric`,
  release_year_max: () => sql`m.release_year <= ${value((query) => query.release_year_max)}::numeric`,
  updated_at_min: () => sql`m.updated_at >= ${value((query) => query.updated_at_min)}::timestamptz`,
  changed_at_min: () => {
    const from = sql`${value((query) => query.changed_at_min)}::timestamptz`;
    return sql`(m.updated_at >= ${from} and not exists (
      select from console.media_event u join console.media_event e on e.event_id = u.undoes
      where u.hash = m.hash and u.at = m.updated_at and e.since < ${from}
    ))`;
  },
};

/** The conditions of the filters on a media item; none concerns its title, so that counting needs no join. */
export function mediaConditions({ deleted = 'exclude', filters, ...shape }: MediaFilterShape): RawBuilder<SqlBool>[] {
  const all: RawBuilder<SqlBool>[] = [];
  if (deleted !== 'include') all.push(sql.raw(deletedConditions[deleted]));
  if (shape.media_type !== undefined) all.push(sql`m.media_type = ${sql.lit(wordOfFilter(shape.media_type))}`);
  if (shape.status !== undefined) all.push(sql`m.pipeline_status = ${sql.lit(wordOfFilter(shape.status))}`);
  if (shape.rejection_status !== undefined)
    all.push(sql`m.rejection_status = ${sql.lit(wordOfFilter(shape.rejection_status))}`);
  if (shape.error_status !== undefined) all.push(sql`m.error_status = ${sql.lit(shape.error_status)}`);
  if (shape.search !== undefined) all.push(searchCondition(shape.search));
  for (const name of valued) if (filters.includes(name)) all.push(valueConditions[name](deleted));
  return all;
}
