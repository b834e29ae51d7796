import { fireEvent, screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextDownload } from '#test/downloads.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { formDraft, yamlDraft } from './draft.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ demo: false });
  return () => product.close();
});
beforeEach(async () => {
  formDraft.set(null);
  yamlDraft.set(null);
  await product.query(`DELETE FROM console.setting; DELETE FROM console.setting_version`);
});

const path = '/files/config';
const open = (query = '') => openPage(`${path}${query}`, { product });
const put = async (body: object) => {
  const headers = { 'content-type': 'application/json', 'x-actor': 'Bob' };
  const response = await fetch(`${product.url}/api/config`, { method: 'PUT', body: JSON.stringify(body), headers });
  expect(response.status).toBe(200);
};
const saved = async () => {
  const [row] = (await product.query(
    `SELECT value, secrets, version FROM console.setting WHERE section = 'pipeline'`,
  )) as {
    value: unknown;
    secrets: unknown;
    version: number;
  }[];
  return row;
};
const field = (name: string | RegExp, section = 'Batches') =>
  screen
    .findAllByRole('region', { name: section })
    .then(([region]) => within(region as HTMLElement).getByLabelText<HTMLInputElement>(name));
const dialog = () => screen.findByRole('dialog');
const type = (input: HTMLElement, value: string) => fireEvent.input(input, { target: { value } });

