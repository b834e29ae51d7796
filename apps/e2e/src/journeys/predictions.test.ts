import type { Evaluation } from '@at/contracts/predictions';
import { deepLimit } from '@at/db/test-size';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { obstacles } from '#harness/accessibility.ts';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { desktop, inSight, openPage, overflow, phone } from '#harness/page.ts';
import { startProduct } from '#harness/product.ts';

/** Finding out why the model is wrong, and putting labels right. */

withProducts();

const open = (search = '', options: Parameters<typeof openPage>[2] = {}) =>
  openPage(browser, `${product.url}/predictions${search}`, options);

const cells = ['tp', 'fn', 'fp', 'tn'] as const;
type Cell = (typeof cells)[number];

const cellButton = (page: Page, cell: Cell) => page.locator(`td[data-cell="${cell}"] button`);

/** The matrix on the screen. */
async function shownMatrix(page: Page): Promise<Record<Cell, number>> {
  const counts = await page.locator('td[data-cell] b').allTextContents();
  return Object.fromEntries(cells.map((cell, i) => [cell, Number(counts[i]?.replace(',', ''))])) as Record<
    Cell,
    number
  >;
}

/** What the API says now. */
async function evaluation(query: string): Promise<Evaluation> {
  const response = await fetch(`${product.url}/rear-diff/prediction/evaluation?media_type=movie&${query}`);
  return (await response.json()) as Evaluation;
}

/** Waits until what is loaded late is there: the histogram, and what the tab shows. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('img', { name: /^Probability by label/ }).waitFor();
  const shown = page.getByRole('article').or(page.getByRole('img', { name: /^(ROC|Calibration)\./ }));
  await shown
    .or(page.getByRole('region', { name: 'Slices' }))
    .first()
    .waitFor();
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

const allSent = (page: Page) =>
  page.waitForFunction(() => Object.keys(localStorage).every((key) => !key.startsWith('outbox.')));

const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);

/** What follows from a change by somebody else is up to two seconds away. */
const eventually = <T>(read: () => T) => expect.poll(read);

const percent = (share: number | null) => `${Math.round((share ?? 0) * 1000) / 10}%`;

