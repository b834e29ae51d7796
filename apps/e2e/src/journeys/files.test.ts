import { beforeAll, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { openPage, overflow, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** The pages of files on a phone and by keyboard. */

let product: Product;

withBrowser();
beforeAll(async () => {
  product = await startProduct({ demo: false });
  await product.db.query(`
    WITH root AS (
      INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('Batches', '/a', gen_random_uuid(), 1) RETURNING id
    ), top AS (
      INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id, root_id
    )
    SELECT FROM top`);
  await product.db.query(`
    WITH directory AS (
      INSERT INTO console.file_directory (root_id, parent_id, name) SELECT root_id, id, 'batch_001' FROM console.file_directory RETURNING id
    )
    INSERT INTO console.batch (name, status, failed_in, reason, file_count, size_bytes, manifest, settings, directory_id, ready_at)
    SELECT 'batch_001', 'ERROR', 'SORTING', '3 of 9 files are not sorted: 3 x ' || repeat('/a/long/path', 20), 9, 1, '{"files": []}', '{}',
      id, now() FROM directory`);
  return () => product.close();
});

it('on a phone what needs attention is read whole, and its link opens the batch, which Escape closes', async () => {
  const { page, errors, close } = await openPage(browser, `${product.url}/files`, { viewport: phone });
  const problem = page.getByRole('region', { name: 'Needs attention' }).getByRole('link', { name: /^batch_001 has/ });
  const box = await problem.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(phone.width - 16);
  expect(await overflow(page)).toBe(0);
  await problem.focus();
  await page.keyboard.press('Enter');
  const details = page.getByRole('dialog', { name: 'batch_001' });
  await details.getByText(/^3 of 9 files are not sorted/).waitFor();
  expect(await details.evaluate((element) => element.scrollWidth)).toBeLessThanOrEqual(phone.width);
  await page.keyboard.press('Escape');
  await details.waitFor({ state: 'detached' });
  expect(errors).toEqual([]);
  await close();
});
