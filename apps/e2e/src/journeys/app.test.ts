import { sized } from '@at/db/test-size';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { desktop, openPage, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';
import { allSent } from '#harness/training-page.ts';

/** The frame of every page: palette, focus, API line, theme, outage, two tabs and plain HTTP. */

let product: Product;
withBrowser();
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const palettePlaceholder = 'Search titles, pages and actions';

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

it('the palette finds actions, settings, pages, titles and media items by typing', async () => {
  const { page, errors, close } = await openPage(browser, `${product.url}/training`);
  const first = await page.locator('article').getAttribute('data-imdb-id');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(palettePlaceholder).fill('skip');
  await page.keyboard.press('Enter');
  await page.locator(`article:not([data-imdb-id="${first}"])`).waitFor();
  // While it fades, it is still a dialog, behind which no key fires.
  const closed = () => page.getByRole('dialog').waitFor({ state: 'detached' });
  await closed();

  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(palettePlaceholder).fill('light');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === 'light');
  await closed();

  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(palettePlaceholder).fill('compact rows');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.documentElement.dataset.density === 'compact');
  await closed();

  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(palettePlaceholder).fill('migr');
  await page.keyboard.press('Enter');
  await heading(page, 'Migrations');

  const { rows: titles } = await product.db.query(`SELECT imdb_id, media_title FROM atp.training
    WHERE length(media_title) BETWEEN 8 AND 20 AND media_title ~ '^[A-Za-z ]+$' ORDER BY imdb_id LIMIT 1`);
  const [{ imdb_id, media_title }] = titles as [{ imdb_id: string; media_title: string }];
  const hash = 'c'.repeat(40);
  await product.db.query(
    `INSERT INTO atp.media (hash, media_type, original_title, media_title) VALUES ($1, 'movie', $2::text, $2::text)`,
    [hash, '<b>Palette</b> \u202eRelease'],
  );
  await closed();
  await page.keyboard.press('Control+k');
  const input = page.getByPlaceholder(palettePlaceholder);
  await input.fill(media_title.slice(0, -1));
  const dialog = page.getByRole('dialog');
  const title = dialog.getByRole('button').filter({ hasText: imdb_id });
  await title.waitFor();
  await title.click();
  await page.locator(`li[data-imdb-id="${imdb_id}"][data-selected]`).waitFor();

  await closed();
  await page.keyboard.press('Control+k');
  await input.fill('c'.repeat(12));
  await dialog.getByText('<b>Palette</b>').first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/media/${hash}`);
  expect(errors).toEqual([]);
  await close();
});

it('on a phone the bar at the bottom opens the other pages and the palette, and a long address fits', async () => {
  const { page, close } = await openPage(browser, product.url, { viewport: phone });
  // One page of each group that people work in.
  expect(await page.locator('nav > :is(a, button):visible').allInnerTexts()).toEqual(
    ['Home', 'Training', 'Media', 'Queue', 'More'].map((name) => expect.stringContaining(name)),
  );
  await page.getByRole('button', { name: 'More', exact: true }).click();
  const more = page.getByRole('dialog', { name: 'More' });
  for (const name of ['Model', 'Migrations', 'Settings', 'API docs']) {
    await more.getByRole('link', { name }).waitFor();
  }
  await more.getByText(/^Connected/).waitFor();
  await more.getByRole('button', { name: 'Command palette' }).click();
  await page.getByPlaceholder(palettePlaceholder).waitFor();
  await page.goto(`${product.url}/${'nowhere'.repeat(20)}`);
  await page.getByText('Page not found').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  await close();
});

it('the keyboard skips to the page, and a closed dialog gives the focus back; the folded navigation is remembered', async () => {
  const { page, close } = await openPage(browser, `${product.url}/training`);
  await page.locator('article').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

  const legend = page.getByRole('button', { name: 'Legend' });
  for (const open of [() => legend.press('Enter'), () => legend.press('?')]) {
    await open();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => legend.evaluate((button) => button === document.activeElement)).toBe(true);
  }

  await page.getByRole('button', { name: 'Fold the navigation' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'Unfold the navigation' }).waitFor();
  await close();
});

it('the API line follows the filters, copies the request as URL and as curl, and opens the docs, which load nothing from elsewhere', async () => {
  const { page, errors, close } = await openPage(browser, `${product.url}/training?view=list`);
  await page.getByLabel('Order').selectOption('oldest');
  const line = page.locator('footer');
  await line.getByText(/sort_order=asc/).waitFor();
  await line.getByText(/200 · .* · 20 rows/).waitFor();
  await line.getByRole('button', { name: /^GET/ }).click();
  await page.getByText('URL copied').waitFor();
  const url = await clipboard(page);
  const response = await fetch(url);
  expect(response.status).toBe(200);
  const { data } = (await response.json()) as { data: { imdb_id: string }[] };
  expect(await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id')).toBe(data[0]?.imdb_id);
  await line.getByRole('button', { name: 'More about this request' }).click();
  await page.getByRole('menuitem', { name: 'Copy as curl' }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('curl'));
  expect(await clipboard(page)).toBe(`curl '${url}'`);
  // The link that a colleague gets is the view on screen.
  await page.getByRole('button', { name: 'Copy the link to this page' }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === location.href);
  await page.getByRole('button', { name: 'Fold the API line' }).click();
  await page.getByText(url).waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('button', { name: 'Show the API line' }).click();
  await page.getByText(url).waitFor();
  // On paper: the page alone, dark on white.
  await page.emulateMedia({ media: 'print' });
  await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
  await page.getByText(url).waitFor({ state: 'hidden' });
  await page.emulateMedia({ media: 'screen' });
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  await line.getByRole('button', { name: 'More about this request' }).click();
  const docs = await page.getByRole('menuitem', { name: 'Open in docs' }).getAttribute('href');
  expect(docs).toBe(`${product.url}/rear-diff/docs#/training/listTraining`);
  if (sized(true, false)) {
    // Its page takes seconds of the processor to draw every endpoint.
    await page.route(/\/docs\/json$/, async (route) => {
      const document = (await (await route.fetch()).json()) as {
        paths: Record<string, { get?: { operationId: string } }>;
      };
      const paths = Object.entries(document.paths).filter(([, { get }]) => get?.operationId === 'listTraining');
      await route.fulfill({ json: { ...document, paths: Object.fromEntries(paths) } });
    });
  }
  await page.goto(docs as string);
  await page.locator('#operations-training-listTraining.is-open').waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('the chosen theme is set before anything is drawn, and is dark by default', async () => {
  for (const theme of ['dark', 'light'] as const) {
    const { page, close } = await openPage(browser, 'about:blank', { theme, colorScheme: 'light' });
    await page.route('**/assets/*.js', () => {});
    await page.goto(product.url, { waitUntil: 'commit' });
    await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme !== undefined);
    expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe(theme);
    await close();
  }
});

