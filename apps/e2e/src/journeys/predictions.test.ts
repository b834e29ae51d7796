import type { Evaluation } from '@at/contracts/predictions';
import { deepLimit, sized } from '@at/db/test-size';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { focused, following, inSight, messagesReady, openPage, phone, settled } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';
import { allSent } from '#harness/training-page.ts';

/** The page of predictions by keyboard and pointer, with a long list, through an outage, and with another client. */

let product: Product;
withBrowser();
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const open = (search = '', options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, `${product.url}/predictions${search}`, options);
/** Every title by probability, whose list is the same at any threshold. */
const all = 'cell=all&order=likely';
/** Shows the whole matrix, histogram and presets. */
const expand = (page: Page) => page.getByRole('button', { name: 'Expand' }).click();

const cells = ['tp', 'fn', 'fp', 'tn'] as const;
type Cell = (typeof cells)[number];

/** The matrix on the screen. */
async function shownMatrix(page: Page): Promise<Record<Cell, number>> {
  await page.locator('[data-cell] b').nth(3).waitFor();
  const counts = await page.locator('[data-cell] b').allTextContents();
  return Object.fromEntries(cells.map((cell, i) => [cell, Number(counts[i]?.replace(',', ''))])) as Record<
    Cell,
    number
  >;
}

/** The evaluation that the API gives now. */
async function evaluation(query: string): Promise<Evaluation> {
  const response = await fetch(`${product.url}/rear-diff/prediction/evaluation?media_type=movie&${query}`);
  return (await response.json()) as Evaluation;
}

const rows = (page: Page) => page.locator('article[data-imdb-id]');
const idOf = async (page: Page, index: number) => (await rows(page).nth(index).getAttribute('data-imdb-id')) as string;
const row = (page: Page, id: string) => page.locator(`article[data-imdb-id="${id}"]`);

type Flags = { label: string | null; human_labeled: boolean; reviewed: boolean | null; anomalous: boolean };

async function flags(id: string): Promise<Flags> {
  const { rows: found } = await product.db.query<Flags>(
    'SELECT label, human_labeled, reviewed, anomalous FROM atp.training WHERE imdb_id = $1',
    [id],
  );
  return found[0] as Flags;
}

const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);

/** Waits until a value is as expected. */
const eventually = <T>(read: () => T) => expect.poll(read);

const percent = (share: number | null) => `${Math.round((share ?? 0) * 1000) / 10}%`;

it('the histogram has the bars of each cell; the threshold is dragged in it, and moved by arrow keys', async () => {
  const { page, close } = await open('?threshold=0.5');
  await expand(page);
  const plot = page.getByRole('img', { name: /^Probability by label/ });
  await plot.waitFor();
  await settled(page);
  // Each cell has its bars, its number and its mark.
  const drawn = (cell: string) =>
    plot.evaluate(
      (svg, name) =>
        ['rect', 'text', 'circle'].map(
          (shape) => svg.querySelector(`[data-cell="${name}"] ${shape}, ${shape}[data-cell="${name}"]`) !== null,
        ),
      cell,
    );
  for (const cell of ['tp', 'fn', 'fp', 'tn']) expect(await drawn(cell)).toEqual([true, true, true]);
  const box = (await plot.boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 });
  await page.mouse.up();
  const shown = async () => Number(await page.getByLabel('Threshold as a number').inputValue());
  await eventually(shown).toBeGreaterThan(0.68);
  await eventually(async () => Number(parameter(page, 'threshold')) - (await shown())).toBe(0);
  const dragged = await shown();
  expect(dragged).toBeLessThan(0.78);

  await page.keyboard.press('t');
  await focused(page.getByRole('slider', { name: 'Threshold' }));
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await eventually(() => parameter(page, 'threshold')).toBe('0.021');
  await eventually(() => shownMatrix(page)).toEqual((await evaluation('threshold=0.021')).matrix);
  await close();
});

it('cells, titles, labels, marks, undo and details are there by keyboard alone', async () => {
  const { page, errors, close } = await open('?threshold=0.5&order=likely');
  await rows(page).first().waitFor();
  await page.keyboard.press('2');
  const { fn } = (await evaluation('threshold=0.5')).matrix;
  await page.getByText(`1–20 of ${fn}, movies, false negatives`).waitFor();
  expect(parameter(page, 'cell')).toBe('fn');
  await page.keyboard.press('j');
  const first = await idOf(page, 0);
  await page.locator(`article[data-imdb-id="${first}"][aria-current]`).waitFor();
  expect(parameter(page, 'title')).toBe(first);
  await page.keyboard.press('d');
  const details = row(page, first);
  await details
    .getByText(
      /^The model gives a probability of 0\.\d{4}: would not watch at the threshold of 0\.50; the label is would watch: a false negative\./,
    )
    .waitFor();
  await details
    .locator('[data-column="probability"]')
    .getByText(/^0\.\d{4}$/)
    .waitFor();
  await page.keyboard.press('d');
  await page.keyboard.press('a');
  await page.keyboard.press('n');
  const second = await idOf(page, 1);
  await page.locator(`article[data-imdb-id="${second}"][aria-current]`).waitFor();
  await allSent(page);
  expect(await flags(first)).toMatchObject({ label: 'would_not_watch', anomalous: true });
  await page.keyboard.press('u');
  await page.keyboard.press('u');
  await allSent(page);
  expect(await flags(first)).toMatchObject({ label: 'would_watch', anomalous: false });
  await page.keyboard.press('2');
  await page.getByText('1–20 of 1,973, movies').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('alien');
  await page
    .getByText(/matching "alien"/)
    .first()
    .waitFor();
  expect(errors).toEqual([]);
  await close();
});

