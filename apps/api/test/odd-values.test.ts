import { joinList } from '@at/contracts/comma-list';
import type { Endpoint } from '@at/contracts/endpoint';
import type { MediaStats } from '@at/contracts/media';
import { mediaSorts } from '@at/contracts/media';
import type { FlywayRow } from '@at/contracts/migrations';
import { movieSorts } from '@at/contracts/movies';
import { type Evaluation, predictionSorts, type Slices, sliceDimensions } from '@at/contracts/predictions';
import { exactTimes, type TrainingStats, trainingRanges, trainingSorts } from '@at/contracts/training';
import { insertOddRows } from '@at/db/odd-rows';
import { sized } from '@at/db/test-size';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { done, undone } from './bulk-operations.ts';
import { allEndpoints, startTestApp, type TestApp } from './test-app.ts';

// Every endpoint on a database that holds every odd value in every column. What must be said is computed in SQL.

const isDeep = sized(0, 1) === 1;

/** Parses JSON with every number as its text. */
const exactJson = (text: string): unknown =>
  JSON.parse(text, (_name, value, { source }: { source?: string } = {}) =>
    typeof value === 'number' ? `#${source}` : value,
  );

type Row = Record<string, unknown>;
type Page = { data: Row[]; pagination: { total: number; next_cursor: string | null } };

const quote = pg.escapeIdentifier;

/** SQL: the wire's JSON of a column, by its type and its name on the wire. */
function wireOf(reference: string, type: string, name: string): string {
  if (type.startsWith('timestamp')) {
    const odd = exactTimes.some((exact) => exact === name) ? `to_json(${reference}::text)` : `'null'::json`;
    return `case when ${reference} is null then 'null'::json
      when ${reference} >= '0001-01-01 00:00:00+00' and isfinite(${reference})
      then to_json(to_char(${reference}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) else ${odd} end`;
  }
  if (type === 'numeric') {
    return `case when ${reference}::text in ('NaN', 'Infinity', '-Infinity') then 'null'::json
      else coalesce(to_json(trim_scale(${reference})), 'null'::json) end`;
  }
  if (type === 'bpchar') return `coalesce(to_json(rtrim(${reference}::text)), 'null'::json)`;
  return `coalesce(to_json(${reference}), 'null'::json)`;
}

type List = {
  path: string;
  operationId: string;
  exportPath?: string;
  key: string;
  sorts: readonly string[];
  /** SQL: a select of the list's columns under their wire names. */
  select: string;
  query?: string;
  /** Filters by word: parameter and SQL column. */
  words: Record<string, string>;
  /** Filters by element of an array, or by text. */
  elements: Record<string, string>;
  ranges: Record<string, string>;
};

const ranges = Object.fromEntries(trainingRanges.map((name) => [name, name]));
const titleElements = {
  genre: 'unnest(genre)',
  origin_country: 'unnest(origin_country)',
  original_language: 'original_language',
};
const facts = `budget, revenue, runtime, origin_country, production_companies, production_countries, production_status,
  original_language, spoken_languages, genre, original_media_title, tagline, overview, tmdb_rating, tmdb_votes, rt_score,
  metascore, imdb_rating, imdb_votes`;

