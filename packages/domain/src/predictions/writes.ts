import { mediaTypes } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { entriesOf, pairsWhere, predictionImage, trainingImage } from './queries.ts';
import { everything, firstCharacter } from './rules.ts';

/**
 * The totals of the evaluation in schema `console` (record 0019). All statements of this file run in a transaction of
 * isolation level REPEATABLE READ that began with `lockTotals`, so that totals, changes and titles are of the same moment.
 */

/** Ten-thousandths of the probability: ranks are kept by these. */
const rankBins = 10_000;

/**
 * Titles whose changes are added, titles that are counted, and rows that are deleted in one transaction. While it runs, no
 * later event is sent; if it takes longer than the statement timeout, it never succeeds.
 */
const batch = { changes: 50, titles: 2_500, deleted: 20_000 };

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
