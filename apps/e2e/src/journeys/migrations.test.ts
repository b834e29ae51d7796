import type { Page } from 'playwright-core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { messagesReady, openPage, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** The page of migrations by keyboard, through an outage, and on a phone. */

let product: Product;
withBrowser();
beforeAll(async () => {
  product = await startProduct({ demo: false });
  return () => product.close();
});

const failed = { script: 'V7__label_event_partitions.sql', milliseconds: 61_234 };

/** Adds a migration that began and did not end, until the test ends. */
async function failMigration(): Promise<void> {
  await product.db.query(
    `INSERT INTO console.flyway_schema_history
       (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
     VALUES (99, '7', 'label event partitions', 'SQL', '${failed.script}', 12345, 'postgres', ${failed.milliseconds}, false)`,
  );
  onTestFinished(
    async () => void (await product.db.query('DELETE FROM console.flyway_schema_history WHERE installed_rank = 99')),
  );
}

const open = (path: string, options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, `${product.url}/migrations${path}`, options);

const rows = (page: Page) => page.locator('tbody tr').filter({ has: page.locator('button[aria-expanded]') });
const scripts = (page: Page) => rows(page).locator('td:nth-child(4)').allTextContents();
/** Waits until the table shows these files in this order. */
const shows = (page: Page, expected: string[]) => expect.poll(() => scripts(page)).toEqual(expected);

async function recorded(schema: 'public' | 'console', order: string): Promise<string[]> {
  const { rows } = await product.db.query<{ script: string }>(
    `SELECT script FROM ${schema}.flyway_schema_history ORDER BY ${order}`,
  );
  return rows.map(({ script }) => script);
}

it('is sorted, opened and refreshed by keyboard alone', async () => {
  const { page, close } = await open('');
  const highestFirst = await recorded('public', 'version::integer DESC');
  await shows(page, highestFirst);
  await page.getByRole('link', { name: 'Version', exact: true }).focus();
  await page.keyboard.press('Enter');
  await shows(page, highestFirst.toReversed());
  expect(await page.getByRole('columnheader', { name: 'Version' }).getAttribute('aria-sort')).toBe('ascending');

  const details = page.getByRole('button', { name: `Details of ${highestFirst.at(-1)}` });
  await details.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => details.getAttribute('aria-expanded')).toBe('true');
  const { rows: stored } = await product.db.query<{ checksum: number }>(
    "SELECT checksum FROM public.flyway_schema_history WHERE version = '1'",
  );
  const described = page.locator(`[id="${await details.getAttribute('aria-controls')}"]`);
  await expect.poll(() => described.locator('code', { hasText: String(stored[0]?.checksum) }).count()).toBe(2);
  await described.getByText('It ran and matches its file.').waitFor();
  await page.reload();
  await described.waitFor();
  await page.getByRole('button', { name: `Details of ${highestFirst.at(-1)}` }).press('Enter');
  await described.waitFor({ state: 'detached' });

  const answered = page.waitForResponse(/\/flyway\?schema=console/);
  await page.keyboard.press('h');
  await answered;
  await page.getByText(/migrations of this product/).waitFor();
  const refreshed = page.waitForResponse(/\/flyway\?schema=console/);
  await page.keyboard.press('r');
  await refreshed;
  await close();
});

it('the page keeps what it had under a banner, also when it is refreshed, and recovers by itself', async () => {
  const { page, errors, close } = await open('?schema=console');
  const expected = await recorded('console', 'version::integer DESC NULLS LAST');
  await shows(page, expected);
  await messagesReady(page);
  await product.stopApi();
  await page.getByRole('button', { name: 'Refresh' }).click();
  const banner = page.getByRole('alert').filter({ hasText: 'The API cannot be reached' });
  await banner.waitFor();
  await page.keyboard.press('r');
  await page.getByRole('button', { name: 'Retry now' }).click();
  expect(await scripts(page)).toEqual(expected);

  await failMigration();
  await product.startApi();
  await banner.waitFor({ state: 'detached' });
  await page.getByRole('region', { name: 'Needs attention' }).waitFor();
  await shows(page, [failed.script, ...expected]);
  expect(errors).toEqual([]);
  await close();
});

it('fits a phone without scrolling sideways, with every fact of a row and a way to sort', async () => {
  await failMigration();
  const { page, errors, close } = await open('?schema=console&open=99', { viewport: phone });
  await rows(page).first().waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  for (const text of ['label event partitions', failed.script, 'postgres', '61.2 s', 'failed']) {
    expect(await rows(page).first().textContent()).toContain(text);
  }
  await page.getByRole('link', { name: 'Installed' }).click();
  await page.waitForURL(/sort=installed_on/);
  expect(errors).toEqual([]);
  await close();
});
