import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { following, messagesReady, openPage, phone } from '#harness/page.ts';
import { codeOf } from '#harness/product.ts';

/** Home by keyboard, beside another client, through an outage, over time, and on a phone. */

withProducts();

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
/** The line that opens the checks; it is open from the start if something is wrong. */
const health = (page: Page) => page.locator('#health summary');
const firstLink = (page: Page, name: string) => card(page, name).getByRole('link').first();

const reviewOne = () =>
  product.db.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id =
    (SELECT imdb_id FROM atp.training WHERE media_type = 'movie' AND NOT reviewed LIMIT 1)`);

it('is refreshed and its disclosures are opened by keyboard; the changelog is loaded when it is opened, not before', async () => {
  const changelog = readFileSync(new URL('../../../../CHANGELOG.md', import.meta.url), 'utf8');
  const first = /^## (.+)$/m.exec(changelog)?.[1] ?? 'This version has no changelog entry.';
  await product.db.query('DROP INDEX atp.console_media_created_at');
  const requests: string[] = [];
  const { page, errors, close } = await openPage(browser, 'about:blank');
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(product.url);
  const missing = card(page, 'Readiness').locator('li code', { hasText: 'console_media_created_at' });
  await missing.waitFor({ state: 'hidden' });
  await card(page, 'Readiness').getByText('1 missing').press('Enter');
  await missing.waitFor();

  const changelogLoads = () => requests.filter((url) => url.endsWith(codeOf('features/home/changelog.ts')));
  expect(changelogLoads()).toEqual([]);
  await page.locator('summary', { hasText: "What's new" }).press('Enter');
  await page.locator('details').getByText(first, { exact: true }).first().waitFor();
  expect(changelogLoads()).not.toEqual([]);

  await product.db.query("UPDATE atp.training SET reviewed = true WHERE media_type = 'movie'");
  await page.keyboard.press('r');
  await card(page, 'Backlog').getByText('Backlog cleared').waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('moves the numbers when another client changes rows, and loads the page every few seconds in a burst', async () => {
  const { page, errors, close } = await openPage(browser, product.url);
  // The loaded page has what happened before the stream opened; the stream has the rest.
  await following(page);
  const backlog = firstLink(page, 'Backlog');
  const inError = firstLink(page, 'Needs attention');
  const before = Number(await inError.textContent());
  expect(await backlog.textContent()).toBe('150');
  await product.db.query(`UPDATE atp.media SET error_status = true WHERE hash =
    (SELECT hash FROM atp.media WHERE NOT error_status AND deleted_at IS NULL LIMIT 1)`);
  await expect.poll(() => inError.textContent()).toBe(String(before + 1));

  let loads = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/training/stats')) loads += 1;
  });
  const began = Date.now();
  for (let count = 0; count < 30; count += 1) await reviewOne();
  await expect.poll(() => backlog.textContent()).toBe('120');
  expect(loads).toBeLessThanOrEqual(2 + (Date.now() - began) / 3_000);
  expect(errors).toEqual([]);
  await close();
});

it('keeps what it had under a banner without the API, and shows what is new when the API is back', async () => {
  const { page, errors, close } = await openPage(browser, product.url);
  const backlog = firstLink(page, 'Backlog');
  expect(await backlog.textContent()).toBe('150');
  // What loads last: a style sheet that the API serves while it stops is an error in the browser's console.
  await page.getByRole('link', { name: 'All activity' }).waitFor();
  await messagesReady(page);
  await product.stopApi();
  await page.keyboard.press('r');
  const banner = page.getByRole('alert').filter({ hasText: 'The API cannot be reached' });
  await banner.waitFor();
  await health(page).getByText('Unreachable').waitFor();
  const stale = page.getByText(/^Not updated since [\d:]+$/);
  await stale.waitFor();
  await page.locator('main[data-stale]').waitFor();
  await page.getByRole('button', { name: 'Refresh' }).click();
  expect(await backlog.textContent()).toBe('150');

  await reviewOne();
  await product.startApi();
  await banner.waitFor({ state: 'detached' });
  await stale.waitFor({ state: 'hidden' });
  await page.locator('main:not([data-stale])').waitFor();
  await expect.poll(() => backlog.textContent()).toBe('149');
  await health(page).getByText('Ready').waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('is loaded each minute without an event, and its relative times go on counting', async () => {
  const { page, close } = await openPage(browser, 'about:blank');
  await page.clock.install();
  await page.goto(product.url);
  await health(page).click();
  const started = card(page, 'Platform').locator('time').first();
  await started.getByText('now').waitFor();
  let loads = 0;
  page.on('request', (request) => {
    if (/\/rear-diff\/readyz/.test(request.url())) loads += 1;
  });
  // A load that an event has just started replaces the one of that minute.
  await expect
    .poll(async () => {
      await page.clock.fastForward('01:05');
      return loads;
    })
    .toBeGreaterThan(1);
  await started.getByText(/^\d+ min ago$/).waitFor();
  await close();
});

it('fits a phone, and shows hostile text of its activity as text', async () => {
  const markup = '<img src=x onerror=window.hit=1>';
  await product.db.query(`UPDATE atp.media SET media_title = $1 WHERE pipeline_status = 'downloaded'`, [
    `${markup}\u202Edlrow ${'x'.repeat(200)}`,
  ]);
  const { rows } = await product.db.query<{ hash: string }>(
    "SELECT hash FROM atp.media WHERE pipeline_status = 'downloaded' AND deleted_at IS NULL LIMIT 1",
  );
  const reply = await fetch(`${product.url}/rear-diff/media/${rows[0]?.hash}/soft_delete`, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/json',
      'x-actor': encodeURIComponent(`${markup}${'y'.repeat(60)}`),
    },
    body: '{}',
  });
  expect(reply.status).toBe(200);
  const { page, errors, close } = await openPage(browser, product.url, { viewport: phone });
  await card(page, 'Recent activity').getByText(markup).first().waitFor();
  await health(page).getByText('Ready').waitFor();
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  expect(errors).toEqual([]);
  await close();
});
