import { startFakeSyncthing } from '@at/adapters/test/fake-syncthing';
import { fireEvent, screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
let syncthing: Awaited<ReturnType<typeof startFakeSyncthing>>;
beforeAll(async () => {
  [product, syncthing] = await Promise.all([startProduct({ demo: false }), startFakeSyncthing()]);
  return async () => {
    syncthing.stop();
    await product.close();
  };
});
beforeEach(() => product.query('DELETE FROM console.setting; DELETE FROM console.setting_version'));

const open = () => openPage('/files/config?tab=sync', { product });
const type = (label: string, value: string) =>
  fireEvent.input(screen.getByLabelText(label, { exact: false }), { target: { value } });
const choose = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const saved = async () => {
  const [row] = await product.query<{ value: { syncthing: object }; secrets: object }>(
    `SELECT value, secrets FROM console.setting WHERE section = 'pipeline'`,
  );
  return row && { ...row.value.syncthing, ...row.secrets };
};

describe('the tab Syncthing', () => {
  it('tests the connection, shows what changes, and connects', async () => {
    const { click, user } = open();
    await screen.findByText('No folder is chosen: batches are sorted without being sent to a device.');
    type('Address', syncthing.url);
    type('API key', 'hidden-key');
    await click('button', 'Test the connection');
    await screen.findByText('Syncthing replies. Choose folder and device.');
    await user.click(screen.getByRole('button', { name: 'Review changes' }));
    await screen.findAllByText('Choose folder and device first');
    choose('Folder', syncthing.folder);
    choose('Device', syncthing.device);
    await click('button', 'Review changes');
    const dialog = within(await screen.findByRole('dialog'));
    dialog.getByText('Set syncthing.folder_id');
    expect(await saved()).toBeUndefined();
    await click('button', 'Connect');
    await screen.findByText('Syncthing is connected');
    expect(await saved()).toEqual({
      api_url: syncthing.url,
      folder_id: syncthing.folder,
      device_id: syncthing.device,
      syncthing_api_key: 'hidden-key',
    });
    // Then it says what is not right yet.
    await screen.findByText('Fix this to send batches:');
    await screen.findByText('The folder of batches (paths.batch_dir) is not set. Set it in the configuration.');
    await screen.findByText('phone is connected');
    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>(/^API key/).value).toBe(''));
    expect(document.body.textContent).not.toContain('hidden-key');
  });

  it('a folder and a device that are not listed are named, and a key that is refused has its reason', async () => {
    const { click } = open();
    await screen.findByRole('button', { name: 'Test the connection' });
    type('Address', `${syncthing.url}/nowhere`);
    await click('button', 'Test the connection');
    within(await screen.findByRole('alert')).getByText(/is not Syncthing/);
    type('Address', syncthing.url);
    type('API key', 'hidden-key');
    await click('button', 'Test the connection');
    await screen.findByLabelText('Folder');
    choose('Folder', '+');
    choose('Device', '+');
    type('Id of the device', 'phone');
    await click('button', 'Review changes');
    await screen.findByText(/eight groups of seven letters/);
    expect(await saved()).toBeUndefined();
  });
});
