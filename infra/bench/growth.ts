import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { encodeCursor } from '../../apps/api/src/lists/keyset.ts';
import { drawCurves } from './chart.ts';
import { countTotals, get, openBench, patch, query, startServer } from './measure.ts';

// The duration of the console's requests as the tables grow: a table for the README, and growth.svg.

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '1000,100000,2000000' } } });
const sizes = values.sizes.split(',').map(Number);

const path = '/rear-diff/training';
const backlog = 'media_type=movie&reviewed=false';
const newest = 'sort_by=updated_at&sort_order=desc';
const page = 'limit=20&include=prediction';

const [movies, media] = ['/rear-diff/movies/', '/rear-diff/media/'];
const thresholds = (path: (threshold: string) => string) =>
  Array.from({ length: 10_000 }, (_, i) => get(path((((i * 7919) % 10_007) / 10_007).toFixed(6))));

/** The cursor after the row at this fraction of the list of all titles. */
async function cursorAt(database: string, share: number, titles: number): Promise<string> {
  const { rows } = await query(
    database,
    `SELECT imdb_id, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
     FROM atp.training ORDER BY updated_at DESC, imdb_id OFFSET ${Math.floor(share * titles)} LIMIT 1`,
  );
  return encodeCursor('updated_at desc, id asc', { segment: 0, value: rows[0].at, id: rows[0].imdb_id });
}

/** The requests for one size; several texts are sent in turn. As in the console, only the backlog has an exact total. */
async function requestsOf(database: string, titles: number): Promise<Record<string, string[]>> {
  const list = (...queries: string[]) => queries.map((one) => get(`${path}?${one}&${page}`));
  const estimated = (...queries: string[]) => list(...queries.map((one) => `${one}&count=estimated`));
  const numbers = Array.from({ length: 50 }, (_, i) => titles - 7 * i);
  const ids = numbers.map((number) => `tt${10_000_000 + number}`);
  const deep = await cursorAt(database, 0.95, titles);
  return {
    'backlog, newest first': list(`${backlog}&${newest}`),
    'backlog, most uncertain first': list(`${backlog}&order=uncertain`),
    'backlog, model disagrees first': list(`${backlog}&order=disagree`),
    'backlog, highest probability first': list(`${backlog}&sort_by=probability`),
    'backlog, random': list(...numbers.map((seed) => `${backlog}&order=random&seed=${seed}`)),
    'all, newest first': estimated(newest),
    'all, behind a cursor at 95 %': estimated(`${newest}&cursor=${deep}`),
    'all, at offset 200': estimated(`${newest}&offset=200`),
    'all, at offset 900': estimated(`${newest}&offset=900`),
    'anomalous, newest first': estimated(`anomalous=true&${newest}`),
    'unlabelled, newest first': estimated(`label=none&${newest}`),
    'search, a rare title': estimated(...numbers.map((number) => `q=${number}&${newest}`)),
    'search, a word of one title in eight': estimated(`q=Mirror&${newest}`),
    'search, the same without a total': list(`q=Mirror&${newest}&count=none`),
    'search in the backlog': estimated(`${backlog}&q=Mirror&${newest}`),
    'search, words typed otherwise': estimated(
      ...numbers.map((number) => `q=${number % 2 ? 'mirror' : 'ultima'}+${number}&${newest}`),
    ),
    'search, two letters': estimated(`q=Ha&${newest}`),
    'search, an id': estimated(...ids.map((id) => `q=${id}&${newest}`)),
    'movies, false positives by probability': [get(`${movies}?cm_value=fp&sort_by=probability&limit=20`)],
    'movies, the same at a threshold': numbers.map((n) =>
      get(`${movies}?media_type=movie&cell=fp&threshold=${(n % 997) / 1000}&sort_by=probability&limit=20&count=none`),
    ),
    'media, newest first': [get(`${media}?sort_by=updated_at&limit=20&count=estimated`)],
    'media, of one status': [get(`${media}?pipeline_status=downloading&sort_by=updated_at&limit=20&count=estimated`)],
    'media, a rare title': numbers.map((n) => get(`${media}?q=${n}&limit=20&count=estimated`)),
    'media, a release': numbers.map((n) => get(`${media}?q=release+${n}&limit=20&count=estimated`)),
    'media, by title': [get(`${media}?sort_by=media_title&sort_order=asc&limit=20&count=estimated`)],
    // A new threshold each time, so that no request shares the result of another.
    evaluation: thresholds((one) => `/rear-diff/prediction/evaluation?threshold=${one}`),
    'slices by genre': thresholds((one) => `/rear-diff/prediction/slices?by=genre&threshold=${one}`),
    'one title': ids.map((id) => get(`${path}/${id}`)),
    // A random title and label: writing the same label again changes nothing and costs less.
    'a label': Array.from({ length: 20_000 }, () => {
      const imdb_id = `tt${10_000_001 + Math.floor(Math.random() * titles)}`;
      const label = Math.random() < 0.5 ? 'would_watch' : 'would_not_watch';
      return patch(`${path}/${imdb_id}/label`, { imdb_id, label });
    }),
  };
}

