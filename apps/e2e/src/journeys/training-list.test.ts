import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { following, inSight, openPage } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';
import { allSent, titles } from '#harness/training-page.ts';

/** The list of titles by keyboard, with many messages, and as a file. */

let product: Product;
withBrowser();
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

it('rows are labelled, undone, selected and paged by keyboard, also after a search, and a reload finds the row', async () => {
  const { page, errors, close } = await openPage(browser, `${product.url}/training`);
  // A click on the view or Enter in the search leaves the keys to the page.
  await page.getByText('List', { exact: true }).click();
  await page.getByText('1–20 of 150').waitFor();
  const id = (await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id')) as string;
  const row = page.locator(`li[data-imdb-id="${id}"]`);
  await page.keyboard.press('j');
  await row.and(page.locator('[aria-current]')).waitFor();
  await page.keyboard.press('w');
  await row.locator('button[data-chosen]', { hasText: 'Would' }).waitFor();
  await allSent(page);
  expect((await titles(product, [id])).get(id)?.label).toBe('would_watch');
  await page.keyboard.press('u');
  await row.locator('button[data-chosen]').waitFor({ state: 'detached' });
  await allSent(page);
  expect((await titles(product, [id])).get(id)).toMatchObject({ label: null, human_labeled: false, reviewed: false });
  await page.keyboard.press('/');
  await page.keyboard.type('the');
  await page.getByText(/matching "the"/).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('j');
  await page.locator('li[aria-current]').waitFor();
  expect(await page.getByRole('searchbox').inputValue()).toBe('the');

  await page.goto(`${product.url}/training?view=list`);
  await page.locator('li[data-imdb-id]').first().waitFor();
  const requested: string[] = [];
  // The start of the live updates reads the titles on screen again, by their ids.
  const isPage = /\/training\?(?!.*imdb_id=)/;
  page.on('request', (request) => isPage.test(request.url()) && requested.push(request.url()));
  for (let count = 0; count < 12; count += 1) await page.keyboard.press('j');
  await page.keyboard.press('d');
  const selected = page.locator('li[aria-current]');
  await selected.getByRole('button', { expanded: true }).waitFor();
  const last = await selected.getAttribute('data-imdb-id');
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ view: 'list', title: last, open: last });
  expect(requested).toEqual([]);
  await page.reload();
  await page.locator(`li[data-imdb-id="${last}"][aria-current]`).getByRole('button', { expanded: true }).waitFor();
  await expect.poll(() => inSight(selected)).toBe(true);

  // The next page begins at its top, and selects nothing.
  await page.keyboard.press(']');
  await page.getByText('21–40 of 150').waitFor();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  await page.keyboard.press('j');
  await page.goBack();
  await page.locator(`li[data-imdb-id="${last}"][aria-current]`).waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('a press on a row at the lower edge of the window moves nothing, so that its click arrives and its details come into view', async () => {
  const { page, errors, close } = await openPage(browser, `${product.url}/training?view=list`);
  const toggle = page.locator('li[data-imdb-id] h2 [aria-expanded]').nth(3);
  await toggle.waitFor();
  const { x, y, height } = (await toggle.boundingBox()) as { x: number; y: number; height: number };
  // Just above the line of the API.
  await page.setViewportSize({ width: 1280, height: Math.ceil(y + height) + 40 });
  await page.mouse.move(x + 5, y + height / 2);
  await page.mouse.down();
  await page.locator('li[aria-current]').waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.mouse.up();
  await page.getByText('History', { exact: true }).waitFor();
  const details = page.locator('[id^="details-"]');
  const scrolled = () => page.evaluate(() => scrollY);
  const topOf = async (place: Locator) => (await place.boundingBox())?.y ?? Number.NaN;
  const endOf = (place: Locator) => place.evaluate((one) => innerHeight - one.getBoundingClientRect().bottom);
  // There is room for the title and the start of the details.
  await expect.poll(() => topOf(details)).toBeLessThan(160);
  expect(await topOf(toggle)).toBeGreaterThanOrEqual(0);
  // Details that are in sight move nothing, nor does a key that answers while the next row is in sight too.
  await toggle.click();
  await details.waitFor({ state: 'detached' });
  await page.evaluate(() => scrollTo(0, 0));
  await page.setViewportSize({ width: 1280, height: 2200 });
  await page.locator('li[data-imdb-id] h2 [aria-expanded]').first().click();
  await page.getByText('History', { exact: true }).waitFor();
  await page.keyboard.press('w');
  await page.locator('button[data-chosen]').first().waitFor();
  expect(await scrolled()).toBe(0);

  // In a table too.
  await page.setViewportSize({ width: 1280, height: 420 });
  await page.goto(`${product.url}/migrations`);
  const rows = page.locator('tr [aria-expanded="false"]');
  await rows.first().waitFor();
  const below = await rows.evaluateAll(
    (all) => all.filter((one) => one.getBoundingClientRect().bottom < innerHeight - 40).length,
  );
  await rows.nth(below - 1).click();
  await details.waitFor();
  await expect.poll(() => endOf(details)).toBeGreaterThanOrEqual(40);
  expect(errors).toEqual([]);
  await close();
});

it('filters are in the address: a reload and the way back bring them again', async () => {
  const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
  // One of them may be answered by now.
  await page.getByText(/^1–20 of 1(49|50), unreviewed movies/).waitFor();
  await page.getByRole('button', { name: /^Filters/ }).click();
  await page.getByLabel('Reviewed').selectOption('all');
  await page.getByText(/of 2,003, all movies/).waitFor();
  await page.getByLabel('Order').selectOption('likely');
  await page.getByLabel('Label', { exact: true }).selectOption('would_not_watch');
  await page.getByText(/all movies, would not watch/).waitFor();
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    view: 'list',
    reviewed: 'all',
    order: 'likely',
    label: 'would_not_watch',
  });
  const first = await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id');
  await page.reload();
  await page.locator(`li[data-imdb-id="${first}"]`).waitFor();
  await page.goBack();
  await page.getByText(/^1–20 of 2,003, all movies$/).waitFor();
  await close();
});

