import { type PredictionList, type PredictionRow, predictionSorts } from '@at/contracts/predictions';
import type { Problem } from '@at/contracts/problem';
import { cmValues } from '@at/contracts/vocabulary';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertTitles, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';

const idsOf = (rows: readonly PredictionRow[]) => rows.map(({ imdb_id }) => imdb_id);

describe.each(['fast', 'plain'] as const)('read the %s way', (way) => {
  let app: TestApp;
  let everything: PredictionRow[];
  const list = async (query: string) =>
    (await app.call<PredictionList>('GET', `/prediction/?limit=1000&${query}`)).body as PredictionList;

  beforeAll(async () => {
    app = await startTestApp({ plain: way === 'plain' });
    await insertTitles(app.db, sampleTitles);
    // One whose title is gone: it is still a row of the table.
    await app.db
      .insertInto('atp.prediction')
      .values({
        imdb_id: 'tt99999999',
        prediction: 0,
        probability: '0.1234567890123456789',
        cm_value: 'tn',
        created_at: '2025-01-01T00:00:00.000001Z',
      })
      .execute();
    everything = (await list('')).data;
  });
  afterAll(() => app.close());

  test('every row and column of the table is there, with every digit', async () => {
    const rows = await app.db
      .selectFrom('atp.prediction')
      .select(['imdb_id', 'prediction', 'probability', 'cm_value', 'created_at'])
      .orderBy('imdb_id')
      .execute();
    const { text } = await app.call('GET', '/prediction/?sort_by=imdb_id&sort_order=asc');
    expect(text.slice(0, text.indexOf(',"pagination"'))).toBe(`{"data":${JSON.stringify(rows)}`);
    expect(text).toContain(
      '"probability":0.1234567890123456789,"cm_value":"tn","created_at":"2025-01-01T00:00:00.000001Z"',
    );
  });

  test.each([
    ['prediction=0', (row: PredictionRow) => row.prediction === 0],
    ['prediction=1&cm_value=fp', (row: PredictionRow) => row.prediction === 1 && row.cm_value === 'fp'],
    ...cmValues.map((cell) => [`cm_value=${cell}`, (row: PredictionRow) => row.cm_value === cell] as const),
    ['imdb_id=tt99999999', (row: PredictionRow) => row.imdb_id === 'tt99999999'],
  ] as const)('%s finds what it says, and counts it', async (query, keeps) => {
    const { data, pagination } = await list(query);
    const expected = everything.filter(keeps);
    expect(expected.length).toBeGreaterThan(0);
    expect(idsOf(data)).toEqual(idsOf(expected));
    expect(pagination.total).toBe(expected.length);
  });

  test('one id or a comma list', async () => {
    const [first, second] = idsOf(everything) as [string, string];
    expect(idsOf((await list(`imdb_id=${first}`)).data)).toEqual([first]);
    expect(idsOf((await list(`imdb_id=${second},tt1,${first}`)).data).toSorted()).toEqual([first, second].toSorted());
  });

  test.each(predictionSorts.flatMap((column) => [[column, 'asc'] as const, [column, 'desc'] as const]))(
    'by %s %s ties go by ascending id, and cursors lead through all of it',
    async (column, order) => {
      const rows = await app.db
        .selectFrom('atp.prediction')
        .select('imdb_id')
        .orderBy(`atp.prediction.${column}`, order)
        .orderBy('imdb_id', column === 'imdb_id' ? order : 'asc')
        .execute();
      const paged: PredictionRow[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path: string = `/prediction/?limit=6&sort_by=${column}&sort_order=${order}${cursor && `&cursor=${cursor}`}`;
        const { body }: { body: PredictionList } = await app.call<PredictionList>('GET', path);
        paged.push(...body.data);
        cursor = body.pagination.next_cursor;
      }
      expect(idsOf(paged)).toEqual(rows.map(({ imdb_id }) => imdb_id));
    },
  );

  test('without a sort the newest come first, and both spellings of the path answer', async () => {
    const { body } = await app.call<PredictionList>('GET', '/prediction?limit=1000');
    expect(body.data).toEqual((await list('sort_by=created_at&sort_order=DESC')).data);
    expect(body.pagination.total).toBe(everything.length);
    const { pagination } = (await app.call<PredictionList>('GET', '/prediction?limit=3')).body;
    expect(pagination.next).toBe('/rear-diff/prediction/?offset=3&limit=3');
  });

  test.each([
    ['sort_by=updated_at', 'sort_by'],
    ['sort_order=sideways', 'sort_order'],
    ['prediction=2', 'prediction'],
    ['prediction=0.5', 'prediction'],
    ['cm_value=TP', 'cm_value'],
    ['imdb_id=tt1,tt%002', 'imdb_id'],
    ['limit=1001', 'limit'],
    ['offset=-1', 'offset'],
  ])('?%s is refused by name', async (query, pointer) => {
    const { status, body } = await app.call<Problem>('GET', `/prediction/?${query}`);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'query', pointer }]);
  });
});