type Times = { p50: number; p95: number };
/** Exports, which grow with the tables while memory must not. */
const files: string[][] = [];
const found = new Map<string, Times[]>();
const totals: number[] = [];

const bench = await openBench();
try {
  for (const titles of sizes) {
    const begun = performance.now();
    const database = await bench.fill(titles);
    console.error(`${titles.toLocaleString('en')} titles made in ${Math.round((performance.now() - begun) / 1000)} s`);
    const server = await startServer(bench, database, 'fast');
    for (const [name, requests] of Object.entries(await requestsOf(database, titles))) {
      if (name === 'evaluation')
        console.error(`totals counted in ${(await countTotals(database, server.port)).toFixed(0)} s`);
      await server.load(requests, 1, 0.5);
      const { p50, p95 } = await server.load(requests, 1, 2);
      found.set(name, [...(found.get(name) ?? []), { p50, p95 }]);
    }
    await server.stop();
    for (const format of ['csv', 'ndjson']) {
      const exporting = await startServer(bench, database, 'fast');
      const idle = exporting.memory();
      const file = await exporting.download(`/rear-diff/training/export?format=${format}`);
      const memory = [idle, file.memory].map((bytes) => (bytes / 2 ** 20).toFixed(0));
      const size = (file.bytes / 1e6).toFixed(0);
      files.push([
        format,
        titles.toLocaleString('en'),
        size,
        file.seconds.toFixed(1),
        file.firstByteMs.toFixed(0),
        ...memory,
      ]);
      await exporting.stop();
    }

    const counting =
      "SELECT count(*) FROM atp.training WHERE media_type = 'movie' AND coalesce(reviewed, false) = false";
    const { rows } = await query(database, `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${counting}`);
    totals.push(rows[0]['QUERY PLAN'][0]['Execution Time']);
    const name = new URL(database).pathname.slice(1);
    await query(database.replace(name, 'postgres'), `DROP DATABASE ${name}`);
  }
} finally {
  await bench.stop();
}

const heads = sizes.map((size) => size.toLocaleString('en'));
const growthOf = (times: number[]) => ((times.at(-1) as number) / (times.at(-2) as number)).toFixed(2);
const row = (name: string, times: number[], p95 = '') =>
  `| ${[name, ...times.map((ms) => ms.toFixed(2)), growthOf(times), p95].join(' | ')} |`;
console.log(`p50 in ms of one user, by number of titles\n`);
console.log(`| request | ${heads.join(' | ')} | growth ${heads.at(-2)} to ${heads.at(-1)} | p95 at ${heads.at(-1)} |`);
console.log(`| --- |${' --- |'.repeat(sizes.length + 2)}`);
for (const [name, times] of found) {
  console.log(
    row(
      name,
      times.map(({ p50 }) => p50),
      times.at(-1)?.p95.toFixed(2),
    ),
  );
}
console.log(row('the exact total of the backlog, at most twice a second', totals));

console.log('\nExports, each in its own process\n');
console.log('| format | titles | MB | seconds | first byte ms | memory before, MB | at most, MB |');
console.log(`|${' --- |'.repeat(7)}`);
for (const file of files) console.log(`| ${file.join(' | ')} |`);

const curves = [...found].map(([name, times]) => ({ name, values: times.map(({ p50 }) => p50) }));
writeFileSync(new URL('growth.svg', import.meta.url), drawCurves(sizes, curves));
