import { addresses } from '@at/console/features';
import { generateRows } from '@at/db/generated-rows';
import { sized } from '@at/db/test-size';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { obstacles } from '#harness/accessibility.ts';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { desktop, openPage, overflow, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** What every page promises, whatever the database holds and however the API fares. */

const pages = Object.values(addresses);

withBrowser();

/** The page has come: its heading is there and nothing is loading any more. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('main [aria-busy="true"]').length === 0);
  await page.waitForLoadState('load');
}

/** Everything but the stream of events, which goes on for ever. */
const api = /\/rear-diff\/(?!events)/;

describe.each([
  ['an empty database', async () => {}],
  ['one row of each kind, with hostile text in every field', fillHostile],
])('on %s', (_name, fill) => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ demo: false });
    await fill(product.db);
    return () => product.close();
  });

  it.each(pages)('%s can be read on a desk and on a phone, and by everybody', async (path) => {
    const { page, errors, close } = await openPage(browser, product.url + path);
    await settled(page);
    const looks = [
      { theme: 'dark', viewport: desktop },
      { theme: 'light', viewport: phone },
    ] as const;
    expect(await obstacles(page, looks)).toEqual([]);
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    expect(errors).toEqual([]);
    await close();
  });
});

describe('on thousands of rows', () => {
  let product: Product;
  let filled: TestDatabase;
  beforeAll(async () => {
    filled = await createTestDatabase('full');
    const client = new pg.Client(filled.connectionString);
    await client.connect();
    await generateRows(client, sized(5_000, 100_000));
    await client.query('ANALYZE');
    await client.end();
    product = await startProduct({ from: filled });
    return async () => {
      await product.close();
      await filled.drop();
    };
  }, 120_000);

  it.each(pages)('%s comes', async (path) => {
    const { page, errors, close } = await openPage(browser, product.url + path);
    await settled(page);
    expect(await overflow(page)).toBe(0);
    expect(errors).toEqual([]);
    await close();
  });
});

describe('when the API fares badly', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct();
    return () => product.close();
  });
  // A page of its own without the API behind it.
  const open = async (path: string, route: Parameters<Page['route']>[1]) => {
    const opened = await openPage(browser, 'about:blank');
    await opened.page.route(api, route);
    await opened.page.goto(product.url + path);
    return opened;
  };

  it.each(pages)('%s says that the API cannot be reached, and comes when it is back', async (path) => {
    const { page, errors, close } = await open(path, (route) => route.abort());
    await page.getByRole('alert').filter({ hasText: 'The API cannot be reached' }).waitFor();
    await page.unroute(api);
    // The console asks by itself every few seconds, so the button may be gone before it is met.
    const gone = page
      .getByRole('alert')
      .filter({ hasText: 'The API cannot be reached' })
      .waitFor({ state: 'detached' });
    const asked = page
      .getByRole('button', { name: 'Retry now' })
      .click()
      .catch(() => {});
    await Promise.race([gone, asked]);
    await settled(page);
    await gone;
    expect(errors).toEqual([]);
    await close();
  });

  it.each(pages)('%s shows that it is loading until the replies are there, and then comes', async (path) => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { page, errors, close } = await open(path, async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole('navigation', { name: 'Pages' }).first().waitFor();
    await page.getByRole('status').getByText('Loading the page').waitFor();
    answer();
    await settled(page);
    expect(errors).toEqual([]);
    await close();
  });

  it.each(pages.filter((path) => path !== '/settings'))('%s names the request that failed', async (path) => {
    const { page, errors, close } = await open(path, (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          success: false,
          error: 'Database error occurred',
          message: 'The statement failed.',
          type: 'about:blank',
          title: 'Internal Server Error',
          status: 500,
          detail: 'The statement failed.',
          instance: 'request-4711',
        }),
      }),
    );
    await page.locator('main').getByText('request-4711').first().waitFor();
    expect(await overflow(page)).toBe(0);
    expect(errors).toEqual([]);
    await close();
  });
});

const hostile = `<img src=x onerror="attacked=1"> \u202e'"\`\${7}{{7}}% 💥${'x'.repeat(120)}`;

/** One title, its prediction and its media item, with hostile text wherever text fits; cut where a column ends. */
async function fillHostile(db: pg.Client): Promise<void> {
  const cut = (length: number) => [...hostile].slice(0, length).join('');
  await insert(db, 'atp.training', {
    imdb_id: 'tt0000001',
    media_type: 'movie',
    media_title: cut(255),
    original_media_title: cut(255),
    tagline: cut(255),
    overview: hostile.repeat(20),
    production_status: cut(25),
    release_year: 2001,
    genre: [cut(20)],
    origin_country: ['<b'],
    original_language: '<b',
    production_companies: [cut(255)],
    production_countries: ['<b'],
    spoken_languages: ['<b'],
  });
  await insert(db, 'atp.prediction', { imdb_id: 'tt0000001', prediction: 1, probability: 0.5, cm_value: 'fp' });
  await insert(db, 'atp.media', {
    hash: 'a1'.repeat(20),
    media_type: 'movie',
    media_title: cut(255),
    original_title: hostile,
    imdb_id: 'tt0000001',
    pipeline_status: 'parsed',
    error_status: true,
    error_condition: hostile,
    rejection_status: 'rejected',
    rejection_reason: hostile,
    parent_path: hostile,
    target_path: hostile,
    original_path: hostile,
    original_link: `javascript:attacked=1//${hostile}`,
    uploader: cut(25),
    resolution: cut(10),
    video_codec: cut(10),
    upload_type: cut(10),
    audio_codec: cut(10),
  });
}

async function insert(db: pg.Client, table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row);
  await db.query(
    `INSERT INTO ${table} (${names.join()}) VALUES (${names.map((_, i) => `$${i + 1}`).join()})`,
    Object.values(row),
  );
}
