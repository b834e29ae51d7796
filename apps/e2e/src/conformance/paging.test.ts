import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type List, list, pagedLists, type Row } from './lists.ts';
import { need, openServer, type Server } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

describe.each(pagedLists)('$path', ({ path, id, tied }) => {
  const page = (query: string) => list(server, path, query);
  const ids = (rows: Row[]) => rows.map((row) => row[id]);

  test('a reply is data and pagination: total, limit, offset, next, previous, has_more', async () => {
    const { data, pagination, ...others } = await page('limit=3');
    expect(others).toEqual({});
    expect(data.length).toBeLessThanOrEqual(3);
    expect(pagination).toMatchObject({
      total: expect.any(Number),
      limit: 3,
      offset: 0,
      previous: null,
      has_more: expect.any(Boolean),
    });
    expect(pagination.next === null).toBe(!pagination.has_more);
  });

  test('limit is 100 by default', async () => {
    const { data, pagination } = await page('');
    expect(pagination.limit).toBe(100);
    expect(data).toHaveLength(Math.min(100, pagination.total as number));
  });

  test('next and previous are paths: offset and limit first, then the other parameters', async (context) => {
    const { pagination } = await page('sort_order=asc&limit=2&offset=1');
    need(context, pagination.has_more ? true : undefined, 'list of four rows');
    expect(pagination.next).toBe(`${server.prefix}${path}?offset=3&limit=2&sort_order=asc`);
    // Never a negative offset.
    expect(pagination.previous).toBe(`${server.prefix}${path}?offset=0&limit=2&sort_order=asc`);
  });

  test('following next reads every row once, and ends with null', async () => {
    const whole = await page('limit=1000');
    const step = Math.max(1, Math.ceil(whole.data.length / 4));
    const seen: Row[] = [];
    let query: string | undefined = `limit=${step}`;
    while (query !== undefined && seen.length < whole.data.length) {
      const { data, pagination } = await page(query);
      seen.push(...data);
      expect(pagination.has_more).toBe(pagination.next !== null);
      query = pagination.next?.split('?')[1];
    }
    expect(ids(seen)).toEqual(ids(whole.data).slice(0, seen.length));
    expect(seen.length).toBeGreaterThanOrEqual(whole.data.length);
    if (whole.pagination.next === null) expect(query).toBeUndefined();
  });

  test('page counts from 1 and is the offset of so many limits', async () => {
    const paged = await page('page=2&limit=3');
    expect(paged.pagination.offset).toBe(3);
    expect(paged.data).toEqual((await page('offset=3&limit=3')).data);
    expect((await page('page=1&limit=3')).data).toEqual((await page('limit=3')).data);
  });

  test('a page beyond the end is empty, and has its total and the way back', async () => {
    const { total } = (await page('limit=1')).pagination;
    const { data, pagination } = await page('offset=9000000&limit=10');
    expect(data).toEqual([]);
    expect(pagination).toMatchObject({ total, next: null, has_more: false });
    expect(pagination.previous).toBe(`${server.prefix}${path}?offset=8999990&limit=10`);
  });

  test('an offset beyond 10,000 is answered, with the advice to follow the cursor', async () => {
    const { status, headers } = await server.get(`${path}?offset=10001&limit=1`);
    expect(status).toBe(200);
    expect([...headers.values()].join('\n')).toContain('cursor=');
  });

  test.each(['', `&sort_by=${tied}&sort_order=desc`, `&sort_by=${tied}&sort_order=asc`])(
    'following next_cursor reads the same rows in the same order%s',
    async (sort) => {
      const whole = await page(`limit=1000${sort}`);
      const step = Math.max(1, Math.ceil(whole.data.length / 4));
      const seen: Row[] = [];
      let cursor: string | null | undefined;
      do {
        const given: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const { data, pagination }: List = await page(`limit=${step}${sort}${given}`);
        seen.push(...data);
        cursor = pagination.next_cursor;
      } while (cursor && seen.length < whole.data.length);
      expect(seen.slice(0, whole.data.length)).toEqual(whole.data);
    },
  );

  test('a cursor together with offset or page is 422, and so is one that is none', async (context) => {
    const cursor = need(context, (await page('limit=1')).pagination.next_cursor ?? undefined, 'list of two rows');
    const given = `cursor=${encodeURIComponent(cursor)}`;
    for (const query of [`${given}&offset=0`, `${given}&page=1`, 'cursor=nonsense']) {
      expect((await server.get(`${path}?${query}`)).status, query).toBe(422);
    }
  });

  test('count=exact is the default, estimated the same up to 10,000, none leaves the total out', async () => {
    const { total } = (await page('limit=1')).pagination;
    expect((await page('limit=1&count=exact')).pagination.total).toBe(total);
    const estimated = (await page('limit=1&count=estimated')).pagination;
    expect(estimated.total).toBe(Math.min(total as number, 10_000));
    expect(estimated.total_is_estimate ?? false).toBe((total as number) > 10_000);
    expect((await page('limit=1&count=none')).pagination.total).toBeNull();
  });

  test.each(['limit=-1', 'limit=ten', 'limit=1.5', 'offset=-1', 'page=0', 'count=some'])('%s is 422', async (query) => {
    expect((await server.get(`${path}?${query}`)).status).toBe(422);
  });
});

describe.each(pagedLists.filter(({ path }) => path !== '/training'))('$path', ({ path }) => {
  test.each(['sort_by=popularity', 'sort_order=sideways', 'limit=0', 'limit=1001'])(
    '%s is 422, also for a caller that is not strict',
    async (query) => {
      expect((await server.get(`${path}?${query}`)).status).toBe(422);
    },
  );
});
