import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { launchBrowser } from '#harness/browser.ts';
import { type Product, type ProductOptions, startProduct } from '#harness/product.ts';

/** What journeys go through: set while they run, for a file that asked for it at its top. */

export let browser: Browser;
export let product: Product;

/** One browser for the journeys of a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
}

/** The same, and for each journey a product of its own. */
export function withProducts(options?: ProductOptions): void {
  withBrowser();
  beforeEach(async () => {
    product = await startProduct(options);
    return () => product.close();
  });
}
