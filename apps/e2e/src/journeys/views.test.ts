import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityFindings, obstacles } from '#harness/accessibility.ts';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { openPage } from '#harness/page.ts';

/** Filters kept under a name, and opened again. */

withProducts();

const comedies = '/training?view=list&reviewed=all&genre=Comedy&order=uncertain';

const menu = async (page: Page) => {
  await page.getByRole('button', { name: /^View/ }).click();
  return page.getByRole('menu');
};

async function save(page: Page, name: string, { shared = false } = {}): Promise<void> {
  await (await menu(page)).getByRole('menuitem', { name: 'Save this filter…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  if (shared) await dialog.getByLabel('Shared with everyone').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
}

async function stored() {
  const { rows } = await product.db.query<{ name: string; query: string; shared: boolean }>(
    'SELECT name, query, shared FROM console.view ORDER BY name',
  );
  return rows;
}

const insert = (name: string, query: string, { owner = 'anonymous', shared = false } = {}) =>
  product.db.query('INSERT INTO console.view (page, name, query, shared, owner) VALUES ($1, $2, $3, $4, $5)', [
    'training',
    name,
    query,
    shared,
    owner,
  ]);

describe('a saved view', () => {
  it('keeps the filter without the place in it, is marked while it is set, and opens from the menu and the palette', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}${comedies}&page=2`);
    await page.getByText(/^21–40 of/).waitFor();
    await save(page, 'Uncertain comedies');
    await page.getByRole('button', { name: /^View: .*Uncertain comedies/ }).waitFor();
    expect(await stored()).toEqual([
      { name: 'Uncertain comedies', query: 'genre=Comedy&order=uncertain&reviewed=all&view=list', shared: false },
    ]);

    await page.goto(`${product.url}/training`);
    await page.locator('article').waitFor();
    await (await menu(page)).getByRole('menuitem', { name: 'Uncertain comedies' }).click();
    await page.getByText(/^1–20 of .*, all movies, Comedy$/).waitFor();

    await page.goto(product.url);
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Command palette' }).getByRole('textbox').fill('uncertain com');
    await page.getByRole('button', { name: /Uncertain comedies/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(/^1–20 of .*, all movies, Comedy$/).waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('is renamed, shared and replaced by another filter, each of which can be undone', async () => {
    await insert('Old', 'genre=Drama');
    const { page, close } = await openPage(browser, product.url + comedies);
    await (await menu(page)).getByRole('menuitem', { name: 'Rename, share or delete…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await dialog.getByRole('textbox', { name: 'Rename' }).fill('New');
    await page.keyboard.press('Enter');
    await dialog.getByText('New', { exact: true }).waitFor();
    await dialog.getByRole('switch', { name: /^Shared with everyone/ }).click();
    await dialog.getByText(/^shared by/).waitFor();
    await dialog.getByRole('button', { name: /^Replace with this filter/ }).click();
    await page.getByText(/^View .*New.* replaced$/).waitFor();
    const query = 'genre=Comedy&order=uncertain&reviewed=all&view=list';
    expect(await stored()).toEqual([{ name: 'New', query, shared: true }]);
    await page.getByRole('status').filter({ hasText: 'replaced' }).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(stored).toEqual([{ name: 'New', query: 'genre=Drama', shared: true }]);
    await close();
  });

  it('comes back when its deletion is undone', async () => {
    await insert('Dramas', 'genre=Drama', { shared: true });
    const { page, close } = await openPage(browser, product.url + comedies);
    await (await menu(page)).getByRole('menuitem', { name: 'Rename, share or delete…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No saved views for this page yet.').waitFor();
    expect(await stored()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const focus = () => page.evaluate(() => document.activeElement?.textContent);
    const before = await focus();
    await page.keyboard.press('F8');
    await expect.poll(focus).toBe('Undo');
    await page.keyboard.press('F8');
    await expect.poll(focus).toBe(before);
    await page.keyboard.press('F8');
    await page.keyboard.press('Enter');
    await expect.poll(stored).toEqual([{ name: 'Dramas', query: 'genre=Drama', shared: true }]);
    expect(await focus()).toBe(before);
    await close();
  });

  it('of a name that is taken is refused, and can replace the other', async () => {
    await insert('Mine', 'genre=Drama');
    const { page, close } = await openPage(browser, product.url + comedies);
    await save(page, ' Mine ');
    await page.getByText(/You have a view named "Mine"/).waitFor();
    await page.getByRole('button', { name: /^Replace/ }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const query = 'genre=Comedy&order=uncertain&reviewed=all&view=list';
    expect(await stored()).toEqual([{ name: 'Mine', query, shared: false }]);
    await close();
  });

  it("of somebody else's is shown when it is shared, and says whose it is when it is changed", async () => {
    await insert("Anna's", 'genre=Drama', { owner: 'anna', shared: true });
    await insert('Hidden', 'genre=War', { owner: 'anna' });
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const opened = await menu(page);
    await opened.getByRole('menuitem', { name: /Anna's.*shared by.*anna/ }).waitFor();
    expect(await opened.getByText('Hidden').count()).toBe(0);
    await opened.getByRole('menuitem', { name: 'Rename, share or delete…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText(/belongs to anna/).waitFor();
    expect(await stored()).toHaveLength(2);
    await close();
  });

  it('says so when the views cannot be loaded', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await page.locator('article').waitFor();
    await page.route(/\/views/, (route) => route.abort());
    await (await menu(page)).getByText('Could not load the saved views.').waitFor();
    await close();
  });

  it('can be what its page opens with, by navigation and key; an address still means what it says', async () => {
    const { page, close } = await openPage(browser, product.url + comedies);
    await (await menu(page)).getByRole('menuitemcheckbox', { name: 'Open Training with this filter' }).click();
    await page.getByText('Training opens with this filter').waitFor();
    await page.goto(product.url);
    await page.getByRole('link', { name: 'Training' }).first().click();
    await page.getByText(/all movies, Comedy$/).waitFor();
    await page.goto(product.url);
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.getByText(/all movies, Comedy$/).waitFor();
    await page.goto(`${product.url}/training?view=list`);
    await page.getByText('unreviewed movies').waitFor();
    await close();
  });
});

describe('the menus of a list', () => {
  it('are accessible', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    for (const name of ['Views', 'Export', 'Columns and density']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('menu').getByRole('menuitem').or(page.getByRole('menuitemcheckbox')).first().waitFor();
      expect(await accessibilityFindings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
    }
    await close();
  });
});

describe('for everybody', () => {
  it('is accessible and fits on a desk and on a phone, in both themes, whatever a view is called', async () => {
    const hostile = `<img src=x onerror=alert(1)>\u202e${'x'.repeat(60)}`;
    await insert(hostile, 'genre=Drama', { shared: true });
    const { page, errors, close } = await openPage(browser, `${product.url}/training?genre=Drama`);
    await page.locator('article').waitFor();
    const opened = await menu(page);
    await opened.getByText(hostile).waitFor();
    expect(await obstacles(page)).toEqual([]);
    await opened.getByRole('menuitem', { name: 'Rename, share or delete…' }).click();
    await page.getByRole('dialog').getByText(hostile).waitFor();
    expect(await obstacles(page)).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });
});