it('the banner of an outage stays visible when the page is scrolled', async () => {
  const { page, close } = await openPage(browser, `${product.url}/training?view=list`, { viewport: phone });
  await page.locator('li[data-imdb-id]').last().scrollIntoViewIfNeeded();
  await product.stopApi();
  await page
    .locator('li[data-imdb-id]')
    .last()
    .getByRole('button', { name: /^Anomalous/ })
    .click();
  const banner = page.getByRole('alert').filter({ hasText: 'The API cannot be reached' });
  await banner.waitFor();
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(500);
  await expect.poll(async () => (await banner.boundingBox())?.y).toBe(0);
  await close();
  await product.startApi();
});

it('works over plain HTTP, where a browser has neither locks nor a clipboard', async () => {
  const plain = await startProduct();
  const context = await browser.newContext({ viewport: desktop });
  const open = async () => {
    const page = await context.newPage();
    await page.goto(`${plain.url.replace('127.0.0.1', '0.0.0.0')}/training`);
    await page.locator('article').waitFor();
    return page;
  };
  const [first, second] = [await open(), await open()];
  expect(await first.evaluate(() => [isSecureContext, 'locks' in navigator])).toEqual([false, false]);
  for (const key of ['w', 'n', 'u', 'w', 's', 'n']) await first.keyboard.press(key);
  await allSent(first);
  const { rows } = await plain.db.query(`SELECT count(*)::integer AS labelled FROM atp.training
    WHERE imdb_id IN (SELECT imdb_id FROM console.label_event) AND reviewed`);
  expect(rows).toEqual([{ labelled: 3 }]);
  for (const page of [first, second]) {
    expect(await page.getByText(/Your change was not saved|Could not change/).count()).toBe(0);
  }

  await first.locator('footer').getByRole('button', { name: /^GET/ }).click();
  await first.getByText('URL copied').waitFor();
  await first.getByRole('searchbox').focus();
  await first.keyboard.press('Control+v');
  await expect.poll(() => first.getByRole('searchbox').inputValue()).toContain('/rear-diff/training?');
  await context.close();
  await plain.close();
});

