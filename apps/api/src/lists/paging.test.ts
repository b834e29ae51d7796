import type { Pagination } from '@at/contracts/paging';
import { type TrainingList, trainingSorts } from '@at/contracts/training';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertTitles, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
const size = sampleTitles.length;

const list = async (query = '', headers: Record<string, string> = {}) => {
  const reply = await app.call<TrainingList & { errors: { in: string; pointer: string }[]; message: string }>(
    'GET',
    `/training?${query}`,
    { headers },
  );
  return { ...reply, ids: reply.body.data?.map(({ imdb_id }) => imdb_id), ...reply.body };
};

/** Requests a link of a reply, which is a whole path. */
const follow = async (link: string | null) => {
  const reply = await app.call<TrainingList>('GET', `/${link}`);
  expect(reply.status).toBe(200);
  return reply.body;
};

beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(app.db, sampleTitles);
});
afterAll(() => app.close());

const orders = [
  ...trainingSorts.flatMap((column) => [
    `sort_by=${column}&sort_order=asc`,
    `sort_by=${column}&sort_order=desc`,
    `sort_by=${column}&sort_order=asc&include=prediction&probability_min=0.2`,
  ]),
  'order=uncertain',
  'order=disagree',
  'order=random',
  'order=random&seed=7&include=prediction',
  'order=disagree&human_labeled=true',
  'order=disagree&label=any',
  'order=uncertain&probability_max=0.6',
];

