import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { obstacles } from '#harness/accessibility.ts';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { choose, dialog, eventually, hashes, insert, openMedia, refuse, row, stored } from '#harness/media-page.ts';
import { desktop, inSight, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** Looking for what is stuck in the pipeline. */

let product: Product;

withBrowser();

const total = (page: Page) => page.getByRole('status').filter({ hasText: /^\d.* of / });

describe('on the demo catalogue', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    product = await startProduct();
    return () => product.close();
  });
  it('finds by title and by the start of a hash, filters, sorts and pages, all of it in the address', async () => {
    const { page, errors, close } = await openMedia(browser, product);
    await page.getByRole('table').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('Half Baked');
    await eventually(() => total(page).textContent()).toBe('1–1 of 1, media items, matching "Half Baked"');
    const [found] = (await hashes(page)) as [string];
    await page.getByLabel('Search by title, hash or IMDb id').fill(found.slice(0, 10));
    await eventually(() => total(page).textContent()).toContain(`matching "${found.slice(0, 10)}"`);
    expect(await hashes(page)).toEqual([found]);
    await page.getByLabel('Search by title, hash or IMDb id').fill('');

    await page.getByRole('button', { name: /^In Transmission/ }).click();
    await eventually(() => total(page).textContent()).toContain('media items, in Transmission');
    await page.getByRole('button', { name: /^Filters/ }).click();
    await page.getByLabel('Type', { exact: true }).selectOption('movie');
    await page.getByLabel('Year at least').fill('1990');
    await eventually(() => total(page).textContent()).toContain('movies, in Transmission, from 1990');
    await page.getByRole('link', { name: 'Title' }).click();
    await eventually(() => new URL(page.url()).searchParams.get('sort_by')).toBe('media_title');
    const query = `SELECT hash FROM atp.media WHERE deleted_at IS NULL AND media_type = 'movie' AND release_year >= 1990
      AND pipeline_status IN ('downloading', 'downloaded', 'transferred') ORDER BY media_title, hash`;
    const expected = (await product.db.query<{ hash: string }>(query)).rows.map(({ hash }) => hash);
    await eventually(() => hashes(page)).toEqual(expected.slice(0, 20));

    await page.getByLabel('Rows per page').selectOption('50');
    await eventually(() => hashes(page)).toEqual(expected.slice(0, 50));
    const asked: string[] = [];
    page.on('request', (request) => /\/media\/?\?/.test(request.url()) && asked.push(request.url()));
    for (let count = 0; count < 16; count += 1) await page.keyboard.press('j');
    const current = row(page, expected[15] as string);
    expect(new URL(page.url()).searchParams.get('row')).toBe(expected[15]);
    expect(asked).toEqual([]);
    await page.reload();
    await eventually(() => hashes(page)).toEqual(expected.slice(0, 50));
    expect(await current.getAttribute('data-current')).toBe('true');
    expect(await inSight(current)).toBe(true);
    await page.keyboard.press('Enter');
    await dialog(page).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/media/${expected[15]}`);
    // Behind the dialog, where no role is seen; the line says what is looked at.
    const line = page.locator('footer');
    await line.getByText(`/media/${expected[15]}`).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await line.getByText(/\/media\/\?/).waitFor();
    await page.goBack();
    await eventually(() => hashes(page)).toEqual(expected.slice(0, 20));
    expect(errors).toEqual([]);
    await close();
  });

  it('pages on without passing over what a fix has moved out of the filter', async () => {
    const { page, close } = await openMedia(browser, product, '?error_status=true&sort_by=created_at');
    const query =
      'SELECT hash FROM atp.media WHERE error_status AND deleted_at IS NULL ORDER BY created_at DESC, hash DESC';
    const expected = (await product.db.query<{ hash: string }>(query)).rows.map(({ hash }) => hash);
    await eventually(() => hashes(page)).toEqual(expected.slice(0, 20));
    for (const hash of expected.slice(0, 3)) {
      await row(page, hash)
        .getByRole('button', { name: /^Re-ingest/ })
        .click();
      await row(page, hash).getByText('ingested', { exact: true }).waitFor();
    }
    await page.getByRole('button', { name: 'Next' }).click();
    await eventually(() => hashes(page)).toEqual(expected.slice(20, 40));
    await close();
  });

  it('follows what others change in place, without moving a row', async () => {
    const { page, errors, close } = await openMedia(browser, product, '?sort_by=created_at');
    await page.getByRole('table').waitFor();
    const before = await hashes(page);
    const changed = before[3] as string;
    await product.db.query("UPDATE atp.media SET pipeline_status = 'complete' WHERE hash = $1", [changed]);
    await row(page, changed).getByText('complete', { exact: true }).waitFor();
    expect(await hashes(page)).toEqual(before);
    await insert(product, 'Newcomer', { created_at: '2035-01-01T00:00:00Z' });
    await page.getByRole('button', { name: '+1 new' }).click();
    await page.getByRole('link', { name: 'Newcomer' }).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Page 2 of').waitFor();
    await insert(product, 'Latecomer', { created_at: '2035-01-02T00:00:00Z' });
    await page.getByRole('button', { name: '+1 new' }).click();
    await page.getByRole('link', { name: 'Latecomer' }).waitFor();
    expect(new URL(page.url()).search).toBe('?sort_by=created_at');
    expect(errors).toEqual([]);
    await close();
  });

  it('shows the pipeline as a board whose columns hold the true counts and grow on demand', async () => {
    const { page, errors, close } = await openMedia(browser, product, '?view=board');
    const { rows } = await product.db.query<{ status: string; count: number }>(
      'SELECT pipeline_status::text AS status, count(*)::integer FROM atp.media WHERE deleted_at IS NULL GROUP BY 1',
    );
    for (const { status, count } of rows) {
      await page.getByRole('region', { name: `${status.replaceAll('_', ' ')}: ${count}` }).waitFor();
    }
    const rejected = page.getByRole('region', { name: /^rejected:/ });
    await eventually(() => rejected.getByRole('listitem').count()).toBe(20);
    await rejected.getByRole('button', { name: 'Show 20 more' }).press('Enter');
    await eventually(() => rejected.getByRole('listitem').count()).toBe(40);
    const all = rows.reduce((sum, { count }) => sum + count, 0).toLocaleString('en');
    const shown = rows.reduce((sum, { status, count }) => sum + Math.min(status === 'rejected' ? 40 : 20, count), 0);
    await page.getByText(`${shown} of ${all}, media items`, { exact: true }).waitFor();
    const [first] = await rejected.getByRole('listitem').evaluateAll((all) => all.map((one) => one.dataset.hash));
    await product.db.query("UPDATE atp.media SET pipeline_status = 'complete' WHERE hash = $1", [first]);
    await page.keyboard.press('r');
    await eventually(() => rejected.locator(`[data-hash="${first}"]`).count()).toBe(0);
    expect(await rejected.getByRole('listitem').count()).toBe(40);
    await page.getByRole('button', { name: /^Errors/ }).click();
    await eventually(() => rejected.getByRole('listitem').count()).toBeLessThan(20);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
    expect(errors).toEqual([]);
    await close();
  });

  it('tells the states apart: nothing matches, an error with its request, slow, and away', async () => {
    const { page, close } = await openMedia(browser, product, '?q=nothing+is+called+so');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await page.getByRole('table').waitFor();

    const shown = await hashes(page);
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(/\/rear-diff\/media\/\?/, async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole('button', { name: /^Errors/ }).click();
    // The page before stays until the next is there; what is asked for meanwhile builds on what was asked before.
    expect(await hashes(page)).toEqual(shown);
    await page.getByRole('link', { name: 'Title' }).click();
    await page.getByRole('columnheader', { name: 'Title' }).and(page.locator('[aria-sort="ascending"]')).waitFor();
    await page.getByLabel('Rows per page').selectOption('50');
    expect(await hashes(page)).toEqual(shown);
    answer();
    await eventually(() => new URL(page.url()).search).toBe(
      '?error_status=true&sort_by=media_title&sort_order=asc&limit=50',
    );
    const inError = `SELECT hash FROM atp.media WHERE error_status AND deleted_at IS NULL ORDER BY media_title, hash LIMIT 50`;
    const expected = (await product.db.query<{ hash: string }>(inError)).rows.map(({ hash }) => hash);
    await eventually(() => hashes(page)).toEqual(expected);
    await page.unroute(/\/rear-diff\/media\/\?/);

    await refuse(page, /\/rear-diff\/media\/\?/, {
      status: 500,
      error: 'Database error',
      message: 'The disk is full.',
    });
    await page.goto(`${product.url}/media`);
    await page.getByText('The disk is full.').waitFor();
    await page.getByText('r1').waitFor();
    await page.unroute(/\/rear-diff\/media\/\?/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('table').waitFor();

    const [hash] = (await hashes(page)) as [string];
    const before = await stored(product, hash);
    await product.stopApi();
    await choose(page, hash, before.pipeline_status === 'complete' ? 'Re-ingest' : 'Delete');
    await page.getByText(/It may have been done/).waitFor();
    expect(await stored(product, hash)).toEqual(before);
    await product.startApi();
    await close();
  });

  it('fits a phone', async () => {
    for (const path of ['', '?view=board']) {
      const { page, errors, close } = await openMedia(browser, product, path, { viewport: phone });
      await page.getByRole('link', { name: "Angela's Ashes" }).first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
      if (path === '') {
        await page.getByRole('link', { name: "Angela's Ashes" }).first().click();
        await dialog(page).getByText('Paths and links').waitFor();
        expect(await dialog(page).evaluate((element) => element.scrollWidth)).toBeLessThanOrEqual(phone.width);
      }
      expect(errors).toEqual([]);
      await close();
    }
  });
});

describe('an empty database', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    product = await startProduct({ demo: false });
    return () => product.close();
  });

  it('says that there is nothing yet, as a table and as a board', async () => {
    for (const path of ['', '?view=board', '?error_status=true']) {
      const { page, errors, close } = await openMedia(browser, product, path);
      await page.getByText('No media yet').waitFor();
      expect(errors).toEqual([]);
      await close();
    }
  });

  it('shows hostile text as text, in every field and at any length', async () => {
    const hostile = '\u202e<img src=x onerror="document.title=1">"\'`💥';
    const long = 'x'.repeat(500);
    const item = await insert(product, 'hostile', {
      media_title: `${hostile}${long}`.slice(0, 255),
      original_title: hostile + long,
      error_status: true,
      error_condition: hostile + long,
      rejection_status: 'rejected',
      rejection_reason: hostile + long,
      parent_path: hostile + long,
      target_path: hostile + long,
      original_path: hostile + long,
      original_link: `javascript:alert(document.domain)//${long}`,
      uploader: hostile.slice(0, 25),
      resolution: '\u202e<b>x',
      video_codec: '<i>💥',
      audio_codec: '<i>💥',
      upload_type: '<i>💥',
    });
    const { page, errors, close } = await openMedia(browser, product, '', { viewport: phone });
    for (const viewport of [phone, desktop]) {
      await page.setViewportSize(viewport);
      await page.goto(`${product.url}/media`);
      await row(page, item).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
      expect(await page.locator('main img').count()).toBe(0);
      await row(page, item).getByRole('link').click();
      await dialog(page).getByText('Paths and links').waitFor();
      expect(await dialog(page).locator('img').count()).toBe(0);
      // A link only where its scheme is harmless.
      expect(await dialog(page).locator('a[href^="javascript"]').count()).toBe(0);
      await dialog(page).getByText('javascript:alert').waitFor();
      expect(await dialog(page).evaluate((element) => element.scrollWidth)).toBeLessThanOrEqual(viewport.width);
      await page.keyboard.press('Escape');
      await page.getByText('Board', { exact: true }).click();
      await row(page, item).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    }
    expect(errors).toEqual([]);
    await close();
  });

  it('has no serious accessibility finding and fits, on a desk and on a phone, in both themes', async () => {
    const item = await insert(product, 'Accessible', { error_status: true, error_condition: 'x' });
    await insert(product, 'Refused', {
      rejection_status: 'rejected',
      rejection_reason: 'x',
      pipeline_status: 'rejected',
    });
    await insert(product, 'On its way', { rejection_status: 'accepted', pipeline_status: 'downloading' });
    await insert(product, 'Done', { rejection_status: 'override', pipeline_status: 'complete' });
    await insert(product, 'Held', { pipeline_status: 'paused', deleted_at: '2025-01-01T00:00:00Z' });
    const { page, close } = await openMedia(browser, product, '?deleted=include');
    await row(page, item).waitFor();
    await page.getByRole('button', { name: /^Filters/ }).click();
    await page.getByLabel('Year at least').waitFor();
    expect(await obstacles(page)).toEqual([]);
    await page.getByRole('link', { name: 'Accessible' }).click();
    await dialog(page).getByText('Paths and links').waitFor();
    expect(await obstacles(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByText('Board', { exact: true }).click();
    await page.getByRole('region', { name: 'Pipeline' }).waitFor();
    expect(await obstacles(page)).toEqual([]);
    await page.getByRole('button', { name: 'Legend' }).click();
    await dialog(page).getByText('soft-deleted').waitFor();
    expect(await obstacles(page)).toEqual([]);
    await close();
  });
});
