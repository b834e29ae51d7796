import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { screen, waitFor, within } from '@testing-library/dom';
import { afterAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { queryClient } from '#api/query-client.ts';
import { nodeFetch } from '#test/api.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

const base = mkdtempSync(join(tmpdir(), 'at-batches-page-'));
afterAll(() => rmSync(base, { recursive: true }));

let product: Product;
let folder: string;
beforeEach(async () => {
  product = await startProduct({ demo: false });
  folder = mkdtempSync(join(base, 'at-'));
  onTestFinished(async () => {
    await product.close();
  });
});

const send = async (method: string, path: string, body: object) => {
  const headers = { 'content-type': 'application/json', 'x-actor': 'Bob' };
  const response = await nodeFetch(`${product.url}${path}`, { method, body: JSON.stringify(body), headers });
  expect(response.status).toBeLessThan(300);
};
const photo = ['Camera/IMG_1.HEIC', 'Camera/IMG_1.MOV', 'b.jpg'];

/** An inbox whose files were scanned. */
async function prepare(): Promise<void> {
  for (const name of ['inbox', 'batches', 'archive']) mkdirSync(join(folder, name));
  for (const path of photo) {
    const file = join(folder, 'inbox', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, path);
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  }
  const paths = {
    source_dir: join(folder, 'inbox'),
    batch_dir: join(folder, 'batches'),
    sorted_dir: join(folder, 'archive'),
  };
  await send('PUT', '/api/config', { paths });
  await send('POST', '/api/config/roots', {});
  await send('POST', '/api/dedup/start', {});
  const unique = async () => product.query(`SELECT count(*)::int FROM console.file WHERE status = 'UNIQUE'`);
  await expect.poll(unique, { timeout: 20_000, interval: 50 }).toEqual([{ count: 3 }]);
}

/** Waits for the batch, and returns its id. */
async function ready(): Promise<number> {
  const found = () => product.query<{ id: number }>('SELECT id FROM console.batch WHERE ready_at IS NOT NULL');
  await expect.poll(async () => (await found()).length, { timeout: 20_000, interval: 50 }).toBe(1);
  return (await found())[0]?.id as number;
}

it('shows the next batch before it is made, then its files, and undoes it', async () => {
  await prepare();
  const { click } = openPage('/files/batches', { product });
  await screen.findByText('No batches yet');
  await click('button', 'New batch');
  const dialog = within(await screen.findByRole('dialog', { name: 'New batch' }));
  await dialog.findByText('batch_001');
  dialog.getByText('Camera/IMG_1.MOV');
  expect(await product.query('SELECT count(*)::int FROM console.batch')).toEqual([{ count: 0 }]);
  await click('button', 'Make batch');

  const id = await ready();
  await click('button', 'Refresh');
  await click('link', 'batch_001');
  await at(`/files/batches/${id}`);
  const drawer = within(await screen.findByRole('dialog', { name: 'batch_001' }));
  const list = within(await drawer.findByRole('list', { name: 'Files' }));
  for (const path of photo) list.getByText(path);
  expect(list.getAllByText('In the batch')).toHaveLength(3);
  drawer.getByText(join(folder, 'batches/batch_001'));

  await click('button', 'Undo');
  await screen.findByText(/leaves the device too/);
  await click('button', 'Undo batch');
  const statuses = () => product.query('SELECT status FROM console.batch');
  await expect.poll(statuses, { timeout: 20_000, interval: 50 }).toEqual([{ status: 'CLEANED' }]);
  expect(readFileSync(join(folder, 'inbox/b.jpg'), 'utf8')).toBe('b.jpg');
  openPage(`/files/batches/${id}`, { product });
  await screen.findAllByText('Undone');
  await waitFor(() => expect(screen.getAllByText('Not in the batch')).toHaveLength(3));
});

it('the details of a batch sort it, or send it where there is a device, which a person then says is cleaned', async () => {
  await prepare();
  await send('PUT', '/api/config', { sorter: { transfer_mode: 'copy' } });
  await send('POST', '/api/batch/create', {});
  const id = await ready();
  const steps = async () => within(await screen.findByRole('region', { name: 'Next steps' }));
  const { click } = openPage(`/files/batches/${id}`, { product });
  await (await steps()).findByRole('button', { name: 'Sort into the archive' });
  expect((await steps()).queryByRole('button', { name: 'Send to the device' })).toBeNull();
  await click('button', 'Sort into the archive');
  await click('button', 'Sort into the archive', await screen.findByRole('dialog', { name: /^Sort this batch/ }));
  const statuses = () => product.query('SELECT status FROM console.batch');
  await expect.poll(statuses, { timeout: 20_000, interval: 50 }).toEqual([{ status: 'SORTED' }]);
  openPage(`/files/batches/${id}`, { product });
  await screen.findAllByText('In the archive');
  expect(screen.queryByRole('region', { name: 'Next steps' })).toBeNull();
  await screen.findByRole('button', { name: 'Files can go' });
  await product.query('UPDATE console.batch SET synced_at = now()');
  openPage(`/files/batches/${id}`, { product });
  await click('button', 'Device cleaned');
  await click('button', 'Device cleaned', await screen.findByRole('dialog', { name: 'Is the device cleaned?' }));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Device cleaned' })).toBeNull());
  expect(await product.query('SELECT device_cleaned_at IS NOT NULL AS said FROM console.batch')).toEqual([
    { said: true },
  ]);

  const syncWith = (folder_id: string, device_id: string) =>
    send('PUT', '/api/config', { syncthing: { folder_id, device_id } });
  await syncWith('batches', Array(8).fill('AAAAAAA').join('-'));
  await product.query("UPDATE console.batch SET status = 'PENDING'");
  queryClient.clear();
  openPage(`/files/batches/${id}`, { product });
  await (await steps()).findByRole('button', { name: 'Send to the device' });
  await product.query("UPDATE console.batch SET status = 'SORTED'");
  await syncWith('', '');
});

it('says why there is no new batch, and leads to the one that holds it up', async () => {
  await prepare();
  await send('POST', '/api/batch/create', {});
  await ready();
  await product.query(`
    UPDATE console.batch SET status = 'ERROR', failed_in = 'SYNCING', reason = 'The device is away.';
    UPDATE console.batch_file SET state = 'ERROR', error = 'Ignored there.' WHERE position = 0;
    INSERT INTO console.sync_snapshot (batch_id, state, percent, needed_bytes, needed_items) SELECT id, 'offline', 40, 1, 1 FROM console.batch`);
  const { click, user } = openPage('/files/batches?status=ERROR', { product });
  await screen.findByText('The device is away.');
  await user.keyboard('q');
  await screen.findByText(/batch_001 is ERROR: The device is away/);
  expect(screen.queryByRole('button', { name: 'Make batch' })).toBeNull();
  await click('link', 'Show batch_001');
  const drawer = within(await screen.findByRole('dialog', { name: 'batch_001' }));
  await drawer.findByText('Ignored there.');
  await user.selectOptions(drawer.getByLabelText('State'), 'Error (1)');
  await waitFor(() => expect(drawer.queryByText('b.jpg')).toBeNull());
  const line = (await drawer.findByText('Camera/IMG_1.HEIC')).closest('li') as HTMLElement;
  expect(line.querySelector('img')?.src).toMatch(/\/api\/files\/\d+\/thumbnail\?size=small/);

  await user.click(drawer.getByText('Timeline'));
  const timeline = within(await drawer.findByRole('list', { name: 'Timeline' }));
  timeline.getByText('Stopped');
  const made = timeline.getByRole('link', { name: 'Make the next batch' }).closest('li') as HTMLElement;
  within(made).getByText('done');
  timeline.getByText('Device not connected');
  await user.click(drawer.getByText('Manifest'));
  await drawer.findByText(/"source": "Camera\/IMG_1.HEIC"/);
});

it('without folders the preview says what to do, and an unknown batch is not found', async () => {
  const { click } = openPage('/files/batches?new=true', { product });
  await screen.findByText(/paths.source_dir is not set/);
  await click('button', 'Cancel');
  await at('/files/batches');
  openPage('/files/batches/999', { product });
  await screen.findByText(/No batch has the id or name "999"/);
});