const lists: List[] = [
  {
    path: '/training',
    operationId: 'listTraining',
    exportPath: '/training/export',
    key: 'imdb_id',
    sorts: trainingSorts,
    query: 'include=prediction',
    select: `select t.*, p.prediction, p.probability, p.cm_value, p.created_at as prediction_created_at
      from atp.training t left join atp.prediction p using (imdb_id)`,
    words: { media_type: 'media_type', label: `coalesce(label::text, 'none')` },
    elements: titleElements,
    ranges,
  },
  {
    path: '/movies/',
    operationId: 'listMovies',
    exportPath: '/movies/export',
    key: 'imdb_id',
    sorts: movieSorts,
    select: 'select * from atp.movies',
    words: { media_type: 'media_type', label: `coalesce(label::text, 'none')`, cm_value: 'cm_value' },
    elements: titleElements,
    ranges,
  },
  {
    path: '/prediction/',
    operationId: 'listPredictions',
    key: 'imdb_id',
    sorts: predictionSorts,
    select: 'select imdb_id, prediction, probability, cm_value, created_at from atp.prediction',
    words: { cm_value: 'cm_value' },
    elements: {},
    ranges: {},
  },
  {
    path: '/media/',
    operationId: 'listMedia',
    exportPath: '/media/export',
    key: 'hash',
    sorts: mediaSorts,
    query: 'deleted=include',
    select: `select m.hash, m.media_type, m.media_title, m.season, m.episode, m.release_year, m.pipeline_status, m.error_status,
      m.error_condition, m.rejection_status, m.rejection_reason, m.parent_path, m.target_path, m.original_title,
      m.original_path, m.original_link, m.rss_source, m.uploader, m.imdb_id, m.tmdb_id, m.resolution, m.video_codec,
      m.upload_type, m.audio_codec, ${facts}, m.created_at, m.updated_at, m.deleted_at
      from atp.media m left join atp.training t using (imdb_id)`,
    words: {
      media_type: 'media_type',
      pipeline_status: 'pipeline_status',
      rejection_status: 'rejection_status',
      rss_source: 'rss_source',
    },
    elements: { resolution: 'resolution' },
    ranges: { release_year: 'release_year' },
  },
];

/** What each other endpoint is called with; a GET endpoint without an entry here fails a test. */
const otherCalls: Record<string, string[]> = {
  getTraining: ['/training/{imdb_id}'],
  getTrainingStats: ['/training/stats'],
  listTrainingHistory: ['/training/{imdb_id}/history'],
  listTrainingSessions: ['/training/sessions'],
  listLabelDays: ['/training/days'],
  getMovie: ['/movies/{predicted}'],
  getMedia: ['/media/{hash}'],
  getMediaStats: ['/media/stats'],
  listMediaErrors: ['/media/errors'],
  listMediaHistory: ['/media/{hash}/history'],
  getEvaluation: ['/prediction/evaluation'],
  listAgreement: ['/prediction/agreement'],
  listSlices: sliceDimensions.map((by) => `/prediction/slices?by=${by}&minimum=1`),
  getTransmission: ['/transmission'],
  listFlyway: ['installed_rank', 'installed_on', 'version'].map((sort) => `/flyway?sort_by=${sort}`),
  listMigrations: ['/flyway/migrations'],
  listActivity: ['/activity'],
  listOperations: ['/operations'],
  getMeta: ['/meta'],
  listViews: ['/views'],
  listSettings: ['/settings'],
  getRoot: ['/'],
  getReadyz: ['/readyz'],
  getMetrics: ['/metrics'],
};
/** Endpoints that read none of the platform's rows, or never end. */
const elsewhere = [
  'getSyncDiagnostics',
  'getSyncStatus',
  'getSortStatus',
  'getPipelineConfig',
  'getPipelineConfigSchema',
  'listConfigVersions',
  'listConfigPresets',
  'listFileRoots',
  'getDedupStatus',
  'getFileDashboard',
  'getPipelineStatus',
  'getPipelineOverview',
  'getDebugReport',
  'listBatches',
  'listBatchesAsBefore',
  'getBatch',
  'listBatchFiles',
  'getBatchTimeline',
  'getBatchManifest',
  'listFiles',
  'exportFiles',
  'getFileHistory',
  'followEvents',
  'getOperation',
  'listOperationItems',
  'getLatestRun',
  'listRuns',
  'getModelArtifact',
  'listTaskRuns',
  'listTaskRunFailures',
  'listRunQueues',
  'getTaskRun',
  'getTaskRunLogs',
  'listLogs',
  'listQueue',
  'exportQueue',
  'suggestQueue',
  'listQueueFailures',
  'getQueueItem',
  'getQueueCover',
  'getQueueRemoval',
  'getQueueSteps',
  'getQueueStats',
  'getQueueHistory',
  'getQueueSummary',
  'getQueueHealth',
  'getQueueMeta',
  'listDuplicates',
  'getPoster',
  'getThumbnail',
  'getSession',
  'getHealth',
  'getLivez',
];

