import { type Operation, type OperationItem, type OperationRequest, operationLimits } from '@at/contracts/bulk';
import type { FlagValues } from '@at/contracts/labels';
import type { Pagination } from '@at/contracts/paging';
import type { Problem } from '@at/contracts/problem';
import { createDb, createPool } from '@at/db/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  cancel,
  done,
  invert,
  itemsOf,
  operation,
  preview,
  previewed,
  resultsOf,
  run,
  undone,
  until,
} from '#test/bulk-operations.ts';
import { insertMedia, type MediaItem, sampleHash } from '#test/sample-media.ts';
import { insertTitles, startTestApp, type TestApp, type Title } from '#test/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

let made = 0;
/** Titles of a test's own, and the filter that finds them and no others. */
async function newTitles(...titles: Title[]): Promise<{ ids: string[]; filter: { media_title: string } }> {
  const group = `group ${made} `;
  const ids = titles.map(() => {
    made += 1;
    return `tt${7_000_000 + made}`;
  });
  await insertTitles(
    app.db,
    titles.map((title, i) => ({ imdb_id: ids[i] as string, media_title: `${group}${i}`, ...title })),
  );
  return { ids, filter: { media_title: group } };
}
async function newMedia(...items: MediaItem[]): Promise<string[]> {
  const hashes = items.map(() => {
    made += 1;
    return sampleHash(made);
  });
  await insertMedia(
    app.db,
    items.map((item, i) => ({ hash: hashes[i] as string, ...item })),
  );
  return hashes;
}
const flagsOf = (id: string) =>
  app.db
    .selectFrom('atp.training')
    .select(['label', 'human_labeled', 'anomalous', 'reviewed'])
    .where('imdb_id', '=', id)
    .executeTakeFirstOrThrow();
const eventsOf = (id: string) =>
  app.db.selectFrom('console.label_event').selectAll().where('imdb_id', '=', id).orderBy('event_id').execute();
const mediaOf = (hash: string) =>
  app.db
    .selectFrom('atp.media')
    .select([
      'pipeline_status',
      'error_status',
      'error_condition',
      'rejection_status',
      'rejection_reason',
      'deleted_at',
    ])
    .where('hash', '=', hash)
    .executeTakeFirstOrThrow();
const anna = { 'x-actor': 'Anna' };
const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const watched = { label: 'would_watch', human_labeled: true, anomalous: false, reviewed: true };