it('two tabs each send their own decisions, and show those of the other', async () => {
  const two = await startProduct();
  const context = await browser.newContext({ viewport: desktop });
  const open = async () => {
    const page = await context.newPage();
    await page.goto(`${two.url}/training`);
    await page.locator('article').waitFor();
    return page;
  };
  const [first, second] = [await open(), await open()];
  const id = await first.locator('article').getAttribute('data-imdb-id');
  expect(await second.locator('article').getAttribute('data-imdb-id')).toBe(id);
  await first.keyboard.press('w');
  await first.getByRole('button', { name: 'Backlog (149)' }).waitFor();
  // The other tab, which shows the same title, shows the decision too.
  await second.locator('button[data-chosen]', { hasText: 'Would watch' }).waitFor();
  await second.getByRole('alert').getByText('Another window or program just labelled this "would watch".').waitFor();
  await second.getByRole('button', { name: 'Next title' }).click();
  await second.keyboard.press('n');
  await second.getByRole('button', { name: 'Backlog (148)' }).waitFor();
  await second.keyboard.press('u');
  await second.getByRole('button', { name: 'Backlog (149)' }).waitFor();
  // The first tab follows both, or it would warn of a change when it opens the title again.
  await allSent(second);
  await first.locator('button[data-chosen]').waitFor({ state: 'detached' });
  const { rows } = await two.db.query('SELECT label FROM atp.training WHERE imdb_id = $1', [id]);
  expect(rows).toEqual([{ label: 'would_watch' }]);

  // A tab that has not heard of it yet answers otherwise: the first answer stays, and the second tab says so.
  await second.route(/\/training\?.*imdb_id=/, () => {});
  const met = await second.locator('article').getAttribute('data-imdb-id');
  await first.goto(`${two.url}/training?title=${met}`);
  await first.locator(`article[data-imdb-id="${met}"]`).waitFor();
  await first.keyboard.press('w');
  await allSent(first);
  await second.keyboard.press('n');
  await second
    .getByRole('status')
    .getByText(/Another window or program changed ".*" to would watch\. Your change was not saved\./)
    .waitFor();
  await context.close();
  await two.close();
});

it('shows the frame before config.json is there, and sends requests after it', async () => {
  const { page, errors, close } = await openPage(browser, 'about:blank');
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route('**/config.json', async (route) => {
    await held;
    await route.continue();
  });
  const requested: string[] = [];
  page.on('request', (request) => request.url().includes('/rear-diff/') && requested.push(request.url()));
  await page.goto(product.url, { waitUntil: 'commit' });
  await page.getByRole('link', { name: 'Training' }).first().waitFor();
  expect(requested).toEqual([]);
  answer();
  await heading(page, 'Home');
  expect(errors).toEqual([]);
  await close();
});

it('serves icons for browsers, phones and home screens', async () => {
  const read = async (path: string) => {
    const response = await fetch(new URL(path, product.url));
    expect(response.status).toBe(200);
    return response;
  };
  const page = await (await read('/')).text();
  const named = [...page.matchAll(/<link rel="(?:icon|apple-touch-icon)" href="([^"]+)"/g)].map(
    ([, path = '']) => path,
  );
  const manifest = (await (await read('/manifest.webmanifest')).json()) as { icons: { src: string; type: string }[] };
  expect([named.length, manifest.icons.length]).toEqual([2, 3]);
  for (const path of named) expect((await read(path)).headers.get('content-type')).toMatch(/^image\//);
  for (const { src, type } of manifest.icons) expect((await read(src)).headers.get('content-type')).toContain(type);
});
