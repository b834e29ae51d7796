import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refuse } from '#test/api.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});
beforeEach(async () => {
  await product.query('DELETE FROM console.view');
});

const comedies = '/training?view=list&reviewed=all&genre=Comedy&order=uncertain';
const comedyQuery = 'genre=Comedy&order=uncertain&reviewed=all&view=list';

type Opened = ReturnType<typeof openPage>;
const open = (address = comedies) => openPage(address, { product });

async function menu({ click }: Opened): Promise<HTMLElement> {
  await click('button', /^View/);
  return screen.findByRole('menu');
}

async function manage(page: Opened): Promise<HTMLElement> {
  await page.user.click(await within(await menu(page)).findByRole('menuitem', { name: 'Rename, share or delete…' }));
  return screen.findByRole('dialog');
}

/** Saves the filter; `listed` is a view that the menu shows first. */
async function save(page: Opened, name: string, listed?: string): Promise<void> {
  const opened = within(await menu(page));
  if (listed) await opened.findByRole('menuitem', { name: new RegExp(listed) });
  await page.user.click(opened.getByRole('menuitem', { name: 'Save this filter…' }));
  const dialog = await screen.findByRole('dialog');
  await page.user.type(within(dialog).getByLabelText(/^Name/), name);
  await page.user.click(within(dialog).getByRole('button', { name: 'Save' }));
}

const stored = () =>
  product.query<{ name: string; query: string; shared: boolean }>(
    'SELECT name, query, shared FROM console.view ORDER BY name',
  );
const storedIs = (expected: object[]) => waitFor(async () => expect(await stored()).toEqual(expected));

const insert = (name: string, query: string, { owner = 'anonymous', shared = false } = {}) =>
  product.query('INSERT INTO console.view (page, name, query, shared, owner) VALUES ($1, $2, $3, $4, $5)', [
    'training',
    name,
    query,
    shared,
    owner,
  ]);

describe('a saved view', () => {
  it('keeps the filter without its page, is marked while it is set, and opens from the menu and the palette', async () => {
    const page = open(`${comedies}&page=2`);
    await screen.findByText(/^21–40 of/);
    await save(page, 'Uncertain comedies');
    await screen.findByRole('button', { name: /^View: .*Uncertain comedies/ });
    await storedIs([{ name: 'Uncertain comedies', query: comedyQuery, shared: false }]);

    const review = open('/training');
    await screen.findByRole('article');
    await review.user.click(await within(await menu(review)).findByRole('menuitem', { name: /Uncertain comedies/ }));
    await screen.findByText(/^1–20 of .*, all movies, Comedy$/);

    const { user } = open('/settings');
    await screen.findByRole('heading', { name: 'Settings', level: 1 });
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByPlaceholderText('Search titles, pages and actions'), 'uncertain com');
    await waitFor(() => expect(document.querySelector('[data-action]')?.textContent).toContain('Uncertain comedies'));
    await user.keyboard('{Enter}');
    await screen.findByText(/^1–20 of .*, all movies, Comedy$/);
  });

  it('is renamed, shared and replaced by another filter; replacing can be undone', async () => {
    await insert('Old', 'genre=Drama');
    const page = open();
    await screen.findByText(/^1–20 of/);
    const { user } = page;
    const dialog = within(await manage(page));
    await user.click(dialog.getByRole('button', { name: /^Rename/ }));
    const name = dialog.getByRole('textbox', { name: /^Rename/ });
    await user.clear(name);
    await user.type(name, 'New{Enter}');
    await storedIs([{ name: 'New', query: 'genre=Drama', shared: false }]);
    await user.click(await dialog.findByRole('switch', { name: /^Shared with everyone: .*New/ }));
    await storedIs([{ name: 'New', query: 'genre=Drama', shared: true }]);
    await dialog.findByText(/^shared by/);
    await user.click(await dialog.findByRole('button', { name: /^Replace with this filter: .*New/ }));
    const message = await screen.findByText(/^View .*New.* replaced$/);
    await storedIs([{ name: 'New', query: comedyQuery, shared: true }]);
    await user.click(within(message.parentElement as HTMLElement).getByRole('button', { name: 'Undo' }));
    await storedIs([{ name: 'New', query: 'genre=Drama', shared: true }]);
  });

  it('whose name exists is refused, and can replace the other', async () => {
    await insert('Mine', 'genre=Drama');
    const page = open();
    await screen.findByText(/^1–20 of/);
    await save(page, ' Mine ', 'Mine');
    await screen.findByText(/You have a view named "Mine"/);
    await page.click('button', /^Replace/);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await storedIs([{ name: 'Mine', query: comedyQuery, shared: false }]);
  });

  it('of another user is listed when it is shared, and its owner is named when it is changed', async () => {
    await insert("Anna's", 'genre=Drama', { owner: 'anna', shared: true });
    await insert('Hidden', 'genre=War', { owner: 'anna' });
    const page = open('/training');
    await screen.findByRole('article');
    const opened = await menu(page);
    await within(opened).findByRole('menuitem', { name: /Anna's.*shared by.*anna/ });
    expect(within(opened).queryByText('Hidden')).toBeNull();
    await page.user.click(within(opened).getByRole('menuitem', { name: 'Rename, share or delete…' }));
    await page.user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: /^Delete/ }));
    await screen.findByText(/belongs to anna/);
    expect(await stored()).toHaveLength(2);
  });

  it('can be what its page opens with, from the navigation and by key; an address keeps its own filter', async () => {
    const page = open();
    await screen.findByText(/^1–20 of/);
    await page.user.click(
      within(await menu(page)).getByRole('menuitemcheckbox', { name: 'Open Training with this filter' }),
    );
    await screen.findByText('Training opens with this filter');
    const settings = open('/settings');
    await settings.user.click((await screen.findAllByRole('link', { name: 'Training' }))[0] as HTMLElement);
    await screen.findByText(/all movies, Comedy$/);
    await settings.user.keyboard('gs');
    await at('/settings');
    await settings.user.keyboard('gt');
    await screen.findByText(/all movies, Comedy$/);
    open('/training?view=list');
    await screen.findByText(/unreviewed movies$/);
  });
});

it('views that cannot be loaded are reported in the menu', async () => {
  refuse(/\/views/, 'unreachable');
  const page = open('/training');
  await screen.findByRole('article');
  await within(await menu(page)).findByText('Could not load the saved views.');
});