describe('walking a list', () => {
  test.each(orders)('%s by cursor gives every row once, in the order it has by offset', async (order) => {
    const { ids, pagination } = await list(`${order}&limit=1000`);
    const walked: string[] = [];
    let cursor: string | null = null;
    let page = 0;
    do {
      const part = await list(`${order}&limit=7&count=none${cursor ? `&cursor=${cursor}` : ''}`);
      walked.push(...part.ids);
      cursor = part.pagination.next_cursor;
      expect(part.pagination.has_more).toBe(cursor !== null);
      page += 1;
      // A cursor that does not move on would walk for ever.
      expect(page).toBeLessThanOrEqual(size);
    } while (cursor);
    expect(walked).toEqual(ids);
    expect(pagination.total).toBe(walked.length);
  });

  test.each(['order=uncertain', 'order=disagree', 'order=random&seed=x', 'sort_by=probability'])(
    '%s by offset cuts the same list at every place',
    async (order) => {
      const { ids } = await list(`${order}&limit=1000`);
      for (let offset = 0; offset <= size + 1; offset += 1) {
        const part = await list(`${order}&limit=5&offset=${offset}`);
        expect(part.ids).toEqual(ids.slice(offset, offset + 5));
        expect(part.pagination).toMatchObject({ total: size, offset, has_more: offset + 5 < size });
      }
    },
  );

  test('pages count from 1 and say their offset', async () => {
    const { ids } = await list('limit=1000');
    for (const page of [1, 2, 5]) {
      const part = await list(`limit=10&page=${page}`);
      expect(part.ids).toEqual(ids.slice((page - 1) * 10, page * 10));
      expect(part.pagination.offset).toBe((page - 1) * 10);
    }
  });

  test('the links lead through the whole list and back, with the parameters of the caller', async () => {
    const query = 'sort_by=media_title&sort_order=asc&media_title=a%25b%26c?d&label=would_watch&x-unknown=1';
    const { pagination } = await list(`${query}&limit=3&offset=4`);
    expect(pagination.next).toBe(null);
    expect(pagination.previous).toBe(
      '/rear-diff/training?offset=1&limit=3&sort_by=media_title&sort_order=asc&media_title=a%25b%26c%3Fd&label=would_watch&x-unknown=1',
    );

    const { ids } = await list('limit=1000&q=a');
    const forth: string[] = [];
    let page: { data: { imdb_id: string }[]; pagination: Pagination } = await list('q=a&limit=2');
    for (;;) {
      forth.push(...page.data.map(({ imdb_id }) => imdb_id));
      if (page.pagination.next === null) break;
      page = await follow(page.pagination.next);
    }
    expect(forth).toEqual(ids);
    expect(forth.length).toBeGreaterThan(4);
    while (page.pagination.previous) page = await follow(page.pagination.previous);
    expect(page.pagination.offset).toBe(0);
    expect(page.data.map(({ imdb_id }) => imdb_id)).toEqual(ids.slice(0, 2));
  });

  test('the next link of a page reached by cursor goes on by cursor', async () => {
    const first = await list('limit=5');
    const second = await list(`limit=5&cursor=${first.pagination.next_cursor}&reviewed=`);
    expect(second.pagination.previous).toBe(null);
    const third = await follow(second.pagination.next);
    const { ids } = await list('limit=15');
    expect([...first.ids, ...second.ids, ...third.data.map(({ imdb_id }) => imdb_id)]).toEqual(ids);
  });

  test('previous never goes below zero', async () => {
    const { pagination } = await list('limit=10&offset=4');
    expect(pagination.previous).toBe('/rear-diff/training?offset=0&limit=10');
  });

  test('the first page has no previous, the last no next', async () => {
    expect((await list('limit=5')).pagination).toMatchObject({ previous: null, has_more: true });
    expect((await list(`limit=5&offset=${size - 5}`)).pagination).toMatchObject({
      next: null,
      next_cursor: null,
      has_more: false,
    });
  });

  test('a page beyond the end is empty and still has its total', async () => {
    const { data, pagination } = await list('offset=5000');
    expect(data).toEqual([]);
    expect(pagination).toMatchObject({ total: size, offset: 5000, next: null, next_cursor: null, has_more: false });
  });

  test('every link of the farthest page can be followed', async () => {
    await follow((await list('offset=2147483647&limit=1')).pagination.previous);
    await follow((await list('page=2147484&limit=1000')).pagination.previous);
    expect(await list('page=2147485&limit=1000')).toMatchObject({ status: 422, errors: [{ pointer: 'page' }] });
  });

  test('an offset beyond 10,000 is answered with the advice to use the cursor', async () => {
    expect((await list('offset=10001')).headers['x-advice']).toContain('cursor');
    expect((await list('offset=10000')).headers['x-advice']).toBeUndefined();
  });

  test('the longest titles in the widest letters can be walked by cursor', async () => {
    const wide = ['\u{1f3ac}', '\u0001'].map((letter, i) => ({
      imdb_id: `tt000000${i}`,
      media_title: letter.repeat(255),
    }));
    await insertTitles(app.db, wide);
    for (const sort_order of ['asc', 'desc']) {
      let { ids, pagination } = await list(`sort_by=media_title&sort_order=${sort_order}&limit=1&count=none`);
      let seen = ids.length;
      while (pagination.next_cursor) {
        const query = `sort_by=media_title&sort_order=${sort_order}&limit=1&count=none&cursor=${pagination.next_cursor}`;
        ({ ids, pagination } = await list(query));
        seen += ids.length;
      }
      expect(seen).toBe(size + wide.length);
    }
    await app.db
      .deleteFrom('atp.training')
      .where(
        'imdb_id',
        'in',
        wide.map(({ imdb_id }) => imdb_id),
      )
      .execute();
  });

  test('rows that come and go do not make a cursor skip or repeat the others', async () => {
    const order = 'sort_by=media_title&sort_order=asc&count=none';
    const { ids } = await list(`${order}&limit=1000`);
    const first = await list(`${order}&limit=20`);
    const last = first.ids.at(-1) as string;
    const gone = await app.db
      .selectFrom('atp.training')
      .selectAll()
      .where('imdb_id', '=', last)
      .executeTakeFirstOrThrow();
    await app.db.deleteFrom('atp.training').where('imdb_id', '=', last).execute();
    await insertTitles(app.db, [{ imdb_id: 'tt0000007', media_title: '!00 first of all' }]);
    const rest = await list(`${order}&limit=1000&cursor=${first.pagination.next_cursor}`);
    expect([...first.ids, ...rest.ids]).toEqual(ids);
    await app.db.deleteFrom('atp.training').where('imdb_id', '=', 'tt0000007').execute();
    await app.db.insertInto('atp.training').values(gone).execute();
  });
});

