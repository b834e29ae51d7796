import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { openPage } from '#harness/page.ts';
import { allSent } from '#harness/training-page.ts';

/** Signing in with a key, in a real browser with its cookies. */

const keys = { anna: 'the-secret-of-anna', otto: 'the-secret-of-otto', vera: 'the-secret-of-vera' };
const environment = { API_KEYS: `anna:admin:${keys.anna},otto:operator:${keys.otto},vera:viewer:${keys.vera}` };

withProducts({ environment });

const form = (page: Page) => page.getByRole('heading', { name: 'Sign in', level: 1 });

async function signIn(page: Page, key: string): Promise<void> {
  await form(page).waitFor();
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.keyboard.press('Enter');
}

async function arrive(key: string, path = '/training') {
  const opened = await openPage(browser, product.url + path);
  await signIn(opened.page, key);
  return opened;
}

it('by keyboard alone: a wrong key is refused, the right one leads to the page, its name is on the labels, and signing out leaves nothing', async () => {
  const { page, errors, close } = await arrive('not-a-key', '/training?order=oldest');
  await page.getByRole('alert').getByText('This API does not know the key.').waitFor();
  await signIn(page, keys.otto);
  await page.locator('article').waitFor();
  expect(new URL(page.url()).search).toContain('order=oldest');
  await page.getByRole('navigation').getByText('otto, operator').waitFor();
  await page.getByRole('navigation').getByText('Connected').waitFor();
  const id = await page.locator('article').getAttribute('data-imdb-id');
  await page.keyboard.press('w');
  await page.locator(`article:not([data-imdb-id="${id}"])`).waitFor();
  const events = () => product.db.query('SELECT imdb_id, actor, actor_verified FROM console.label_event');
  await expect.poll(async () => (await events()).rows).toEqual([{ imdb_id: id, actor: 'otto', actor_verified: true }]);

  // The list of calls never shows the key.
  await page.getByRole('button', { name: 'More about this request' }).click();
  await page.getByRole('menuitem', { name: 'Last calls' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByText(/POST \/rear-diff\/session/)
    .first()
    .click();
  await dialog.locator('details[open]').getByText('"key": "•••"').waitFor();
  expect(await page.content()).not.toContain(keys.otto);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Search titles, pages and actions').fill('sign out');
  await page.keyboard.press('Enter');
  await form(page).waitFor();
  expect(await page.locator('article').count()).toBe(0);
  await page.reload();
  await form(page).waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('a session holds over a reload, with live updates', async () => {
  const { page, close } = await arrive(keys.vera, '/training?view=list');
  await page.locator('li[data-imdb-id]').first().waitFor();
  await page.reload();
  const id = await page.locator('li[data-imdb-id]').nth(1).getAttribute('data-imdb-id');
  // The stream reports what changes after it is ready, so the change is repeated until then.
  const change = `UPDATE atp.training SET media_title = 'Seen by Vera', runtime = coalesce(runtime, 0) + 1 WHERE imdb_id = $1`;
  await expect
    .poll(async () => {
      await product.db.query(change, [id]);
      return page.getByText('Seen by Vera').count();
    })
    .toBeGreaterThan(0);
  await close();
});

it('the form returns when the session ends; unsent decisions are kept and sent after the next sign-in, and a viewer cannot undo them', async () => {
  const { page, close } = await arrive(keys.otto);
  await page.locator('article').waitFor();
  const id = await page.locator('article').getAttribute('data-imdb-id');
  await page.context().clearCookies();
  await page.keyboard.press('w');
  await form(page).waitFor();
  await page.getByText('1 unsent.').waitFor();
  await signIn(page, keys.anna);
  await page.locator('article').waitFor();
  await allSent(page);
  const { rows } = await product.db.query('SELECT label FROM atp.training WHERE imdb_id = $1', [id]);
  expect(rows).toEqual([{ label: 'would_watch' }]);

  // A viewer may not undo answers of this tab.
  await page.context().clearCookies();
  await page.reload();
  await signIn(page, keys.vera);
  await page.locator('article').waitFor();
  const undo = page.getByRole('button', { name: /^Undo/ });
  expect(await undo.count()).toBe(2);
  const refused = page.getByRole('status').getByText('this needs the role operator');
  for (const button of await undo.all()) {
    await button.click();
    await refused.first().waitFor();
  }
  expect(await page.locator('article').getAttribute('data-imdb-id')).not.toBe(id);
  await close();
});
