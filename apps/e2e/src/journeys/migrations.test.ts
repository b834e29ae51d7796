import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { obstacles } from '#harness/accessibility.ts';
import { launchBrowser } from '#harness/browser.ts';
import { openPage, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** Looking at what has been done to the database: in order, when something failed, and on a history of others. */

let browser: Browser;
let product: Product;

beforeAll(async () => {
  browser = await launchBrowser();
  product = await startProduct({ demo: false });
});
afterAll(async () => {
  await browser.close();
  await product.close();
});

const failed = { script: 'V7__label_event_partitions.sql', milliseconds: 61_234 };

/** Changes the database for as long as the test runs; the second statement takes the first back. */
async function during(change: string, takeBack: string): Promise<void> {
  await product.db.query(change);
  onTestFinished(async () => void (await product.db.query(takeBack)));
}

const forget = 'DELETE FROM console.flyway_schema_history WHERE installed_rank = 99';

/** Adds a migration that began and did not end. */
const failMigration = () =>
  during(
    `INSERT INTO console.flyway_schema_history
       (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
     VALUES (99, '7', 'label event partitions', 'SQL', '${failed.script}', 12345, 'postgres', ${failed.milliseconds}, false)`,
    forget,
  );

const open = (path: string, options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, `${product.url}/migrations${path}`, options);

const rows = (page: Page) => page.locator('tbody tr').filter({ has: page.locator('button[aria-expanded]') });
const scripts = (page: Page) => rows(page).locator('td:nth-child(4)').allTextContents();
/** Waits until the table shows these files in this order. */
const shows = (page: Page, expected: string[]) => expect.poll(() => scripts(page)).toEqual(expected);
const header = (page: Page, name: string) => page.getByRole('columnheader', { name });

async function recorded(schema: 'public' | 'console', order: string): Promise<string[]> {
  const { rows } = await product.db.query<{ script: string }>(
    `SELECT script FROM ${schema}.flyway_schema_history ORDER BY ${order}`,
  );
  return rows.map(({ script }) => script);
}

describe('the history', () => {
  it('shows what the database holds, the highest version first, with its total in words', async () => {
    const { page, errors, close } = await open('');
    const expected = await recorded('public', 'version::integer DESC');
    await shows(page, expected);
    await page.getByText(`${expected.length} migrations of the platform: ${expected.length} applied`).waitFor();
    expect(await header(page, 'Version').getAttribute('aria-sort')).toBe('descending');
    expect(await page.getByText(/flyway\?schema=public&sort_by=version&sort_order=desc/).count()).toBe(1);
    expect(errors).toEqual([]);
    await close();
  });

  it('is a table of chosen columns, as close together as wanted, and a file of what is listed', async () => {
    const { page, errors, close } = await open('');
    const expected = await recorded('public', 'version::integer DESC');
    await shows(page, expected);
    const height = async () => (await rows(page).first().boundingBox())?.height ?? 0;
    const before = await height();
    await page.getByRole('button', { name: 'Columns and density' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Type' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Checksum' }).click();
    await page.getByRole('menuitemradio', { name: 'Compact' }).click();
    await header(page, 'Checksum').waitFor();
    await page.reload();
    await header(page, 'Checksum').waitFor();
    expect(await header(page, 'Type').count()).toBe(0);
    expect(await height()).toBeLessThan(before);

    const download = async (format: string) => {
      await page.getByRole('button', { name: 'Export' }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: new RegExp(`^${format}`) }).click(),
      ]);
      return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
    };
    const csv = await download('CSV');
    expect(csv.name).toBe('migrations-public.csv');
    const [names = '', ...lines] = csv.text.trimEnd().split('\r\n');
    const script = names.split(',').indexOf('script');
    expect(lines.map((line) => line.split(',')[script])).toEqual(expected);
    const json = await download('JSON');
    expect(json.name).toBe('migrations-public.json');
    expect(JSON.parse(json.text).map((row: { script: string; state: string }) => [row.script, row.state])).toEqual(
      expected.map((name) => [name, 'applied']),
    );
    expect(errors).toEqual([]);
    await close();
  });

  it('keeps schema, sort and order through a reload, and takes them back one by one', async () => {
    const { page, errors, close } = await open('');
    await rows(page).first().waitFor();
    await page.getByText('console', { exact: true }).click();
    await page.getByText(/migrations of this product/).waitFor();
    await page.getByRole('link', { name: 'Rank' }).click();
    const byRank = await recorded('console', 'installed_rank DESC');
    await shows(page, byRank);
    await page.getByRole('link', { name: 'Rank' }).click();
    await shows(page, byRank.toReversed());
    expect(new URL(page.url()).search).toBe('?schema=console&sort=installed_rank&order=asc');

    await page.reload();
    await shows(page, byRank.toReversed());
    expect(await header(page, 'Rank').getAttribute('aria-sort')).toBe('ascending');
    expect(await page.getByRole('radio', { name: 'console', exact: true }).isChecked()).toBe(true);

    await page.goBack();
    await shows(page, byRank);
    await page.goBack();
    await page.goBack();
    await page.getByText(/migrations of the platform/).waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(errors).toEqual([]);
    await close();
  });

  it('is sorted, opened and refreshed by keyboard alone', async () => {
    const { page, close } = await open('');
    const highestFirst = await recorded('public', 'version::integer DESC');
    await shows(page, highestFirst);
    await page.getByRole('link', { name: 'Version' }).focus();
    await page.keyboard.press('Enter');
    await shows(page, highestFirst.toReversed());
    expect(await header(page, 'Version').getAttribute('aria-sort')).toBe('ascending');

    const details = page.getByRole('button', { name: `Details of ${highestFirst.at(-1)}` });
    await details.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => details.getAttribute('aria-expanded')).toBe('true');
    const { rows: stored } = await product.db.query<{ checksum: number }>(
      "SELECT checksum FROM public.flyway_schema_history WHERE version = '1'",
    );
    const described = page.locator(`[id="${await details.getAttribute('aria-controls')}"]`);
    expect(await described.locator('code', { hasText: String(stored[0]?.checksum) }).count()).toBe(2);
    await described.getByText('It ran as this version ships it.').waitFor();
    await page.reload();
    await described.waitFor();
    await page.getByRole('button', { name: `Details of ${highestFirst.at(-1)}` }).press('Enter');
    await described.waitFor({ state: 'detached' });

    const answered = page.waitForResponse(/\/flyway\?schema=console/);
    await page.keyboard.press('s');
    await answered;
    await page.getByText(/migrations of this product/).waitFor();
    const refreshed = page.waitForResponse(/\/flyway\?schema=console/);
    await page.keyboard.press('r');
    await refreshed;
    await close();
  });

  it('asks the API for nothing when a row is opened', async () => {
    const { page, close } = await open('');
    await rows(page).first().waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await rows(page).first().getByRole('button').click();
    await page.getByText('Checksum recorded').waitFor();
    expect(new URL(page.url()).searchParams.getAll('open')).toHaveLength(1);
    expect(asked.filter((url) => url.includes('/flyway'))).toEqual([]);
    await close();
  });
});

