import type { SliceDimension } from '@at/contracts/predictions';
import { mediaTypes } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * The totals of the evaluation in schema `console` (record 0019). All statements run in a transaction of isolation level
 * REPEATABLE READ that began with `lockTotals`, so that totals, changes and titles are of the same moment.
 */

/** Thousandths of the probability, and one beyond: totals that include probabilities below this include all of them. */
export const everything = 1001;

/** Slices are counted by bins of a thousandth, and again by bins of a hundredth, from this number on. */
export const hundredths = 10_000;

/** Ten-thousandths of the probability: ranks are kept by these. */
const rankBins = 10_000;

/**
 * Titles whose changes are added, titles that are counted, and rows that are deleted in one transaction. While it runs, no
 * later event is sent; if it takes longer than the statement timeout, it never succeeds.
 */
const batch = { changes: 50, titles: 2_500, deleted: 20_000 };

/** Rows of changes from which counting every title again is faster than adding them. */
const most = 50_000;

/** Change this when a version counts something else than before: then everything is counted again. */
const version = `1 ${mediaTypes}`;

/** The columns that are counted, as text; console.note_evaluated writes the same. */
const trainingImage = sql<string[]>`array[t.label::text, t.media_type::text, t.reviewed::text, t.anomalous::text,
  t.genre::text, t.release_year::text, t.origin_country::text, t.original_language::text, t.imdb_rating::text]`;
const predictionImage = sql<string[]>`array[p.probability::text, p.cm_value::text]`;

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

/** Adds to the totals what pairs of images amount to by their signs, if it is below `to` thousandths. */
const addition = (pairs: RawBuilder<unknown>, to: number) => sql`
  insert into console.evaluation_total
  select dimension, slice, total_bin, media_type, reviewed, anomalous, label, cm_value,
    sum(sign), sum(sign * amount), sum(sign * amount * amount)
  from ${entriesOf(pairs)}
  where bin >> 1 < ${to}::integer
  group by dimension, slice, total_bin, media_type, reviewed, anomalous, label, cm_value
  having sum(sign) <> 0 or sum(sign * amount) <> 0 or sum(sign * amount * amount) <> 0
  -- So that what is read together lies together.
  order by dimension, total_bin
  on conflict on constraint evaluation_total_key do update set
    titles = evaluation_total.titles + excluded.titles,
    probability_sum = evaluation_total.probability_sum + excluded.probability_sum,
    square_sum = evaluation_total.square_sum + excluded.square_sum
`;

/** Before the snapshot is taken: TRUNCATE would change the tables of the platform also for older snapshots. */
export async function lockTitles(trx: Kysely<DB>): Promise<void> {
  await sql`set local lock_timeout = '1s'`.execute(trx);
  await sql`lock table atp.training, atp.prediction in access share mode`.execute(trx);
}

