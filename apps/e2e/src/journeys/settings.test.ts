import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { obstacles } from '#harness/accessibility.ts';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { openPage } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** How the console looks and works for somebody, and what it is connected to. */

let product: Product;

withBrowser();

beforeEach(async () => {
  product = await startProduct();
  return () => product.close();
});

const openSettings = async (page: Page) => {
  await page.goto(`${product.url}/settings`);
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
};

describe('the connection', () => {
  it('is told as the API tells it', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}/settings`);
    const facts = page.getByRole('region', { name: 'Connection' });
    await facts.getByText(`${product.url}/rear-diff`).waitFor();
    await facts.getByText(/PostgreSQL \d+/).waitFor();
    await facts.getByText('Instant, by database triggers').waitFor();
    await facts.getByText('Transmission: not set up').waitFor();
    await facts.getByText('No sign-in: anyone who can reach this may change anything').waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('is said to be unknown when the API does not tell, while the rest of the page works', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.route(/\/rear-diff\/(meta|session)$/, (route) =>
      route.fulfill({ status: 500, json: { message: 'The disk is full.', error: 'x', instance: 'r7', status: 500 } }),
    );
    await openSettings(page);
    await page.getByText('Facts about the API: The disk is full. (request r7)').waitFor();
    await page.getByText('Your session: The disk is full. (request r7)').waitFor();
    await page.getByRole('region', { name: 'Appearance' }).getByText('Compact').click();
    await page.locator('html[data-density="compact"]').waitFor();
    await close();
  });
});

describe('what is chosen', () => {
  it('holds at once, after a reload, and in the lists: theme, density and time zone', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}/settings`);
    await page.getByText('Light', { exact: true }).click();
    await page.getByRole('region', { name: 'Appearance' }).getByText('Compact').click();
    await page.getByRole('combobox', { name: 'Time zone' }).fill('Tokyo');
    await page.getByRole('option', { name: 'Asia/Tokyo' }).click();
    await page.getByText(/Full times look like .* Asia\/Tokyo\./).waitFor();
    await page.reload();
    await page.getByText(/Full times look like .* Asia\/Tokyo\./).waitFor();
    const root = page.locator('html');
    expect(await root.getAttribute('data-density')).toBe('compact');
    expect(await root.getAttribute('data-mantine-color-scheme')).toBe('light');
    await page.goto(`${product.url}/training?view=list`);
    const compact = (await page.locator('li[data-imdb-id]').first().boundingBox())?.height ?? 0;
    await page.getByRole('button', { name: 'Columns and density' }).click();
    await page.getByRole('menuitemradio', { name: 'Comfortable' }).click();
    await expect
      .poll(async () => (await page.locator('li[data-imdb-id]').first().boundingBox())?.height)
      .toBeGreaterThan(compact);
    expect(errors).toEqual([]);
    await close();
  });

  it('is the same in another tab at once', async () => {
    const { page, close } = await openPage(browser, `${product.url}/settings`);
    const other = await page.context().newPage();
    await other.goto(`${product.url}/settings`);
    await other.getByText('Light', { exact: true }).click();
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await close();
  });

  it('about columns is remembered by its list', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    const row = page.locator('li[data-imdb-id]').first();
    const id = (await row.getAttribute('data-imdb-id')) as string;
    expect(await row.getByText(id).count()).toBe(0);
    await page.getByRole('button', { name: 'Columns and density' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'IMDb id' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Ratings' }).click();
    await row.getByText(id).waitFor();
    await page.reload();
    await row.getByText(id).waitFor();
    expect(await row.locator('svg[role="img"], [role="img"] svg').count()).toBe(0);
    // Each list has its own.
    await page.goto(`${product.url}/predictions`);
    const judged = page.locator('article[data-imdb-id]').first();
    const judgedId = (await judged.getAttribute('data-imdb-id')) as string;
    expect(await judged.getByText(judgedId).count()).toBe(0);
    await page.getByRole('button', { name: 'Columns and density' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'IMDb id' }).click();
    await page.reload();
    await judged.getByText(judgedId).waitFor();
    await close();
  });
});

