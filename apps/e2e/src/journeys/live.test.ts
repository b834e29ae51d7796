import { deepLimit, sized } from '@at/db/test-size';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { desktop, following, messagesReady, openPage, phone, settled } from '#harness/page.ts';
import { startProxy } from '#harness/proxy.ts';

/** Changes of others appear without a reload. */

withProducts();

/** Opens a page and waits until it follows the events. */
async function follow(path: string) {
  const opened = await openPage(browser, product.url + path);
  await following(opened.page);
  await opened.page.locator('[data-imdb-id]').first().waitFor();
  return opened;
}

/** Notes in the page when an element matches the selector, on the clock that all pages share. */
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

it('the list shows a decision of another client in place within half a second, and a change in the database with a pulse', async () => {
  const [first, second] = [await follow('/training?view=list'), await follow('/training?view=list')];
  const ids = await first.page
    .locator('li[data-imdb-id]')
    .evaluateAll((rows) => rows.map((one) => one.getAttribute('data-imdb-id') as string));
  const taken: number[] = [];
  for (const id of ids.slice(0, sized(1, 5))) {
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
  expect(taken.toSorted((a, b) => a - b)[taken.length >> 1]).toBeLessThan(deepLimit(500));
  expect(
    await second.page
      .locator('li[data-imdb-id]')
      .evaluateAll((rows) => rows.map((one) => one.getAttribute('data-imdb-id') as string)),
  ).toEqual(ids);
  console.log(`from a press in one page to another: ${taken.join(', ')} ms`);
  const changed = (await second.page.locator('li[data-imdb-id]').nth(7).getAttribute('data-imdb-id')) as string;
  await noteWhen(second.page, `${row(changed)}[data-pulsing]`);
  await product.db.query(`UPDATE atp.training SET media_title = 'Renamed by hand' WHERE imdb_id = $1`, [changed]);
  await second.page.locator(row(changed)).getByText('Renamed by hand').waitFor();
  await seenAt(second.page);
  await second.page.locator(`${row(changed)}:not([data-pulsing])`).waitFor();
  // The current label is filled, also when another client set it.
  expect(await second.page.locator(`${row(changed)} button[data-chosen]`).count()).toBe(0);
  await product.db.query("UPDATE atp.training SET label = 'would_watch', anomalous = true WHERE imdb_id = $1", [
    changed,
  ]);
  await second.page
    .locator(`${row(changed)} button[data-chosen]`)
    .and(second.page.getByRole('button', { name: /^would watch/ }))
    .waitFor();
  await second.page
    .locator(row(changed))
    .getByRole('button', { name: /^Anomalous/, pressed: true })
    .waitFor();
  for (const { errors, close } of [first, second]) {
    expect(errors).toEqual([]);
    await close();
  }
});

it('new titles wait behind a button, which leads to them from any page; a deleted title stays in its place, marked', async () => {
  const { page, close } = await follow('/training?view=list');
  const first = await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id');
  await product.db.query(`INSERT INTO atp.training (imdb_id, media_type, media_title, release_year)
    VALUES ('tt0000001', 'movie', 'New arrival', 2024), ('tt0000002', 'tv_show', 'Not in this filter', 2024)`);
  const pill = page.getByRole('button', { name: '+1 new' });
  await pill.waitFor();
  expect(await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id')).toBe(first);
  await pill.click();
  await page.locator(row('tt0000001')).getByText('New arrival').waitFor();
  expect(await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id')).toBe('tt0000001');
  await pill.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('Page 2 of').waitFor();
  await product.db.query(`INSERT INTO atp.training (imdb_id, media_type, media_title, release_year)
    VALUES ('tt0000003', 'movie', 'Later arrival', 2024)`);
  await pill.click();
  await page.locator(row('tt0000003')).getByText('Later arrival').waitFor();
  expect(new URL(page.url()).search).toBe('?view=list');
  await product.db.query("DELETE FROM atp.training WHERE imdb_id = 'tt0000003'");
  await page.locator(`${row('tt0000003')}[data-gone]`).waitFor();
  await close();
});

const decide = async (id: string, label: string, actor: string) => {
  const url = `${product.url}/rear-diff/training/${id}/${label}`;
  expect((await fetch(url, { method: 'PATCH', headers: { 'x-actor': actor } })).status).toBe(200);
};
const onScreen = async (page: Page) => (await page.locator('article').getAttribute('data-imdb-id')) as string;

it('the card names the user who has just labelled its title, and takes the next answer as a new one', async () => {
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

it('the review never shows a title that another client has decided, and counts it as done', async () => {
  const { page, close } = await follow('/training');
  const { rows } = await product.db.query(`SELECT imdb_id FROM atp.training
    WHERE media_type = 'movie' AND NOT coalesce(reviewed, false) ORDER BY updated_at DESC, imdb_id LIMIT 5`);
  const queue = rows.map(({ imdb_id }) => imdb_id as string);
  const first = await onScreen(page);
  const others = queue.filter((id) => id !== first).slice(0, 3);
  // The numbers come from a count; the queue loads the titles that the events name.
  const loaded = new Set<string>();
  page.on('requestfinished', (request) => {
    const ids = new URL(request.url()).searchParams.get('imdb_id')?.split(',') ?? [];
    for (const id of ids) loaded.add(id);
  });
  for (const id of others) await decide(id, 'would_watch', 'anna');
  await page.getByRole('button', { name: 'Backlog (147)' }).waitFor();
  await page.getByText('147 left').waitFor();
  await expect.poll(() => others.every((id) => loaded.has(id))).toBe(true);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  // The title on screen stays there, but is counted no more, also when it is skipped.
  await decide(first ?? '', 'would_watch', 'anna');
  await page.getByRole('alert').getByText('just labelled this').waitFor();
  await page.getByRole('button', { name: 'Backlog (146)' }).waitFor();
  await page.getByText('146 left').waitFor();
  for (let count = 0; count < 4; count += 1) {
    const before = await onScreen(page);
    expect(others).not.toContain(before);
    await page.keyboard.press('s');
    await page.locator(`article:not([data-imdb-id="${before}"])`).waitFor();
  }
  await page.getByText('143 left').waitFor();
  await page.getByRole('button', { name: 'Backlog (146)' }).waitFor();
  await close();
});

it('a stream that is interrupted for ten seconds is reported, and missed changes appear when it is back', async () => {
  const { page, close } = await openPage(browser, 'about:blank');
  await page.clock.install();
  let isDown = true;
  // The page opens the stream itself, where it can be interrupted.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
  await page.route(/\/rear-diff\/events/, (route) => (isDown ? route.abort() : route.continue()));
  const refused = page.waitForEvent('requestfailed', (request) => /\/rear-diff\/events/.test(request.url()));
  await page.goto(`${product.url}/training?view=list`);
  const id = (await page.locator('li[data-imdb-id]').nth(2).getAttribute('data-imdb-id')) as string;
  await refused;
  await product.db.query(`UPDATE atp.training SET media_title = 'Missed' WHERE imdb_id = $1`, [id]);
  await page.clock.runFor(11_000);
  const banner = page.getByRole('alert').filter({ hasText: 'Live updates are interrupted' });
  await banner.getByText(/since \d+ \w+ \d{4}, [\d:]+ Europe\/Berlin are missing/).waitFor();
  await page.getByRole('navigation').getByText('No live updates').waitFor();
  const stale = page.getByText(/^Not updated since [\d:]+$/);
  await stale.waitFor();
  const retried = page.waitForRequest(/\/rear-diff\/events/);
  await banner.getByRole('button', { name: 'Retry now' }).click();
  await retried;
  isDown = false;
  await page.clock.runFor(31_000);
  await banner.waitFor({ state: 'detached' });
  await stale.waitFor({ state: 'hidden' });
  await page.clock.runFor(1_000);
  await page.locator(row(id)).getByText('Missed').waitFor();
  await close();
});

it('without triggers, changes appear every two seconds, and the connection says so', async () => {
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

declare global {
  interface Window {
    /** How far things on the page moved by themselves. */
    shifted: { value: number; what: string }[];
  }
}

it('windows share one connection; all say within ten seconds that the API hangs, where nothing moves, and follow again', async () => {
  const proxy = await startProxy(product.url);
  const context = await browser.newContext({ viewport: desktop });
  await context.addInitScript(() => {
    window.shifted = [];
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] };
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries() as Shift[]) {
        const what = sources.map(({ node }) => (node instanceof Element ? node.outerHTML : node?.textContent));
        if (!hadRecentInput) window.shifted.push({ value, what: what.join(' ').slice(0, 500) });
      }
    }).observe({ type: 'layout-shift' });
  });
  const open = async (path: string, viewport = desktop) => {
    const page = await context.newPage();
    await page.setViewportSize(viewport);
    await page.goto(proxy.url + path);
    await following(page);
    await settled(page);
    // What comes late could move the rest, also without an outage; these come last.
    await messagesReady(page);
    return page;
  };
  const pages: Page[] = [];
  // A browser opens six connections to an address: in deep tests there are seven windows.
  for (const path of sized(['/training'], ['/', '/training', '/media', '/predictions'])) pages.push(await open(path));
  for (const path of sized(['/'], ['/', '/training'])) pages.push(await open(path, phone));
  const list = await open('/training?view=list');
  pages.push(list);
  await expect.poll(proxy.streams).toBe(1);

  for (const page of pages) await page.evaluate(() => void window.shifted.splice(0));
  proxy.hang();
  const began = performance.now();
  const banner = (page: Page) => page.getByRole('alert').filter({ hasText: 'The API cannot be reached' });
  await Promise.all(pages.map((page) => banner(page).waitFor()));
  expect(performance.now() - began).toBeLessThan(deepLimit(10_000));
  for (const page of pages) expect(await page.locator('[data-live]').first().getAttribute('data-state')).toBe('down');
  const shifted = await Promise.all(pages.map((page) => page.evaluate(() => window.shifted)));
  expect(shifted.flat()).toEqual([]);

  proxy.recover();
  await Promise.all(pages.map((page) => banner(page).waitFor({ state: 'detached' })));
  await Promise.all(pages.map(following));
  await expect.poll(proxy.streams).toBe(1);
  // A write of the last window, as others see it.
  await list
    .locator('li[data-imdb-id]')
    .nth(7)
    .getByRole('button', { name: /^would watch/ })
    .click();
  for (const page of pages.slice(0, 2))
    await page
      .locator('main')
      .getByText(/\b149\b/)
      .first()
      .waitFor();
  await context.close();
  await proxy.close();
});

it('without shared workers one of the windows has the connection, and another one when that closes', async () => {
  const proxy = await startProxy(product.url);
  const context = await browser.newContext({ viewport: desktop });
  await context.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
  const open = async () => {
    const page = await context.newPage();
    await page.goto(`${proxy.url}/training?view=list`);
    await following(page);
    return page;
  };
  const [first, second, third] = [await open(), await open(), await open()];
  await expect.poll(proxy.streams).toBe(1);
  await first.close();
  const id = (await third.locator('li[data-imdb-id]').nth(2).getAttribute('data-imdb-id')) as string;
  await product.db.query(`UPDATE atp.training SET media_title = 'Another window' WHERE imdb_id = $1`, [id]);
  for (const page of [second, third]) await page.locator(row(id)).getByText('Another window').waitFor();
  await expect.poll(proxy.streams).toBe(1);
  await context.close();
  await proxy.close();
});