describe('a preview', () => {
  test('writes down which items it concerns, says how many, and changes nothing', async () => {
    const { ids, filter } = await newTitles({}, { label: 'would_watch' }, { anomalous: true });
    const { body } = await preview(app, { subject: 'training', action: 'would_not_watch', filter }, anna);
    expect(body.operation).toEqual({
      operation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      subject: 'training',
      action: 'would_not_watch',
      change: {},
      filter,
      state: 'previewed',
      total: 3,
      counts: { pending: 3, done: 0, unchanged: 0, conflict: 0, failed: 0, cancelled: 0 },
      actor: 'Anna',
      actor_verified: false,
      run_by: null,
      run_by_verified: false,
      created_at: timestamp,
      expires_at: timestamp,
      started_at: null,
      finished_at: null,
      inverse_of: null,
      taken_back_by: null,
      can_invert: false,
    });
    expect(body.sample.map(({ key }) => key).toSorted()).toEqual(ids);
    expect(body.sample[0]).toMatchObject({ position: 1, result: 'pending', problem: null });
    expect(await flagsOf(ids[2] as string)).toMatchObject({ label: null, anomalous: true });
    expect(await operation(app, body.operation.operation_id)).toEqual(body.operation);
  });

  test('takes ids in any case, each once, and says which are not there', async () => {
    const [hash] = (await newMedia({ media_title: 'A film' })) as [string];
    const absent = sampleHash(999_999);
    const { body } = await preview(app, {
      subject: 'media',
      action: 'finish',
      ids: [hash.toUpperCase(), hash, absent],
    });
    expect(body.operation).toMatchObject({ total: 2, counts: { pending: 1, failed: 1 }, filter: null });
    expect(body.sample).toMatchObject([
      { key: hash, title: 'A film', result: 'pending' },
      { key: absent, title: null, result: 'failed', problem: `No media found with hash: ${absent}` },
    ]);
  });

  test('says what it would make of the first items, by the rules of the database too, and changes nothing', async () => {
    const stuck: MediaItem = {
      pipeline_status: 'parsed',
      error_status: true,
      error_condition: 'timeout',
      rejection_status: 'rejected',
      rejection_reason: 'probability 0.2',
    };
    const [show, fresh, gone] = (await newMedia(
      { media_title: 'A show', season: 2, episode: 5, ...stuck },
      { media_title: 'A film', season: null, episode: null },
      { media_title: 'Long ago', season: 101, episode: null, ...stuck, deleted_at: '2025-07-01T00:00:00Z' },
    )) as [string, string, string];
    const { body } = await preview(app, { subject: 'media', action: 'reingest', ids: [show, fresh, gone] });
    expect(body.operation.counts).toMatchObject({ pending: 3 });
    expect(body.sample).toMatchObject([
      {
        title: 'A show S02E05',
        result: 'pending',
        before: stuck,
        after: {
          pipeline_status: 'ingested',
          error_status: false,
          error_condition: null,
          rejection_status: 'unfiltered',
          rejection_reason: null,
        },
      },
      { title: 'A film', result: 'unchanged', before: null, after: null },
      { title: 'Long ago S101', result: 'failed', problem: `Media has been deleted: ${gone}` },
    ]);
    const { rows } = await sql`
      select from console.media_event where hash = any(${[show, fresh, gone]}::bpchar[])
    `.execute(app.db);
    expect(rows).toEqual([]);
    expect(await itemsOf(app, body.operation.operation_id)).toMatchObject([1, 2, 3].map(() => ({ result: 'pending' })));
  });

  test('says so too of the items beside one that another session has locked', async () => {
    const { ids } = await newTitles({}, {});
    await app.db.transaction().execute(async (trx) => {
      await sql`select from atp.training where imdb_id = ${ids[0]} for update`.execute(trx);
      const { sample } = (await preview(app, { subject: 'training', action: 'would_watch', ids })).body;
      expect(sample).toMatchObject([
        { key: ids[0], result: 'pending', before: null, after: null },
        { key: ids[1], result: 'pending', after: { label: 'would_watch' } },
      ]);
    });
  });

  test('takes the filters of the lists, those that look at the prediction and at deleted items too', async () => {
    const { ids, filter } = await newTitles(
      { prediction: { probability: 0.9 } },
      { prediction: { probability: 0.1 } },
      { label: 'would_watch', reviewed: true, prediction: { probability: 0.2 } },
    );
    const found = async (body: OperationRequest) => {
      const { operation_id } = await previewed(app, body);
      return (await itemsOf(app, operation_id)).map(({ key }) => key);
    };
    const titles = (more: object) =>
      found({ subject: 'training', action: 'would_watch', filter: { ...filter, ...more } });
    expect(await titles({ probability_min: 0.5 })).toEqual([ids[0]]);
    expect(await titles({ label: 'none', imdb_id: ids.slice(1) })).toEqual([ids[1]]);
    expect(await titles({ reviewed: true })).toEqual([ids[2]]);
    // At the operating threshold, unless another is named.
    expect(await titles({ cell: 'fn' })).toEqual([ids[2]]);
    expect(await titles({ cell: 'tp' })).toEqual([]);
    expect(await titles({ cell: 'errors' })).toEqual([ids[2]]);
    const kept = await previewed(app, {
      subject: 'training',
      action: 'would_watch',
      filter: { ...filter, cell: 'fn' },
    });
    expect(kept.filter).toEqual({ ...filter, cell: 'fn', threshold: 0.35 });
    expect(await titles({ cell: 'tp', threshold: 0.2 })).toEqual([ids[2]]);
    const [active, deleted] = await newMedia({ resolution: 'x1' }, { resolution: 'x1', deleted_at: '2025-07-01' });
    const media = (more: object) =>
      found({ subject: 'media', action: 'restore', filter: { resolution: ['x1'], ...more } });
    expect(await media({})).toEqual([active]);
    expect(await media({ deleted: 'only' })).toEqual([deleted]);
    expect(await media({ deleted: 'include', q: 'no such film' })).toEqual([]);
  });

  const ids = ['tt0000001'];
  test.each<[string, object, string]>([
    ['neither ids nor a filter', { subject: 'media', action: 'finish' }, '/ids'],
    ['both', { subject: 'training', action: 'would_watch', ids, filter: {} }, '/filter'],
    ['no id', { subject: 'training', action: 'would_watch', ids: [] }, '/ids'],
    ['an action of the other subject', { subject: 'media', action: 'would_watch', ids }, '/action'],
    [
      'a filter of the other subject',
      { subject: 'media', action: 'finish', filter: { label: 'none' } },
      '/filter/label',
    ],
    [
      'a filter in words',
      { subject: 'training', action: 'would_watch', filter: { reviewed: 'true' } },
      '/filter/reviewed',
    ],
    ['no change where one is needed', { subject: 'media', action: 'pipeline', ids }, '/change'],
    ['a change of nothing', { subject: 'training', action: 'update', ids, change: {} }, '/change'],
    [
      'a change where none is taken',
      { subject: 'media', action: 'finish', ids, change: { error_status: true } },
      '/change',
    ],
    [
      'a change of the other subject',
      { subject: 'media', action: 'pipeline', ids, change: { reviewed: true } },
      '/change/reviewed',
    ],
    ['an unknown subject', { subject: 'movies', action: 'finish', ids }, '/subject'],
    ['no subject', { action: 'finish', ids }, '/subject'],
    ['an unknown member', { subject: 'media', action: 'finish', ids, force: true }, '/force'],
    [
      'too many ids',
      { subject: 'training', action: 'would_watch', ids: Array.from({ length: 10_001 }, (_, i) => `tt${i}`) },
      '/ids',
    ],
  ])('with %s is 422 at the member that is wrong, and nothing is kept', async (_, body, pointer) => {
    const before = await app.db.selectFrom('console.operation').select(sql`count(*)`.as('n')).executeTakeFirst();
    const { status, body: problem } = await preview(app, body);
    expect(status).toBe(422);
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    const after = await app.db.selectFrom('console.operation').select(sql`count(*)`.as('n')).executeTakeFirst();
    expect(after).toEqual(before);
  });

  test('of more than 100,000 items is refused with what to do, and leaves nothing behind', async () => {
    // Without the indexes of the extras, which would take longer to fill than all the rest.
    const large = await startTestApp({ template: 'plain' });
    onTestFinished(() => large.close());
    await sql`
      insert into atp.training (imdb_id, media_type, media_title, release_year)
      select 'tt' || 1000000 + n, 'movie', '', case when n <= ${operationLimits.items} then 2001 else 2002 end
      from generate_series(1, ${operationLimits.items + 1}) as n
    `.execute(large.db);
    const { status, body } = await preview(large, { subject: 'training', action: 'would_watch', filter: {} });
    expect([status, body.message]).toEqual([
      422,
      expect.stringMatching(/^More than 100,000 items .* Narrow the filter\.$/),
    ]);
    expect(await large.db.selectFrom('console.operation').selectAll().execute()).toEqual([]);
    expect(await large.db.selectFrom('console.operation_item').select('key').limit(1).execute()).toEqual([]);
    const filter = { release_year_max: 2001 };
    expect(await previewed(large, { subject: 'training', action: 'would_watch', filter })).toMatchObject({
      total: operationLimits.items,
    });
  });
});

