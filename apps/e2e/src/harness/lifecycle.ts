import type { Browser } from 'playwright-core';
import { beforeAll, beforeEach } from 'vitest';
import { launchBrowser } from '#harness/browser.ts';
import { type Product, type ProductOptions, startProduct } from '#harness/product.ts';

/** The browser and the product of a file's journeys: set while they run, if the file calls a function below at its top. */

export let browser: Browser;
export let product: Product;

/** One browser for all journeys that run in this process; it ends with it. No page outlives its file. */
export function withBrowser(): void {
  beforeAll(async () => {
    if (!browser?.isConnected()) browser = await launchBrowser();
    return async () => void (await Promise.all(browser.contexts().map((context) => context.close())));
  });
}

/** One browser for the journeys of a file, and a new product for each journey. */
export function withProducts(options?: ProductOptions): void {
  withBrowser();
  beforeEach(async () => {
    product = await startProduct(options);
    return () => product.close();
  });
}
