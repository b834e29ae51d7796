import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { accessibilityFindings } from '#harness/accessibility.ts';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { inSight, openPage } from '#harness/page.ts';
import { allSent, refuse, titles } from '#harness/training-page.ts';

/** Titles twenty a page: found by filters, decided by key, changed many at once. */

withProducts();

describe('filters', () => {
  it('live in the URL: reload and back bring them again', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.getByText('1–20 of 150, unreviewed movies').waitFor();
    await page.getByRole('button', { name: /^Filters/ }).click();
    await page.getByLabel('Reviewed').selectOption('all');
    await page.getByText(/of 2,003, all movies/).waitFor();
    await page.getByLabel('Order').selectOption('likely');
    await page.getByLabel('Label', { exact: true }).selectOption('would_not_watch');
    await page.getByText(/all movies, would not watch/).waitFor();
    const url = new URL(page.url());
    expect(Object.fromEntries(url.searchParams)).toEqual({
      view: 'list',
      reviewed: 'all',
      order: 'likely',
      label: 'would_not_watch',
    });
    const first = await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id');
    await page.reload();
    await page.locator(`li[data-imdb-id="${first}"]`).waitFor();
    await page.goBack();
    await page.getByText(/^1–20 of 2,003, all movies$/).waitFor();
    await close();
  });

  it('search as you type, take % and _ as themselves, and say what matched nothing', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list&reviewed=all`);
    await page.getByRole('searchbox').fill('alien');
    await page.getByText(/matching "alien"/).waitFor();
    await page.getByRole('button', { name: 'My Stepmother Is an Alien', exact: true }).waitFor();
    await page.getByRole('searchbox').fill('%%%');
    await page.getByText('No title matches').waitFor();
    await page.getByRole('button', { name: 'Back to the backlog' }).click();
    await page.getByText('1–20 of 150, unreviewed movies').waitFor();
    await close();
  });
});

describe('a link', () => {
  it('with filters that mean nothing shows what it does mean', async () => {
    const hostile = new URLSearchParams({
      view: 'list',
      origin_country: 'USA,US',
      original_language: 'english',
      genre: 'x'.repeat(60),
      q: `the\0${'y'.repeat(600)}`,
      seed: 'z'.repeat(100),
      order: 'random',
      release_year_min: '1e999',
    });
    const { page, errors, close } = await openPage(browser, `${product.url}/training?${hostile}`);
    await page.getByText('No title matches').waitFor();
    await page.getByText(/United States/).waitFor();
    expect(errors).toEqual([]);
    await page.goto(`${product.url}/training?view=list&page=2147483648`);
    await page.getByText(/^1–20 of 150/).waitFor();
    await close();
  });
});

describe('the list', () => {
  it('labels the selected row by key, shows it at once, and undoes it from the message', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    const rows = page.locator('li[data-imdb-id]');
    const id = (await rows.first().getAttribute('data-imdb-id')) as string;
    await page.keyboard.press('j');
    expect(new URL(page.url()).searchParams.get('title')).toBe(id);
    await page.reload();
    await page.locator(`li[data-imdb-id="${id}"][aria-current]`).waitFor();
    await page.keyboard.press('w');
    await page.locator(`li[data-imdb-id="${id}"] button[data-chosen]`, { hasText: 'Would' }).waitFor();
    await allSent(page);
    expect((await titles(product, [id])).get(id)?.label).toBe('would_watch');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator(`li[data-imdb-id="${id}"] button[data-chosen]`).waitFor({ state: 'detached' });
    await allSent(page);
    expect((await titles(product, [id])).get(id)).toMatchObject({ label: null, human_labeled: false, reviewed: false });
    await close();
  });

  it('answers to keys after a click on the view, and after a search that Enter has ended', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await page.getByText('List', { exact: true }).click();
    await page.getByText('1–20 of 150').waitFor();
    await page.keyboard.press('j');
    await page.locator('li[aria-current]').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('the');
    await page.getByText(/matching "the"/).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('j');
    await page.locator('li[aria-current]').waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('the');
    await close();
  });

  it('takes back with a change those that followed on the same title', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    const row = page.locator('li[data-imdb-id]').first();
    const id = (await row.getAttribute('data-imdb-id')) as string;
    await row.getByRole('button', { name: /^would watch/ }).click();
    await row.getByRole('button', { name: /^would not watch/ }).click();
    await allSent(page);
    await page.getByRole('button', { name: 'Undo' }).first().click();
    await row.getByText('unlabelled').waitFor();
    await allSent(page);
    await row.getByText('unlabelled').waitFor();
    expect((await titles(product, [id])).get(id)).toMatchObject({ label: null, human_labeled: false, reviewed: false });
    await close();
  });

  it('shows what stands when a change is refused', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`, { theme: 'light' });
    const row = page.locator('li[data-imdb-id]').first();
    await row.getByRole('button', { name: /^would watch/ }).click();
    await allSent(page);
    await refuse(page, /\/training\/tt\d+$/);
    await row.getByRole('button', { name: /^Anomalous/ }).click();
    await page.getByRole('alert').getByText('The disk is full.').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await row.getByText('reviewed by a person').waitFor();
    expect(await row.getByRole('button', { name: /^Anomalous/ }).getAttribute('aria-pressed')).toBe('false');
    await close();
  });

  it('shows what another tab decides', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    const id = await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id');
    const other = await page.context().newPage();
    await other.goto(`${product.url}/training?title=${id}`);
    await other.locator(`article[data-imdb-id="${id}"]`).waitFor();
    await other.keyboard.press('n');
    await page.locator(`li[data-imdb-id="${id}"] button[data-chosen]`, { hasText: 'Would not watch' }).waitFor();
    await close();
  });

  it('keeps every Undo for its seven seconds, however fast one answers, the latest in sight', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.clock.install();
    await page.goto(`${product.url}/training?view=list`);
    const last = await page.locator('li[data-imdb-id]').nth(5).getByRole('heading').locator('bdi').textContent();
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
    await page.keyboard.press('j');
    for (let count = 0; count < 6; count += 1) await page.keyboard.press('n');
    const message = page.getByRole('status').filter({ hasText: `${last}` });
    await message.waitFor();
    const undos = page.getByRole('button', { name: 'Undo' });
    await page.clock.runFor(7_000);
    expect(await undos.count()).toBe(6);
    // Nor does anything else speak of each title, such as that no files were removed where none ever are.
    await allSent(page);
    expect(await page.getByRole('status').filter({ hasText: 'File deletion' }).count()).toBe(0);
    expect(await inSight(message)).toBe(true);
    await undos.first().focus();
    expect(await inSight(undos.first())).toBe(true);
    await page.clock.runFor(2_000);
    // What has the focus stays.
    await expect.poll(() => undos.count()).toBe(1);
    await close();
  });

  it('begins another page at its top, and selects nothing there', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.locator('li[data-imdb-id]').first().waitFor();
    await page.keyboard.press('j');
    const id = new URL(page.url()).searchParams.get('title');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('21–40 of 150').waitFor();
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
    await page.keyboard.press('j');
    await page.goBack();
    await page.locator(`li[data-imdb-id="${id}"][aria-current]`).waitFor();
    await close();
  });

  it('brings the selected title and its details again over a reload, in sight, and asks nothing to note them', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.locator('li[data-imdb-id]').first().waitFor();
    const asked: string[] = [];
    page.on('request', (request) => /\/training\?/.test(request.url()) && asked.push(request.url()));
    for (let count = 0; count < 12; count += 1) await page.keyboard.press('j');
    await page.keyboard.press('d');
    const selected = page.locator('li[aria-current]');
    await selected.getByRole('button', { expanded: true }).waitFor();
    const id = await selected.getAttribute('data-imdb-id');
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ view: 'list', title: id, open: id });
    expect(asked).toEqual([]);
    await page.reload();
    await page.locator(`li[data-imdb-id="${id}"][aria-current]`).getByRole('button', { expanded: true }).waitFor();
    await expect.poll(() => inSight(selected)).toBe(true);
    await close();
  });

  it('says so when a total is only known to be at least so many', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.route(/\/training\?.*count=estimated/, async (route) => {
      const response = await route.fetch();
      const list = (await response.json()) as { pagination: object };
      const pagination = { ...list.pagination, total: 10_000, total_is_estimate: true };
      await route.fulfill({ response, json: { ...list, pagination } });
    });
    await page.goto(`${product.url}/training?view=list&reviewed=all`);
    await page.getByText('1–20 of 10,000+, all movies').waitFor();
    await page.getByText('Page 1 of 500+').waitFor();
    await close();
  });

  it('pages through with keys, and the page is in the URL', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.getByText('Page 1 of 8').waitFor();
    await page.keyboard.press(']');
    await page.getByText('21–40 of 150, unreviewed movies').waitFor();
    expect(new URL(page.url()).searchParams.get('page')).toBe('2');
    await close();
  });
});