describe('what is wrong', () => {
  it('a failed migration is first in sight also where the order would put it last, with what to do', async () => {
    await failMigration();
    const { page, errors, close } = await open('?schema=console&sort=installed_rank&order=asc');
    await rows(page).first().waitFor();
    expect((await scripts(page))[0]).toBe(failed.script);
    expect(await rows(page).first().textContent()).toMatch(/failed.*61\.2 s/);
    const attention = page.getByRole('region', { name: 'Wants attention' });
    expect(await attention.textContent()).toContain(failed.script);
    expect(await attention.textContent()).toContain('pnpm db:migrate repair --set console');
    expect((await attention.boundingBox())?.y).toBeLessThan((await page.locator('table').boundingBox())?.y ?? 0);
    await page.getByText(/1 failed, \d+ applied; lowest rank first after those that failed/).waitFor();

    await product.db.query(forget);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await attention.waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
    await close();
  });

  it("another project's history is said to be theirs, and nothing is compared with it", async () => {
    await product.db.query('CREATE TABLE public.put_aside AS TABLE public.flyway_schema_history');
    await during(
      "UPDATE public.flyway_schema_history SET checksum = -1, description = 'their beginning' WHERE version = '1'",
      'DROP TABLE public.put_aside',
    );
    const restore = `UPDATE public.flyway_schema_history h SET checksum = p.checksum, description = p.description
      FROM public.put_aside p WHERE p.installed_rank = h.installed_rank`;
    onTestFinished(async () => void (await product.db.query(restore)));
    const { page, close } = await open('?open=1');
    await page.getByText('Another project keeps this history').waitFor();
    await page.getByText('Its file is not shipped here, so nothing is compared.').waitFor();
    expect(await page.getByRole('region', { name: 'Wants attention' }).count()).toBe(0);
    expect(await page.getByRole('cell', { name: 'their beginning' }).count()).toBe(1);
    await product.db.query(restore);
    await page.keyboard.press('r');
    await page.getByText('Another project keeps this history').waitFor({ state: 'detached' });
    await close();
  });

  it('a missing history is said, and what is shipped is listed as pending', async () => {
    await during(
      'ALTER TABLE public.flyway_schema_history RENAME TO put_aside',
      'ALTER TABLE public.put_aside RENAME TO flyway_schema_history',
    );
    const { page, errors, close } = await open('');
    await page.getByText('There is no migration history of public').waitFor();
    await page.getByText(/6 migrations of the platform: 6 pending/).waitFor();
    await page.getByText('pnpm db:migrate --set atp').first().waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('the history stays in sight when its states cannot be loaded, and the gap is named', async () => {
    const { page, close } = await open('?schema=console');
    await rows(page).first().waitFor();
    const problem = { success: false, error: 'Database error', message: 'It was not to be.', instance: 'req-7' };
    await page.route('**/flyway/migrations?*', (route) => route.fulfill({ status: 500, json: problem }));
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText(/the state of each migration: It was not to be. \(request req-7\)/).waitFor();
    await shows(page, await recorded('console', 'version::integer DESC NULLS LAST'));
    await close();
  });
});

describe('without the API', () => {
  it('the page keeps what it had under a banner, also when it is refreshed, and recovers by itself', async () => {
    const { page, errors, close } = await open('?schema=console');
    const expected = await recorded('console', 'version::integer DESC NULLS LAST');
    await shows(page, expected);
    await product.stopApi();
    await page.getByRole('button', { name: 'Refresh' }).click();
    const banner = page.getByRole('alert').filter({ hasText: 'The API cannot be reached' });
    await banner.waitFor();
    await page.keyboard.press('r');
    await page.getByRole('button', { name: 'Ask now' }).click();
    expect(await scripts(page)).toEqual(expected);

    await failMigration();
    await product.startApi();
    await banner.waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'Wants attention' }).waitFor();
    await shows(page, [failed.script, ...expected]);
    expect(errors).toEqual([]);
    await close();
  });
});

describe('for everyone', () => {
  it('fits a phone without scrolling sideways, with every fact of a row and a way to sort', async () => {
    await failMigration();
    const { page, errors, close } = await open('?schema=console&open=99', { viewport: phone });
    await rows(page).first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
    for (const text of ['label event partitions', failed.script, 'postgres', '61.2 s', 'failed']) {
      expect(await rows(page).first().textContent()).toContain(text);
    }
    await page.getByRole('link', { name: 'Installed' }).click();
    await page.waitForURL(/sort=installed_on/);
    expect(errors).toEqual([]);
    await close();
  });

  it('has no serious accessibility finding and fits, on a desk and on a phone, in both themes', async () => {
    await failMigration();
    const { page, close } = await open('?schema=console&open=99');
    await page.getByText('Checksum recorded').waitFor();
    expect(await obstacles(page)).toEqual([]);
    await close();
  });
});