describe('the form', () => {
  it('shows what would change, then saves it as a version', async () => {
    const { click, user } = open();
    type(await field('Maximum size'), '8');
    await user.click(screen.getByRole('switch', { name: /^Several batches at once/ }));
    await screen.findByText('2 changes');
    await click('button', 'Review changes');
    const shown = within(await dialog());
    shown.getByText('batch.max_size_gb');
    expect((await dialog()).textContent).toContain('batch.max_size_gb 15 →');
    expect(await saved()).toBeUndefined();
    await click('button', 'Save');
    await screen.findByText('Configuration saved');
    expect(await saved()).toMatchObject({ value: { batch: { max_size_gb: 8, allow_parallel: true } }, version: 1 });
    await waitFor(async () => expect((await field('Maximum size')).value).toBe('8'));
  });

  it('names each value that cannot be saved, at its field and above', async () => {
    const { click } = open();
    type(await field('Name'), 'batch');
    await click('button', 'Review changes');
    const alert = await screen.findByRole('alert');
    within(alert).getByText('batch.naming_pattern');
    const input = await field('Name');
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(await saved()).toBeUndefined();
    type(input, 'b{index}');
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  it('a value that is set back is no change, and Discard drops the others', async () => {
    const { click } = open();
    type(await field('Maximum size'), '8');
    await screen.findByText('1 change');
    type(await field('Maximum size'), '15');
    await waitFor(() => expect(screen.queryByText('1 change')).toBeNull());
    type(await field('Name'), 'b{index}');
    await click('button', 'Discard');
    expect((await field('Name')).value).toBe('batch_{index:03d}');
  });

  it('writes a secret, shows only that it is set, and removes it', async () => {
    const { click } = open();
    type(await field('API key', 'Syncthing'), 'hidden-key');
    await click('button', 'Review changes');
    expect((await dialog()).textContent).not.toContain('hidden-key');
    await click('button', 'Save');
    await waitFor(async () => expect((await saved())?.secrets).toEqual({ syncthing_api_key: 'hidden-key' }));
    await waitFor(async () => expect((await field('API key', 'Syncthing')).placeholder).toBe('A key is set'));
    expect((await field('API key', 'Syncthing')).value).toBe('');
    await click('button', 'Remove the key');
    await click('button', 'Review changes');
    await click('button', 'Save');
    await waitFor(async () => expect((await saved())?.secrets).toEqual({}));
  });

  it('takes a number with a comma, and never the default for what is no number', async () => {
    const { click } = open();
    const size = await field('Maximum size');
    type(size, '7,5');
    await screen.findByText('1 change');
    type(size, 'much');
    await click('button', 'Review changes');
    within(await screen.findByRole('alert')).getByText('batch.max_size_gb');
    expect((await field('Maximum size')).value).toBe('much');
    expect(await saved()).toBeUndefined();
    type(size, '7,5');
    await click('button', 'Review changes');
    await dialog();
    await click('button', 'Save');
    await waitFor(async () => expect(await saved()).toMatchObject({ value: { batch: { max_size_gb: 7.5 } } }));
  });

  it('says which values nothing uses yet, and offers words instead of codes', async () => {
    open();
    await screen.findByText(/Stored but not used yet/);
    for (const [label, section] of [
      ['Limit by', 'Batches'],
      ['Keep', 'Duplicates'],
      ['After the sync', 'Syncthing'],
    ] as const) {
      const offered = [...(await field(label, section)).querySelectorAll('option')].map(
        ({ textContent }) => textContent,
      );
      for (const words of offered) expect(words).toMatch(/^[A-Z]/);
      expect(new Set(offered).size).toBe(offered.length);
    }
  });
});

/** What Bob saves in between is kept and shown beside the draft, which then continues from it. */
async function expectStaleDraft(click: ReturnType<typeof open>['click'], kept: () => Promise<string>) {
  const before = await kept();
  await put({ batch: { max_files: 9 } });
  const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView');
  await click('button', 'Review changes');
  await waitFor(() => expect(scrolled).toHaveBeenCalled());
  scrolled.mockRestore();
  const alert = within(await screen.findByRole('alert', { name: /has changed since you began/ }));
  await alert.findByText(/by Bob/);
  alert.getByText('batch.max_files');
  expect(await kept()).toBe(before);
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(await saved()).toMatchObject({ value: { batch: { max_files: 9 } } });
  await click('button', 'Refresh');
  expect(screen.getByRole('button', { name: 'Review changes' }).getAttribute('aria-disabled')).toBe('true');
  expect(await kept()).toBe(before);
  await click('button', 'Continue with the current version');
  await click('button', 'Review changes');
  await dialog();
}

describe('a draft that was begun on an earlier version is not saved over a later one', () => {
  it('of the form', async () => {
    const { click } = open();
    type(await field('Maximum size'), '8');
    await expectStaleDraft(click, async () => (await field('Maximum size')).value);
    // While the dialog is open.
    await put({ batch: { order: 'largest' } });
    await click('button', 'Save');
    const alert = within(await screen.findByRole('alert', { name: /has changed since you began/ }));
    alert.getByText('batch.order');
    await click('button', 'Continue with the current version');
    await click('button', 'Review changes');
    await dialog();
    await click('button', 'Save');
    await waitFor(async () =>
      expect(await saved()).toMatchObject({ value: { batch: { max_size_gb: 8, max_files: 9 } } }),
    );
  });

  it('as YAML, where the review shows what it would undo', async () => {
    const { click } = open('?tab=yaml');
    const text = await screen.findByLabelText<HTMLTextAreaElement>(/Configuration as YAML/);
    await waitFor(() => expect(text.readOnly).toBe(false));
    type(text, 'batch:\n  max_size_gb: 8\n  max_files: 4\n');
    await expectStaleDraft(click, async () => text.value);
    expect((await dialog()).textContent).toMatch(/batch\.max_files 9 →.*4/);
  });

  it('a save of YAML leaves the draft of the form, which then knows of it', async () => {
    const { click } = open();
    type(await field('Maximum size'), '8');
    fireEvent.click(screen.getByRole('radio', { name: 'YAML' }));
    const text = await screen.findByLabelText<HTMLTextAreaElement>(/Configuration as YAML/);
    await waitFor(() => expect(text.readOnly).toBe(false));
    type(text, 'batch: {max_files: 5}');
    await click('button', 'Review changes');
    await dialog();
    await click('button', 'Save');
    await screen.findByText('Configuration saved');
    fireEvent.click(screen.getByRole('radio', { name: 'Form' }));
    await screen.findByText('1 change');
    expect((await field('Maximum size')).value).toBe('8');
    await screen.findByRole('alert', { name: /has changed since you began/ });
  });
});

it('YAML keeps its comments, is checked, and is saved as a file', async () => {
  await put({ batch: { max_files: 4 } });
  const { click } = open('?tab=yaml');
  const text = await screen.findByLabelText<HTMLTextAreaElement>(/Configuration as YAML/);
  await waitFor(() => expect(text.value).toContain('max_files: 4'));
  type(text, 'batch:\n  max_file: 5\n');
  await click('button', 'Review changes');
  within(await screen.findByRole('alert')).getByText(/the nearest is batch\.max_files/);
  type(text, '# ours\nbatch:\n  max_files: 5 # few\n');
  await click('button', 'Review changes');
  within(await dialog()).getByText('batch.max_files');
  await click('button', 'Save');
  await screen.findByText('Configuration saved');
  await waitFor(() => expect(text.value).toContain('# ours\nbatch:\n  max_files: 5 # few\n'));
  const file = nextDownload();
  await click('button', 'Download');
  expect((await file).text).toContain('max_files: 5 # few');
});

it('a configuration that nobody has changed has no versions', async () => {
  open('?tab=versions');
  await screen.findByText('No versions yet');
});

it('versions say who changed what, and one is restored after a look at what changes', async () => {
  await put({ batch: { max_files: 1 } });
  await put({ batch: { max_files: 2 } });
  const { click } = open('?tab=versions');
  const first = within(await screen.findByRole('region', { name: 'Version 1' }));
  first.getByText(/by Bob/);
  within(await screen.findByRole('region', { name: 'Version 2' })).getByText('Current');
  await click('button', 'Restore version 1');
  expect((await dialog()).textContent).toMatch(/batch\.max_files 2 →.*1/);
  await click('button', 'Restore');
  const third = within(await screen.findByRole('region', { name: 'Version 3' }));
  third.getByText(/has the values of version 1/);
});

it('a preset fills the form; own ones are saved, deleted and brought back', async () => {
  await put({ batch: { max_files: 7 } });
  const { click, user } = open('?tab=presets');
  await user.type(await screen.findByLabelText('Name'), 'Sevens');
  await click('button', 'Save as preset');
  const own = within(await screen.findByRole('region', { name: 'Sevens' }));
  own.getByText('batch.max_files');
  await click('button', 'Delete the preset Sevens');
  await waitFor(() => expect(screen.queryByRole('region', { name: 'Sevens' })).toBeNull());
  await click('button', 'Undo');
  await screen.findByRole('region', { name: 'Sevens' });
  await click('button', 'Use the preset Copy only');
  await at(path);
  await screen.findByText('4 changes');
});

it('a viewer reads it, and learns who may save', async () => {
  const API_KEYS = 'vera:viewer:the-secret-of-vera-000';
  const keyed = await startProduct({ demo: false, environment: { API_KEYS } });
  try {
    const { user } = openPage(path, { product: keyed, key: 'the-secret-of-vera-000' });
    type(await field('Maximum size'), '8');
    await user.click(await screen.findByRole('button', { name: 'Review changes' }));
    await screen.findAllByText(/needs the role admin|has the role viewer/);
  } finally {
    await keyed.close();
  }
});
