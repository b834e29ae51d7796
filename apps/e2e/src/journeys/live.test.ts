import { deepLimit } from '@at/db/test-size';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { openPage } from '#harness/page.ts';

/** What others change is there without being asked for. */

withProducts();

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
    expect(taken.toSorted((a, b) => a - b)[2]).toBeLessThan(deepLimit(500));
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
    // What stands is filled, whoever decided it.
    expect(await page.locator(`${row(id)} button[data-chosen]`).count()).toBe(0);
    await product.db.query("UPDATE atp.training SET label = 'would_watch', anomalous = true WHERE imdb_id = $1", [id]);
    for (const name of [/^would watch/, /^Anomalous/]) {
      await page
        .locator(`${row(id)} button[data-chosen]`)
        .and(page.getByRole('button', { name }))
        .waitFor();
    }
    await close();
  });

  it('gathers new titles behind a pill, moves nothing before it is pressed, and then leads to them from any page', async () => {
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

    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Page 2 of').waitFor();
    await product.db.query(`INSERT INTO atp.training (imdb_id, media_type, media_title, release_year)
      VALUES ('tt0000003', 'movie', 'Come later', 2024)`);
    await pill.click();
    await page.locator(row('tt0000003')).getByText('Come later').waitFor();
    expect(new URL(page.url()).search).toBe('?view=list');
    // One that is deleted stays where it was, marked.
    await product.db.query("DELETE FROM atp.training WHERE imdb_id = 'tt0000003'");
    await page.locator(`${row('tt0000003')}[data-gone]`).waitFor();
    await close();
  });
});

describe('the review', () => {
  const decide = async (id: string, label: string, actor: string) => {
    const url = `${product.url}/rear-diff/training/${id}/${label}`;
    expect((await fetch(url, { method: 'PATCH', headers: { 'x-actor': actor } })).status).toBe(200);
  };
  const onScreen = async (page: Page) => (await page.locator('article').getAttribute('data-imdb-id')) as string;

  it('says on the card who decided its title meanwhile, and takes the next answer as a new one', async () => {
    const { page, errors, close } = await follow('/training');
    const id = await onScreen(page);
    await decide(id, 'would_not_watch', 'anna');
    await page
      .getByRole('alert')
      .getByText(/anna.* just labelled this "would not watch"/)
      .waitFor();
    await page.locator('button[data-chosen]', { hasText: 'Would not watch' }).waitFor();
    expect(await onScreen(page)).toBe(id);
    // A key that comes with the change was meant for what was there before, so it is pressed until it counts.
    await expect
      .poll(async () => {
        await page.keyboard.press('w');
        return onScreen(page);
      })
      .not.toBe(id);
    const label = async () =>
      (await product.db.query('SELECT label FROM atp.training WHERE imdb_id = $1', [id])).rows[0].label;
    await expect.poll(label).toBe('would_watch');
    expect(errors).toEqual([]);
    await close();
  });

  it('never shows a title that somebody else has answered meanwhile, and counts it', async () => {
    const { page, close } = await follow('/training');
    const { rows } = await product.db.query(`SELECT imdb_id FROM atp.training
      WHERE media_type = 'movie' AND NOT coalesce(reviewed, false) ORDER BY updated_at DESC, imdb_id DESC LIMIT 5`);
    const queue = rows.map(({ imdb_id }) => imdb_id as string);
    const first = await onScreen(page);
    const others = queue.filter((id) => id !== first).slice(0, 3);
    for (const id of others) await decide(id, 'would_watch', 'anna');
    await page.getByRole('button', { name: 'Backlog (147)' }).waitFor();
    await page.getByText('147 left').waitFor();
    for (let count = 0; count < 4; count += 1) {
      const before = await onScreen(page);
      expect(others).not.toContain(before);
      await page.keyboard.press('s');
      await page.locator(`article:not([data-imdb-id="${before}"])`).waitFor();
    }
    await close();
  });
});

describe('the stream', () => {
  it('that is away for ten seconds is told of, and what was missed is there when it is back', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.clock.install();
    let isAway = true;
    await page.route(/\/rear-diff\/events/, (route) => (isAway ? route.abort() : route.continue()));
    await page.goto(`${product.url}/training?view=list`);
    const id = (await page.locator('li[data-imdb-id]').nth(2).getAttribute('data-imdb-id')) as string;
    await product.db.query(`UPDATE atp.training SET media_title = 'Missed' WHERE imdb_id = $1`, [id]);
    await page.clock.runFor(11_000);
    const banner = page.getByRole('alert').filter({ hasText: 'Live updates are interrupted' });
    await banner.getByText(/since \d+ \w+ \d{4}, [\d:]+ Europe\/Berlin are missing/).waitFor();
    await page.getByRole('navigation').getByText('No live updates').waitFor();
    const stale = page.getByText(/^Data from [\d:]+, not updated since$/);
    await stale.waitFor();
    isAway = false;
    await banner.getByRole('button', { name: 'Try now' }).click();
    await banner.waitFor({ state: 'detached' });
    await stale.waitFor({ state: 'detached' });
    await page.clock.runFor(1_000);
    await page.locator(row(id)).getByText('Missed').waitFor();
    await close();
  });

  it('says so where changes are noticed every two seconds only', async () => {
    await product.db.query('DROP TRIGGER console_training_update ON atp.training');
    await product.stopApi();
    await product.startApi();
    const { page, close } = await follow('/training?view=list');
    await page.getByRole('navigation').getByText('Connected, updates every 2 s').waitFor();
    const id = (await page.locator('li[data-imdb-id]').nth(2).getAttribute('data-imdb-id')) as string;
    await product.db.query(`UPDATE atp.training SET media_title = 'Polled' WHERE imdb_id = $1`, [id]);
    await page.locator(row(id)).getByText('Polled').waitFor();
    await close();
  });
});
