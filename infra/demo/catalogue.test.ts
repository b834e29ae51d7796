import { readFile } from 'node:fs/promises';
import { demoImdbIds } from '@at/contracts/vocabulary';
import { expect, test } from 'vitest';
import type { Film } from './films.ts';
import { operatingThreshold, predictionThreshold, scoreTitles, type Title } from './household.ts';
import { readCatalogue, rowsOf } from './load.ts';
import { makeFiles, report } from './make.ts';
import { type Cell, cellOf } from './model.ts';
import type { Release } from './releases.ts';

type Prediction = { imdb_id: string; prediction: number; probability: number; cm_value: Cell; created_at: number };

const catalogue = await readCatalogue();
const titles = rowsOf(catalogue.training) as Title[];
const predictions = rowsOf(catalogue.prediction) as Prediction[];
const releases = rowsOf(catalogue.media) as Release[];
const titleOf = new Map(titles.map((title) => [title.imdb_id, title]));
const predictionOf = new Map(predictions.map((prediction) => [prediction.imdb_id, prediction]));

const count = <T>(values: readonly T[], fits: (value: T) => boolean) => values.filter(fits).length;
const distinct = (values: readonly unknown[]) => new Set(values).size;
const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8');

test('catalogue and training runs have exactly the bytes that the script builds from the films', async () => {
  const films = titles.map(
    ({ media_title, release_year, budget, revenue, runtime, genre, rt_score, imdb_rating, imdb_votes }): Film => ({
      media_title,
      release_year,
      budget,
      revenue,
      runtime,
      genre,
      rt_score,
      imdb_rating,
      imdb_votes,
    }),
  );
  // Compared as booleans: a diff of 600 kB is useless.
  for (const [path, text] of makeFiles(films).files) expect([path, text === (await read(path))]).toEqual([path, true]);
});

test('the README has the figures of the committed catalogue', async () => {
  expect(await read('README.md')).toContain(report(catalogue));
});

test('about 2,000 titles, each with a unique id in the demo range', () => {
  expect(titles.length).toBeGreaterThan(1_950);
  expect(titles.length).toBeLessThan(2_050);
  expect(titleOf.size).toBe(titles.length);
  expect(distinct(titles.map((title) => `${title.media_title.toLowerCase()}|${title.release_year}`))).toBe(
    titles.length,
  );
  for (const { imdb_id } of titles) {
    expect(imdb_id).toMatch(/^tt[0-9]{8}$/);
    expect(imdb_id >= demoImdbIds.first && imdb_id <= demoImdbIds.last).toBe(true);
  }
});

test('values that the data set lacks are null', () => {
  expect(catalogue.training.columns).toEqual([
    'imdb_id',
    'media_type',
    'media_title',
    'release_year',
    'budget',
    'revenue',
    'runtime',
    'genre',
    'rt_score',
    'imdb_rating',
    'imdb_votes',
    'label',
    'human_labeled',
    'anomalous',
    'reviewed',
    'created_at',
    'updated_at',
  ]);
  expect(count(titles, ({ runtime }) => runtime === null)).toBeGreaterThan(900);
});

test('every value is in the range of its column', () => {
  const tmdbGenres = ['Action', 'Adventure', 'Comedy', 'Documentary', 'Drama', 'Fantasy', 'Horror', 'Music', 'Romance'];
  const genres = new Set([...tmdbGenres, 'Science Fiction', 'Thriller', 'Western']);
  for (const title of titles) {
    expect(title.release_year).toBeGreaterThanOrEqual(1850);
    expect(title.release_year).toBeLessThanOrEqual(2011);
    expect(title.genre.length).toBeGreaterThan(0);
    expect(title.genre.filter((genre) => !genres.has(genre))).toEqual([]);
    expect(distinct(title.genre)).toBe(title.genre.length);
    for (const score of [title.rt_score, title.imdb_rating]) {
      expect(Number.isInteger(score) && score >= 1 && score <= 100).toBe(true);
    }
  }
  // Values below 10 would have IMDb's scale instead of ten times it.
  expect(Math.min(...titles.map((title) => title.imdb_rating))).toBeGreaterThanOrEqual(10);
});

