import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { sliceDimensions } from '@at/contracts/predictions';
import { measureDates } from './capture-dates.ts';
import { measureFilePages } from './file-pages.ts';
import { measureFiles } from './files.ts';
import { countTotals, get, interleave, type Load, openBench, patch, query, startServer } from './measure.ts';
import { compareSteps, measureBusy, measureStarts } from './runs.ts';
import { labelScript, pagePath, pageScript } from './statements.ts';

// The short benchmark: pages and labels compared with the limit of the database, then runs. Prints tables for the README.

/** Files only on request: they take ten minutes. */
const parts = { pages: true, runs: true, files: false, 'file-pages': false, dates: false };

const { values } = parseArgs({
  options: {
    titles: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const chosen = Object.entries(parts).flatMap(([part, isUsual]) =>
  part === (values.only ?? part) && (isUsual || values.only) ? [part] : [],
);
if (chosen.length === 0) throw new Error(`--only is one of ${Object.keys(parts).join(', ')}, not ${values.only}.`);
const titles = Number(values.titles);
const seconds = Number(values.seconds);
// pgbench takes no parts of a second.
if (!(Number.isSafeInteger(seconds) && seconds > 0))
  throw new Error(`--seconds is a whole number from 1, not ${values.seconds}.`);
const rounds = 3;
/** Seconds of one kind of request until the compiler has optimised its code: some 15,000 pages. A fresh process serves 0.6 as many. */
const warmUp = 4;

const number = (value: number, digits: number) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

function table(head: string[], rows: (string | number)[][]): void {
  console.log([head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n'), '\n');
}

type Measured = { perSecond: number; postgresCpu: number; serverCpu?: number; p50?: number; p99?: number };

function compare(name: string, limit: Measured, others: Record<string, Measured>): void {
  console.log(`### ${name}\n`);
  table(
    ['what', 'per second', 'of pgbench', 'server CPU ms', 'PostgreSQL CPU ms', 'p50 ms', 'p99 ms'],
    Object.entries({ pgbench: limit, ...others }).map(([what, run]) => [
      what,
      number(run.perSecond, 0),
      number(run.perSecond / limit.perSecond, 2),
      run.serverCpu === undefined ? '' : number(run.serverCpu, 3),
      number(run.postgresCpu, 3),
      run.p50 === undefined ? '' : number(run.p50, 2),
      run.p99 === undefined ? '' : number(run.p99, 2),
    ]),
  );
}

const took: string[] = [];
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  took.push(`${what} ${number((performance.now() - begun) / 1000, 0)}`);
  return result;
}

const bench = await openBench();
try {
  // Runs and files do not look at titles.
  const database = await timed('rows', () => bench.fill(chosen.includes('pages') ? titles : 1_000));
  if (chosen.includes('pages')) await timed('pages', () => measurePages(database));
  if (chosen.includes('runs')) await timed('runs', () => measureRuns(database));
  if (chosen.includes('files')) await timed('files', () => measureFiles(bench, database, titles, rounds));
  if (chosen.includes('file-pages'))
    await timed('pages of files', () => measureFilePages(bench, database, 10 * titles, seconds));
  if (chosen.includes('dates')) await timed('dates', () => measureDates(bench, titles / 10, rounds));
  console.log(`It took ${number(performance.now() / 1000, 0)} s: ${took.join(', ')}.`);
} finally {
  await bench.stop();
}

/** What workers do in the background. */
async function measureRuns(database: string): Promise<void> {
  const jobs = 1000;
  const { disturbed, ratios, ...short } = await compareSteps(bench, database, jobs, rounds);
  console.log(`### ${number(jobs, 0)} short steps, one worker, four at a time\n`);
  table(
    ['what', 'per second', 'PostgreSQL CPU ms'],
    [
      ['jobs of pg-boss alone', number(short.jobs.perSecond, 0), number(short.jobs.postgresCpu, 2)],
      ['steps of runs, each with a log line', number(short.steps.perSecond, 0), number(short.steps.postgresCpu, 2)],
    ],
  );
  const each = ratios.map((ratio) => number(ratio, 2)).join(', ');
  console.log(`Steps of jobs: median ${number(short.steps.ofJobs, 2)}, each round ${each}.\n`);
  const starts = await measureStarts(bench, database, 100);
  console.log(`From a start to its code, idle: p50 ${number(starts.p50, 1)} ms, p99 ${number(starts.p99, 1)} ms.\n`);

  const items = 1000;
  const server = await startServer(bench, database, 'fast');
  const { idle, busy, seconds: took } = await measureBusy(bench, server, database, items);
  await server.stop();
  console.log(`### The API while a worker does ${number(items, 0)} items of four steps, in ${number(took, 0)} s\n`);
  table(
    ['p95 ms', 'idle', 'busy', 'of idle'],
    (['list', 'details'] as const).map((what) => [
      what,
      number(idle[what], 1),
      number(busy[what], 1),
      number(busy[what] / idle[what], 2),
    ]),
  );
  console.log(
    `Other work on the machine used up to ${number(100 * disturbed, 0)} % of its CPU beside the short steps.\n`,
  );
}

async function measurePages(database: string): Promise<void> {
  const listPath = pagePath('training', 20);
  const page = [get(listPath)];
  const largePage = [get(pagePath('training', 1000))];
  const probe = await startServer(bench, database, 'fast');
  const { bytes, requests } = await probe.load(page, 1, 0.2);
  await probe.stop();

  const version = (await query(database, 'SHOW server_version')).rows[0].server_version;
  console.log(
    `${titles.toLocaleString('en')} titles, ${cpus().length} cores (${cpus()[0]?.model}), Linux ${release()}, ` +
      `Node ${process.version}, PostgreSQL ${version} on the same machine, fsync off; a page of 20 is ` +
      `${Math.round(bytes / requests / 1000)} kB. Medians of ${rounds} interleaved runs of ${seconds} s.\n`,
  );

  const fast = await startServer(bench, database, 'fast', Math.round(bytes / requests));
  const plain = await startServer(bench, database, 'plain');
  const [small, large] = [await pageScript(database, 'training', 20), await pageScript(database, 'training', 1000)];
  // Else the API counts them beside the pages, a minute after its start.
  await countTotals(database, fast.port);
  for (const server of [fast, plain]) await server.load(largePage, 16, seconds);
  for (const server of [plain, fast]) await server.load(page, 16, warmUp);

  const twenty = await interleave(bench, rounds, {
    pgbench: () => bench.pgbench(database, small, 16, seconds),
    fast: () => fast.load(page, 16, seconds),
    plain: () => plain.load(page, 16, seconds),
    constant: () => fast.load([get('/constant')], 16, seconds),
  });
  compare('The default page, 20 rows, 16 connections', twenty.pgbench, {
    'API, bytes to bytes': twenty.fast,
    'API, driver’s objects': twenty.plain,
    'a constant of the same size': twenty.constant,
  });

  const thousand = await interleave(bench, rounds, {
    pgbench: () => bench.pgbench(database, large, 16, seconds),
    fast: async () => {
      await fast.longestDelay();
      const load = await fast.load(largePage, 16, seconds);
      return { ...load, longestDelay: await fast.longestDelay() };
    },
    plain: () => plain.load(largePage, 16, seconds),
  });
  compare('1,000 rows a page, 16 connections', thousand.pgbench, {
    'API, bytes to bytes': thousand.fast,
    'API, driver’s objects': thousand.plain,
  });
  console.log(`The longest delay of the event loop was ${number(thousand.fast.longestDelay, 1)} ms.\n`);

  const lists: { disturbed: number }[] = [];
  for (const name of ['movies', 'media'] as const) {
    for (const limit of [20, 1000]) {
      const [statement, request] = [await pageScript(database, name, limit), [get(pagePath(name, limit))]];
      await fast.load(request, 16, limit === 20 ? warmUp : seconds);
      const list = await interleave(bench, rounds, {
        pgbench: () => bench.pgbench(database, statement, 16, seconds),
        fast: () => fast.load(request, 16, seconds),
      });
      compare(`${pagePath(name, limit)}, 16 connections`, list.pgbench, { API: list.fast });
      lists.push(list);
    }
  }

  const second = await startServer(bench, database, 'fast');
  for (const server of [fast, second]) await server.load(page, 16, warmUp);
  const processes = await interleave(bench, rounds, {
    one: () => fast.load(page, 16, seconds),
    two: async () => {
      const before = bench.postgresCpu();
      const both = await Promise.all([fast, second].map((server) => server.load(page, 8, seconds)));
      const [{ p50 }, { p99, serverCpu }] = both as [Load, Load];
      const sum = (figure: (load: Load) => number) => both.reduce((total, load) => total + figure(load), 0);
      const postgresCpu = (1000 * (bench.postgresCpu() - before)) / sum((load) => load.requests);
      return { perSecond: sum((load) => load.perSecond), postgresCpu, serverCpu, p50, p99 };
    },
  });
  await second.stop();
  console.log('### Two processes, 16 connections between them\n');
  table(
    ['processes', 'per second', 'of one', 'server CPU ms', 'PostgreSQL CPU ms', 'p50 ms', 'p99 ms'],
    Object.entries({ one: processes.one, two: processes.two }).map(([what, run]) => [
      what,
      number(run.perSecond, 0),
      number(run.perSecond / processes.one.perSecond, 2),
      number(run.serverCpu, 3),
      number(run.postgresCpu, 3),
      number(run.p50, 2),
      number(run.p99, 2),
    ]),
  );

  const script = await labelScript(database, titles);
  // A random title and label, like pgbench: writing the same label again changes nothing and costs an eighth.
  const changes = () =>
    Array.from({ length: 40_000 }, () => {
      const imdb_id = `tt${10_000_001 + Math.floor(Math.random() * titles)}`;
      const label = Math.random() < 0.5 ? 'would_watch' : 'would_not_watch';
      return patch(`/rear-diff/training/${imdb_id}/label`, { imdb_id, label });
    });
  const { disturbed, ...runs } = await interleave(bench, rounds, {
    'one user': () => fast.load(page, 1, seconds),
    '64 connections': () => fast.load(page, 64, seconds),
    'behind a cursor': async () => {
      const path = await cursorPath(fast.port, listPath);
      return fast.load([get(path)], 16, seconds);
    },
    'with predictions': () => fast.load([get(`${listPath}&include=prediction`)], 16, seconds),
    'without a total': () => fast.load([get(`${listPath}&count=none`)], 16, seconds),
  });
  console.log('### Variants of the default page\n');
  table(
    ['what', 'per second', 'server CPU ms', 'PostgreSQL CPU ms', 'p50 ms', 'p99 ms'],
    Object.entries(runs).map(([what, run]) => [
      what,
      number(run.perSecond, 0),
      number(run.serverCpu, 3),
      number(run.postgresCpu, 3),
      number(run.p50, 2),
      number(run.p99, 2),
    ]),
  );

  const triggers = (state: 'ENABLE' | 'DISABLE') =>
    query(database, `ALTER TABLE atp.training ${state} TRIGGER console_training_update`);
  const labels = await interleave(bench, rounds, {
    pgbench: () => bench.pgbench(database, script, 16, seconds),
    fast: () => fast.load(changes(), 16, seconds),
    quietPgbench: async () => {
      await triggers('DISABLE');
      return bench.pgbench(database, script, 16, seconds);
    },
    quiet: async () => {
      const load = await fast.load(changes(), 16, seconds);
      await triggers('ENABLE');
      return load;
    },
  });
  compare('PATCH label, 16 connections', labels.pgbench, { API: labels.fast });
  compare('PATCH label, without the trigger that records changes', labels.quietPgbench, { API: labels.quiet });

  // A new threshold each time, so that no request shares the result of another.
  let thresholds = 0;
  const threshold = () => {
    thresholds += 1;
    return ((thresholds % 10_000) / 10_000).toFixed(4);
  };
  // Else each sum would add the thousands of labels changed above.
  await countTotals(database, fast.port);
  const sums = await interleave(bench, rounds, {
    evaluation: () =>
      fast.load(
        fresh((one) => `/rear-diff/prediction/evaluation?threshold=${one}`),
        1,
        seconds / 2,
      ),
    ...Object.fromEntries(
      sliceDimensions.map((by) => [
        `slices by ${by}`,
        () =>
          fast.load(
            fresh((one) => `/rear-diff/prediction/slices?by=${by}&threshold=${one}`),
            1,
            seconds / 2,
          ),
      ]),
    ),
  });
  function fresh(path: (threshold: string) => string): string[] {
    return Array.from({ length: 400 }, () => get(path(threshold())));
  }
  console.log(`### Sums over all ${number(titles, 0)} titles, one user\n`);
  table(
    ['what', 'p50 ms', 'PostgreSQL CPU ms'],
    Object.entries(sums).flatMap(([what, run]) =>
      typeof run === 'number' ? [] : [[what, number(run.p50, 1), number(run.postgresCpu, 1)]],
    ),
  );

  console.log('### Export, each in its own process\n');
  const files: (string | number)[][] = [];
  for (const format of ['csv', 'json', 'ndjson']) {
    const server = await startServer(bench, database, 'fast');
    const idle = server.memory();
    const file = await server.download(`/rear-diff/training/export?format=${format}`);
    files.push([
      format,
      number(file.bytes / 1e6, 0),
      number(file.seconds, 1),
      number(file.firstByteMs, 0),
      number(idle / 2 ** 20, 0),
      number(file.memory / 2 ** 20, 0),
    ]);
    await server.stop();
  }
  table(['format', 'MB', 'seconds', 'first byte ms', 'memory before, MB', 'at most, MB'], files);

  const measured = [twenty, thousand, ...lists, processes, { disturbed }, labels, sums];
  const others = Math.max(...measured.map((one) => one.disturbed));
  console.log(
    `Other work on the machine used up to ${number(100 * others, 0)} % of its CPU in the rounds above.` +
      `${others > 0.1 ? ' That is too much for the figures per second and the tails: run it again.' : ''}\n`,
  );
  console.log(`The generator itself used ${number(twenty.fast.generatorCpu, 3)} ms of CPU per page of 20 rows.`);
  await Promise.all([fast.stop(), plain.stop()]);
}

/** The path of the second page. */
async function cursorPath(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const { pagination } = (await response.json()) as { pagination: { next_cursor: string } };
  return `${path}&cursor=${pagination.next_cursor}`;
}