describe('the matrix and its threshold', () => {
  it('are at any threshold what the API says, without asking it again while the slider moves', async () => {
    const { page, errors, close } = await open();
    await page.getByText('1–20 of 1,973, movies').waitFor();
    const { operating_threshold } = (await (await fetch(`${product.url}/rear-diff/meta`)).json()) as {
      operating_threshold: number;
    };
    expect(await shownMatrix(page)).toEqual((await evaluation(`threshold=${operating_threshold}`)).matrix);

    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const input = page.getByLabel('Threshold as a number');
    const seen: [string, Record<Cell, number>][] = [];
    for (const threshold of ['0', '0.29', '0.5', '0.777', '0.999', '1']) {
      await input.fill(threshold);
      seen.push([threshold, await shownMatrix(page)]);
    }
    expect(asked.filter((url) => url.includes('/movies/'))).toEqual([]);
    for (const [threshold, matrix] of seen) {
      expect([threshold, matrix]).toEqual([threshold, (await evaluation(`threshold=${threshold}`)).matrix]);
    }

    await input.fill('0.42');
    await eventually(() => parameter(page, 'threshold')).toBe('0.42');
    const { accuracy, precision, recall, f1, auc, brier, ece } = await evaluation('threshold=0.42');
    const measure = (name: string) => page.locator(`[data-measure="${name}"]`).textContent();
    expect(await measure('accuracy')).toBe(percent(accuracy));
    expect(await measure('precision')).toBe(percent(precision));
    expect(await measure('recall')).toBe(percent(recall));
    for (const [name, value] of Object.entries({ f1, auc, brier, ece })) {
      expect(await measure(name)).toBe((value as number).toFixed(3));
    }
    // The address holds it, also over a reload.
    await page.reload();
    await page.getByText('At 0.42', { exact: true }).waitFor();
    await eventually(() => shownMatrix(page)).toEqual((await evaluation('threshold=0.42')).matrix);
    expect(errors).toEqual([]);
    await close();
  });

  it('can be dragged in the histogram, and moved by arrow keys', async () => {
    const { page, close } = await open('?threshold=0.5');
    const plot = page.getByRole('img', { name: /^Probability by label/ });
    const box = (await plot.boundingBox()) as { x: number; y: number; width: number; height: number };
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 });
    await page.mouse.up();
    const dragged = Number(await page.getByLabel('Threshold as a number').inputValue());
    await eventually(() => parameter(page, 'threshold')).toBe(String(dragged));
    expect(dragged).toBeGreaterThan(0.68);
    expect(dragged).toBeLessThan(0.78);

    await page.keyboard.press('t');
    const slider = page.getByRole('slider', { name: 'Threshold' });
    expect(await slider.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await eventually(() => parameter(page, 'threshold')).toBe('0.021');
    await eventually(() => shownMatrix(page)).toEqual((await evaluation('threshold=0.021')).matrix);
    await close();
  });

  it('have presets: the model, the downloader, the best F1 and the cheapest at a cost that the address holds', async () => {
    const { page, close } = await open('?threshold=0.9');
    const presets = page.getByRole('group', { name: 'Threshold presets' });
    /** Chooses a preset; gives its threshold, once the button, the address and the field agree on it. */
    const choose = async (name: RegExp) => {
      const button = presets.getByRole('button', { name });
      const value = Number(/0\.\d+/.exec((await button.textContent()) as string)?.[0]);
      await button.click();
      await presets.getByRole('button', { name, pressed: true }).waitFor();
      await eventually(() => Number(parameter(page, 'threshold'))).toBeCloseTo(value, 2);
      const threshold = parameter(page, 'threshold') as string;
      await eventually(async () => Number(await page.getByLabel('Threshold as a number').inputValue())).toBe(
        Number(threshold),
      );
      return Number(threshold);
    };
    expect(await choose(/^Model 0.50/)).toBe(0.5);
    expect(await choose(/^Downloader 0.35/)).toBe(0.35);

    const best = await choose(/^Best F1/);
    const f1 = async (threshold: number) => (await evaluation(`threshold=${threshold}`)).f1 as number;
    for (const other of [0.1, 0.3, best - 0.001, best + 0.001, 0.5, 0.7]) {
      expect(await f1(best)).toBeGreaterThanOrEqual(await f1(other));
    }

    const cheapestNow = () => presets.getByRole('button', { name: /^Cheapest/ }).textContent();
    const atOne = await cheapestNow();
    await page.getByLabel('One false positive costs as much as').fill('5');
    await eventually(() => parameter(page, 'cost')).toBe('5');
    await eventually(cheapestNow).not.toBe(atOne);
    const cheapest = await choose(/^Cheapest/);
    const price = async (threshold: number) => {
      const { fp, fn } = (await evaluation(`threshold=${threshold}`)).matrix;
      return 5 * fp + fn;
    };
    for (const other of [0.2, 0.5, cheapest - 0.001, cheapest + 0.001, 0.8, 0.95]) {
      expect(await price(cheapest)).toBeLessThanOrEqual(await price(other));
    }
    await page.getByText(`Cost at this threshold: ${await price(cheapest)}.`).waitFor();
    await close();
  });

  it('show what the model recorded beside what holds now, and how many titles no longer agree', async () => {
    const { page, close } = await open('?threshold=0.42');
    const { stored } = await evaluation('threshold=0.42');
    await page.getByText(`${stored.disagree} titles have moved cell since the model ran`).waitFor();
    await page.getByText('As recorded', { exact: true }).click();
    await page.getByText('As recorded by the model').waitFor();
    expect(await shownMatrix(page)).toEqual(stored.matrix);
    await cellButton(page, 'fp').click();
    await page.getByText(`1–20 of ${stored.matrix.fp}, movies, recorded as false positives`).waitFor();
    expect(new Set(await rows(page).locator('[data-cell]:not([class*="probability"])').allTextContents())).toEqual(
      new Set(['🟣false positive']),
    );
    await close();
  });
});