describe('a key', () => {
  const change = async (page: Page, label: string) => {
    await page.getByRole('button', { name: `Change the keys of: ${label}`, exact: true }).click();
    return page.getByRole('textbox', { name: `New key: ${label}` });
  };

  it('can be another, which then works on its page, stands on its button and in the list of keys', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}/settings`);
    const input = await change(page, 'Would watch');
    await page.getByRole('button', { name: 'Remove W' }).click();
    await input.press('f');
    expect(await input.inputValue()).toBe('F');
    await input.press('Enter');
    await page.getByRole('button', { name: 'Remove F' }).waitFor();

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

  it('that is taken is refused, with what has it', async () => {
    const { page, close } = await openPage(browser, `${product.url}/settings`);
    const input = await change(page, 'Would watch');
    await input.press('n');
    await page.getByText('N is already used for "Would not watch" (Review).').waitFor();
    expect(await page.getByRole('button', { name: 'Add' }).isDisabled()).toBe(true);
    await input.press('Backspace');
    await input.press('g');
    await page.getByText(/is already used for "Go to Home" \(Everywhere\)\./).waitFor();
    await input.press('Backspace');
    await input.press('Space');
    await page.getByText(/is reserved/).waitFor();
    await close();
  });

  it('may be two, one after the other; all are as usual again with one button', async () => {
    const { page, close } = await openPage(browser, `${product.url}/settings`);
    const input = await change(page, 'Go to Training');
    await input.press('z');
    await input.press('t');
    expect(await input.inputValue()).toBe('Z then T');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('button', { name: 'Done: Go to Training' }).click();
    await page.keyboard.press('z');
    await page.keyboard.press('t');
    await page.getByRole('heading', { name: 'Training', level: 1 }).waitFor();
    await openSettings(page);
    await page.getByRole('button', { name: 'Reset all keys' }).click();
    await page.getByRole('button', { name: 'Reset all keys' }).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => localStorage.getItem('keys'))).toBe('{}');
    await close();
  });

  it('can be changed without a pointer, and Tab leads on', async () => {
    const { page, close } = await openPage(browser, `${product.url}/settings`);
    await page.getByRole('button', { name: 'Change the keys of: Skip', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('q');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove Q' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).not.toBe('New key: Skip');
    await close();
  });
});

describe('hints', () => {
  it('are shown once a page, until they are dismissed for good', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const hint = page.getByRole('complementary', { name: 'Hint' });
    await hint.getByText(/One key press per decision/).waitFor();
    await hint.getByRole('button').click();
    await hint.waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('article').waitFor();
    expect(await hint.count()).toBe(0);
    await openSettings(page);
    await page.getByRole('button', { name: 'Show dismissed hints again' }).click();
    await page.goto(`${product.url}/training`);
    await hint.waitFor();
    await openSettings(page);
    await page.getByRole('switch', { name: 'First-visit hints' }).click();
    await hint.waitFor({ state: 'detached' });
    await close();
  });
});

describe('with a key', () => {
  const visit = async (key: string) => {
    const opened = await openPage(browser, `${product.url}/settings`);
    await opened.page.getByLabel('Key', { exact: true }).fill(key);
    await opened.page.keyboard.press('Enter');
    await opened.page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    return opened;
  };
  const stored = async () =>
    (await product.db.query<{ owner: string; value: object }>('SELECT owner, value FROM console.setting')).rows;

  it("one's choices are the same in another browser, and those made there are added to them", async () => {
    await product.close();
    product = await startProduct({ environment: { API_KEYS: 'otto:operator:key-of-otto,vera:viewer:key-of-vera' } });
    const first = await visit('key-of-otto');
    await first.page.getByText('otto (operator)').waitFor();
    await first.page.getByText('Light', { exact: true }).click();
    await expect.poll(stored).toEqual([{ owner: 'otto', value: { theme: 'light' } }]);

    const second = await visit('key-of-otto');
    await second.page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await second.page.getByRole('region', { name: 'Appearance' }).getByText('Compact').click();
    await expect.poll(stored).toEqual([{ owner: 'otto', value: { theme: 'light', density: 'compact' } }]);
    await first.page.reload();
    await first.page.locator('html[data-density="compact"]').waitFor();
    expect([...first.errors, ...second.errors]).toEqual([]);
    await first.close();
    await second.close();
  }, 60_000);

  it("a viewer's choices stay with the browser", async () => {
    await product.close();
    product = await startProduct({ environment: { API_KEYS: 'vera:viewer:key-of-vera' } });
    const { page, close } = await visit('key-of-vera');
    const writes: string[] = [];
    page.on('request', (request) => request.method() === 'PUT' && writes.push(request.url()));
    await page.getByText('vera (viewer)').waitFor();
    await page.getByText('Light', { exact: true }).click();
    await page.reload();
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await page.getByText('vera (viewer)').waitFor();
    expect(writes).toEqual([]);
    expect(await stored()).toEqual([]);
    await close();
  });
});

describe('for everybody', () => {
  it('is accessible and fits on a desk and on a phone, in both themes', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}/settings`);
    await page.getByRole('button', { name: 'Change the keys of: Would watch', exact: true }).click();
    await page.getByRole('textbox', { name: 'New key: Would watch' }).press('n');
    await page.getByText(/is already used for/).waitFor();
    expect(await obstacles(page)).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });
});