describe('a run', () => {
  test('changes the frozen items and no others, each with its event, and says what became of each', async () => {
    const { ids, filter } = await newTitles({}, { label: 'would_not_watch' }, { ...watched, label: 'would_watch' });
    const [first, second, third] = ids as [string, string, string];
    const { operation_id } = await previewed(app, { subject: 'training', action: 'would_watch', filter }, anna);
    // It matches now, but did not when people looked at what would be changed.
    const later = `tt${7_900_000 + made}`;
    await insertTitles(app.db, [{ imdb_id: later, media_title: `${filter.media_title} later` }]);
    await run(app, operation_id, { headers: { 'x-actor': 'Bob' } });
    const ended = await until(app, operation_id, 'done');
    expect(ended).toMatchObject({
      total: 3,
      counts: { pending: 0, done: 2, unchanged: 1, conflict: 0, failed: 0, cancelled: 0 },
      actor: 'Anna',
      run_by: 'Bob',
      started_at: timestamp,
      finished_at: timestamp,
      can_invert: true,
    });
    expect(await resultsOf(app, operation_id)).toEqual({ [first]: 'done', [second]: 'done', [third]: 'unchanged' });
    for (const id of ids) expect(await flagsOf(id)).toEqual(watched);
    expect(await flagsOf(later)).toMatchObject({ label: null });
    const [event] = await eventsOf(second);
    expect(event).toMatchObject({ actor: 'Bob', action: 'would_watch', after: watched, operation_id });
    const [item] = (await itemsOf(app, operation_id)).filter(({ key }) => key === second);
    expect(item).toMatchObject({ event_id: event?.event_id, before: event?.before, after: watched, problem: null });
    expect(await eventsOf(third)).toEqual([]);
  });

  test('leaves alone items that were changed or removed since the preview', async () => {
    const { ids } = await newTitles({}, {}, {});
    const [changed, removed, left] = ids as [string, string, string];
    const { operation_id } = await previewed(app, {
      subject: 'training',
      action: 'update',
      ids,
      change: { anomalous: true },
    });
    await app.call('PATCH', `/training/${changed}/would_watch`);
    await sql`delete from atp.training where imdb_id = ${removed}`.execute(app.db);
    await run(app, operation_id);
    const { counts } = await until(app, operation_id, 'done');
    expect(counts).toMatchObject({ done: 1, conflict: 2 });
    const items = await itemsOf(app, operation_id, 'result=conflict');
    expect(items.map(({ key, problem, before }) => [key, problem, before])).toEqual([
      [changed, 'It has changed since the preview, so it was skipped.', null],
      [removed, 'It no longer exists.', null],
    ]);
    expect(await flagsOf(changed)).toEqual(watched);
    expect(await flagsOf(left)).toMatchObject({ anomalous: true });
  });

  test('does to media items what the single actions do, and says where one was so already', async () => {
    const [plain, deleted, override] = (await newMedia(
      {
        pipeline_status: 'rejected',
        rejection_status: 'rejected',
        rejection_reason: 'no',
        error_status: true,
        error_condition: 'x',
      },
      { deleted_at: '2025-07-01T00:00:00Z' },
      { pipeline_status: 'paused', rejection_status: 'override' },
    )) as [string, string, string];
    const ids = [plain, deleted, override];
    const media = async (action: 'reingest' | 'delete' | 'restore' | 'finish', change?: object) => {
      const { operation_id } = await done(app, { subject: 'media', action, ids, ...(change ? { change } : {}) }, anna);
      const results = await resultsOf(app, operation_id);
      return ids.map((id) => results[id]);
    };
    expect(await media('reingest')).toEqual(['done', 'failed', 'done']);
    const fresh = {
      pipeline_status: 'ingested',
      error_status: false,
      error_condition: null,
      rejection_status: 'unfiltered',
      rejection_reason: null,
      deleted_at: null,
    };
    expect([await mediaOf(plain), await mediaOf(override)]).toEqual([fresh, fresh]);
    const version = () =>
      app.db.selectFrom('atp.media').select('updated_at').where('hash', '=', plain).executeTakeFirst();
    const before = await version();
    expect(await media('reingest')).toEqual(['unchanged', 'failed', 'unchanged']);
    expect(await version()).toEqual(before);
    expect(await media('delete')).toEqual(['done', 'unchanged', 'done']);
    expect(await mediaOf(plain)).toMatchObject({ deleted_at: timestamp, rejection_reason: 'user deletion' });
    expect(await media('restore')).toEqual(['done', 'done', 'done']);
    expect(await mediaOf(plain)).toEqual(fresh);
    expect(await media('finish')).toEqual(['done', 'done', 'done']);
    const { sample } = (await preview(app, { subject: 'media', action: 'finish', ids })).body;
    expect(sample.map(({ result }) => result)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(await media('finish')).toEqual(['unchanged', 'unchanged', 'unchanged']);
    const events = await app.db
      .selectFrom('console.media_event')
      .selectAll()
      .where('hash', '=', plain)
      .orderBy('event_id')
      .execute();
    expect(events.map(({ actor, action }) => [actor, action])).toEqual([
      ['Anna', 'reingest'],
      ['Anna', 'delete'],
      ['Anna', 'restore'],
      ['Anna', 'finish'],
    ]);
  });

  test('is the same on every request', async () => {
    const { ids } = await newTitles({});
    const { operation_id } = await previewed(app, { subject: 'training', action: 'would_watch', ids });
    await Promise.all(Array.from({ length: 8 }, () => run(app, operation_id)));
    await until(app, operation_id, 'done');
    const { operation: again } = await run(app, operation_id);
    expect(again.state).toBe('done');
    expect(await eventsOf(ids[0] as string)).toHaveLength(1);
  });

  test('an item that the database refuses fails alone, and the others of its batch are done', async () => {
    const { ids } = await newTitles({}, {}, {});
    await sql
      .raw(`create or replace function atp.fail_of_test() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create trigger fail_of_test before update on atp.training for each row when (old.imdb_id = '${ids[1]}') execute function atp.fail_of_test()`)
      .execute(app.db);
    onTestFinished(async () => {
      await sql`drop trigger fail_of_test on atp.training`.execute(app.db);
    });
    const { counts, operation_id } = await done(app, { subject: 'training', action: 'would_watch', ids });
    expect(counts).toMatchObject({ done: 2, failed: 1 });
    const [failed] = await itemsOf(app, operation_id, 'result=failed');
    expect(failed).toMatchObject({ key: ids[1], problem: 'The database refused the change (P0001).', before: null });
  });

  test('waits for a row that another session holds, without delaying that session', async () => {
    const { ids } = await newTitles({}, {});
    const holding = Promise.withResolvers<void>();
    const letGo = Promise.withResolvers<void>();
    const holder = app.db.transaction().execute(async (trx) => {
      await sql`select from atp.training where imdb_id = ${ids[1]} for update`.execute(trx);
      holding.resolve();
      await letGo.promise;
      // It wants what the operation holds: one of the two has to give way.
      await sql`update atp.training set runtime = 5 where imdb_id = ${ids[0]}`.execute(trx);
    });
    await holding.promise;
    const { operation_id } = await previewed(app, { subject: 'training', action: 'would_watch', ids });
    await run(app, operation_id);
    const isWaiting = () =>
      sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(app.db);
    // It waits for a quarter of a second and then does the other title first: then the holder has nothing to wait for.
    const hasDoneRest = async () => (await operation(app, operation_id)).counts.done > 0;
    while ((await isWaiting()).rows.length === 0 && !(await hasDoneRest()));
    letGo.resolve();
    await holder;
    const { done, conflict } = (await until(app, operation_id, 'done')).counts;
    expect([
      [1, 1],
      [2, 0],
    ]).toContainEqual([done, conflict]);
  });

  test('of an expired preview is 409', async () => {
    const { ids } = await newTitles({});
    const { operation_id } = await previewed(app, { subject: 'training', action: 'would_watch', ids });
    await sql`update console.operation set expires_at = now() where operation_id = ${operation_id}`.execute(app.db);
    expect(await operation(app, operation_id)).toMatchObject({ state: 'expired' });
    const { status, body } = await app.call<Problem>('POST', `/operations/${operation_id}/run`);
    expect([status, body.message]).toEqual([409, expect.stringContaining('more than a day ago')]);
    expect(await flagsOf(ids[0] as string)).toMatchObject({ label: null });
  });
});

describe('a cancel', () => {
  test('of a preview lets it never run', async () => {
    const { ids } = await newTitles({}, {});
    const { operation_id } = await previewed(app, { subject: 'training', action: 'would_watch', ids });
    expect((await cancel(app, operation_id)).operation).toMatchObject({
      state: 'cancelled',
      counts: { pending: 0, cancelled: 2 },
      finished_at: timestamp,
    });
    expect((await app.call('POST', `/operations/${operation_id}/run`)).status).toBe(409);
    expect((await cancel(app, operation_id)).operation.state).toBe('cancelled');
    expect(await resultsOf(app, operation_id)).toEqual({
      [ids[0] as string]: 'cancelled',
      [ids[1] as string]: 'cancelled',
    });
    expect((await app.call('POST', `/operations/${operation_id}/inverse`)).status).toBe(409);
  });

  test('of what runs stops between two batches: what is done stays done, the rest is untouched', async () => {
    const { ids } = await newTitles(...Array.from({ length: 1000 }, () => ({})));
    const { operation_id } = await previewed(app, { subject: 'training', action: 'would_watch', ids });
    const other = createDb(createPool({ connection: app.config.database as string, max: 1 }));
    onTestFinished(() => other.destroy());
    const counts = await other.transaction().execute(async (trx) => {
      // It waits for this row at its end, so that it still runs when the cancel comes.
      await sql`select from atp.training where imdb_id = ${ids.at(-1)} for update`.execute(trx);
      await run(app, operation_id);
      while ((await operation(app, operation_id)).counts.done === 0);
      await cancel(app, operation_id);
      return (await until(app, operation_id, 'cancelled')).counts;
    });
    expect(counts.done).toBeGreaterThan(0);
    expect(counts.cancelled).toBeGreaterThan(0);
    expect(counts.done + counts.cancelled).toBe(1000);
    const labelled = await app.db
      .selectFrom('atp.training')
      .select('imdb_id')
      .where('imdb_id', 'in', ids)
      .where('label', '=', 'would_watch')
      .execute();
    expect(labelled).toHaveLength(counts.done);
    const taken = await undone(app, operation_id);
    expect(taken.counts).toMatchObject({ done: counts.done, conflict: 0 });
  });

  test('of what has ended is 409', async () => {
    const { ids } = await newTitles({});
    const { operation_id } = await done(app, { subject: 'training', action: 'would_watch', ids });
    const { status, body } = await app.call<Problem>('POST', `/operations/${operation_id}/cancel`);
    expect([status, body.message]).toEqual([409, 'The operation has ended. Its inverse reverts it.']);
  });
});

describe('an inverse', () => {
  test('restores titles, and leaves alone those that were changed since', async () => {
    const { ids } = await newTitles(
      { reviewed: null },
      { label: 'would_watch', reviewed: false, anomalous: true },
      { label: 'would_not_watch', human_labeled: true, reviewed: true },
      { reviewed: null },
    );
    const before = await Promise.all(ids.map(flagsOf));
    const first = await done(app, { subject: 'training', action: 'would_not_watch', ids });
    expect(first.counts).toMatchObject({ done: 3, unchanged: 1 });
    await app.call('PATCH', `/training/${ids[3]}/would_watch`);
    const inverse = await undone(app, first.operation_id);
    expect(inverse).toMatchObject({
      inverse_of: first.operation_id,
      total: 3,
      counts: { done: 2, conflict: 1 },
      can_invert: false,
    });
    expect(await Promise.all(ids.slice(0, 3).map(flagsOf))).toEqual(before.slice(0, 3));
    expect(await flagsOf(ids[3] as string)).toEqual(watched);
    const [done1, undo] = await eventsOf(ids[0] as string);
    expect(undo).toMatchObject({ action: 'undo', undoes: done1?.event_id, operation_id: inverse.operation_id });
    const again = await app.call<Problem>('POST', `/operations/${inverse.operation_id}/inverse`);
    expect([again.status, again.body.message]).toEqual([409, expect.stringContaining('itself an inverse')]);
  });

  test('of two that were previewed before either ran, one runs; the other is 409 with what reverts the operation', async () => {
    const { ids } = await newTitles({});
    const { operation_id } = await done(app, { subject: 'training', action: 'would_watch', ids });
    const previews = [await invert(app, operation_id), await invert(app, operation_id)].map(
      ({ operation }) => operation,
    );
    const replies = await Promise.all(
      previews.map((preview) => app.call<Problem>('POST', `/operations/${preview.operation_id}/run`)),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const [ran, refused] = replies[0]?.status === 200 ? previews : previews.toReversed();
    expect(replies.find(({ status }) => status === 409)?.body.message).toContain(
      `undone already, or is being undone, by operation ${ran?.operation_id}`,
    );
    await until(app, ran?.operation_id as string, 'done');
    expect(await operation(app, refused?.operation_id as string)).toMatchObject({ state: 'previewed' });
    expect((await eventsOf(ids[0] as string)).map(({ action }) => action)).toEqual(['would_watch', 'undo']);
  });

  test('of what was reverted already is 409 with what reverted it; what failed or was stopped can be reverted again', async () => {
    const { ids } = await newTitles({}, {});
    const { operation_id } = await done(app, { subject: 'training', action: 'would_watch', ids });
    const inverse = await undone(app, operation_id);
    const refused = await app.call<Problem>('POST', `/operations/${operation_id}/inverse`);
    expect([refused.status, refused.body.message]).toEqual([
      409,
      `It is undone already, or is being undone, by operation ${inverse.operation_id}, whose items say what became of each. To make the change once more, preview it again.`,
    ]);
    expect(await operation(app, operation_id)).toMatchObject({
      taken_back_by: inverse.operation_id,
      can_invert: false,
    });
    // As if another session had held one row for longer than the inverse waited.
    await sql`update console.operation set done = 1, failed = 1 where operation_id = ${inverse.operation_id}`.execute(
      app.db,
    );
    await sql`update console.operation_item set result = 'failed'
      where operation_id = ${inverse.operation_id} and position = 2`.execute(app.db);
    expect(await operation(app, operation_id)).toMatchObject({ can_invert: true });
    const { operation: next, sample } = await invert(app, operation_id);
    expect([next.total, sample.map(({ key }) => key)]).toEqual([1, [ids[1]]]);
  });

  test('restores the exact state of media items, despite the triggers of the table', async () => {
    const items: MediaItem[] = [
      {
        rejection_status: 'rejected',
        rejection_reason: 'probability 0.2',
        error_status: true,
        error_condition: 'timeout',
      },
      { pipeline_status: 'rejected', rejection_status: 'rejected', rejection_reason: 'no' },
      { pipeline_status: 'paused', rejection_status: 'override' },
      { pipeline_status: 'complete', error_status: true },
    ];
    for (const [action, change] of [
      ['reingest', undefined],
      ['pipeline', { pipeline_status: 'parsed', error_status: false, rejection_status: 'accepted' }],
      ['pipeline', { rejection_status: 'override' }],
      ['finish', undefined],
      ['delete', undefined],
    ] as const) {
      const ids = await newMedia(...items);
      const before = await Promise.all(ids.map(mediaOf));
      const { operation_id } = await done(app, { subject: 'media', action, ids, ...(change ? { change } : {}) });
      const changed = (await itemsOf(app, operation_id, 'result=done')).length;
      expect(changed, action).toBeGreaterThan(0);
      const inverse = await undone(app, operation_id);
      expect(inverse.counts.done + inverse.counts.unchanged, action).toBe(changed);
      expect(await Promise.all(ids.map(mediaOf)), action).toEqual(before);
    }
  });

  test('of a restore deletes again as it was deleted, so that a restore finds what was remembered', async () => {
    const [hash] = (await newMedia({ rejection_status: 'override' })) as [string];
    await app.call('PATCH', `/media/${hash}/soft_delete`);
    const before = await mediaOf(hash);
    const { operation_id } = await done(app, { subject: 'media', action: 'restore', ids: [hash] });
    await undone(app, operation_id);
    expect(await mediaOf(hash)).toEqual(before);
    const { body } = await app.call<{ rejection_status: string }>('PATCH', `/media/${hash}/restore`);
    expect(body.rejection_status).toBe('override');
  });
});

describe('Idempotency-Key', () => {
  const key = (text: string) => ({ 'idempotency-key': text });

  test('the same request under the same key makes one operation, also when both come at once', async () => {
    const { ids, filter } = await newTitles({});
    const request = { subject: 'training', action: 'would_watch', filter } as const;
    const replies = await Promise.all(Array.from({ length: 8 }, () => preview(app, request, key('one'))));
    expect(new Set(replies.map(({ body }) => body.operation.operation_id)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(7);
    const [{ body }] = replies as [(typeof replies)[0]];
    await run(app, body.operation.operation_id);
    await until(app, body.operation.operation_id, 'done');
    // The first reply, not what has become of the operation; and the order of members says nothing.
    const again = await preview(app, { filter, action: 'would_watch', subject: 'training' }, key('one'));
    expect(again.body).toEqual(body);
    expect(body).toMatchObject({ operation: { state: 'previewed' }, sample: [{ key: ids[0], result: 'pending' }] });
    const inverses = await Promise.all(
      [1, 2].map(() =>
        app.call<{ operation: Operation }>('POST', `/operations/${body.operation.operation_id}/inverse`, {
          headers: key('back'),
        }),
      ),
    );
    expect(new Set(inverses.map((reply) => reply.body.operation.operation_id)).size).toBe(1);
  });

  test('a request that was refused leaves its key free', async () => {
    const { ids } = await newTitles({});
    expect((await preview(app, { subject: 'training', action: 'update', ids }, key('three'))).status).toBe(422);
    const body = { subject: 'training', action: 'update', ids, change: { anomalous: true } };
    expect((await preview(app, body, key('three'))).headers['idempotency-replayed']).toBeUndefined();
  });
});

test('operations are filtered by subject, by who previewed or ran them, and by whether they ran', async () => {
  const [hash] = (await newMedia({})) as [string];
  const { ids } = await newTitles({});
  const by = (name: string) => ({ 'x-actor': name });
  const update = { subject: 'training', action: 'update', ids, change: { anomalous: true } } as const;
  const ofMedia = await done(app, { subject: 'media', action: 'finish', ids: [hash] }, by('Fay'));
  const asked = await previewed(app, update, by('Fay'));
  const dropped = await previewed(app, update, by('Fay'));
  await cancel(app, dropped.operation_id);
  await run(app, asked.operation_id, { headers: by('Gus') });
  await until(app, asked.operation_id, 'done');
  const back = await undone(app, asked.operation_id);
  const found = async (query: string) => {
    const { body } = await app.call<{ data: Operation[] }>('GET', `/operations?${query}`);
    return body.data.map(({ operation_id }) => operation_id);
  };
  expect(await found('actor=Fay')).toEqual([dropped, asked, ofMedia].map(({ operation_id }) => operation_id));
  expect(await found('actor=Gus')).toEqual([asked.operation_id]);
  expect(await found('actor=Fay&subject=media')).toEqual([ofMedia.operation_id]);
  expect(await found('actor=Fay&started=true&state=done')).toEqual([asked.operation_id, ofMedia.operation_id]);
  expect(await found('actor=Fay&started=false')).toEqual([dropped.operation_id]);
  // By the time of the start, of one that never ran by that of its preview.
  const { started_at } = await operation(app, asked.operation_id);
  expect(await found(`actor=Fay&at_max=${started_at}`)).toEqual([dropped.operation_id, ofMedia.operation_id]);
  expect(await found(`actor=Fay&at_min=${started_at}`)).toEqual([asked.operation_id]);
  expect(await operation(app, asked.operation_id)).toMatchObject({ taken_back_by: back.operation_id });
  expect(await operation(app, ofMedia.operation_id)).toMatchObject({ taken_back_by: null });
  expect((await app.call('GET', '/operations?subject=films')).status).toBe(422);
  expect((await app.call('GET', '/operations?at_min=today')).status).toBe(422);
});

test('operations are listed newest first, and items in their order, page by page', async () => {
  const { ids, filter } = await newTitles({}, {}, {}, {}, {});
  const made3 = [];
  for (const action of ['would_watch', 'would_not_watch', 'would_watch'] as const) {
    made3.push((await previewed(app, { subject: 'training', action, filter })).operation_id);
  }
  type Page<Row> = { data: Row[]; pagination: Pagination };
  async function pages<Row>(path: string | null): Promise<Row[]> {
    const rows: Row[] = [];
    while (path) {
      const { body }: { body: Page<Row> } = await app.call<Page<Row>>('GET', path);
      rows.push(...body.data);
      path = body.pagination.next?.slice(app.config.prefix.length) ?? null;
    }
    return rows;
  }
  const [first] = made3 as [string];
  const all = (await pages<Operation>('/operations?limit=1000')).map(({ operation_id }) => operation_id);
  expect(all.slice(0, 3)).toEqual(made3.toReversed());
  expect((await pages<Operation>('/operations?limit=2')).map(({ operation_id }) => operation_id)).toEqual(all);
  expect(await pages<Operation>('/operations?state=running')).toEqual([]);
  expect((await pages<Operation>('/operations?state=previewed,expired&limit=1'))[0]?.operation_id).toBe(made3[2]);
  const items = await pages<OperationItem>(`/operations/${first}/items?limit=2&result=pending`);
  expect(items.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
  expect(items.map((item) => item.key).toSorted()).toEqual(ids);
  const page = await app.call<Page<OperationItem>>('GET', `/operations/${first}/items?result=done`);
  expect(page.body).toMatchObject({ data: [], pagination: { total: 0 } });
  for (const cursor of ['x', Buffer.from('["operations",0,null,"x"]').toString('base64url')]) {
    expect((await app.call('GET', `/operations/${first}/items?cursor=${cursor}`)).status).toBe(422);
    expect((await app.call('GET', `/operations?cursor=${cursor}`)).status).toBe(422);
  }
  const absent = '00000000-0000-4000-8000-000000000000';
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/items'],
    ['POST', '/run'],
    ['POST', '/cancel'],
    ['POST', '/inverse'],
  ] as const) {
    expect((await app.call(method, `/operations/${absent}${path}`)).status, path).toBe(404);
  }
  expect((await app.call('GET', '/operations/1')).status).toBe(422);
});

test('viewers read operations; operators cancel them, as the run that does them; admins alone make, run and undo them', async () => {
  const secrets = { viewer: 'v'.repeat(24), operator: 'o'.repeat(24), admin: 'a'.repeat(24) };
  const API_KEYS = Object.entries(secrets)
    .map(([role, secret]) => `${role}:${role}:${secret}`)
    .join(',');
  const locked = await startTestApp({ database: app.config.database as string, config: { API_KEYS } });
  onTestFinished(() => locked.close());
  const { ids } = await newTitles({});
  const body = { subject: 'training', action: 'would_watch', ids };
  const by = (role: keyof typeof secrets) => ({ 'x-api-key': secrets[role] });
  const made1 = await preview(locked, body, by('admin'));
  expect(made1.body.operation).toMatchObject({ actor: 'admin', actor_verified: true });
  const path = `/operations/${made1.body.operation.operation_id}`;
  for (const role of ['viewer', 'operator'] as const) {
    expect((await preview(locked, body, by(role))).status).toBe(403);
    for (const act of role === 'viewer' ? ['run', 'cancel', 'inverse'] : ['run', 'inverse']) {
      expect((await locked.call('POST', `${path}/${act}`, { headers: by(role) })).status).toBe(403);
    }
    for (const read of [path, `${path}/items`, '/operations']) {
      expect((await locked.call('GET', read, { headers: by(role) })).status).toBe(200);
    }
  }
  expect((await locked.call('POST', `${path}/run`, { headers: by('admin') })).status).toBe(200);
  const { operation_id } = (await preview(locked, body, by('admin'))).body.operation;
  const cancelled = await locked.call('POST', `/operations/${operation_id}/cancel`, { headers: by('operator') });
  expect(cancelled.status).toBe(200);
});

test('the history names the operation, and its labels do not count as labelling speed', async () => {
  const { ids } = await newTitles({}, {});
  const carla = { 'x-actor': 'Carla' };
  const { operation_id } = await done(app, { subject: 'training', action: 'would_watch', ids }, carla);
  const { body } = await app.call<{ data: { operation_id: string; label: { changes: FlagValues } }[] }>(
    'GET',
    '/activity?actor=Carla',
  );
  expect(body.data.map((entry) => entry.operation_id)).toEqual([operation_id, operation_id]);
  const sessions = await app.call<{ data: { actor: string }[] }>('GET', '/training/sessions');
  expect(sessions.body.data.filter(({ actor }) => actor === 'Carla')).toEqual([]);
});