describe('putting labels right', () => {
  it('moves matrix, measures and histogram before the API has answered, and back with undo; files are never touched', async () => {
    const { page, errors, close } = await open('?cell=fp&threshold=0.5');
    await rows(page).first().waitFor();
    const before = await shownMatrix(page);
    const id = await idOf(page, 0);
    const was = await flags(id);
    expect(was.label).toBe('would_not_watch');

    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(/\/training\/tt\d+$/, async (route) => {
      await held;
      await route.continue();
    });
    await row(page, id)
      .getByRole('button', { name: /^Label would watch/ })
      .click();
    const after = { ...before, fp: before.fp - 1, tp: before.tp + 1 };
    await eventually(() => shownMatrix(page)).toEqual(after);
    await page.getByRole('img', { name: new RegExp(`${after.tp} true positives and ${after.fp} false`) }).waitFor();
    const precision = after.tp / (after.tp + after.fp);
    expect(await page.locator('[data-measure="precision"]').textContent()).toBe(percent(precision));
    // The row stays under the hand although it has left the filter, and says what it is now.
    await row(page, id).getByText('true positive').waitFor();
    answer();
    await allSent(page);
    expect(await flags(id)).toEqual({ ...was, label: 'would_watch', human_labeled: true, reviewed: true });
    await eventually(() => shownMatrix(page)).toEqual((await evaluation('threshold=0.5')).matrix);

    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await shownMatrix(page)).toEqual(before);
    await allSent(page);
    expect(await flags(id)).toEqual(was);
    await eventually(() => shownMatrix(page)).toEqual((await evaluation('threshold=0.5')).matrix);
    const { rows: events } = await product.db.query('SELECT action FROM console.label_event ORDER BY event_id');
    expect(events).toEqual([{ action: 'update' }, { action: 'undo' }]);
    expect(errors).toEqual([]);
    await close();
  });

  it('by the label that stands confirms it: reviewed is set and nothing else', async () => {
    await product.db.query(
      `UPDATE atp.training SET reviewed = false, human_labeled = false WHERE label = 'would_watch'`,
    );
    const { page, close } = await open('?cell=tp');
    await rows(page).first().waitFor();
    const before = await shownMatrix(page);
    const id = await idOf(page, 0);
    const confirm = row(page, id).getByRole('button', { name: /^Confirm would watch/ });
    await confirm.click();
    await row(page, id).getByText('reviewed', { exact: true }).waitFor();
    await allSent(page);
    expect(await flags(id)).toMatchObject({ label: 'would_watch', human_labeled: false, reviewed: true });
    expect(await shownMatrix(page)).toEqual(before);
    // A second time there is nothing to do, and it says so.
    await confirm.click();
    await page.getByText('would watch was already confirmed').waitFor();
    const { rows: events } = await product.db.query('SELECT action FROM console.label_event');
    expect(events).toEqual([{ action: 'reviewed' }]);
    await close();
  });

  it('says why a change was refused, and shows what stands', async () => {
    const { page, close } = await open('?cell=fp&threshold=0.5');
    await rows(page).first().waitFor();
    const before = await shownMatrix(page);
    await page.route(/\/training\/tt\d+$/, (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 500, error: 'Database error', message: 'The disk is full.', instance: 'r1' }),
      }),
    );
    await rows(page)
      .first()
      .getByRole('button', { name: /^Label would watch/ })
      .click();
    await page.getByRole('alert').getByText('The disk is full.').waitFor();
    await eventually(() => shownMatrix(page)).toEqual(before);
    await rows(page).first().getByText('false positive').waitFor();
    await close();
  });

  it('by keyboard alone: cell, title, labels, anomalous, undo and details', async () => {
    const { page, errors, close } = await open('?threshold=0.5');
    await rows(page).first().waitFor();
    await page.keyboard.press('2');
    await page.getByText(/of 183, movies, false negatives/).waitFor();
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

  it('does not pretend that metadata is fetched anew while nothing does that', async () => {
    const { page, close } = await open();
    await rows(page)
      .first()
      .getByRole('button', { name: /^Refresh metadata/ })
      .click();
    await page.getByText('Metadata refresh is not available yet').waitFor();
    expect(
      await rows(page)
        .first()
        .getByRole('button', { pressed: true, name: /^Refresh/ })
        .count(),
    ).toBe(0);
    await close();
  });

  it('keeps a title marked until the metadata that was asked for is there', async () => {
    const { page, close } = await open();
    const id = await idOf(page, 0);
    await page.route(/rerun_metadata$/, (route) =>
      route.fulfill({ status: 202, json: { success: true, message: 'Metadata refresh requested', run_id: '1' } }),
    );
    const button = row(page, id).getByRole('button', { name: /^Refresh metadata/ });
    await button.click();
    await row(page, id)
      .getByRole('button', { name: /^Refresh metadata/, pressed: true })
      .waitFor();
    await page.reload();
    await row(page, id)
      .getByRole('button', { name: /^Refresh metadata/, pressed: true })
      .waitFor();
    // Another label is no new metadata.
    await product.db.query('UPDATE atp.training SET anomalous = NOT anomalous WHERE imdb_id = $1', [id]);
    await row(page, id)
      .getByRole('button', { name: /^Anomalous/, pressed: true })
      .waitFor();
    await row(page, id)
      .getByRole('button', { name: /^Refresh metadata/, pressed: true })
      .waitFor();
    await product.db.query('UPDATE atp.training SET metascore = 42 WHERE imdb_id = $1', [id]);
    await row(page, id)
      .getByRole('button', { name: /^Refresh metadata/, pressed: false })
      .waitFor();
    await close();
  });
});

