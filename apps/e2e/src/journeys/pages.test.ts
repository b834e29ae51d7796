import { addresses } from '@at/console/features';
import { generateRows } from '@at/db/generated-rows';
import { sized } from '@at/db/test-size';
import { createTestDatabase } from '@at/db/testing';
import pg from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { type Opened, openPage, overflow, visit } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

let product: Product;
let opened: Opened;
withBrowser();
beforeAll(async () => {
  const filled = await createTestDatabase('full');
  const client = new pg.Client(filled.connectionString);
  await client.connect();
  await generateRows(client, sized(5_000, 100_000));
  await client.query('ANALYZE');
  await client.end();
  product = await startProduct({ from: filled });
  opened = await openPage(browser, 'about:blank');
  return async () => {
    await opened.close();
    await product.close();
    await filled.drop();
  };
});

it.each(Object.values(addresses))('%s comes on thousands of rows', async (path) => {
  const { page, errors } = opened;
  await visit(page, product.url, path);
  expect(await overflow(page)).toBe(0);
  expect(errors).toEqual([]);
});