describe('paging while one answers', () => {
  it('passes no title over, however many of the page were answered', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    const rows = page.locator('li[data-imdb-id]');
    const shownIds = () => rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-imdb-id') as string));
    await rows.first().waitFor();
    const first = await shownIds();
    const { rows: waiting } = await product.db.query<{ imdb_id: string }>(
      `SELECT imdb_id FROM atp.training WHERE media_type = 'movie' AND NOT coalesce(reviewed, false)
       ORDER BY updated_at DESC, imdb_id DESC`,
    );
    const before = waiting.map(({ imdb_id }) => imdb_id);
    expect(before.slice(0, 20).toSorted()).toEqual(first.toSorted());
    await page.keyboard.press('j');
    for (let count = 0; count < 20; count += 1) await page.keyboard.press('n');
    await allSent(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('1–20 of 130, unreviewed movies').waitFor();
    expect((await shownIds()).toSorted()).toEqual(before.slice(20, 40).toSorted());
    expect(await page.getByRole('button', { name: 'Previous' }).isDisabled()).toBe(true);
    await page.reload();
    await rows.first().waitFor();
    expect((await shownIds()).toSorted()).toEqual(before.slice(20, 40).toSorted());
    await close();
  });

  it('goes on by the place in the list when a link carries a cursor that is none', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list&page=2&cursor=nonsense`);
    await page.getByText('21–40 of 150, unreviewed movies').waitFor();
    await close();
  });
});

describe('the export', () => {
  it('downloads every title of the filter, in the order of the list', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list&genre=Horror&reviewed=all`);
    await page.getByText(/of \d+, all movies, Horror/).waitFor();
    const first = await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id');
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /^JSON/ }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^training-.*\.json$/);
    const titles = JSON.parse(await readFile(await download.path(), 'utf8')) as { imdb_id: string; genre: string[] }[];
    const { rows } = await product.db.query<{ count: number }>(
      "SELECT count(*)::integer AS count FROM atp.training WHERE media_type = 'movie' AND 'Horror' = ANY(genre)",
    );
    expect(titles).toHaveLength(rows[0]?.count ?? -1);
    expect(titles[0]?.imdb_id).toBe(first);
    expect(titles.every(({ genre }) => genre.includes('Horror'))).toBe(true);
    await close();
  });
});

