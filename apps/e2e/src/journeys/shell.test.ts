import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFindings } from '#harness/accessibility.ts';
import { launchBrowser } from '#harness/browser.ts';
import { desktop, openPage, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** What every page stands in: navigation, palette, keys, the API line, themes, and what is shown when things fail. */

let browser: Browser;
let product: Product;

beforeAll(async () => {
  browser = await launchBrowser();
  product = await startProduct();
});
afterAll(async () => {
  await product.close();
  await browser.close();
});

const palettePlaceholder = 'Search titles, pages and actions';

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

describe('the command palette', () => {
  it('finds pages, the actions of this page and the settings by typing', async () => {
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
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it('finds titles and media items as one types, and opens them where they are looked at', async () => {
    const { page, errors, close } = await openPage(browser, product.url);
    const { rows: titles } = await product.db.query(`SELECT imdb_id, media_title FROM atp.training
      WHERE length(media_title) BETWEEN 8 AND 20 AND media_title ~ '^[A-Za-z ]+$' ORDER BY imdb_id LIMIT 1`);
    const [{ imdb_id, media_title }] = titles as [{ imdb_id: string; media_title: string }];
    const hash = 'c'.repeat(40);
    await product.db.query(
      `INSERT INTO atp.media (hash, media_type, original_title, media_title) VALUES ($1, 'movie', $2::text, $2::text)`,
      [hash, '<b>Palette</b> \u202eRelease'],
    );
    await page.keyboard.press('Control+k');
    const input = page.getByPlaceholder(palettePlaceholder);
    await input.fill(media_title.slice(0, -1));
    const dialog = page.getByRole('dialog');
    const title = dialog.getByRole('button').filter({ hasText: imdb_id });
    await title.waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await title.click();
    await page.locator(`li[data-imdb-id="${imdb_id}"][data-selected]`).waitFor();

    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await input.fill('c'.repeat(12));
    await dialog.getByText('<b>Palette</b>').first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/media/${hash}`);
    expect(errors).toEqual([]);
    await close();
  });

  it('opens on a phone from the bar at the bottom', async () => {
    const { page, close } = await openPage(browser, product.url, { viewport: phone });
    await page.getByRole('button', { name: 'More', exact: true }).click();
    const more = page.getByRole('dialog', { name: 'More' });
    for (const name of ['Model', 'Migrations', 'Settings', 'API docs']) {
      await more.getByRole('link', { name }).waitFor();
    }
    await more.getByText(/^Connected/).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await more.getByRole('button', { name: 'Command palette' }).click();
    await page.getByPlaceholder(palettePlaceholder).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await close();
  });
});

describe('the keys', () => {
  it('lead to every page with g and a letter', async () => {
    const { page, close } = await openPage(browser, product.url);
    await heading(page, 'Home');
    for (const [letter, name] of [
      ['i', 'Migrations'],
      ['t', 'Training'],
      ['h', 'Home'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(letter);
      await heading(page, name);
    }
    await close();
  });

  it('of a sequence that leads nowhere do nothing, nor do those of browsers and screen readers', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const id = await page.locator('article').getAttribute('data-imdb-id');
    await page.keyboard.press('g');
    await page.keyboard.press('n');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Alt+w');
    await page.getByRole('button', { name: 'More about this request' }).click();
    await page.getByRole('menuitem', { name: 'Last calls' }).press('w');
    expect(await page.locator('article').getAttribute('data-imdb-id')).toBe(id);
    await close();
  });

  it('are found on keyboards that need AltGr for them', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.getByText('Page 1 of').waitFor();
    await page.evaluate(() =>
      document.body.dispatchEvent(
        new KeyboardEvent('keydown', { key: ']', bubbles: true, ctrlKey: true, altKey: true, modifierAltGraph: true }),
      ),
    );
    await page.getByText('Page 2 of').waitFor();
    await close();
  });

  it('give the focus back when a dialog they opened is closed', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await page.locator('article').waitFor();
    const legend = page.getByRole('button', { name: 'Legend' });
    for (const open of [() => legend.press('Enter'), () => legend.press('?')]) {
      await open();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await expect.poll(() => legend.evaluate((button) => button === document.activeElement)).toBe(true);
    }
    await close();
  });

  it('of single letters can be switched off for good; arrows still answer', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const first = await page.locator('article').getAttribute('data-imdb-id');
    await page.keyboard.press('?');
    await page.getByRole('switch', { name: 'Single-letter keys' }).click({ force: true });
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.reload();
    await page.locator('article').waitFor();
    await page.keyboard.press('s');
    await page.keyboard.press('ArrowDown');
    await page.getByText('1 skipped').waitFor();
    expect(await page.locator('article').getAttribute('data-imdb-id')).not.toBe(first);
    await close();
  });
});

describe('the API line', () => {
  it('shows the request behind the page as filters change, and copies it as URL and as curl', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
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
    await line.getByRole('button', { name: 'More about this request' }).click();
    const docs = await page.getByRole('menuitem', { name: 'Open in docs' }).getAttribute('href');
    expect(docs).toBe(`${product.url}/rear-diff/docs#/training/listTraining`);
    await page.goto(docs as string);
    await page.locator('#operations-training-listTraining.is-open').waitFor();
    await close();
  });

  it('keeps the figures of the request behind the page, however much has been written since', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?order=oldest`);
    await page.locator('article').waitFor();
    for (let count = 0; count < 24; count += 1) await page.keyboard.press('a');
    await page.waitForFunction(() => Object.keys(localStorage).every((key) => !key.startsWith('outbox.')));
    await page
      .locator('footer')
      .getByText(/200 · .* · 50 rows/)
      .waitFor();
    await page.getByRole('button', { name: 'More about this request' }).click();
    await page.getByRole('menuitem', { name: 'Last calls' }).click();
    expect(await page.getByRole('dialog').getByText('GET').count()).toBe(0);
    await close();
  });

  it('lists the last calls, writes included, with body, reply and request id', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await page.locator('article').waitFor();
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Anomalous', pressed: true }).waitFor();
    await page.waitForFunction(() => Object.keys(localStorage).every((key) => !key.startsWith('outbox.')));
    await page.getByRole('button', { name: 'More about this request' }).click();
    await page.getByRole('menuitem', { name: 'Last calls' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/PATCH \/rear-diff\/training\/tt\d+$/).click();
    const opened = dialog.locator('details[open]');
    await opened
      .getByText(/"anomalous": true/)
      .first()
      .waitFor();
    await opened.getByText(/request [0-9a-f-]{36}/).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await close();
  });
});

describe('the frame', () => {
  it('applies the chosen theme before anything is drawn, dark unless chosen otherwise', async () => {
    for (const theme of ['dark', 'light'] as const) {
      const { page, close } = await openPage(browser, 'about:blank', { theme, colorScheme: 'light' });
      await page.route('**/assets/*.js', () => {});
      await page.goto(product.url, { waitUntil: 'commit' });
      await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme !== undefined);
      expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe(theme);
      await close();
    }
  });

  it('remembers that the navigation was folded', async () => {
    const { page, close } = await openPage(browser, product.url);
    await page.getByRole('button', { name: 'Fold the navigation' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Unfold the navigation' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await close();
  });

  it('lets the keyboard skip to the page', async () => {
    const { page, close } = await openPage(browser, product.url);
    await heading(page, 'Home');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await close();
  });

  it('says what is wrong, with the request id and a way on, when the API answers with an error', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.route(/\/rear-diff\/training\?/, (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 500, error: 'Database error occurred', message: 'It broke.', instance: 'r-17' }),
      }),
    );
    await page.goto(`${product.url}/training`);
    await page.getByRole('heading', { name: 'Database error occurred' }).waitFor();
    await page.getByText('r-17').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.unroute(/\/rear-diff\/training\?/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('article').waitFor();
    await close();
  });

  it('tells a screen reader of the connection only when it changes', async () => {
    const { page, close } = await openPage(browser, product.url);
    const live = page.getByRole('navigation').getByRole('status');
    await page
      .getByRole('navigation')
      .getByText(/Connected · [\d.]+ ms/)
      .waitFor();
    expect(await live.textContent()).toBe('Connected');
    await close();
  });

  it('keeps in sight that the API is away, however far the page is scrolled', async () => {
    const away = await startProduct();
    const { page, close } = await openPage(browser, `${away.url}/training?view=list`, { viewport: phone });
    await page.locator('li[data-imdb-id]').last().scrollIntoViewIfNeeded();
    await away.stopApi();
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
    await away.close();
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
    await first.waitForFunction(() => Object.keys(localStorage).every((key) => !key.startsWith('outbox.')));
    const { rows } = await plain.db.query(`SELECT count(*)::integer AS labelled FROM atp.training
      WHERE imdb_id IN (SELECT imdb_id FROM console.label_event) AND reviewed`);
    expect(rows).toEqual([{ labelled: 3 }]);
    for (const page of [first, second]) {
      expect(await page.getByText(/changed meanwhile|could not be/).count()).toBe(0);
    }

    await first.locator('footer').getByRole('button', { name: /^GET/ }).click();
    await first.getByText('URL copied').waitFor();
    await first.getByRole('searchbox').focus();
    await first.keyboard.press('Control+v');
    expect(await first.getByRole('searchbox').inputValue()).toContain('/rear-diff/training?');
    await context.close();
    await plain.close();
  });

  it('says that a page does not exist, and what of the API does not, in the API’s own form', async () => {
    const { page, close } = await openPage(browser, `${product.url}/nowhere/at-all`, { viewport: phone });
    await page.getByText('No page at /nowhere/at-all').waitFor();
    await page.goto(`${product.url}/${'nowhere'.repeat(20)}`);
    await page.getByText('Page not found').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
    await page.goto(`${product.url}/training/tt99000001/history`);
    await page.getByText('Page not found').waitFor();
    await close();
    const response = await fetch(`${product.url}/rear-diff/nowhere`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });

  it('has icons for browsers, phones and home screens', async () => {
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

  it('shows the API docs without anything from elsewhere', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}/rear-diff/docs`);
    await page.getByText('Titles of the labelled set').first().waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});

describe('an empty database', () => {
  it('is told apart from a cleared backlog', async () => {
    const empty = await startProduct({ demo: false });
    for (const path of ['/training', '/training?view=list']) {
      const { page, close } = await openPage(browser, empty.url + path, { viewport: desktop });
      await page.getByText('No titles yet').waitFor();
      expect(await page.getByText('demo catalogue', { exact: true }).count()).toBe(0);
      await close();
    }
    await empty.close();
  });
});

describe('two tabs', () => {
  it('send through one of them, and each shows how its own answers went', async () => {
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
    // The other tab, which shows the same title, shows the decision too; the first sends what is decided there.
    await second.locator('button[data-chosen]', { hasText: 'Would watch' }).waitFor();
    await second.keyboard.press('s');
    await second.keyboard.press('n');
    await second.getByRole('button', { name: 'Backlog (148)' }).waitFor();
    await second.keyboard.press('u');
    await second.getByRole('button', { name: 'Backlog (149)' }).waitFor();
    const { rows } = await two.db.query('SELECT label FROM atp.training WHERE imdb_id = $1', [id]);
    expect(rows).toEqual([{ label: 'would_watch' }]);
    await context.close();
    await two.close();
  });
});

describe('what comes back by itself', () => {
  it('is a page that was opened while the database was away, once the database answers', async () => {
    const away = await startProduct();
    const { page, close } = await openPage(browser, 'about:blank');
    let isAway = true;
    const problem = { status: 503, error: 'Database unreachable', message: 'It does not answer.', instance: 'r-18' };
    await page.route(/\/rear-diff\/training/, (route) =>
      isAway
        ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) })
        : route.continue(),
    );
    await page.route(/\/rear-diff\/meta/, async (route) => {
      const response = await route.fetch();
      const facts = (await response.json()) as { database: { reachable: boolean } };
      await route.fulfill({ response, json: { ...facts, database: { ...facts.database, reachable: !isAway } } });
    });
    await page.goto(`${away.url}/training`);
    await page.getByRole('heading', { name: 'Database unreachable' }).waitFor();
    await page.getByText('the page loads by itself').waitFor();
    isAway = false;
    await page.locator('article').waitFor();
    await close();
    await away.close();
  });

  it('keeps showing what it had while the API is back and its database is not', async () => {
    const away = await startProduct();
    const { page, close } = await openPage(browser, `${away.url}/training?view=list`);
    await page.locator('li[data-imdb-id]').first().waitFor();
    const loads: string[] = [];
    page.on('request', (request) => request.url().includes('/training?') && loads.push(request.url()));
    await away.stopApi();
    await page.getByRole('alert').getByText('The API cannot be reached').waitFor();
    let reachable = false;
    await page.route(/\/rear-diff\/meta/, async (route) => {
      // Nothing answers yet.
      const response = await route.fetch().catch(() => undefined);
      if (!response) return route.abort();
      const facts = (await response.json()) as { database: object };
      await route.fulfill({ response, json: { ...facts, database: { ...facts.database, reachable } } });
    });
    await away.startApi();
    // It is looked for every three seconds.
    await page.getByRole('navigation').getByText('Database unreachable').waitFor({ timeout: 20_000 });
    expect(loads.filter((url) => /limit=20/.test(url))).toEqual([]);
    expect(await page.locator('li[data-imdb-id]').count()).toBe(20);
    reachable = true;
    await expect.poll(() => loads.filter((url) => /limit=20/.test(url)).length).toBe(1);
    await close();
    await away.close();
  });
});

describe('the first paint', () => {
  it('shows the frame while config.json is still on its way, and the page asks where it says', async () => {
    const { page, errors, close } = await openPage(browser, 'about:blank');
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/config.json', async (route) => {
      await held;
      await route.continue();
    });
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/rear-diff/') && asked.push(request.url()));
    await page.goto(product.url, { waitUntil: 'commit' });
    await page.getByRole('link', { name: 'Training' }).first().waitFor();
    expect(asked).toEqual([]);
    answer();
    await heading(page, 'Home');
    expect(errors).toEqual([]);
    await close();
  });
});
