import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityFindings, obstacles } from '#harness/accessibility.ts';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { openPage } from '#harness/page.ts';

/** An API that asks for keys, and the people who have one. */

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

describe('signing in', () => {
  it('leads by keyboard alone to the page that was asked for, and labels count under the name of the key', async () => {
    const { page, errors, close } = await arrive(keys.otto, '/training?order=oldest');
    await page.locator('article').waitFor();
    expect(new URL(page.url()).search).toContain('order=oldest');
    await page.getByRole('navigation').getByText('otto, operator').waitFor();
    await page.getByRole('navigation').getByText('Connected').waitFor();
    const id = await page.locator('article').getAttribute('data-imdb-id');
    await page.keyboard.press('w');
    await page.locator(`article:not([data-imdb-id="${id}"])`).waitFor();
    const events = () => product.db.query('SELECT imdb_id, actor, actor_verified FROM console.label_event');
    await expect
      .poll(async () => (await events()).rows)
      .toEqual([{ imdb_id: id, actor: 'otto', actor_verified: true }]);
    expect(errors).toEqual([]);
    await close();
  });

  it('says that a key is wrong, keeps the form, and takes the right one after it', async () => {
    const { page, close } = await arrive('not-a-key');
    await page.getByRole('alert').getByText('This API does not know the key.').waitFor();
    await page.getByLabel('Key', { exact: true }).fill(keys.anna);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('article').waitFor();
    await close();
  });

  it('is asked for on every page, on a desk and on a phone, in both themes, without anything axe finds serious', async () => {
    const { page, close } = await openPage(browser, `${product.url}/`);
    await form(page).waitFor();
    expect(await obstacles(page)).toEqual([]);
    await close();
  });

  it('holds over a reload, and live updates follow', async () => {
    const { page, close } = await arrive(keys.vera, '/training?view=list');
    await page.locator('li[data-imdb-id]').first().waitFor();
    const following = page.waitForResponse((response) => /\/events/.test(response.url()) && response.ok());
    await page.reload();
    await following;
    const id = await page.locator('li[data-imdb-id]').nth(1).getAttribute('data-imdb-id');
    await product.db.query(`UPDATE atp.training SET media_title = 'Seen by Vera' WHERE imdb_id = $1`, [id]);
    await page.getByText('Seen by Vera').waitFor();
    await close();
  });

  it('is asked for again when the session ends, keeps what is unsent, and sends it once somebody has signed in', async () => {
    const { page, close } = await arrive(keys.otto);
    await page.locator('article').waitFor();
    const id = await page.locator('article').getAttribute('data-imdb-id');
    await page.context().clearCookies();
    await page.keyboard.press('w');
    await form(page).waitFor();
    await page.getByText('1 unsent.').waitFor();
    await signIn(page, keys.anna);
    await page.locator('article').waitFor();
    await page.waitForFunction(() => Object.keys(localStorage).every((key) => !key.startsWith('outbox.')));
    const { rows } = await product.db.query('SELECT label FROM atp.training WHERE imdb_id = $1', [id]);
    expect(rows).toEqual([{ label: 'would_watch' }]);

    // What was decided in this tab is not undone by whoever may not decide.
    await page.context().clearCookies();
    await page.reload();
    await signIn(page, keys.vera);
    await page.locator('article').waitFor();
    for (const button of await page.getByRole('button', { name: /^Undo/ }).all()) await button.click();
    await expect.poll(() => page.getByRole('status').getByText('this needs the role operator').count()).toBe(2);
    expect(await page.locator('article').getAttribute('data-imdb-id')).not.toBe(id);
    await close();
  });

  it('never shows the key in the list of calls', async () => {
    const { page, close } = await arrive(keys.anna);
    await page.locator('article').waitFor();
    await page.getByRole('button', { name: 'More about this request' }).click();
    await page.getByRole('menuitem', { name: 'Last calls' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/POST \/rear-diff\/session/).click();
    await dialog.locator('details[open]').getByText('"key": "•••"').waitFor();
    expect(await page.content()).not.toContain(keys.anna);
    await close();
  });
});

describe('signing out', () => {
  it('is found in the palette, and leaves nothing behind that opens the page again', async () => {
    const { page, close } = await arrive(keys.anna);
    await page.locator('article').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search titles, pages and actions').fill('sign out');
    await page.keyboard.press('Enter');
    await form(page).waitFor();
    expect(await page.locator('article').count()).toBe(0);
    await page.reload();
    await form(page).waitFor();
    await close();
  });
});

describe('a viewer', () => {
  it('looks at everything, is told why nothing can be decided, and no key decides', async () => {
    const { page, close } = await arrive(keys.vera);
    await page.getByRole('note').getByText('The key vera has the role viewer; this needs the role operator.').waitFor();
    expect(await page.getByRole('button', { name: /^Would watch/ }).isDisabled()).toBe(true);
    const id = await page.locator('article').getAttribute('data-imdb-id');
    await page.keyboard.press('w');
    await page.getByRole('status').getByText('this needs the role operator').waitFor();
    expect(await page.locator('article').getAttribute('data-imdb-id')).toBe(id);
    for (const undo of [() => page.keyboard.press('u'), () => page.getByRole('button', { name: 'Undo U' }).click()]) {
      await page.keyboard.press('s');
      await page.locator(`article:not([data-imdb-id="${id}"])`).waitFor();
      await undo();
      await page.locator(`article[data-imdb-id="${id}"]`).waitFor();
    }
    const { rows } = await product.db.query('SELECT * FROM console.label_event');
    expect(rows).toEqual([]);
    expect(await accessibilityFindings(page)).toEqual([]);
    await close();
  });

  it.each([
    ['/training?view=list', 'li[data-imdb-id]'],
    ['/predictions', 'article[data-imdb-id]'],
  ])('finds every button that changes a title of %s refused with the reason, and its keys too', async (path, rows) => {
    const { page, errors, close } = await arrive(keys.vera, path);
    const writes: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') writes.push(`${request.method()} ${request.url()}`);
    });
    const row = page.locator(rows).first();
    const refusal = 'The key vera has the role viewer; this needs the role operator.';
    for (const name of [/would not watch: /, /would watch: /, /^Anomalous: /]) {
      const button = row.getByRole('button', { name, disabled: true });
      await button.waitFor();
      expect(await button.getAttribute('title')).toBe(refusal);
    }
    for (const key of ['a', 'r']) {
      // The message of the key before is gone; it would also go by itself, while this test looks for it.
      await page.reload();
      await row.getByRole('button', { name: /^Anomalous: /, disabled: true }).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press(key);
      await page.getByRole('status').getByText(refusal).waitFor();
    }
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menu').getByText(refusal).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Save this filter' }).isDisabled()).toBe(true);
    expect(writes).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it('finds every action of Media refused with the reason, in the table, in the details and by key', async () => {
    const { page, errors, close } = await arrive(keys.vera, '/media?error_status=true');
    const writes: string[] = [];
    page.on('request', (request) => request.method() !== 'GET' && writes.push(`${request.method()} ${request.url()}`));
    const refusal = (role: string) => `The key vera has the role viewer; this needs the role ${role}.`;
    const row = page.locator('tbody tr').first();
    await row.getByRole('button', { name: /^Actions for/ }).click();
    for (const [action, role] of [
      ['Re-ingest', 'operator'],
      ['Mark complete', 'operator'],
      ['Delete', 'admin'],
    ] as const) {
      const item = page.getByRole('menuitem', { name: new RegExp(`^${action}`) });
      await item.getByText(refusal(role)).waitFor();
      expect(await item.isDisabled()).toBe(true);
    }
    await page.keyboard.press('Escape');
    // While it fades, letters are still its own.
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.keyboard.press('j');
    await page.keyboard.press('i');
    await page
      .getByRole('status')
      .getByText(`Re-ingest: ${refusal('operator')}`)
      .waitFor();

    await row.getByRole('checkbox').check();
    const selection = page.getByRole('region', { name: 'Selection' });
    for (const name of ['Re-ingest', 'Delete', 'Set statuses']) {
      const button = selection.getByRole('button', { name });
      expect(await button.isDisabled()).toBe(true);
      expect(await button.getAttribute('title')).toBe(refusal('admin'));
    }
    await row.getByRole('link').click();
    const details = page.getByRole('dialog');
    await details.getByText(refusal('operator')).waitFor();
    expect(await details.getByRole('button', { name: 'Submit' }).isDisabled()).toBe(true);
    const remove = details.getByRole('button', { name: 'Delete' });
    expect(await remove.getAttribute('aria-disabled')).toBe('true');
    await remove.hover();
    await page.getByRole('tooltip').getByText(refusal('admin')).waitFor();
    await remove.press('Enter');
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(writes).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it('reads what became of a bulk change, and is told why it cannot be taken back', async () => {
    const as = { 'content-type': 'application/json', 'x-api-key': keys.anna };
    const ask = (path: string, body?: object) =>
      fetch(`${product.url}/rear-diff${path}`, {
        method: 'POST',
        headers: body ? as : { 'x-api-key': keys.anna },
        ...(body && { body: JSON.stringify(body) }),
      });
    const { rows } = await product.db.query<{ hash: string }>('SELECT hash FROM atp.media WHERE error_status LIMIT 2');
    const asked = { subject: 'media', action: 'reingest', ids: rows.map(({ hash }) => hash) };
    const { operation } = (await (await ask('/operations', asked)).json()) as { operation: { operation_id: string } };
    expect((await ask(`/operations/${operation.operation_id}/run`)).status).toBe(200);
    const { page, errors, close } = await arrive(keys.vera, `/activity/${operation.operation_id}?tab=operations`);
    const undo = page.getByRole('dialog').getByRole('button', { name: 'Undo' });
    await undo.waitFor();
    expect(await undo.isDisabled()).toBe(true);
    expect(await undo.getAttribute('title')).toBe('The key vera has the role viewer; this needs the role admin.');
    expect(await page.getByRole('dialog').getByRole('listitem').count()).toBe(2);
    expect(errors).toEqual([]);
    await close();
  });
});
