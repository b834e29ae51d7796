import type { AtpPrediction, AtpTraining } from '@at/db/schema';
import { type RawBuilder, sql } from 'kysely';
import type { SortKey } from '#lists/keyset.ts';
import { titleKey } from '#lists/title-search.ts';

/** The columns of a title (`t`) and of its prediction (`p`), and how lists are sorted by them. */

/** Of a title, all but its two times, which lists name differently; in the order of the table. */
export const titleColumns = [
  't.imdb_id',
  't.tmdb_id',
  't.label',
  't.human_labeled',
  't.anomalous',
  't.reviewed',
  't.media_type',
  't.media_title',
  't.season',
  't.episode',
  't.release_year',
  't.budget',
  't.revenue',
  't.runtime',
  't.origin_country',
  't.production_companies',
  't.production_countries',
  't.production_status',
  't.original_language',
  't.spoken_languages',
  't.genre',
  't.original_media_title',
  't.tagline',
  't.overview',
  't.tmdb_rating',
  't.tmdb_votes',
  't.rt_score',
  't.metascore',
  't.imdb_rating',
  't.imdb_votes',
] as const;

const notNull = new Set<string>([
  't.created_at',
  't.updated_at',
  't.media_title',
  't.release_year',
  't.media_type',
  't.imdb_id',
  't.human_labeled',
  't.anomalous',
  'p.imdb_id',
  'p.prediction',
  'p.probability',
  'p.cm_value',
  'p.created_at',
]);

/** With indexes for lists in set `atp-extras`, whether it is installed or not. */
const indexed = new Set<string>([
  't.imdb_id',
  't.created_at',
  't.updated_at',
  't.media_title',
  'p.imdb_id',
  'p.probability',
  'p.created_at',
]);

type Column = `t.${keyof AtpTraining}` | `p.${keyof AtpPrediction}`;

/** The type that a cursor's text is read as; null: the column's, which its owner may have changed to text. */
const cursorTypes: Record<Column, string | null> = {
  't.created_at': 'timestamptz',
  't.updated_at': 'timestamptz',
  't.media_title': 'varchar',
  't.release_year': 'smallint',
  't.media_type': null,
  't.season': 'smallint',
  't.episode': 'smallint',
  't.label': null,
  't.imdb_id': 'varchar',
  't.tmdb_id': 'integer',
  't.budget': 'bigint',
  't.revenue': 'bigint',
  't.runtime': 'integer',
  't.origin_country': 'bpchar[]',
  't.production_companies': 'varchar[]',
  't.production_countries': 'bpchar[]',
  't.production_status': 'varchar',
  't.original_language': 'bpchar',
  't.spoken_languages': 'bpchar[]',
  't.genre': 'varchar[]',
  't.original_media_title': 'varchar',
  't.tagline': 'varchar',
  't.overview': 'text',
  't.tmdb_rating': 'numeric',
  't.tmdb_votes': 'integer',
  't.rt_score': 'integer',
  't.metascore': 'integer',
  't.imdb_rating': 'numeric',
  't.imdb_votes': 'integer',
  't.human_labeled': 'boolean',
  't.anomalous': 'boolean',
  't.reviewed': 'boolean',
  'p.imdb_id': 'varchar',
  'p.prediction': 'smallint',
  'p.probability': 'numeric',
  'p.cm_value': 'bpchar',
  'p.created_at': 'timestamptz',
};

const cast = (type: string | null) => (value: RawBuilder<unknown>) =>
  type === null ? value : sql`${value}::${sql.raw(type)}`;

/** Only this much of an unbounded value is compared: a cursor must fit into a URL. */
const elementsCompared = 4;
const charactersCompared = 200;

/** Sorted by a column, which the list's rows call `name`. */
export function columnKey(column: Column, direction: SortKey['direction'], name = column.slice(2)): SortKey {
  const type = cursorTypes[column];
  const key: SortKey = {
    expression: sql.ref(column),
    fromCursor: cast(type),
    column: name,
    nullable: !notNull.has(column),
    direction,
    // Of the primary key no two are equal, so that its own index serves both directions.
    ties: column.endsWith('.imdb_id') ? direction : 'asc',
    indexed: indexed.has(column),
  };
  if (column === 't.media_title' || column === 't.original_media_title') {
    return { ...key, expression: titleKey(sql.ref(column)), fromCursor: (value) => titleKey(sql`${value}::text`) };
  }
  if (type?.endsWith('[]')) {
    const list = sql.ref(column);
    // Only a plain list has its first elements at the subscripts from 1 on.
    const isPlain = sql`array_ndims(${list}) = 1 and array_lower(${list}, 1) = 1`;
    return {
      ...key,
      expression: sql`(case when ${isPlain} or ${list} = '{}' then ${list} when ${list} is not null
        then array(select unnest(${list})) end)[1:${sql.lit(elementsCompared)}]`,
      // An array's wire text is JSON.
      fromCursor: (value) => sql`array(select jsonb_array_elements_text(${value}::jsonb))::${sql.raw(type)}`,
      cut: (text) => JSON.stringify((JSON.parse(text) as unknown[]).flat(5).slice(0, elementsCompared)),
    };
  }
  if (type === 'text') {
    return {
      ...key,
      expression: sql`left(${sql.ref(column)}, ${sql.lit(charactersCompared)})`,
      cut: (text) => [...text].slice(0, charactersCompared).join(''),
    };
  }
  return key;
}

/**
 * Sorted by how far the probability is from a threshold, the farthest first. No index is in this order for every threshold,
 * but one by probability has each side of the threshold in it: `above` from 1 down, `below` from 0 up.
 */
export function distanceKeys(threshold: RawBuilder<unknown>): { whole: SortKey; above: SortKey; below: SortKey } {
  const distance = (probability: RawBuilder<unknown>) => sql`abs(${probability} - ${threshold})`;
  const numeric = cast('numeric');
  // What is not a number is the farthest of all: no distance is beyond this one.
  const known = (value: RawBuilder<unknown>) => sql`least(${distance(numeric(value))}, 1e9)`;
  return {
    whole: {
      expression: distance(sql.ref('p.probability')),
      fromCursor: (value) => distance(numeric(value)),
      column: 'probability',
      nullable: false,
      direction: 'desc',
      indexed: true,
    },
    above: {
      ...columnKey('p.probability', 'desc'),
      fromCursor: (value) => sql`${threshold} + ${distance(numeric(value))}`,
    },
    below: { ...columnKey('p.probability', 'asc'), fromCursor: (value) => sql`${threshold} - ${known(value)}` },
  };
}

const doubt = (probability: RawBuilder<unknown>) => sql`abs(${probability} - 0.5)`;

/** Sorted by how far the probability is from a coin's toss; one index serves this order and its reverse. */
export function doubtKey(direction: SortKey['direction']): SortKey {
  return {
    expression: doubt(sql.ref('p.probability')),
    fromCursor: (value) => doubt(cast('numeric')(value)),
    column: 'probability',
    nullable: false,
    direction,
    ties: direction,
    indexed: true,
  };
}