describe('metadata', () => {
  it('is asked for anew by key; that nothing fetches it yet is told as such', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.locator('li[data-imdb-id]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('r');
    await page
      .getByRole('status')
      .getByText(/not available yet/)
      .waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    const button = page
      .locator('li[data-imdb-id]')
      .nth(1)
      .getByRole('button', { name: /^Refresh metadata/ });
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    await page.route(/rerun_metadata$/, (route) =>
      route.fulfill({ status: 202, json: { success: true, message: 'Metadata refresh requested', run_id: '1' } }),
    );
    await button.click();
    await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
    await close();
  });
});

describe('many titles at once', () => {
  const states = async (ids: string[]) => [...(await titles(product, ids)).values()].map(({ label }) => label);

  it('are labelled after a look at what that concerns, and all of it is taken back by one button', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}/training?view=list`);
    const rows = page.locator('li[data-imdb-id]');
    await rows.first().waitFor();
    const ids = await rows.evaluateAll((all) =>
      all.slice(1, 5).map((row) => row.getAttribute('data-imdb-id') as string),
    );
    await rows.nth(1).getByRole('checkbox').click();
    await rows
      .nth(4)
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] });
    const bar = page.getByRole('region', { name: 'Selection' });
    await bar.getByText('4 rows selected').waitFor();
    await bar.getByRole('button', { name: 'Would watch' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/Nothing has changed yet/).waitFor();
    expect(await states(ids)).toEqual([null, null, null, null]);
    await dialog.getByRole('button', { name: 'Label 4 titles' }).click();
    await dialog.getByText('4 done').waitFor();
    expect(await states(ids)).toEqual(Array(4).fill('would_watch'));
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => states(ids)).toEqual([null, null, null, null]);
    await dialog.getByText('Would watch undone').waitFor();
    await dialog.getByText('4 done').waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByText('1–20 of 150, unreviewed movies').waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('can be all that match, and what somebody else changes first is left alone and named', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.locator('li[data-imdb-id]').first().waitFor();
    const id = (await page.locator('li[data-imdb-id]').nth(2).getAttribute('data-imdb-id')) as string;
    await page.getByRole('checkbox', { name: 'Select all rows on this page' }).click();
    await page.getByRole('button', { name: 'Select all 150 that match' }).click();
    await page.getByText('150 rows selected').waitFor();
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Anomalous', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('and 140 more').waitFor();
    await product.db.query("UPDATE atp.training SET tagline = 'New', updated_at = now() WHERE imdb_id = $1", [id]);
    await dialog.getByRole('button', { name: 'Mark 150 titles' }).click();
    await dialog.getByText('149 done, 1 skipped: edited since').waitFor();
    await dialog.getByRole('region', { name: 'Not done, or only in part' }).waitFor();
    const { rows } = await product.db.query(
      "SELECT count(*)::integer AS count FROM atp.training WHERE anomalous AND media_type = 'movie' AND NOT coalesce(reviewed, false)",
    );
    expect(rows).toEqual([{ count: 149 }]);
    expect(await accessibilityFindings(page)).toEqual([]);
    await close();
  });

  it('that were all of the list leave what became of them on the screen, with Undo', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}/training?view=list`);
    const first = page.locator('li[data-imdb-id]').first();
    const id = (await first.getAttribute('data-imdb-id')) as string;
    await page.goto(`${product.url}/training?view=list&q=${id}`);
    await page.getByText('1–1 of 1,').waitFor();
    await first.getByRole('checkbox').click();
    await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Would watch' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Label 1 title' }).click();
    await page.getByText('No title matches').waitFor();
    await dialog.getByText('1 done').waitFor();
    expect(await states([id])).toEqual(['would_watch']);
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => states([id])).toEqual([null]);
    await page.getByText('1–1 of 1,').waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});
