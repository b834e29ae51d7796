import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Film, type SourceFilm, selectFilms } from './films.ts';
import { labelTitles, modelRunAt, predictionThreshold, type Title, taste } from './household.ts';
import { type Catalogue, type CatalogueTable, rowsOf } from './load.ts';
import { cellOf, type Evaluation, evaluate } from './model.ts';
import { makeReleases } from './releases.ts';
import { makeRuns } from './runs.ts';

// Builds catalogue.json from the published data set and prints the model's figures for the README.
// `node infra/demo/make.ts` writes the file; `--verify` only checks that it is up to date.

const source = {
  package: 'vega-datasets@3.2.1',
  file: 'package/data/movies.json',
  sha256: 'e63c499759e3b07b49563e036f55290f87feb56def8703ec049ca305ab1523d3',
};

const run = promisify(execFile);

async function fetchFilms(): Promise<SourceFilm[]> {
  const directory = await mkdtemp(join(tmpdir(), 'demo-catalogue-'));
  try {
    await run('npm', ['pack', source.package, '--silent', '--pack-destination', directory]);
    await run('tar', ['-xzf', `${source.package.replace('@', '-')}.tgz`, source.file], { cwd: directory });
    const bytes = await readFile(join(directory, source.file));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== source.sha256) {
      throw new Error(
        `${source.file} of ${source.package} has SHA-256 ${sha256}, expected ${source.sha256}: the set is not the one ` +
          'the catalogue was made from. Look at what changed before taking it over.',
      );
    }
    return JSON.parse(bytes.toString('utf8')) as SourceFilm[];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

type Row = Readonly<Record<string, unknown>>;

const toTable = (rows: readonly Row[]): CatalogueTable => {
  const columns = Object.keys(rows[0] ?? {});
  return { columns, rows: rows.map((row) => columns.map((column) => row[column])) };
};

/** Builds the three tables from the films; deterministic to the byte. */
export function makeCatalogue(films: readonly Film[]): Catalogue {
  const { titles, probabilities } = labelTitles(films);
  const predictions = titles.flatMap(({ imdb_id, label }, i) => {
    // `cm_value` needs a label, so unlabelled titles have no prediction.
    if (label === null) return [];
    const probability = probabilities[i] as number;
    const isPredicted = probability >= predictionThreshold;
    const cm_value = cellOf(label === 'would_watch', isPredicted);
    return [{ imdb_id, prediction: Number(isPredicted), probability, cm_value, created_at: modelRunAt }];
  });
  return {
    training: toTable(titles),
    prediction: toTable(predictions),
    media: toTable(makeReleases(titles, probabilities)),
  };
}

/** JSON with one row per line, for readable diffs. */
export function serialise(catalogue: Catalogue): string {
  const tables = Object.entries(catalogue).map(([name, { columns, rows }]) => {
    const lines = rows.map((row) => JSON.stringify(row)).join(',\n');
    return `"${name}": {\n"columns": ${JSON.stringify(columns)},\n"rows": [\n${lines}\n]\n}`;
  });
  return `{\n${tables.join(',\n')}\n}\n`;
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

/** The model's figures on the reviewed titles as Markdown for the README. */
export function report({ training, prediction }: Catalogue): string {
  const probabilities = new Map(rowsOf(prediction).map((row) => [row.imdb_id, row.probability as number]));
  const titles = rowsOf(training) as Title[];
  const reviewed = titles.filter((title) => title.reviewed);
  const labels = reviewed.map((title) => title.label === 'would_watch');
  const judge = (probabilityOf: (title: Title) => number) =>
    evaluate(labels, reviewed.map(probabilityOf), predictionThreshold);
  const model = judge((title) => probabilities.get(title.imdb_id) as number);
  const best = judge((title) => 1 / (1 + Math.exp(-taste(title))));
  const measures: [string, (evaluation: Evaluation) => string][] = [
    ['true positives', ({ cells }) => String(cells.tp)],
    ['true negatives', ({ cells }) => String(cells.tn)],
    ['false positives', ({ cells }) => String(cells.fp)],
    ['false negatives', ({ cells }) => String(cells.fn)],
    ['accuracy', ({ accuracy }) => percent(accuracy)],
    ['precision', ({ precision }) => percent(precision)],
    ['recall', ({ recall }) => percent(recall)],
    ['area under the ROC curve', ({ auc }) => auc.toFixed(3)],
    ['log-loss', ({ logLoss }) => logLoss.toFixed(3)],
  ];
  const headings = ['measure', 'model, out of fold', 'the taste itself'];
  const cells = [headings, ...measures.map(([name, of]) => [name, of(model), of(best)])];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [head, ...body] = cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const liked = percent(labels.filter(Boolean).length / labels.length);
  return [`${reviewed.length} reviewed titles, ${liked} of them would_watch:`, '', head, rule, ...body].join('\n');
}

/** The files below `infra/demo` by path. */
export function makeFiles(films: readonly Film[]): { catalogue: Catalogue; files: [path: string, text: string][] } {
  const catalogue = makeCatalogue(films);
  const probabilities = new Map(rowsOf(catalogue.prediction).map((row) => [row.imdb_id, row.probability as number]));
  const runs = makeRuns(rowsOf(catalogue.training) as Title[], ({ imdb_id }) => probabilities.get(imdb_id) as number);
  const files: [string, string][] = [...runs].map(([path, text]) => [`runs/${path}`, text]);
  return { catalogue, files: [['catalogue.json', serialise(catalogue)], ...files] };
}

async function main(): Promise<void> {
  const { catalogue, files } = makeFiles(selectFilms(await fetchFilms()));
  for (const [path, text] of files) {
    const target = new URL(path, import.meta.url);
    if (!process.argv.includes('--verify')) {
      await mkdir(new URL('.', target), { recursive: true });
      await writeFile(target, text);
    } else if ((await readFile(target, 'utf8')) !== text) {
      console.error(`infra/demo/${path} is not what make.ts makes; run \`node infra/demo/make.ts\` and commit it.`);
      process.exitCode = 1;
    }
  }
  if (!process.argv.includes('--verify')) console.log(report(catalogue));
}

if (process.argv[1] === import.meta.filename) await main();
