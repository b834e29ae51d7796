import type { SliceDimension } from '@at/contracts/predictions';
import { mediaTypes } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { hundredths } from './rules.ts';

/** Rows of changes from which counting every title again is faster than adding them. */
const most = 50_000;

/** Change this when a version counts something else than before: then everything is counted again. */
const version = `1 ${mediaTypes}`;

/** The columns that are counted, as text; console.note_evaluated writes the same. */
export const trainingImage = sql<string[]>`array[t.label::text, t.media_type::text, t.reviewed::text, t.anomalous::text,
  t.genre::text, t.release_year::text, t.origin_country::text, t.original_language::text, t.imdb_rating::text]`;
export const predictionImage = sql<string[]>`array[p.probability::text, p.cm_value::text]`;

/**
 * The images of titles with a prediction that matches a condition on `p`. `lateral` and `offset 0`: each title is found by
 * its key, also where the planner's statistics are older than a load of many rows.
 */
export const pairsWhere = (condition: RawBuilder<SqlBool>) => sql`
  select 1 as sign, title.image as t, ${predictionImage} as p
  from atp.prediction as p cross join lateral (
    select ${trainingImage} as image from atp.training as t where t.imdb_id = p.imdb_id offset 0
  ) as title
  where ${condition}
`;

/** The slices of a title's image `t`; null: in none. */
const slicers: Record<SliceDimension, RawBuilder<unknown>> = {
  genre: sql`unnest(t[5]::text[])`,
  decade: sql`(floor(t[6]::numeric / 10) * 10)::integer::text`,
  country: sql`rtrim(unnest(t[7]::text[]))`,
  language: sql`rtrim(t[8])`,
  // The last band holds 100 as well.
  rating: sql`case when t[9]::numeric between 0 and 100 then (least(floor(t[9]::numeric / 10), 9) * 10)::text end`,
};
const allDimensions = Object.keys(slicers) as SliceDimension[];

/**
 * What is counted of pairs of images: for the whole (dimension '') and, twice, for each slice, with sign, probability,
 * amount (the probability in the whole, else 0), the title's bin, total_bin, label, cm_value and the columns that an
 * evaluation filters by. `offset 0` keeps the planner from repeating an expression wherever its result is used.
 */
export function entriesOf(pairs: RawBuilder<unknown>, dimensions: SliceDimension[] = allDimensions) {
  const sliced = dimensions.map((name) => sql`select ${sql.lit(name)} as dimension, ${slicers[name]} as slice`);
  const ofSlices = sql`
    union all
    select dimension, slice, null, total_bin, 0
    from (${sql.join(sliced, sql` union `)}) as sliced
      cross join (values (bin), (${sql.lit(hundredths)} + bin / 20)) as level(total_bin)
    where slice is not null and bin >= 0
  `;
  return sql`
    (${pairs} offset 0) as pair
    cross join lateral (
      select t[1] as label, t[2] as media_type, coalesce(t[3]::boolean, false) as reviewed, t[4]::boolean as anomalous,
        p[1]::numeric as probability, floor(p[1]::numeric * 1000) as thousandths
      offset 0
    ) as title
    cross join lateral (
      select case when probability between 0 and 1
        then 2 * thousandths::integer + (probability * 1000 <> thousandths)::integer else -1 end as bin
      offset 0
    ) as placed
    cross join lateral (
      select '' as dimension, '' as slice, p[2] as cm_value, bin as total_bin,
        case when bin >= 0 then probability else 0 end as amount
      ${sliced.length > 0 ? ofSlices : sql``}
      offset 0
    ) as entry
  `;
}

export type TotalsState = {
  /** The totals include probabilities below this many thousandths. */
  counted_to: number;
  fingerprint: string | null;
  /** How many changes the triggers could not write down. */
  lost: number;
  /** The part of `lost` after which everything was, or will be, counted again. */
  accounted: number;
  /** A transaction that lost a change may still run. */
  is_unsure: boolean;
  /** Rows of changes that are not in the totals, at most 50,001. */
  waiting: number;
  /** More rows changed than were written down, or than are worth adding. */
  is_overrun: boolean;
  /** The fingerprint of triggers and tables as they are; null: changes cannot be followed. */
  current: string | null;
};

/**
 * What the totals include. The fingerprint differs after everything that changes rows, or their meaning, past the triggers:
 * triggers that were switched off for a time, TRUNCATE, another type of a column, a renamed word of an enum, a restore.
 */
export async function readTotalsState(trx: Kysely<DB>): Promise<TotalsState> {
  const { rows } = await sql<TotalsState>`
    with relation as (
      select c.oid, c.relfilenode, c.relkind, c.relhassubclass
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'atp' and c.relname in ('training', 'prediction')
    ), trigger as (
      select t.oid, t.xmin
      from pg_trigger t join relation on relation.oid = t.tgrelid
        join pg_proc p on p.oid = t.tgfoid join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'console' and p.proname = 'note_evaluated' and t.tgenabled = 'A'
    ), part as (
      select format('trigger %s %s', oid, xmin) as text from trigger
      union all select format('relation %s %s', oid, relfilenode) from relation
      union all
      select format('column %s %s %s %s', attrelid, attname, atttypid, atttypmod)
      from pg_attribute join relation on relation.oid = attrelid where attnum > 0
      union all
      select format('word %s %s', enumtypid, enumlabel) from pg_enum
      where enumtypid in (select atttypid from pg_attribute join relation on relation.oid = attrelid)
    )
    select counted_to, fingerprint, lost as accounted,
      -- Not of the snapshot but later: what a transaction before it lost is in this number.
      (select last_value from console.evaluation_lost) as lost,
      -- One that is ahead of all numbers comes from another cluster, out of a restored dump.
      coalesce(pg_snapshot_xmin(pg_current_snapshot()) < unsure_until
        and unsure_until < pg_snapshot_xmax(pg_current_snapshot()), false) as is_unsure,
      waiting,
      waiting > ${most} or exists (select from console.evaluation_change where imdb_id is null) as is_overrun,
      case when (select count(*) from trigger) = 6
        -- Rows of partitions and subscriptions change without statement triggers on their table.
        and not exists (select from relation where relkind <> 'r' or relhassubclass)
        and not exists (select from pg_subscription_rel join relation on relation.oid = srrelid)
        -- Without it the rows of a bin are found by reading all.
        and exists (
          select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
          where i.indrelid in (select oid from relation) and a.attname = 'probability' and i.indisvalid and i.indpred is null
        )
        then (select md5(string_agg(text, ' ' order by text)) || ${` ${version}`} from part) end as current
    from console.evaluation_state, (
      select count(*)::integer as waiting from (select from console.evaluation_change limit ${most + 1}) as row
    ) as change
  `.execute(trx);
  return rows[0] as TotalsState;
}
