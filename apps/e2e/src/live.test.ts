import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { openPage, type Product, startProduct } from './harness.ts';

/** What others change is there without being asked for. */

let browser: Browser;
let product: Product;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  product = await startProduct();
  return () => product.close();
});

/** A visitor whose page follows the events. */
async function follow(path: string) {
  const opened = await openPage(browser, 'about:blank');
  const following = opened.page.waitForResponse(/\/rear-diff\/events/);
  await opened.page.goto(product.url + path);
  await following;
  await opened.page.locator('[data-imdb-id]').first().waitFor();
  return opened;
}

/** Notes in the page when the element that the selector names has come, on the clock that all pages share. */
const noteWhen = (page: Page, selector: string) =>
  page.evaluate((wanted) => {
    const state = window as unknown as { seenAt?: number };
    delete state.seenAt;
    const look = () => {
      if (document.querySelector(wanted) === null) return;
      state.seenAt = Date.now();
      observer.disconnect();
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
    look();
  }, selector);
const seenAt = (page: Page) =>
  page.waitForFunction(() => (window as unknown as { seenAt?: number }).seenAt).then((handle) => handle.jsonValue());

const row = (id: string) => `li[data-imdb-id="${id}"]`;

describe('the list of titles', () => {
  it('shows what somebody else decides, in place, within half a second', async () => {
    const [first, second] = [await follow('/training?view=list'), await follow('/training?view=list')];
    const ids = await first.page
      .locator('li[data-imdb-id]')
      .evaluateAll((rows) => rows.map((one) => one.getAttribute('data-imdb-id') as string));
    const taken: number[] = [];
    for (const id of ids.slice(0, 5)) {
      await noteWhen(second.page, `${row(id)} [data-chosen]`);
      const button = first.page.locator(row(id)).getByRole('button', { name: /^would watch/ });
      const pressedAt = await button.evaluate((element) => {
        const now = Date.now();
        (element as HTMLElement).click();
        return now;
      });
      taken.push(((await seenAt(second.page)) as number) - pressedAt);
    }
    // The machine may be busy with something else for a moment, so the median counts.
    expect(taken.toSorted((a, b) => a - b)[2]).toBeLessThan(500);
    expect(
      await second.page
        .locator('li[data-imdb-id]')
        .evaluateAll((rows) => rows.map((one) => one.getAttribute('data-imdb-id') as string)),
    ).toEqual(ids);
    console.log(`from a press in one page to another: ${taken.join(', ')} ms`);
    for (const { errors, close } of [first, second]) {
      expect(errors).toEqual([]);
      await close();
    }
  });

  it('shows what is changed by hand in the database, and lets the row pulse', async () => {
    const { page, close } = await follow('/training?view=list');
    const id = (await page.locator('li[data-imdb-id]').nth(3).getAttribute('data-imdb-id')) as string;
    await noteWhen(page, `${row(id)}[data-pulsing]`);
    await product.db.query(`UPDATE atp.training SET media_title = 'Renamed by hand' WHERE imdb_id = $1`, [id]);
    await page.locator(row(id)).getByText('Renamed by hand').waitFor();
    await seenAt(page);
    await page.locator(`${row(id)}:not([data-pulsing])`).waitFor();
    await close();
  });

  it('gathers new titles behind a pill and moves nothing before it is pressed', async () => {
    const { page, close } = await follow('/training?view=list');
    const first = await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id');
    await product.db.query(`INSERT INTO atp.training (imdb_id, media_type, media_title, release_year)
      VALUES ('tt0000001', 'movie', 'Come meanwhile', 2024), ('tt0000002', 'tv_show', 'Not in this filter', 2024)`);
    const pill = page.getByRole('button', { name: '+1 new' });
    await pill.waitFor();
    expect(await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id')).toBe(first);
    await pill.click();
    await page.locator(row('tt0000001')).getByText('Come meanwhile').waitFor();
    expect(await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id')).toBe('tt0000001');
    await pill.waitFor({ state: 'detached' });
    await close();
  });
});
