import { createHash } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openPage } from '#harness/page.ts';
import type { Product } from '#harness/product.ts';

/** Shared by the journeys of the Media page. */

export const hashOf = (name: string) => createHash('sha1').update(name).digest('hex');

/** Inserts an item; just changed, it is the first of the list. */
export async function insert({ db }: Product, name: string, fields: Record<string, unknown> = {}): Promise<string> {
  const row: Record<string, unknown> = {
    hash: hashOf(name),
    media_type: 'movie',
    media_title: name,
    release_year: 1999,
    original_title: `${name}.1999.1080p`,
    original_link: `magnet:?xt=urn:btih:${hashOf(name)}`,
    ...fields,
  };
  const names = Object.keys(row);
  await db.query(
    `INSERT INTO atp.media (${names.join()}) VALUES (${names.map((_name, index) => `$${index + 1}`).join()})`,
    Object.values(row),
  );
  return row.hash as string;
}

export async function stored({ db }: Product, hash: string): Promise<Record<string, unknown>> {
  const { rows } = await db.query('SELECT * FROM atp.media WHERE hash = $1', [hash]);
  return rows[0] as Record<string, unknown>;
}

/** Polls until the value is as expected. */
export const eventually = <T>(read: () => T) => expect.poll(read);

export const openMedia = (browser: Browser, product: Product, path = '', options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, `${product.url}/media${path}`, options);

export const row = (page: Page, hash: string) => page.locator(`[data-hash="${hash}"]`);
export const hashes = (page: Page) =>
  page.locator('tbody tr').evaluateAll((rows) => rows.map((one) => (one as HTMLElement).dataset.hash));
export const dialog = (page: Page) => page.getByRole('dialog');

/** Opens the menu of an item and chooses an action. */
export async function choose(page: Page, hash: string, action: string): Promise<void> {
  await row(page, hash)
    .getByRole('button', { name: /^Actions for/ })
    .click();
  await page.getByRole('menuitem', { name: new RegExp(`^${action}`) }).click();
}
