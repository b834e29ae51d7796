import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, expect, it } from 'vitest';
import { nodeFetch } from '#test/api.ts';
import { openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ demo: false, works: false });
  return () => product.close();
});

const device = Array(8).fill('AAAAAAA').join('-');
const configure = async (syncthing: object) => {
  const headers = { 'content-type': 'application/json', 'x-actor': 'Bob' };
  const body = JSON.stringify({ syncthing });
  expect((await nodeFetch(`${product.url}/api/config`, { method: 'PUT', body, headers })).status).toBe(200);
};
const step = async () => {
  const list = await screen.findByRole('list', { name: 'Steps' });
  return within([...list.children].find(({ textContent }) => textContent?.startsWith('Sync')) as HTMLElement);
};
const see = (text: string | RegExp) => waitFor(async () => (await step()).getByText(text));

it('sends a batch, shows how far it is and why it waits, and tries again after it has stopped', async () => {
  const { click } = openPage('/files', { product });
  await see('No device is connected: batches are sorted without a sync');
  await configure({ folder_id: 'batches', device_id: device });
  await click('button', 'Refresh');
  await see('No batch is on its way');
  await product.query(`
    WITH root AS (
      INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('a', '/a', gen_random_uuid(), 1) RETURNING id
    ), directory AS (INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id)
    INSERT INTO console.batch (name, file_count, size_bytes, manifest, settings, directory_id, ready_at)
    SELECT 'batch_001', 31, 10000000, '{"files": []}', '{}', id, now() FROM directory`);
  await click('button', 'Refresh');
  await click('button', 'Send to the device');
  await see('0.0 % on the device · 31 files, 10 MB left');
  (await step()).getByRole('link', { name: 'Show run' });
  expect(await product.query('SELECT status FROM console.batch')).toEqual([{ status: 'SYNCING' }]);

  await product.query(`INSERT INTO console.sync_snapshot (batch_id, state, percent, needed_bytes, needed_items)
    SELECT id, 'offline', 62.4, 3760000, 12 FROM console.batch`);
  await product.query(`UPDATE console.batch SET reason = 'The device phone is away since 2026-11-29T20:14:02Z.'`);
  await click('button', 'Refresh');
  await see(/^62\.4 % on the device · 12 files, 3\.8 MB left/);
  await see('Waiting');
  await see('The device phone is away since 2026-11-29T20:14:02Z.');
  await click('button', 'Look now');

  await product.query(`UPDATE console.run SET outcome = 'failed', finished_at = now()`);
  await product.query(
    `UPDATE console.batch SET status = 'ERROR', failed_in = 'SYNCING', reason = 'a.jpg is ignored here.'`,
  );
  await click('button', 'Refresh');
  await see('The sync has stopped');
  await see('a.jpg is ignored here.');
  await click('button', 'Try again');
  await see(/^62\.4 % on the device/);
  expect(await product.query('SELECT count(*)::int AS runs FROM console.run')).toEqual([{ runs: 2 }]);

  await product.query(`UPDATE console.batch SET status = 'SYNCED', reason = null, synced_at = now()`);
  await click('button', 'Refresh');
  await see(/^On the device/);
  expect((await step()).queryByRole('button')).toBeNull();
});
