import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { focused, openPage } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** Preferences: what a browser remembers, what its tabs share, and what follows a user to another browser. */

let product: Product;
withBrowser();
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const appearance = (page: Page) => page.getByRole('region', { name: 'Appearance' });

it('theme, density, time zone, columns and dismissed hints hold at once, in another tab, after a reload and in the lists', async () => {
  const { page, errors, close } = await openPage(browser, `${product.url}/settings`);
  const other = await page.context().newPage();
  await other.goto(`${product.url}/settings`);
  await page.getByText('Light', { exact: true }).click();
  await other.locator('html[data-mantine-color-scheme="light"]').waitFor();
  await appearance(page).getByText('Compact').click();
  await page.getByRole('combobox', { name: 'Time zone' }).fill('Tokyo');
  await page.getByRole('option', { name: 'Asia/Tokyo' }).click();
  await page.getByText(/Full times look like .* Asia\/Tokyo\./).waitFor();
  await page.reload();
  await page.getByText(/Full times look like .* Asia\/Tokyo\./).waitFor();
  const root = page.locator('html');
  expect(await root.getAttribute('data-density')).toBe('compact');
  expect(await root.getAttribute('data-mantine-color-scheme')).toBe('light');

  await page.goto(`${product.url}/training?view=list`);
  const row = page.locator('li[data-imdb-id]').first();
  const id = (await row.getAttribute('data-imdb-id')) as string;
  const compact = (await row.boundingBox())?.height ?? 0;
  await page.getByRole('button', { name: 'Columns and density' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'IMDb id' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Ratings' }).click();
  await page.getByRole('menuitemradio', { name: 'Comfortable' }).click();
  await expect.poll(async () => (await row.boundingBox())?.height).toBeGreaterThan(compact);
  await page.keyboard.press('Escape');
  const hint = page.getByRole('complementary', { name: 'Hint' });
  await hint.getByRole('button').click();
  await page.reload();
  await row.getByText(id).waitFor();
  expect(await row.locator('svg[role="img"], [role="img"] svg').count()).toBe(0);
  expect(await hint.count()).toBe(0);
  expect(errors).toEqual([]);
  await close();
});

it('a key is changed by keyboard alone, works on its page, and is shown on its button and in the list of keys', async () => {
  const { page, errors, close } = await openPage(browser, `${product.url}/settings?tab=keys`);
  await page.getByRole('button', { name: 'Change the keys of: Would watch', exact: true }).focus();
  await page.keyboard.press('Enter');
  const input = page.getByRole('textbox', { name: 'New key: Would watch' });
  await focused(input);
  await page.keyboard.press('f');
  await expect.poll(() => input.inputValue()).toBe('F');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove F', exact: true }).waitFor();
  await page.keyboard.press('Tab');
  expect(await input.evaluate((field) => field === document.activeElement)).toBe(false);
  await page.getByRole('button', { name: 'Remove W' }).press('Enter');
  await page.getByRole('button', { name: 'Remove W' }).waitFor({ state: 'detached' });

  await page.goto(`${product.url}/training`);
  const card = page.locator('article');
  const id = (await card.getAttribute('data-imdb-id')) as string;
  await page
    .getByRole('button', { name: /Would watch/ })
    .getByText('F')
    .waitFor();
  await page.keyboard.press('w');
  expect(await card.getAttribute('data-imdb-id')).toBe(id);
  await page.keyboard.press('f');
  await page.locator(`article:not([data-imdb-id="${id}"])`).waitFor();
  await expect
    .poll(async () => (await product.db.query('SELECT label FROM atp.training WHERE imdb_id = $1', [id])).rows)
    .toEqual([{ label: 'would_watch' }]);
  await page.keyboard.press('?');
  await page
    .getByRole('dialog')
    .getByRole('row', { name: /^Would watch/ })
    .getByText('F')
    .waitFor();
  expect(errors).toEqual([]);
  await close();
});

it("the choices of a key's owner are the same in another browser, which adds to them; those of a viewer are not sent", async () => {
  const withKeys = await startProduct({
    environment: { API_KEYS: 'otto:operator:the-key-of-otto-,vera:viewer:the-key-of-vera-' },
  });
  const visit = async (key: string, prepare: (page: Page) => Promise<unknown> = async () => {}) => {
    const opened = await openPage(browser, `${withKeys.url}/settings`);
    await prepare(opened.page);
    await opened.page.getByLabel('Key', { exact: true }).fill(key);
    await opened.page.keyboard.press('Enter');
    await opened.page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    return opened;
  };
  const stored = async () =>
    (await withKeys.db.query<{ owner: string; value: object }>('SELECT owner, value FROM console.setting')).rows;

  const viewer = await visit('the-key-of-vera-');
  const writes: string[] = [];
  viewer.page.on('request', (request) => request.method() === 'PUT' && writes.push(request.url()));
  await viewer.page.getByText('vera (viewer)').waitFor();
  await viewer.page.getByText('Light', { exact: true }).click();
  await viewer.page.reload();
  await viewer.page.locator('html[data-mantine-color-scheme="light"]').waitFor();

  // He chooses before the API has answered which choices it has.
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const first = await visit('the-key-of-otto-', (page) =>
    page.route(/\/rear-diff\/settings/, async (route) => {
      await held;
      await route.continue();
    }),
  );
  await first.page.getByText('otto (operator)').waitFor();
  await first.page.getByText('Light', { exact: true }).click();
  answer();
  await expect.poll(stored).toEqual([{ owner: 'otto', value: { theme: 'light' } }]);
  const second = await visit('the-key-of-otto-');
  await second.page.locator('html[data-mantine-color-scheme="light"]').waitFor();
  await appearance(second.page).getByText('Compact').click();
  await expect.poll(stored).toEqual([{ owner: 'otto', value: { theme: 'light', density: 'compact' } }]);
  await first.page.reload();
  await first.page.locator('html[data-density="compact"]').waitFor();
  expect(writes).toEqual([]);
  for (const { errors, close } of [viewer, first, second]) {
    expect(errors).toEqual([]);
    await close();
  }
  await withKeys.close();
});