it('every Undo stays its twenty seconds, however fast a person answers, the latest in sight', async () => {
  const { page, close } = await openPage(browser, 'about:blank');
  await page.clock.install();
  await page.goto(`${product.url}/training?view=list`);
  const last = await page.locator('li[data-imdb-id]').nth(5).getByRole('heading').locator('bdi').textContent();
  await following(page);
  // Later than any pause of a busy machine between these two.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 20_000));
  await page.keyboard.press('j');
  for (let count = 0; count < 6; count += 1) await page.keyboard.press('n');
  const message = page.getByRole('status').filter({ hasText: `${last}` });
  await message.waitFor();
  const undos = page.getByRole('button', { name: 'Undo', exact: true });
  await page.clock.runFor(19_000);
  expect(await undos.count()).toBe(6);
  // No other message about each title, such as that no files were removed where none ever are.
  await allSent(page);
  expect(await page.getByRole('status').filter({ hasText: 'File deletion' }).count()).toBe(0);
  await expect.poll(() => inSight(message)).toBe(true);
  await undos.first().focus();
  await expect.poll(() => inSight(undos.first())).toBe(true);
  await page.clock.runFor(2_000);
  // What has the focus stays.
  await expect.poll(() => undos.count()).toBe(1);
  // The list still offers the latest.
  await page.getByRole('button', { name: /^Undo last/ }).click();
  await page.getByText(/^Undid would not watch on /).waitFor();
  await close();
});