type TraceEvent = { name: string; pid: number; tid: number; tdur?: number; args: { name?: string } };

/**
 * Milliseconds of the processor that the longest task of the page took: unlike those of the clock they do not count what
 * else a busy machine does.
 */
function longestTask(trace: Buffer): number {
  const { traceEvents: events } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args.name === 'CrRendererMain';
  const main = new Set(events.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid} ${tid}`));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}

it('a long list draws only the rows near the window, and a reload brings it back as long', async () => {
  const { page, errors, close } = await open(`?${all}&rows=200`);
  const windowsAtOnce = sized(4, 0.5);
  let loaded = 200;
  await page.getByText(`1–${loaded} of 1,973`).waitFor();
  while (loaded < sized(400, 1000)) {
    // By key: it moves as the rows that come into sight are measured, under a pointer too.
    await page.getByRole('button', { name: 'Load 200 more' }).press('Enter');
    loaded += 200;
    await page.getByText(`1–${loaded.toLocaleString('en')} of 1,973`).waitFor();
  }
  expect(await rows(page).count()).toBeLessThan(60);
  // Paper gets all of them, one below the other.
  await page.emulateMedia({ media: 'print' });
  await expect.poll(() => rows(page).count()).toBe(loaded);
  const edges = await rows(page).evaluateAll((all) => all.slice(0, 30).map((row) => row.getBoundingClientRect()));
  for (const [index, { top }] of edges.entries()) expect(top).toBeGreaterThanOrEqual(edges[index - 1]?.bottom ?? top);
  await page.emulateMedia({ media: null });
  await expect.poll(() => rows(page).count()).toBeLessThan(60);

  // Down all rows, some windows at a time (in deep tests half of one), as fast as frames are drawn.
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] });
  const steps = await page.evaluate(async (windows) => {
    const frame = () => new Promise(requestAnimationFrame);
    let count = 0;
    for (let y = 0; y < document.documentElement.scrollHeight - innerHeight; y += innerHeight * windows) {
      scrollTo(0, y);
      await frame();
      count += 1;
    }
    await frame();
    return count;
  }, windowsAtOnce);
  const longest = longestTask(await browser.stopTracing());
  expect(steps).toBeGreaterThan(loaded / (20 * windowsAtOnce));
  expect(longest).toBeGreaterThan(0);
  expect(longest).toBeLessThan(deepLimit(100));
  expect(await rows(page).count()).toBeLessThan(60);
  await page.getByRole('button', { name: 'Load 200 more' }).waitFor();

  await page.reload();
  await page.getByText(`1–${loaded.toLocaleString('en')} of 1,973`).waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('a link opens the list at its top; the way back and forth brings each place again', async () => {
  const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
  await settled(page);
  await following(page);
  const place = () => page.evaluate(() => Math.round(scrollY));
  const scroll = async (to: number) => {
    await page.mouse.move(700, 400);
    await page.mouse.wheel(0, to);
    await eventually(place).toBeGreaterThan(300);
    return place();
  };
  const left = await scroll(100_000);
  await page.getByRole('link', { name: 'Predictions', exact: true }).click();
  await rows(page).first().waitFor();
  await settled(page);
  // Two frames later every row has been measured.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await place()).toBe(0);
  const middle = await scroll(400);
  await page.goBack();
  await eventually(place).toBe(left);
  await page.goForward();
  await eventually(place).toBe(middle);
  await close();
});

it('a reload brings the selected title back into sight, with its details', async () => {
  const { page, close } = await open(`?${all}&rows=120`);
  await rows(page).first().waitFor();
  for (let count = 0; count < 30; count += 1) await page.keyboard.press('j');
  await page.keyboard.press('d');
  const selected = page.locator('article[aria-current]');
  const opened = selected.getByRole('button', { expanded: true });
  await opened.waitFor();
  const id = parameter(page, 'title') as string;
  expect(parameter(page, 'open')).toBe(id);
  // Another threshold is another address of the same list.
  await expand(page);
  await page.getByRole('button', { name: /^Model/ }).click();
  await eventually(() => ['threshold', 'title', 'open'].map((name) => parameter(page, name))).toEqual(['0.5', id, id]);
  await page.reload();
  await row(page, id).and(selected).waitFor();
  await opened.waitFor();
  await eventually(() => inSight(row(page, id))).toBe(true);
  await close();
});

it('charts say in words and numbers what they draw', async () => {
  const { page, errors, close } = await open('?tab=curves&threshold=0.5');
  const { matrix, auc } = await evaluation('threshold=0.5');
  const tpr = percent(matrix.tp / (matrix.tp + matrix.fn));
  await page
    .getByRole('img', {
      name: `ROC. ROC curve, area ${auc?.toFixed(3)}. At the threshold 0.500 the true positive rate is ${tpr}`,
    })
    .waitFor();
  await page.getByRole('img', { name: /^Precision and recall\./ }).waitFor();
  const tables = page.locator('details');
  await tables.last().locator('summary').click();
  const line = tables.last().getByRole('row', { name: /^0\.50 / });
  expect(await line.getByRole('cell').first().textContent()).toBe(tpr);
  await page.locator('label', { hasText: 'Calibration' }).click();
  await page.getByRole('img', { name: /^Calibration\./ }).waitFor();
  await page.getByRole('row', { name: /^0\.9 – 1\.0/ }).waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('the page keeps its content while the API is unreachable, counts new labels at once, and sends them later', async () => {
  const { page, close } = await open('?cell=fp&threshold=0.5');
  await rows(page).first().waitFor();
  const id = await idOf(page, 0);
  await expand(page);
  const before = await shownMatrix(page);
  await page.getByRole('img', { name: /^Probability by label/ }).waitFor();
  await messagesReady(page);
  await product.stopApi();
  await row(page, id)
    .getByRole('button', { name: /^Label would watch/ })
    .click();
  const after = { ...before, fp: before.fp - 1, tp: before.tp + 1 };
  await eventually(() => shownMatrix(page)).toEqual(after);
  await page.getByRole('img', { name: new RegExp(`${after.tp} true positives and ${after.fp} false`) }).waitFor();
  await page.getByText('1 unsent').waitFor();
  await page.getByRole('alert').getByText('The API cannot be reached').waitFor();
  expect(await rows(page).count()).toBeGreaterThan(5);
  // What opens on the page has been loaded before.
  await page.getByRole('button', { name: /^Filters/ }).click();
  const panel = page.getByRole('region', { name: 'Filters' });
  await panel.waitFor();
  await row(page, id).waitFor();
  await product.startApi();
  await allSent(page);
  expect((await flags(id)).label).toBe('would_watch');
  await eventually(() => shownMatrix(page)).toEqual(after);
  await panel.getByLabel('Year at least').fill('1980');
  await eventually(() => parameter(page, 'release_year_min')).toBe('1980');
  await panel.getByLabel('Anomalous').selectOption('true');
  await page.getByText(/false positives, anomalous, from 1980/).waitFor();
  await close();
});

it('a change by another client is in the row and in the matrix without a reload, and no row moves', async () => {
  const { page, close } = await open('?cell=fp&threshold=0.5');
  await rows(page).first().waitFor();
  const ids = await Promise.all([0, 1, 2].map((index) => idOf(page, index)));
  const before = await shownMatrix(page);
  await product.db.query(`UPDATE atp.training SET label = 'would_watch' WHERE imdb_id = $1`, [ids[1]]);
  await row(page, ids[1] as string)
    .getByText('true positive')
    .waitFor();
  await eventually(() => shownMatrix(page)).toEqual({ ...before, fp: before.fp - 1, tp: before.tp + 1 });
  expect(await Promise.all([0, 1, 2].map((index) => idOf(page, index)))).toEqual(ids);

  // A title with a new prediction comes on request.
  await product.db.query(`INSERT INTO atp.training (imdb_id, media_type, media_title, release_year, label)
    VALUES ('tt0000001', 'movie', 'Just arrived', 2024, 'would_not_watch')`);
  await product.db.query(`INSERT INTO atp.prediction (imdb_id, prediction, probability, cm_value)
    VALUES ('tt0000001', 1, 0.99999, 'fp')`);
  await page.getByRole('button', { name: '+1 new' }).click();
  await row(page, 'tt0000001').getByText('Just arrived').waitFor();
  await close();
});

it('a tap on a cell of the open matrix shows its list, also on a phone', async () => {
  const { page, close } = await open('', { viewport: phone, hasTouch: true });
  await rows(page).first().waitFor();
  await expand(page);
  await page.evaluate(() => scrollTo(0, 0));
  expect(await inSight(rows(page).first())).toBe(false);
  await page
    .getByRole('table')
    .getByRole('button', { name: /^.*false negative/ })
    .tap();
  await eventually(() => parameter(page, 'cell')).toBe('fn');
  await expect.poll(() => inSight(rows(page).first())).toBe(true);

  // No tab is cut, with its text.
  await page.setViewportSize({ width: 360, height: 740 });
  const cut = () =>
    page
      .getByRole('radiogroup', { name: 'View' })
      .evaluate((tabs) =>
        [tabs, ...tabs.querySelectorAll('label')].filter((one) => one.scrollWidth > one.clientWidth).map(String),
      );
  expect(await cut()).toEqual([]);
  await close();
});
