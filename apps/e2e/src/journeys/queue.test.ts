import { deepLimit } from '@at/db/test-size';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { following, openPage, phone } from '#harness/page.ts';

/** The queue by keyboard, and as workers change it. */

withProducts();

it('by keyboard a file opens with its runs above it, Escape closes one at a time, and a change of a worker shows at once', async ({
  annotate,
}) => {
  const older = await product.insertQueueItem({ movie_code: 'ABC-1', created_at: '2025-05-01T00:00:00Z' });
  const failed = await product.insertQueueItem({
    movie_code: 'ABC-2',
    status: 'error',
    // One whose remedy is a code takes the focus into its field.
    error_message: 'The provider did not answer in 30 s.',
    created_at: '2025-05-02T00:00:00Z',
  });
  const { page, errors, close } = await openPage(browser, `${product.url}/`);
  await following(page);
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  const link = (name: string) => page.getByRole('rowheader').getByRole('link', { name });
  await link('ABC-2').waitFor();
  const focused = (text: string) =>
    page.waitForFunction((wanted) => document.activeElement?.textContent === wanted, text);
  await page.keyboard.press('j');
  await focused('ABC-2');
  await page.keyboard.press('Enter');
  const details = (name: string) => page.getByRole('dialog', { name, exact: true });
  await details('ABC-2').getByText('Failed: Metadata').waitFor();
  expect(new URL(page.url()).searchParams.get('item')).toBe(`${failed.id}`);
  await page.keyboard.press('j');
  await details('ABC-1').waitFor();
  await page.keyboard.press('k');
  await details('ABC-2').getByRole('link', { name: 'Metadata, Move, Publish' }).press('Enter');
  const run = page.getByRole('dialog', { name: 'Process a file' });
  await run.waitFor();
  await page.keyboard.press('Escape');
  await run.waitFor({ state: 'detached' });
  await details('ABC-2').waitFor();
  await page.keyboard.press('Escape');
  await details('ABC-2').waitFor({ state: 'detached' });
  await focused('ABC-2');

  const changedAt = Date.now();
  await product.db.query(`UPDATE console.queue_item SET actress = 'Found by a worker' WHERE id = $1`, [older.id]);
  await page.getByRole('row').filter({ hasText: 'Found by a worker' }).waitFor();
  const took = Date.now() - changedAt;
  annotate(`${took} ms from a change of an item to an open page`, 'figure');
  expect(took).toBeLessThan(deepLimit(500));

  // The page stays where it is when details are closed that an address has opened.
  await page.setViewportSize(phone);
  await page.goto(`${product.url}/queue?item=${older.id}`);
  await details('ABC-1').getByText('Metadata').first().waitFor();
  await page.keyboard.press('Escape');
  await details('ABC-1').waitFor({ state: 'detached' });
  await focused('ABC-1');
  expect(await page.evaluate(() => scrollY)).toBe(0);

  // The filters are a sheet.
  await page.getByRole('button', { name: 'Filters' }).click();
  const sheet = page.getByRole('dialog', { name: 'Filters' });
  await sheet.getByLabel('Status').selectOption('error');
  await page.waitForURL(/status=error/);
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Filters (1)' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  expect(errors).toEqual([]);
  await close();
});