describe('what others change', () => {
  it('is in the row and in the matrix without a reload, and no row moves', async () => {
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

    // A title that the model judges now comes when it is asked for.
    await product.db.query(`INSERT INTO atp.training (imdb_id, media_type, media_title, release_year, label)
      VALUES ('tt0000001', 'movie', 'Come meanwhile', 2024, 'would_not_watch')`);
    await product.db.query(`INSERT INTO atp.prediction (imdb_id, prediction, probability, cm_value)
      VALUES ('tt0000001', 1, 0.99999, 'fp')`);
    await page.getByRole('button', { name: '+1 new' }).click();
    await row(page, 'tt0000001').getByText('Come meanwhile').waitFor();
    await close();
  });
});

describe('slices', () => {
  it('are ranked by how far they depart, drawn with their interval, and open as the filter of the list', async () => {
    const { page, errors, close } = await open('?tab=slices');
    const table = page.getByRole('region', { name: 'Slices' });
    await table.getByRole('row').nth(2).waitFor();
    const departures = (await table.locator('tbody tr:not(:first-child) td:nth-child(4)').allTextContents()).map(
      (text) => Math.abs(Number(/[\d.]+/.exec(text)?.[0])),
    );
    expect(departures.length).toBeGreaterThan(5);
    expect(departures).toEqual(departures.toSorted((a, b) => b - a));
    expect(await table.locator('tbody svg').count()).toBe(departures.length);

    await page.getByLabel('Slice by').selectOption('decade');
    await table.getByRole('button', { name: 'Show the titles of 1990s' }).waitFor();
    expect(parameter(page, 'by')).toBe('decade');
    const asked = page.waitForRequest(/slices\?.*minimum=1$/);
    await page.getByLabel('Minimum labelled titles').fill('1');
    // The hand is still there when the address has followed: what it types next is no key of the page.
    await asked;
    await page.keyboard.press('2');
    await eventually(() => parameter(page, 'minimum')).toBe('12');
    const labelled = await table.getByRole('row').filter({ hasText: '1990s' }).getByRole('cell').nth(3).textContent();
    await table.getByRole('button', { name: 'Show the titles of 1990s' }).click();
    await page.getByText(`1–20 of ${labelled}, movies, 1990 to 1999`).waitFor();
    expect(parameter(page, 'release_year_min')).toBe('1990');
    await page.getByRole('button', { name: 'Remove the filter 1990 to 1999' }).click();
    await page.getByText('1–20 of 1,973, movies').waitFor();
    await page.goBack();
    await page.goBack();
    await table.getByRole('button', { name: 'Show the titles of 1990s' }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});

type TraceEvent = { name: string; pid: number; tid: number; tdur?: number; args: { name?: string } };

/**
 * Milliseconds of the processor that the longest task of the page took: unlike those of the clock they do not count what
 * else a busy machine does meanwhile.
 */
function longestTask(trace: Buffer): number {
  const { traceEvents: events } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args.name === 'CrRendererMain';
  const main = new Set(events.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid} ${tid}`));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}

describe('many titles at once', () => {
  it('are relabelled up to the last of their cell, the matrix follows, files stay, and all of it is taken back', async () => {
    const { page, errors, close } = await open('?cell=fp&threshold=0.5');
    await rows(page).first().waitFor();
    const before = await shownMatrix(page);
    const ids = await Promise.all([0, 1, 2].map((index) => idOf(page, index)));
    const box = (index: number) => rows(page).nth(index).getByRole('checkbox');
    await box(0).click();
    await box(2).click({ modifiers: ['Shift'] });
    const bar = page.getByRole('region', { name: 'Selection' });
    await bar.getByText('3 rows selected').waitFor();
    await bar.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Not anomalous', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Unmark 3 titles' }).click();
    await dialog.getByText('3 done').waitFor();
    for (const id of ids) expect((await flags(id)).anomalous).toBe(false);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();

    await page.getByRole('checkbox', { name: 'Select all rows on this page' }).click();
    await page.getByRole('button', { name: `Select all ${before.fp} that match` }).click();
    await bar.getByRole('button', { name: 'Would watch' }).click();
    await dialog.getByRole('button', { name: `Label ${before.fp} titles` }).click();
    await dialog.getByText(`${before.fp} done`).waitFor();
    await eventually(() => shownMatrix(page)).toEqual({ ...before, fp: 0, tp: before.tp + before.fp });
    expect(await flags(ids[0] as string)).toMatchObject({ label: 'would_watch', human_labeled: true, reviewed: true });
    // The general change, not the answer of a review, which would remove files.
    const { rows: actions } = await product.db.query<{ action: string }>(
      'SELECT DISTINCT action FROM console.operation ORDER BY action',
    );
    expect(actions).toEqual([{ action: 'update' }]);

    await dialog.getByRole('button', { name: 'Undo' }).click();
    await dialog.getByText('Would watch undone').waitFor();
    await eventually(() => shownMatrix(page)).toEqual(before);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await rows(page).first().waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});

describe('the list', () => {
  it('goes on without a cap, draws what is near the window, and comes back as long over a reload', async () => {
    const { page, errors, close } = await open();
    await page.getByText('1–20 of 1,973, movies').waitFor();
    const more = page.getByRole('button', { name: /^Load \d+ more$/ });
    let loaded = 20;
    while (loaded < 1000) {
      const size = Math.min(200, loaded);
      // By key: it moves as the rows that come into sight are measured, under a pointer too.
      await page.getByRole('button', { name: `Load ${size} more` }).press('Enter');
      loaded += size;
      await page.getByText(`1–${loaded.toLocaleString('en')} of 1,973`).waitFor();
    }
    expect(await rows(page).count()).toBeLessThan(60);

    // Down a thousand rows, half a window at a time, as fast as frames are drawn.
    await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] });
    const steps = await page.evaluate(async () => {
      const frame = () => new Promise(requestAnimationFrame);
      let count = 0;
      for (let y = 0; y < document.documentElement.scrollHeight - innerHeight; y += innerHeight / 2) {
        scrollTo(0, y);
        await frame();
        count += 1;
      }
      await frame();
      return count;
    });
    const longest = longestTask(await browser.stopTracing());
    console.log(`${loaded} rows in ${steps} steps: longest task ${Math.round(longest)} ms of the processor`);
    expect(steps).toBeGreaterThan(100);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(deepLimit(100));
    await more.waitFor();

    await page.reload();
    await page.getByText(`1–${loaded.toLocaleString('en')} of 1,973`).waitFor();
    expect(errors).toEqual([]);
    await close();
  }, 60_000);

  it('is sorted and filtered by the API, in words, with a way out of each filter', async () => {
    const { page, close } = await open();
    await page.getByLabel('Order').selectOption({ label: 'Probability low to high' });
    await eventually(() => parameter(page, 'order')).toBe('unlikely');
    await rows(page).first().getByText('<1%').waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    const panel = page.getByRole('region', { name: 'Filters' });
    await panel.getByLabel('Anomalous').selectOption('true');
    await panel.getByLabel('Label').selectOption('would_watch');
    await panel.getByLabel('Year at least').fill('1980');
    const { rows: found } = await product.db.query<{ count: number }>(
      `SELECT count(*)::integer FROM atp.movies WHERE media_type = 'movie' AND anomalous AND label = 'would_watch' AND release_year >= 1980`,
    );
    await page.getByText(`of ${found[0]?.count}, movies, anomalous, labelled would watch, from 1980`).waitFor();
    await page.getByRole('searchbox').fill('no such title anywhere');
    await page.getByRole('heading', { name: 'No title matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).last().click();
    await page.getByText(/^1–20 of 1,973, titles of every type$/).waitFor();
    await close();
  });

  it('is linked to by title: a reload finds the selected one, with its details', async () => {
    const { page, close } = await open('?rows=120');
    await rows(page).first().waitFor();
    for (let count = 0; count < 30; count += 1) await page.keyboard.press('j');
    await page.keyboard.press('d');
    const selected = page.locator('article[aria-current]');
    const opened = selected.getByRole('button', { expanded: true });
    await opened.waitFor();
    const id = parameter(page, 'title') as string;
    expect(parameter(page, 'open')).toBe(id);
    // Another threshold is another address of the same list.
    await page.getByRole('button', { name: /^Model/ }).click();
    await eventually(() => ['threshold', 'title', 'open'].map((name) => parameter(page, name))).toEqual([
      '0.5',
      id,
      id,
    ]);
    await page.reload();
    await row(page, id).and(selected).waitFor();
    await opened.waitFor();
    await eventually(() => inSight(row(page, id))).toBe(true);

    // What changes while one is elsewhere is known on the way back, also where less of the list was loaded last.
    const navigation = page.getByRole('navigation', { name: 'Pages', exact: true });
    await navigation.getByRole('link', { name: 'Predictions' }).click();
    await page.getByText('1–20 of 1,973, movies').waitFor();
    const first = await idOf(page, 0);
    await navigation.getByRole('link', { name: 'Home' }).click();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await product.db.query('DELETE FROM atp.prediction WHERE imdb_id = $1', [first]);
    await page.evaluate(() => history.go(-2));
    await page.getByText(/^1–120 of/).waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    const top = page.locator('li[aria-posinset="1"] article');
    expect(await top.getAttribute('data-imdb-id')).not.toBe(first);
    await close();
  });
});

describe('charts', () => {
  it('say in words and numbers what they draw', async () => {
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
});

describe('states', () => {
  it('of an empty database say what the page is waiting for', async () => {
    const empty = await startProduct({ demo: false });
    const { page, errors, close } = await openPage(browser, `${empty.url}/predictions`);
    await page.getByRole('heading', { name: 'No predictions yet' }).waitFor();
    expect(errors).toEqual([]);
    await close();
    await empty.close();
  });

  it('of titles without any label show a dash for what is not known, and still list them', async () => {
    await product.db.query('UPDATE atp.training SET label = NULL, human_labeled = false, reviewed = false');
    const { page, errors, close } = await open();
    await rows(page).first().getByText('unlabelled, no cell').waitFor();
    await expect.poll(() => page.locator('[data-measure]').allTextContents()).toEqual(new Array(7).fill('—'));
    await page.getByText('1,973 without a label have no cell.').waitFor();
    for (const [tab, text] of [
      ['curves', 'No labelled titles to draw.'],
      ['calibration', 'No labelled titles to draw.'],
      ['slices', 'No slice has that many labelled titles.'],
    ] as const) {
      await page.goto(`${product.url}/predictions?tab=${tab}`);
      await page.getByText(text).waitFor();
    }
    expect(errors).toEqual([]);
    await close();
  });

  it('keep the list when the evaluation fails, and the other way round, each with its reason and a way to try again', async () => {
    const { page, close } = await open();
    const fail = (url: RegExp, message: string) =>
      page.route(url, (route) =>
        route.fulfill({
          status: 500,
          contentType: 'application/problem+json',
          body: JSON.stringify({ status: 500, error: 'Database error', message, instance: 'request-7' }),
        }),
      );
    await fail(/\/prediction\/evaluation/, 'No evaluation today.');
    await page.reload();
    await page.getByText(/No evaluation today\. \(request request-7\)/).waitFor();
    await rows(page).first().waitFor();
    await page.unroute(/\/prediction\/evaluation/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await eventually(() => page.locator('td[data-cell] b').count()).toBe(4);

    await fail(/\/movies\//, 'No list today.');
    await page.reload();
    await page.getByText(/No list today\. \(request request-7\)/).waitFor();
    expect(await shownMatrix(page)).toEqual((await evaluation('')).matrix);
    await page.unroute(/\/movies\//);
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows(page).first().waitFor();
    await close();
  });

  it('of an API that is away keep what was there, send the labels later, and count them all the while', async () => {
    const { page, close } = await open('?cell=fp&threshold=0.5');
    await rows(page).first().waitFor();
    const id = await idOf(page, 0);
    const before = await shownMatrix(page);
    await product.stopApi();
    await row(page, id)
      .getByRole('button', { name: /^Label would watch/ })
      .click();
    const after = { ...before, fp: before.fp - 1, tp: before.tp + 1 };
    await eventually(() => shownMatrix(page)).toEqual(after);
    await page.getByText('1 unsent').waitFor();
    await page.getByRole('alert').getByText('The API cannot be reached').waitFor();
    expect(await rows(page).count()).toBeGreaterThan(5);
    // What has not been loaded yet is served from where the API is: it is waited for, and the page stands.
    await page.getByRole('button', { name: /^Filters/ }).click();
    await page.getByText('Loading the filters…').waitFor();
    await row(page, id).waitFor();
    await product.startApi();
    await allSent(page);
    expect((await flags(id)).label).toBe('would_watch');
    await eventually(() => shownMatrix(page)).toEqual(after);
    await page.getByRole('region', { name: 'Filters' }).getByLabel('Year at least').waitFor();
    await close();
  });

  it('of a slow API keep the page before until the next is there, and the controls follow at once', async () => {
    const { page, close } = await open('?threshold=0.5');
    await rows(page).first().waitFor();
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(/\/movies\//, async (route) => {
      await held;
      await route.continue();
    });
    await cellButton(page, 'fp').click();
    await page.locator('td[data-cell="fp"] button[aria-pressed="true"]').waitFor();
    await page.getByText('1–20 of 1,973, movies', { exact: true }).waitFor();
    answer();
    await page.getByText('1–20 of 159, movies, false positives').waitFor();
    await close();
  });
});

describe('for everybody', () => {
  const hostile = `<img src=x onerror=alert(1)>\u202e"'{x}&amp;</script>😀${'w'.repeat(180)}`;

  it('text of any kind stays text and breaks no row', async () => {
    await product.db.query(
      `UPDATE atp.training SET media_title = $1::text, genre = ARRAY['<b>x</b>'], origin_country = '{ZZ}' WHERE imdb_id IN
         (SELECT imdb_id FROM atp.prediction ORDER BY probability DESC LIMIT 3)`,
      [hostile],
    );
    const { page, errors, close } = await open();
    let asked = false;
    page.on('dialog', (dialog) => {
      asked = true;
      void dialog.dismiss();
    });
    for (const viewport of [desktop, phone]) {
      await page.setViewportSize(viewport);
      await page.reload();
      await rows(page).first().getByText(hostile).waitFor();
      await rows(page)
        .first()
        .getByRole('button', { name: /^Anomalous/ })
        .click();
      await page.getByRole('button', { name: 'Undo' }).first().click();
      expect(await overflow(page)).toBe(0);
      // With unsent writes the browser asks before it reloads.
      await allSent(page);
    }
    expect(asked).toBe(false);
    expect(errors).toEqual([]);
    await close();
  });

  it.each(['?genre=Horror&cell=fp', '?tab=curves', '?tab=calibration', '?tab=slices', '?cells=recorded&cell=fn'])(
    '%s has no serious accessibility finding and fits, on a desk and on a phone, in both themes',
    async (search) => {
      const { page, errors, close } = await open(search);
      await settled(page);
      if (search.includes('genre')) {
        await page.getByRole('button', { name: /^Filters/ }).click();
        await rows(page).first().locator('h2 button').click();
        await page.locator('[data-column="imdb_id"]').waitFor();
      }
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await obstacles(page)).toEqual([]);
      expect(errors).toEqual([]);
      await close();
    },
  );
});