test('the backlog has 150 titles: without a label, with a proposed one, and with one of a person, who may differ from the model', () => {
  const backlog = titles.filter((title) => !title.reviewed);
  expect(backlog.length).toBe(150);
  const byHand = backlog.filter(({ human_labeled }) => human_labeled);
  expect(byHand.length).toBe(40);
  const says = ({ imdb_id }: Title) => (predictionOf.get(imdb_id)?.probability ?? 0) >= operatingThreshold;
  const differs = (title: Title) => says(title) !== (title.label === 'would_watch');
  expect(count(byHand, differs)).toBeGreaterThan(5);
  expect(count(backlog, (title) => title.label !== null && !title.human_labeled && differs(title))).toBe(0);
  expect(count(backlog, ({ label }) => label === null)).toBe(30);
  expect(count(backlog, ({ label }) => label === 'would_watch')).toBeGreaterThan(30);
  expect(count(backlog, ({ label }) => label === 'would_not_watch')).toBeGreaterThan(30);
  expect(Math.max(...backlog.map(({ created_at }) => created_at))).toBeLessThanOrEqual(30 * 86_400);
});

test('every reviewed title has a label, most of them from a person', () => {
  const reviewed = titles.filter((title) => title.reviewed);
  expect(count(reviewed, ({ label }) => label === null)).toBe(0);
  const byHand = count(reviewed, ({ human_labeled }) => human_labeled) / reviewed.length;
  expect(byHand).toBeGreaterThan(0.7);
  expect(byHand).toBeLessThan(1);
  const liked = count(reviewed, ({ label }) => label === 'would_watch') / reviewed.length;
  expect(liked).toBeGreaterThan(0.3);
  expect(liked).toBeLessThan(0.45);
});

test('exactly the labelled titles have a prediction', () => {
  expect(predictionOf.size).toBe(predictions.length);
  expect(predictions.map(({ imdb_id }) => imdb_id)).toEqual(
    titles.filter(({ label }) => label !== null).map(({ imdb_id }) => imdb_id),
  );
});

test('prediction and cell follow from probability, threshold and label', () => {
  for (const { imdb_id, prediction, probability, cm_value } of predictions) {
    expect(prediction).toBe(probability >= predictionThreshold ? 1 : 0);
    expect(cm_value).toBe(cellOf(titleOf.get(imdb_id)?.label === 'would_watch', prediction === 1));
  }
  for (const cell of ['tp', 'tn', 'fp', 'fn']) {
    expect(count(predictions, ({ cm_value }) => cm_value === cell)).toBeGreaterThan(100);
  }
});

test('the prediction of a reviewed title ignores its own label: flipping the label does not change the probability', () => {
  const position = titles.findIndex(({ reviewed }) => reviewed);
  const title = titles[position] as Title;
  const turned = {
    ...title,
    label: title.label === 'would_watch' ? ('would_not_watch' as const) : ('would_watch' as const),
  };
  const scores = scoreTitles(titles.with(position, turned));
  expect(scores[position]).toBe(predictionOf.get(title.imdb_id)?.probability);
  expect(scores).not.toEqual(scoreTitles(titles));
});

test('an anomalous title has a label from a person and a wrong prediction', () => {
  const anomalous = titles.filter((title) => title.anomalous);
  expect(anomalous.length).toBe(40);
  for (const { human_labeled, reviewed, imdb_id } of anomalous) {
    expect(human_labeled && reviewed).toBe(true);
    expect(predictionOf.get(imdb_id)?.cm_value).toMatch(/^f[pn]$/);
  }
});

test('titles have unique dates within 400 days before the load', () => {
  for (const { created_at, updated_at } of titles) {
    expect(created_at).toBeLessThanOrEqual(400 * 86_400);
    expect(updated_at).toBeLessThanOrEqual(created_at);
    expect(updated_at).toBeGreaterThan(0);
  }
  expect(distinct(titles.map(({ created_at }) => created_at))).toBe(titles.length);
  expect(distinct(titles.map(({ updated_at }) => updated_at))).toBe(titles.length);
});

test('the model ran after the last label and before the unlabelled titles', () => {
  for (const { label, updated_at } of titles) {
    const runAt = predictions[0]?.created_at as number;
    expect(label === null ? updated_at < runAt : updated_at > runAt).toBe(true);
  }
});

test('about 600 releases cover every status, type, rejection and source', () => {
  expect(releases.length).toBeGreaterThan(550);
  expect(releases.length).toBeLessThan(650);
  expect(distinct(releases.map(({ hash }) => hash))).toBe(releases.length);
  expect(new Set(releases.map(({ pipeline_status }) => pipeline_status))).toEqual(
    new Set([
      'ingested',
      'paused',
      'parsed',
      'rejected',
      'file_accepted',
      'metadata_collected',
      'media_accepted',
      'downloading',
      'downloaded',
      'transferred',
      'complete',
    ]),
  );
  expect(new Set(releases.map(({ media_type }) => media_type))).toEqual(
    new Set(['movie', 'tv_show', 'tv_season', 'tv_episode_pack', 'unknown']),
  );
  expect(new Set(releases.map(({ rejection_status }) => rejection_status))).toEqual(
    new Set(['unfiltered', 'accepted', 'rejected', 'override']),
  );
  expect(new Set(releases.map(({ rss_source }) => rss_source))).toEqual(new Set(['yts.mx', 'episodefeed.com', null]));
});