it.each([360, 900, 1280])('messages cover no button, and block no click beside them, at %i pixels', async (width) => {
  const { page, close } = await openPage(browser, `${product.url}/training?view=list`, {
    viewport: { width, height: 740 },
  });
  /** What can be pressed in sight, which ends where the messages begin, and a message covers, by its middle. */
  const covered = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, input, select, a')]
        .filter((one) => {
          const { left, top, width, height } = one.getBoundingClientRect();
          const messages = '.mantine-Notifications-root[data-position="bottom-right"]';
          const end = document.querySelector(messages)?.getBoundingClientRect().top ?? Number.NaN;
          const isBelow = one.closest('nav, footer, section[aria-label="Selection"], [data-at-end]') !== null;
          if (one.closest(messages) || (!isBelow && top + height / 2 > end)) return false;
          return document.elementFromPoint(left + width / 2, top + height / 2)?.closest(messages);
        })
        .map(({ textContent, ariaLabel }) => ariaLabel ?? textContent),
    );
  /** Points of the strip beside the messages that a click would not get through. */
  const blocked = () =>
    page.evaluate(() => {
      const strip = document.querySelector('.mantine-Notifications-root[data-position="bottom-right"]');
      if (!strip) return ['no messages'];
      const { left, top, right, bottom } = strip.getBoundingClientRect();
      const points: number[][] = [];
      for (let x = left + 1; x < right; x += 5) for (let y = top + 1; y < bottom; y += 5) points.push([x, y]);
      const reached = points.map(([x, y]) => document.elementFromPoint(x as number, y as number));
      const isMessage = (one: Element | null) => one?.closest('.mantine-Notification-root') != null;
      if (!reached.some(isMessage)) return ['no message'];
      return points.filter((_, i) => strip.contains(reached[i] as Element) && !isMessage(reached[i] as Element));
    });
  const messages = page.locator('.mantine-Notification-root');
  const topOf = async (place: Locator) => (await place.boundingBox())?.y ?? Number.NaN;
  const bottomOf = async (place: Locator) => (await topOf(place)) + ((await place.boundingBox())?.height ?? Number.NaN);
  await page.locator('li[data-imdb-id]').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  const bar = page.getByRole('region', { name: 'Selection' });
  await bar.waitFor();
  // Both are read again: the bar moves too, as rows get their height.
  const aboveBar = async () => (await bottomOf(messages.last())) <= (await topOf(bar));
  await page.keyboard.press('w');
  await page.keyboard.press('n');
  await expect.poll(() => messages.count()).toBe(2);
  // Above the bar of the selection, which stays where it is.
  await expect.poll(aboveBar).toBe(true);
  for (const top of [0, 300, 99_999]) {
    await page.evaluate((y) => scrollTo(0, y), top);
    // The messages follow the bar with the next frame.
    await expect.poll(covered).toEqual([]);
    await expect.poll(aboveBar).toBe(true);
    expect(await blocked()).toEqual([]);
  }
  // Nor the menu that opens above the bar.
  await bar.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Not anomalous' }).click({ trial: true });
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  // The end of the page can be scrolled out from below them.
  const strip = page.locator('.mantine-Notifications-root[data-position="bottom-right"]');
  const last = async () => {
    // Rows get their height as they come into sight.
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    return bottomOf(page.locator('li[data-imdb-id]').last());
  };
  await expect.poll(last).toBeLessThanOrEqual(await topOf(strip));
  // The row that a key selects is in sight above them.
  for (let count = 0; count < 8; count += 1) await page.keyboard.press('j');
  await expect.poll(() => bottomOf(page.locator('li[aria-current]'))).toBeLessThanOrEqual(await topOf(strip));
  await allSent(page);

  await page.goto(`${product.url}/training?order=likely`);
  await page.locator('article').waitFor();
  await page.keyboard.press('b');
  await messages.first().waitFor();
  const answers = page.getByRole('button', { name: /^Would/ });
  // The order that tells the prediction gives way to another: its first title loads.
  await expect
    .poll(async () => (await bottomOf(messages.first())) - (await topOf(answers.first())))
    .toBeLessThanOrEqual(0);
  await expect.poll(covered).toEqual([]);
  await close();
});

it('the export downloads every title of the filter, in the order of the list', async () => {
  const { page, close } = await openPage(browser, `${product.url}/training?view=list&genre=Horror&reviewed=all`);
  await page.getByText(/of \d+, all movies, Horror/).waitFor();
  const first = await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id');
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /^JSON/ }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^training-.*\.json$/);
  const exported = JSON.parse(await readFile(await download.path(), 'utf8')) as { imdb_id: string; genre: string[] }[];
  const { rows } = await product.db.query<{ count: number }>(
    "SELECT count(*)::integer AS count FROM atp.training WHERE media_type = 'movie' AND 'Horror' = ANY(genre)",
  );
  expect(exported).toHaveLength(rows[0]?.count ?? -1);
  expect(exported[0]?.imdb_id).toBe(first);
  expect(exported.every(({ genre }) => genre.includes('Horror'))).toBe(true);
  await close();
});