/** One writer of totals at a time, whose snapshot is taken after it has the lock. */
export async function lockTotals(trx: Kysely<DB>): Promise<void> {
  await lockTitles(trx);
  await sql`lock table console.evaluation_state in exclusive mode`.execute(trx);
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

/**
 * Changes were lost, by transactions that may still run. They have a lower number than this one: each has written before it
 * failed to write down, and that was before `lost` was read.
 */
export async function noteLostChanges(trx: Kysely<DB>, lost: number): Promise<void> {
  await sql`
    update console.evaluation_state set lost = ${lost}, unsure_until = pg_current_xact_id(), fingerprint = null
  `.execute(trx);
}

/**
 * Deletes some of the totals, and of the changes that will be counted with the titles themselves. Returns whether there may
 * be more; else counting can begin with this fingerprint, because no change of this snapshot is left.
 */
export async function forgetSome(trx: Kysely<DB>, fingerprint: string | null): Promise<boolean> {
  const deleted = (table: 'total' | 'change') => {
    const name = sql.ref(`console.evaluation_${table}`);
    return sql`delete from ${name} where ctid = any(array(select ctid from ${name} limit ${batch.deleted})) returning 1`;
  };
  const { rows } = await sql<{ has_more: boolean }>`
    with change as (${deleted('change')}), total as (${deleted('total')}), rank as (delete from console.evaluation_rank)
    select (select count(*) from change) = ${batch.deleted} or (select count(*) from total) = ${batch.deleted} as has_more
  `.execute(trx);
  const hasMore = rows[0]?.has_more ?? false;
  const next = hasMore ? null : fingerprint;
  await sql`
    update console.evaluation_state
    set counted_to = -1, fingerprint = ${next}::text, unsure_until = case when ${next}::text is null then unsure_until end
    where counted_to <> -1 or fingerprint is distinct from ${next}::text
  `.execute(trx);
  return hasMore;
}

type Added = {
  /** There are more changes than were added. */
  has_more: boolean;
  /** The changes do not lead to what the titles are: everything must be counted again. */
  is_inconsistent: boolean;
};

/**
 * Moves recorded changes into the totals. Each change of a row is minus its old image and plus its new one, in any
 * order: what the row is now, minus the sum of its changes, is what it was when it was last counted.
 */
export async function addChanges(trx: Kysely<DB>, countedTo: number): Promise<Added> {
  const { rows } = await sql<Added & { ranks: number[]; zeros: string[] }>`
    with found as materialized (
      select distinct imdb_id from console.evaluation_change order by imdb_id limit ${batch.changes + 1}
    ), title as materialized (
      select imdb_id from found order by imdb_id limit ${batch.changes}
    ), taken as (
      -- By an array: the table is filled and emptied too often for statistics by which a join would use the index.
      delete from console.evaluation_change where imdb_id = any(array(select imdb_id from title))
      returning source, imdb_id, image, sign
    ), present as materialized (
      select 'training' as source, title.imdb_id, ${trainingImage} as image
      from title join atp.training as t on t.imdb_id = title.imdb_id
      union all
      select 'prediction', title.imdb_id, ${predictionImage}
      from title join atp.prediction as p on p.imdb_id = title.imdb_id
    ), past as materialized (
      select source, imdb_id, image, sum(sign) as times
      from (
        select source, imdb_id, image, 1 as sign from present
        union all select source, imdb_id, image, -sign from taken
      ) as term
      group by source, imdb_id, image
      having sum(sign) <> 0
    ), pair as materialized (
      select 1 as sign, t.image as t, p.image as p from present as t join present as p using (imdb_id)
      where t.source = 'training' and p.source = 'prediction'
      union all
      select -1, t.image, p.image from past as t join past as p using (imdb_id)
      where t.source = 'training' and p.source = 'prediction'
    ), added as (
      ${addition(sql`select * from pair`, countedTo)}
      returning ctid, titles
    ), moved as (
      select bin, floor(probability * ${rankBins})::integer as rank_bin
      from ${entriesOf(sql`select * from pair`, [])}
      where label in ('would_watch', 'would_not_watch') and bin & 1 = 1 and bin >= 0
        and bin >> 1 < ${countedTo}::integer
      group by bin, probability, label, media_type, reviewed, anomalous
      having sum(sign) <> 0
    )
    select (select count(*) from found) > ${batch.changes} as has_more,
      exists (select from added where titles < 0)
        or exists (select from past group by source, imdb_id having count(*) > 1 or min(times) <> 1 or max(times) <> 1)
        as is_inconsistent,
      array(select distinct rank_bin from moved) as ranks,
      array(select ctid::text from added where titles = 0) as zeros
  `.execute(trx);
  const { ranks, zeros, ...added } = rows[0] as Added & { ranks: number[]; zeros: string[] };
  if (zeros.length > 0) {
    await sql`delete from console.evaluation_total where ctid = any(${zeros}::tid[]) and titles = 0`.execute(trx);
  }
  if (ranks.length > 0) await writeRanks(trx, sql`unnest(${ranks}::integer[])`);
  return added;
}

/** Counts the next titles by probability, after what `countedTo` includes. Returns what is included then. */
export async function countNext(trx: Kysely<DB>, countedTo: number): Promise<number> {
  if (countedTo < 0) {
    const others = sql<SqlBool>`(p.probability < 0 or p.probability > 1 or p.probability is null)`;
    await addition(pairsWhere(others), 0).execute(trx);
  }
  const from = Math.max(countedTo, 0);
  const { rows } = await sql<{ to: number }>`
    select greatest(floor(probability * 1000)::integer, ${from + 1}) as to from atp.prediction
    where probability >= ${sql.lit(from / 1000)} and probability <= 1
    order by probability limit 1 offset ${batch.titles}
  `.execute(trx);
  const to = rows[0]?.to ?? everything;
  const range = sql<SqlBool>`p.probability >= ${sql.lit(from / 1000)} and p.probability < ${sql.lit(to / 1000)}
    and p.probability <= 1`;
  await addition(pairsWhere(range), to).execute(trx);
  await writeRanks(trx, sql`generate_series(${from * 10}::integer, ${Math.min(to * 10, rankBins) - 1}::integer)`);
  await sql`update console.evaluation_state set counted_to = ${to}`.execute(trx);
  return to;
}

/** Digits of the characters in ranks, from the last: label, anomalous (2: null), reviewed, media type (0: not known). */
const firstCharacter = '#'.charCodeAt(0);

/** Writes the ranks of these bins of a ten-thousandth. A probability of whole thousandths needs none: its titles all tie. */
async function writeRanks(trx: Kysely<DB>, bins: RawBuilder<unknown>): Promise<void> {
  await sql`
    insert into console.evaluation_rank
    select bin, coalesce(ranks, '')
    from ${bins} as one(bin) cross join lateral (
      select string_agg(case when is_tie then '!' || code else code end, '' order by probability, imdb_id) as ranks
      from (
        select p.imdb_id, p.probability,
          coalesce(p.probability = lag(p.probability) over (order by p.probability, p.imdb_id), false) as is_tie,
          chr(${sql.lit(firstCharacter)} + coalesce(t.label = 'would_watch', false)::integer
            + 2 * coalesce(t.anomalous::integer, 2) + 6 * coalesce(t.reviewed, false)::integer
            + 12 * coalesce(array_position(${[...mediaTypes]}::text[], t.media_type::text), 0)) as code
        from atp.prediction as p cross join lateral (
          select * from atp.training as t where t.imdb_id = p.imdb_id offset 0
        ) as t
        where p.probability >= bin / ${sql.lit(rankBins)}.0 and p.probability < (bin + 1) / ${sql.lit(rankBins)}.0
          and p.probability * 1000 <> floor(p.probability * 1000)
          and t.label::text in ('would_watch', 'would_not_watch')
      ) as labelled
    ) as row
    on conflict (bin) do update set ranks = excluded.ranks
  `.execute(trx);
}

export type RankScope = { media_type?: string; reviewed?: boolean; anomalous?: boolean };

/** By character code in ranks: 2 for a would_watch in scope, 1 for a would_not_watch in scope, else 0. */
export function rankLabels({ media_type, reviewed, anomalous }: RankScope): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, character) => {
    const code = character - firstCharacter;
    if (code < 0) return 0;
    const isInScope =
      (media_type === undefined || mediaTypes[Math.floor(code / 12) - 1] === media_type) &&
      (reviewed === undefined || Number(reviewed) === Math.floor(code / 6) % 2) &&
      (anomalous === undefined || Number(anomalous) === Math.floor(code / 2) % 3);
    return isInScope ? 1 + (code % 2) : 0;
  });
}