test('exactly errors have a condition, and exactly rejections a reason', () => {
  for (const release of releases) {
    expect(release.error_condition !== null).toBe(release.error_status);
    expect(release.rejection_reason !== null).toBe(release.rejection_status === 'rejected');
  }
  const stopped = new Set(releases.filter((release) => release.error_status).map((release) => release.pipeline_status));
  for (const status of ['ingested', 'parsed', 'file_accepted', 'metadata_collected', 'media_accepted'] as const) {
    expect(stopped).toContain(status);
  }
  for (const status of ['downloading', 'downloaded', 'transferred'] as const) expect(stopped).toContain(status);
});

test('the rejection status fits the pipeline status', () => {
  for (const release of releases) {
    const { pipeline_status, rejection_status } = release;
    if (release.deleted_at !== null) {
      expect([rejection_status, release.rejection_reason]).toEqual(['rejected', 'user deletion']);
    } else if (rejection_status !== 'override') {
      const unfiltered = ['ingested', 'paused', 'parsed'].includes(pipeline_status);
      expect(rejection_status).toBe(
        pipeline_status === 'rejected' ? 'rejected' : unfiltered ? 'unfiltered' : 'accepted',
      );
    }
  }
  expect(count(releases, ({ deleted_at }) => deleted_at !== null)).toBe(12);
});

test('a rejection by probability names the predicted one, below its threshold', () => {
  const rejections = releases.flatMap(({ rejection_reason, imdb_id }) => {
    const match = /^probability (0\.\d\d) below threshold (0\.\d+)$/.exec(rejection_reason ?? '');
    return match ? [{ stated: Number(match[1]), threshold: Number(match[2]), imdb_id }] : [];
  });
  expect(rejections.length).toBeGreaterThan(50);
  for (const { stated, threshold, imdb_id } of rejections) {
    const { probability } = predictionOf.get(imdb_id as string) as Prediction;
    expect(Math.abs(probability - stated)).toBeLessThan(0.01);
    expect(probability).toBeLessThan(threshold);
  }
});

test('a release of a film has a title of the catalogue, and a link with its own hash', () => {
  const known = new Set(titles.map((title) => `${title.media_title}|${title.release_year}`));
  for (const release of releases) {
    expect(release.hash).toMatch(/^[0-9a-f]{40}$/);
    expect(release.original_link).toBe(`magnet:?xt=urn:btih:${release.hash}`);
    if (release.imdb_id !== null) {
      const title = titleOf.get(release.imdb_id);
      expect([release.media_title, release.release_year]).toEqual([title?.media_title, title?.release_year]);
    } else if (release.media_title !== null && release.media_type === 'movie') {
      expect(known).toContain(`${release.media_title}|${release.release_year}`);
    } else if (release.media_title !== null) {
      expect(release.media_title).toMatch(/^Demo Series \d\d$/);
    }
  }
});

test('paths are below /library and /downloads, without forbidden characters', () => {
  for (const { parent_path, target_path, original_path, pipeline_status } of releases) {
    const hasFiles = ['downloading', 'downloaded', 'transferred', 'complete'].includes(pipeline_status);
    expect(original_path !== null).toBe(hasFiles);
    expect((parent_path === null) === (target_path === null)).toBe(true);
    if (parent_path !== null) expect(parent_path).toMatch(/^\/library\/(movies|tv)$/);
    if (target_path !== null) expect(target_path).toMatch(/^[^/\\:*?"<>|]+(\/S\d\d(E\d\d)?)?$/);
    if (original_path !== null) expect(original_path).toMatch(/^\/downloads\/(in)?complete\/[^\\:*?"<>|]+$/);
  }
});

test('releases arrive before the load and change after they arrive', () => {
  for (const { created_at, updated_at, deleted_at } of releases) {
    expect(updated_at).toBeGreaterThan(0);
    expect(updated_at).toBeLessThan(created_at);
    if (deleted_at !== null) expect(deleted_at).toBe(updated_at);
  }
});