describe('totals', () => {
  test('exact counts, none does not, estimated counts small lists exactly', async () => {
    expect((await list('count=exact&limit=1')).pagination.total).toBe(size);
    const none = await list('count=none&limit=1');
    expect(none.pagination.total).toBe(null);
    expect(none.headers.age).toBeUndefined();
    const estimated = (await list('count=estimated&limit=1')).pagination;
    expect(estimated.total).toBe(size);
    expect(estimated).not.toHaveProperty('total_is_estimate');
  });

  test('the Age of a total is at most one second and the time of the request', async () => {
    await list('limit=1&label=none');
    for (let i = 0; i < 5; i += 1) {
      const began = performance.now();
      const age = Number((await list('limit=1&label=none')).headers.age);
      expect(age).toBeLessThanOrEqual(1 + (performance.now() - began) / 1000);
    }
  });

  test('a total is fresh right after the caller’s own write', async () => {
    const { ids } = await list('label=none&limit=1000');
    for (const [done, id] of ids.slice(0, 5).entries()) {
      await app.call('PATCH', `/training/${id}/would_watch`);
      const { pagination } = await list('label=none&limit=1');
      expect(pagination.total).toBe(ids.length - done - 1);
      const stats = await app.call<{ label: { none: number } }>('GET', '/training/stats');
      expect(stats.body.label.none).toBe(ids.length - done - 1);
    }
  });

  test('estimated says "at least 10,000" from there on', async () => {
    await sql`insert into atp.training (imdb_id, media_type, media_title, release_year)
      select 'tt8' || lpad(i::text, 6, '0'), 'tv_season', 'Filler', 2000 from generate_series(1, 10000) i`.execute(
      app.db,
    );
    const filter = 'media_type=tv_season&media_title=Filler&limit=1';
    expect((await list(`${filter}&count=estimated`)).pagination).toMatchObject({ total: 10_000 });
    expect((await list(`${filter}&count=estimated`)).pagination).not.toHaveProperty('total_is_estimate');
    await insertTitles(app.db, [{ imdb_id: 'tt9000000', media_type: 'tv_season', media_title: 'Filler too' }]);
    expect((await list(`${filter}&count=estimated&media_title=&q=Filler`)).pagination).toMatchObject({
      total: 10_000,
      total_is_estimate: true,
      has_more: true,
    });
    expect((await list(`${filter}&count=exact&media_title=&q=Filler`)).pagination.total).toBe(10_001);
    await app.db.deleteFrom('atp.training').where('media_title', 'like', 'Filler%').execute();
  });
});

describe('a limit beyond those of other lists', () => {
  test.each(orders)('%s: 1001 rows are those of 1000, also from an offset or a cursor', async (order) => {
    const small = await list(`${order}&limit=1000`);
    const large = await list(`${order}&limit=1001`);
    expect(large.data).toEqual(small.data);
    expect(large.pagination).toEqual({ ...small.pagination, limit: 1001 });
    expect((await list(`${order}&limit=1001&offset=9`)).data).toEqual(small.data.slice(9));
    const { next_cursor } = (await list(`${order}&limit=3`)).pagination;
    expect((await list(`${order}&limit=1001&cursor=${next_cursor}`)).data).toEqual(small.data.slice(3));
  });

  test('an empty page, and HEAD', async () => {
    const { status, text, headers } = await app.call('HEAD', '/training?limit=5000');
    expect([status, text, headers['content-type']]).toEqual([200, '', 'application/json; charset=utf-8']);
    const none = await list('limit=5000&imdb_id=tt0000000');
    expect([none.data, none.pagination.total]).toEqual([[], 0]);
    expect((await list(`limit=5000&offset=${size}`)).data).toEqual([]);
    expect((await list('limit=5000&count=none')).pagination.total).toBe(null);
  });

  test('leads to the next page', async () => {
    await sql`
      insert into atp.training (imdb_id, media_type, media_title, release_year)
      select 'tt' || (8000000 + i), 'movie', 'Filler', 2000 from generate_series(1, 2100) i
    `.execute(app.db);
    try {
      const first = await list('media_title=Filler&sort_by=imdb_id&sort_order=asc&limit=1050');
      expect(first.ids.at(-1)).toBe('tt8001050');
      expect(first.pagination).toMatchObject({ total: 2100, has_more: true, previous: null });
      const second = await follow(first.pagination.next);
      expect(second.data.map(({ imdb_id }) => imdb_id).at(0)).toBe('tt8001051');
      expect(second.pagination.next).toBe(null);
      const rest = `media_title=Filler&sort_by=imdb_id&sort_order=asc&limit=2000&cursor=${first.pagination.next_cursor}`;
      expect((await list(rest)).data).toEqual(second.data);
    } finally {
      await app.db.deleteFrom('atp.training').where('media_title', '=', 'Filler').execute();
    }
  });

  test.each(['', '&offset=3', '&page=2', '&count=estimated', '&order=uncertain'])(
    'limit=0%s is an empty page with its total, which leads nowhere',
    async (query) => {
      const { status, data, pagination } = await list(`limit=0${query}`);
      expect(status).toBe(200);
      expect(data).toEqual([]);
      const ends = { next: null, previous: null, has_more: false, next_cursor: null };
      expect(pagination).toMatchObject({ total: size, limit: 0, ...ends });
    },
  );
});

