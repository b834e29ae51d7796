import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { openPage } from '#harness/page.ts';

/** Saved views and the focus; the rest is in the route tests of the lists. */

withProducts();

const comedies = '/training?view=list&reviewed=all&genre=Comedy&order=uncertain';

const menu = async (page: Page) => {
  await page.getByRole('button', { name: /^View/ }).click();
  return page.getByRole('menu');
};

async function stored() {
  const { rows } = await product.db.query<{ name: string; query: string; shared: boolean }>(
    'SELECT name, query, shared FROM console.view ORDER BY name',
  );
  return rows;
}

const insert = (name: string, query: string) =>
  product.db.query(
    "INSERT INTO console.view (page, name, query, shared, owner) VALUES ('training', $1, $2, true, 'anonymous')",
    [name, query],
  );

it('a deleted view comes back when Undo is pressed by keyboard, and the focus returns where it was', async () => {
  await insert('Dramas', 'genre=Drama');
  const { page, close } = await openPage(browser, product.url + comedies);
  await (await menu(page)).getByRole('menuitem', { name: 'Rename, share or delete…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByText('No saved views for this page yet.').waitFor();
  expect(await stored()).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const focus = () => page.evaluate(() => document.activeElement?.textContent);
  // The dialog gives the focus back after it has gone: to the button of the menu that opened it.
  await expect.poll(focus).toBe('Views');
  const before = await focus();
  await page.keyboard.press('F8');
  await expect.poll(focus).toBe('Undo');
  await page.keyboard.press('F8');
  await expect.poll(focus).toBe(before);
  await page.keyboard.press('F8');
  await expect.poll(focus).toBe('Undo');
  await page.keyboard.press('Enter');
  await expect.poll(stored).toEqual([{ name: 'Dramas', query: 'genre=Drama', shared: true }]);
  await expect.poll(focus).toBe(before);
  await close();
});
