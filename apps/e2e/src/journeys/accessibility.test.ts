import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { obstacles } from '#harness/accessibility.ts';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { openPage } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** States that an address alone does not bring about; `pages.test.ts` has the others. */

let product: Product;
withBrowser();
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

type State = {
  name: string;
  path: string;
  /** SQL that runs first. */
  given?: string;
  /** Brings the state about and waits for it. */
  reach: (page: Page) => Promise<unknown>;
};

const states: State[] = [
  {
    name: 'a failed migration with its details',
    path: '/migrations?schema=console&open=99',
    given: `INSERT INTO console.flyway_schema_history
      (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
      VALUES (99, '7', 'label event partitions', 'SQL', 'V7__partitions.sql', 12345, 'postgres', 61234, false)`,
    reach: (page) => page.getByText('Checksum recorded').waitFor(),
  },
];

it.each(states)('$name: no serious finding and nothing wider than the screen', async ({ path, given, reach }) => {
  if (given) await product.db.query(given);
  const { page, errors, close } = await openPage(browser, product.url + path);
  await reach(page);
  expect(await obstacles(page)).toEqual([]);
  expect(errors).toEqual([]);
  await close();
});