describe('refusals name the parameter', () => {
  const cursor = (...parts: unknown[]) => `cursor=${Buffer.from(JSON.stringify(parts)).toString('base64url')}`;
  const newest = 'created_at desc, id asc';
  const good = cursor(newest, 0, '2025-01-01', 'tt1');
  test.each([
    ['limit=-5', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=ten', 'limit'],
    ['offset=-1', 'offset'],
    ['offset=1e99', 'offset'],
    ['offset=NaN', 'offset'],
    ['page=0', 'page'],
    ['page=-1', 'page'],
    ['count=maybe', 'count'],
    ['page=1&offset=5', 'page'],
    [`${good}&offset=0`, 'cursor'],
    [`${good}&page=1`, 'cursor'],
    [`${good}&sort_by=label`, 'cursor'],
    [`${good}&sort_order=asc`, 'cursor'],
    [`${good}&order=random`, 'cursor'],
    // From when equal values came by descending id.
    [cursor('created_at desc', 0, '2025-01-01', 'tt1'), 'cursor'],
    // From when titles came by their letters.
    [`${cursor('media_title asc', 0, 'Amelie', 'tt1')}&sort_by=media_title&sort_order=asc`, 'cursor'],
    [`${cursor('created_at asc', 0, '2025-01-01', 'tt1')}&sort_order=asc`, 'cursor'],
    ['cursor=rubbish', 'cursor'],
    ['cursor=%F0%9F%8E%AC', 'cursor'],
    [cursor(newest, -1, null, 'tt1'), 'cursor'],
    [cursor(newest, 1, null, 'tt1'), 'cursor'],
    [cursor(newest, 1.5, null, 'tt1'), 'cursor'],
    [cursor(newest, 0, 5, 'tt1'), 'cursor'],
    [cursor(newest, 0, 'x\0', 'tt1'), 'cursor'],
    [cursor(newest, 0, '2025-01-01'), 'cursor'],
  ])('%s', async (query, pointer) => {
    const { status, errors } = await list(query, { prefer: 'handling=strict' });
    expect(status).toBe(422);
    expect(errors).toMatchObject([{ in: 'query', pointer }]);
  });

  test.each([
    ['created_at', 'yesterday week'],
    ['label', "would'; drop table atp.training; --"],
    ['budget', '99999999999999999999'],
    ['human_labeled', 'maybe'],
  ])('a forged cursor with a value that is none of %s is refused', async (column, value) => {
    const forged = cursor(`${column} asc`, 0, value, 'tt1');
    expect((await list(`${forged}&sort_by=${column}&sort_order=asc`)).status).toBe(422);
  });

  test('a cursor of one seed is refused under another', async () => {
    const { pagination } = await list('order=random&seed=a&limit=1');
    expect((await list(`order=random&seed=b&cursor=${pagination.next_cursor}`)).status).toBe(422);
  });
});