test('every GET endpoint is covered here', () => {
  const covered = [
    ...lists.flatMap(({ operationId }) => [operationId, operationId.replace('list', 'export')]),
    ...Object.keys(otherCalls),
    ...elsewhere,
  ];
  const known = allEndpoints.filter(({ method }: Endpoint) => method === 'GET').map(({ schema }) => schema.operationId);
  expect(known.filter((id) => !covered.includes(id))).toEqual([]);
});

describe.each(['enum', 'text'] as const)('words are of type %s', (columns) => {
  /** Columns of type text change what compares words; the rest is tested once. */
  const isAll = isDeep || columns === 'enum';
  let app: TestApp;
  let db: pg.Client;

  beforeAll(async () => {
    app = await startTestApp({
      template: columns === 'enum' ? 'full' : 'plain',
      prepare: async (database) => {
        db = new pg.Client(database);
        await db.connect();
        await insertOddRows(db, columns);
      },
    });
  });
  afterAll(async () => {
    await db.end();
    await app.close();
  });

  const ask = async <Row>(text: string, values: unknown[] = []) =>
    (await db.query<Row & pg.QueryResultRow>(text, values)).rows;
  const valuesOf = async (select: string, of: string) =>
    (
      await ask<{ v: string | null }>(
        `select distinct v from (select (${of})::text as v from (${select}) as all_rows) as each where v is not null`,
      )
    ).map(({ v }) => v as string);
  const countOf = async (select: string, condition: string, values: unknown[] = []) =>
    Number(
      (await ask<{ count: string }>(`select count(*) from (${select}) as all_rows where ${condition}`, values))[0]
        ?.count,
    );

  /** The rows that the wire must have, by key. */
  async function expectedRows({ select, key }: List): Promise<Map<string, Row>> {
    const { fields } = await db.query({ text: `select * from (${select}) as all_rows limit 0` });
    const types = await ask<{ oid: string; name: string }>(`select oid, typname as name from pg_type`);
    const typeOf = new Map(types.map(({ oid, name }) => [Number(oid), name]));
    const members = fields.map(
      ({ name, dataTypeID }) => `'${name}', ${wireOf(quote(name), typeOf.get(dataTypeID) as string, name)}`,
    );
    const rows = await ask<{ key: string; row: string }>(
      `select ${key}::text as key, json_object(array[${fields.map(({ name }) => `'${name}'`).join()}],
        array[${members.map((member) => `(${member.slice(member.indexOf(', ') + 2)})::text`).join()}])::text as row
      from (${select}) as all_rows`,
    );
    return new Map(
      rows.map(({ key: id, row }) => {
        const texts = JSON.parse(row) as Record<string, string>;
        return [id.trim(), Object.fromEntries(Object.entries(texts).map(([name, json]) => [name, exactJson(json)]))];
      }),
    );
  }

  describe.each(lists)('$path', (list) => {
    const { path, key, query = '', sorts, select } = list;
    const page = async (parameters: string) =>
      exactJson((await app.call('GET', `${path}?${query}&${parameters}`)).text) as Page;
    let expected: Map<string, Row>;
    beforeAll(async () => {
      expected = await expectedRows(list);
    });

    test.runIf(isAll)('says of each row what SQL says', async () => {
      const { data, pagination } = await page('limit=1000');
      expect(pagination.total).toBe(`#${expected.size}`);
      for (const row of data) expect(row).toEqual(expected.get(row[key] as string));
    });

    test.runIf(columns === 'enum' && (path === '/movies/' || path === '/training'))(
      'a cursor loses and repeats no row by distance from a threshold, also where the probability is not a number',
      async () => {
        const found: unknown[] = [];
        const pages = `order=disagree&threshold=0.4&limit=${sized(97, 7)}&count=none`;
        for (let next: string | null = ''; next !== null; ) {
          const { data, pagination }: Page = await page(
            next === '' ? pages : `${pages}&cursor=${encodeURIComponent(next)}`,
          );
          found.push(...data.map((row) => row[key]));
          next = pagination.next_cursor;
        }
        expect(found.toSorted()).toEqual([...expected.keys()].toSorted());
      },
    );

    test('a cursor loses and repeats no row, in any order', async () => {
      for (const [i, sort] of sorts.entries()) {
        // Only columns with words depend on their type, and both lists of titles sort by the same columns.
        const isKnown =
          columns === 'text' ? !(sort in list.words) : path === '/movies/' && trainingSorts.includes(sort as never);
        if (isKnown && !isDeep) continue;
        for (const order of isDeep ? ['asc', 'desc'] : [i % 2 ? 'asc' : 'desc']) {
          const found: unknown[] = [];
          const pages = `sort_by=${sort}&sort_order=${order}&limit=${sized(97, 7)}&count=none`;
          let next: string | null = '';
          while (next !== null) {
            const { data, pagination }: Page = await page(
              next === '' ? pages : `${pages}&cursor=${encodeURIComponent(next)}`,
            );
            found.push(...data.map((row) => row[key]));
            next = pagination.next_cursor;
          }
          const whole = await page(`sort_by=${sort}&sort_order=${order}&limit=1000&count=none`);
          expect([sort, order, found]).toEqual([sort, order, whole.data.map((row) => row[key])]);
          expect(new Set(found).size).toBe(expected.size);
        }
      }
    });

    test('a filter finds each word and each element that a row has', async () => {
      const counts: [unknown, unknown][] = [];
      for (const [parameter, column] of Object.entries(list.words)) {
        for (const word of await valuesOf(select, column)) {
          const value = parameter === 'pipeline_status' || parameter === 'rss_source' ? joinList([word]) : word;
          const { pagination } = await page(`${parameter}=${encodeURIComponent(value)}&limit=1`);
          counts.push([
            [parameter, word, pagination.total],
            [parameter, word, `#${await countOf(select, `${column}::text = $1`, [word])}`],
          ]);
        }
      }
      for (const [parameter, column] of Object.entries(list.elements)) {
        for (const element of await valuesOf(select, column)) {
          if (element.trim() === '') continue;
          const condition = column.startsWith('unnest') ? `$1 = any(select ${column}::text)` : `${column}::text = $1`;
          const { pagination } = await page(`${parameter}=${encodeURIComponent(joinList([element]))}&limit=1`);
          counts.push([
            [parameter, element, pagination.total],
            [parameter, element, `#${await countOf(select, condition, [element])}`],
          ]);
        }
      }
      expect(counts.map(([found]) => found)).toEqual(counts.map(([, wanted]) => wanted));
    });

    test.runIf(columns === 'enum' && list.ranges.budget)('a range is exact to the last digit', async () => {
      for (const column of Object.keys(list.ranges)) {
        const values = await valuesOf(select, `case when ${column}::text !~ '[a-z]' then ${column} end`);
        // A number in an address has its limit.
        const short = values.filter(({ length }) => length < 300).toSorted((a, b) => b.length - a.length);
        for (const value of isDeep ? short : short.slice(0, 4)) {
          for (const [end, sign] of [
            ['min', '>='],
            ['max', '<='],
          ]) {
            const { pagination } = await page(`${column}_${end}=${value}&limit=1`);
            expect([column, end, value, pagination.total]).toEqual([
              column,
              end,
              value,
              `#${await countOf(select, `${column} ${sign} $1::numeric`, [value])}`,
            ]);
          }
        }
      }
    });

    test.runIf(isAll && list.exportPath)('exports hold every row', async () => {
      const { data } = await page('limit=1000');
      const read = async (format: string) =>
        (await app.call('GET', `${list.exportPath}?${query}&format=${format}`)).text;
      expect(exactJson(await read('json'))).toEqual(data);
      expect((await read('ndjson')).trim().split('\n').map(exactJson)).toEqual(data);
      const [names = [], ...lines] = cellsOf(await read('csv'));
      // Out of ten in files for people.
      const shown = (name: string, cell: string) =>
        name === 'imdb_rating' && cell !== '' ? String(Number(cell) / 10) : cell;
      expect(lines).toEqual(data.map((row) => names.map((name) => shown(name, cellOf(row[name])))));
    });
  });

  const state = async (table: string, key: string, id: string) =>
    (await ask<{ row: Row }>(`select to_jsonb(x) - 'updated_at' as row from ${table} x where ${key} = $1`, [id]))[0]
      ?.row;
  const keysOf = async (select: string, key: string) =>
    (await ask<{ key: string }>(`select ${key}::text as key from (${select}) as all_rows order by 1`)).map(
      (row) => row.key,
    );

  test.runIf(isAll)('one row is what the list says of it', async () => {
    for (const [path, key, query] of [
      ['/training', 'imdb_id', 'include=prediction'],
      ['/movies', 'imdb_id', ''],
      ['/media', 'hash', 'deleted=include'],
    ] as const) {
      const { data } = exactJson((await app.call('GET', `${path}?${query}&limit=1000`)).text) as Page;
      const odd = (row: Row) => !/Z$/.test(String(row.updated_at ?? row.training_updated_at));
      for (const row of data.filter((one, i) => isDeep || odd(one) || i % 9 === 0)) {
        const { status, text, headers } = await app.call('GET', `${path}/${row[key]}`);
        expect([status, exactJson(text)]).toEqual([200, row]);
        expect(headers.etag).toBe(`"${row.updated_at ?? row.training_updated_at}"`);
      }
    }
  });

  test.runIf(isAll)('every other endpoint answers', async () => {
    const [hash] = await keysOf('select hash from atp.media where updated_at = $$infinity$$', 'hash');
    const [predicted] = await keysOf(`select imdb_id from atp.prediction where probability = 'NaN'`, 'imdb_id');
    const [imdb_id] = await keysOf('select imdb_id from atp.training where updated_at = $$infinity$$', 'imdb_id');
    const known = { hash, predicted, imdb_id } as Record<string, string>;
    for (const path of Object.values(otherCalls).flat()) {
      const target = path.replace(/\{(\w+)\}/, (_all, name) => known[name] as string);
      const { status } = await app.call('GET', target);
      expect([path, status]).toEqual([path, 200]);
    }
  });

  /** Rows by word, from SQL. */
  const countsOf = async (select: string, column: string) =>
    Object.fromEntries(
      (
        await ask<{ word: string; count: number }>(
          `select (${column})::text as word, count(*)::integer as count from (${select}) as all_rows group by 1`,
        )
      ).map(({ word, count }) => [word, count]),
    );
  const withoutZeros = (counts: Record<string, number>) =>
    Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  const calendar = (column: string) => `${column} >= '0001-01-01Z' and isfinite(${column})`;

  test('statistics count every word and know every time that has a date', async () => {
    const media = (await app.call<MediaStats>('GET', '/media/stats')).body;
    const active = 'select * from atp.media where deleted_at is null';
    for (const column of ['pipeline_status', 'rejection_status', 'media_type', 'error_status'] as const) {
      expect(withoutZeros(media[column])).toEqual(await countsOf(active, column));
    }
    const titles = (await app.call<TrainingStats>('GET', '/training/stats')).body;
    for (const column of ['label', 'media_type', 'human_labeled', 'anomalous'] as const) {
      expect(withoutZeros(titles[column])).toEqual(
        await countsOf('select * from atp.training', column === 'label' ? `coalesce(label::text, 'none')` : column),
      );
    }
    const unreviewed = 'select * from atp.training where reviewed is not true';
    expect(withoutZeros(titles.unreviewed.media_type)).toEqual(await countsOf(unreviewed, 'media_type'));
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);
    for (const counts of [titles.label, titles.media_type, titles.reviewed]) expect(sum(counts)).toBe(titles.total);
    const [extremes] = await ask<Record<string, string>>(
      `select ${wireOf('min(created_at)', 'timestamptz', '')} as oldest, ${wireOf('max(created_at)', 'timestamptz', '')} as newest
       from atp.training where ${calendar('created_at')}`,
    );
    expect([titles.oldest_created_at, titles.newest_created_at]).toEqual([extremes?.oldest, extremes?.newest]);
  });

  test('the evaluation counts every prediction once, and its cells are the lists', async () => {
    const found = (await app.call<Evaluation>('GET', '/prediction/evaluation?threshold=0.35')).body;
    const predicted = 'select * from atp.movies';
    const valid = 'select * from atp.movies where probability between 0 and 1';
    expect(found.labelled + found.unlabelled).toBe(await countOf(valid, 'true'));
    expect(found.no_probability).toBe(await countOf(predicted, 'not probability between 0 and 1'));
    const {
      none: _none,
      would_watch: _yes,
      would_not_watch: _no,
      ...others
    } = await countsOf(valid, `coalesce(label::text, 'none')`);
    expect(found.other_labels).toEqual(others);
    expect(withoutZeros({ ...found.stored.matrix, ...found.stored.other })).toEqual(await countsOf(valid, 'cm_value'));
    const total = async (query: string) =>
      (await app.call<{ pagination: { total: number } }>('GET', `/movies/?limit=1&${query}`)).body.pagination.total;
    for (const cell of ['tp', 'tn', 'fp', 'fn'] as const) {
      expect([cell, await total(`cell=${cell}&threshold=0.35`)]).toEqual([cell, found.matrix[cell]]);
    }
    for (const by of sliceDimensions) {
      const { whole, data } = (await app.call<Slices>('GET', `/prediction/slices?by=${by}&minimum=1&threshold=0.35`))
        .body;
      expect(whole.matrix).toEqual(found.matrix);
      for (const { slice, filter, labelled, unlabelled } of data) {
        // A code or a name without letters cannot be asked for.
        if (slice.trim() === '') continue;
        expect([by, slice, await total(`${filter}&probability_min=0&probability_max=1`)]).toEqual([
          by,
          slice,
          labelled + unlabelled,
        ]);
      }
    }
  });

  test.runIf(isAll)('the history of migrations sorts by the times that it has', async () => {
    const order = async (query: string) => (await app.call<{ data: FlywayRow[] }>('GET', `/flyway?${query}`)).body.data;
    const wanted = async (direction: string) =>
      ask<{ rank: number; at: string | null }>(
        `select installed_rank as rank, case when ${calendar('installed_on')} then
           to_char(installed_on, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as at
         from public.flyway_schema_history
         order by case when ${calendar('installed_on')} then installed_on end ${direction} nulls last, installed_rank ${direction}`,
      );
    for (const direction of ['asc', 'desc']) {
      const rows = await order(`sort_by=installed_on&sort_order=${direction}`);
      expect(rows.map((row) => ({ rank: row.installed_rank, at: row.installed_on }))).toEqual(await wanted(direction));
    }
  });

  test('a title is written with the version that its row has, and undone', async () => {
    for (const { imdb_id } of await ask<{ imdb_id: string }>(
      `select imdb_id from atp.training where media_title <> 'Plain' and (not (${calendar('updated_at')}) or updated_at > '9999-01-01Z'
         or label::text not in ('would_watch', 'would_not_watch') or label is null or media_type::text = 'music')`,
    )) {
      const before = await state('atp.training', 'imdb_id', imdb_id);
      const { headers } = await app.call('GET', `/training/${imdb_id}`);
      const body = { imdb_id, label: 'would_not_watch', anomalous: true };
      const stale = await app.call('PATCH', `/training/${imdb_id}`, {
        body,
        headers: { 'if-match': '"0044-03-15 12:00:00+00"' },
      });
      expect([imdb_id, stale.status]).toEqual([imdb_id, 412]);
      const written = await app.call<{ event_id: number }>('PATCH', `/training/${imdb_id}`, {
        body,
        headers: { 'if-match': headers.etag as string },
      });
      expect([imdb_id, written.status]).toEqual([imdb_id, 200]);
      const undo = await app.call('POST', `/training/${imdb_id}/undo`, {
        body: { event_id: written.body.event_id },
        headers: { 'if-match': written.headers.etag as string },
      });
      expect([undo.status, await state('atp.training', 'imdb_id', imdb_id)]).toEqual([200, before]);
      expect((await app.call('GET', `/training/${imdb_id}/history`)).status).toBe(200);
    }
  });

  const oddItems = async (deleted: string) => {
    const items = await ask<{ hash: string; pipeline_status: string; rejection_status: string }>(
      `select hash, pipeline_status::text, rejection_status::text from atp.media where deleted_at ${deleted} and (
         not (${calendar('updated_at')}) or updated_at > '9999-01-01Z' or not (${calendar('created_at')}) or deleted_at is not null
         or media_type::text <> 'movie' or pipeline_status::text <> 'parsed' or rejection_status::text <> 'rejected'
         or rss_source is not null) order by hash`,
    );
    return isAll ? items : items.filter((_item, i) => i % 4 === 0);
  };

  test('a media item is deleted and restored with the version that its row has', async () => {
    for (const { hash } of await oddItems('is null')) {
      const before = await state('atp.media', 'hash', hash);
      let version = (await app.call('GET', `/media/${hash}`)).headers.etag as string;
      for (const action of ['soft_delete', 'restore']) {
        const { status, headers } = await app.call('PATCH', `/media/${hash}/${action}`, {
          headers: { 'if-match': version },
        });
        expect([hash, action, status]).toEqual([hash, action, 200]);
        version = headers.etag as string;
      }
      expect(await state('atp.media', 'hash', hash)).toEqual(before);
    }
  });

  test('a status is set to each word that the database has', async () => {
    for (const { hash, pipeline_status, rejection_status } of await oddItems('is null')) {
      const set = (body: object) => app.call('PATCH', `/media/${hash}/pipeline`, { body: { hash, ...body } });
      const replies = [
        await set({ pipeline_status: 'parsed', rejection_status: 'accepted' }),
        await set({ pipeline_status, rejection_status }),
        await app.call('PATCH', `/media/${hash}/finish`),
        await set({ pipeline_status, rejection_status }),
      ];
      expect([hash, ...replies.map(({ status }) => status)]).toEqual([hash, 200, 200, 200, 200]);
      expect(await state('atp.media', 'hash', hash)).toMatchObject({ pipeline_status, rejection_status });
    }
    const { status, text } = await app.call('PATCH', `/media/${hashOfFirst()}/pipeline`, {
      body: { hash: hashOfFirst(), pipeline_status: 'nonsense' },
    });
    expect(status).toBe(422);
    expect(text).toContain('music');
  });

  test('a bulk change and its inverse leave every row as it was', async () => {
    const hashes = await keysOf('select hash from atp.media', 'hash');
    const snapshot = async (table: string) =>
      ask(`select to_jsonb(x) - 'updated_at' as row from ${table} x order by 1`);
    const media = await snapshot('atp.media');
    for (const action of ['delete', 'restore', 'reingest'] as const) {
      const { operation_id, counts } = await done(app, { subject: 'media', action, ids: hashes });
      expect([action, counts.conflict]).toEqual([action, 0]);
      const inverse = await undone(app, operation_id);
      expect([action, inverse.counts]).toMatchObject([action, { conflict: 0, failed: 0 }]);
      expect(await snapshot('atp.media')).toEqual(media);
      expect((await app.call('GET', `/operations/${operation_id}/items?limit=1000`)).status).toBe(200);
    }
    const titles = await snapshot('atp.training');
    const filter = { media_type: 'movie', budget_min: '-9223372036854775808' };
    for (const request of [
      { subject: 'training', action: 'would_watch', ids: await keysOf('select imdb_id from atp.training', 'imdb_id') },
      { subject: 'training', action: 'update', change: { label: 'would_not_watch' }, filter },
    ] as const) {
      const { operation_id, counts } = await done(app, {
        ...request,
        ...('ids' in request ? { ids: [...request.ids] } : {}),
      } as never);
      expect(counts).toMatchObject({ conflict: 0, failed: 0 });
      expect((await undone(app, operation_id)).counts).toMatchObject({ conflict: 0, failed: 0 });
      expect(await snapshot('atp.training')).toEqual(titles);
    }
  });
});

const hashOfFirst = () => '0'.padStart(40, 'a0b1');

/** What a cell of CSV must be. */
function cellOf(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && value.startsWith('#')) return value.slice(1);
  const plain =
    Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '' && !one.includes(';'));
  const text = !Array.isArray(value)
    ? String(value)
    : plain && !String(value[0]).startsWith('[')
      ? value.join('; ')
      : JSON.stringify(value);
  return /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
}

/** The cells of a CSV file. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [];
  for (const line of csv.split(/\r\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    if (line === '') continue;
    rows.push(
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
  }
  return rows;
}
