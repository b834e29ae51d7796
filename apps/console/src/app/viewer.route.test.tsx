import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, expect, it } from 'vitest';
import { nodeFetch, requests } from '#test/api.ts';
import { openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

/** The role `viewer` reads everything; each way to change something is refused with the reason, and sends nothing. */

let product: Product;
beforeAll(async () => {
  product = await startProduct({
    environment: { API_KEYS: 'anna:admin:the-key-of-anna-,vera:viewer:the-key-of-vera-' },
  });
  return () => product.close();
});

const open = (address: string) => openPage(address, { product, key: 'the-key-of-vera-' });
const refusal = (role: string) => `The key vera has the role viewer; this needs the role ${role}.`;
const writes = () => requests.filter((request) => !request.startsWith('GET'));
const disabled = (element: HTMLElement) => (element as HTMLButtonElement).disabled;
const titleOnCard = async () => (await screen.findByRole('article')).dataset.imdbId;

/** Waits for a message on screen, and dismisses all. */
async function dismissed(text: string, user: ReturnType<typeof open>['user']): Promise<void> {
  await waitFor(() =>
    expect(
      screen
        .getAllByRole('status')
        .map((one) => one.textContent)
        .join(),
    ).toContain(text),
  );
  for (const button of screen.queryAllByRole('button', { name: 'Dismiss' })) await user.click(button);
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Dismiss' })).toBeNull());
}

it('on the card: no button and no key decides; titles can be skipped, and the skip undone', async () => {
  const { user, click } = open('/training');
  expect((await screen.findByRole('note')).textContent).toContain(refusal('operator'));
  expect(disabled(await screen.findByRole('button', { name: /^Would watch/ }))).toBe(true);
  const id = await titleOnCard();
  await user.keyboard('w');
  await dismissed(refusal('operator'), user);
  expect(await titleOnCard()).toBe(id);
  for (const undo of [() => user.keyboard('u'), () => click('button', 'Undo U')]) {
    await user.keyboard('s');
    await waitFor(async () => expect(await titleOnCard()).not.toBe(id));
    await undo();
    await waitFor(async () => expect(await titleOnCard()).toBe(id));
  }
  expect(writes()).toEqual([]);
});

it.each([
  ['/training?view=list&genre=Horror', 'li[data-imdb-id]'],
  ['/predictions?release_year_min=2010', 'article[data-imdb-id]'],
])('in the titles of %s: every button that changes one, its keys, and saving a view', async (address, rows) => {
  const { user, click } = open(address);
  const row = await waitFor(() => {
    const found = document.querySelector<HTMLElement>(rows);
    expect(found).not.toBeNull();
    return found as HTMLElement;
  });
  for (const name of [/would not watch: /, /would watch: /, /^Anomalous: /]) {
    const button = within(row).getByRole('button', { name });
    await waitFor(() => expect(disabled(button)).toBe(true));
    expect(button.title).toBe(refusal('operator'));
  }
  await user.keyboard('j');
  await waitFor(() => expect(row.getAttribute('aria-current')).toBe('true'));
  for (const key of ['a', '{Shift>}r{/Shift}']) {
    await user.keyboard(key);
    await dismissed(refusal('operator'), user);
  }
  await click('button', 'Views');
  await within(await screen.findByRole('menu')).findByText(refusal('operator'));
  expect(disabled(screen.getByRole('menuitem', { name: /^Save this filter/ }))).toBe(true);
  expect(writes()).toEqual([]);
});

it('in Media: the menu of an item, its keys, the selection and the details', async () => {
  const { user } = open('/media?error_status=true');
  const table = await screen.findByRole('table');
  const row = (await within(table).findAllByRole('row'))[1] as HTMLElement;
  const menu = within(row).getByRole('button', { name: /^Actions for/ });
  await user.click(menu);
  for (const [action, role] of [
    ['Re-ingest', 'operator'],
    ['Mark complete', 'operator'],
    ['Delete', 'admin'],
  ] as const) {
    const item = await screen.findByRole('menuitem', { name: new RegExp(`^${action}`) });
    await within(item).findByText(refusal(role));
    expect(disabled(item)).toBe(true);
  }
  await user.click(menu);
  await waitFor(() => expect(screen.queryAllByRole('menu')).toHaveLength(0));
  await user.keyboard('ji');
  await dismissed(`Re-ingest: ${refusal('operator')}`, user);

  await user.click(within(row).getByRole('checkbox'));
  const selection = await screen.findByRole('region', { name: 'Selection' });
  for (const name of ['Re-ingest', 'Delete', 'Set statuses']) {
    const button = within(selection).getByRole('button', { name });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    await user.click(button);
    await waitFor(() => expect(screen.getByRole('tooltip').textContent).toBe(refusal('admin')));
  }
  await user.click(within(row).getAllByRole('link')[0] as HTMLElement);
  const details = await screen.findByRole('dialog');
  await within(details).findByText(refusal('operator'));
  expect(disabled(within(details).getByRole('button', { name: 'Save statuses' }))).toBe(true);
  const remove = within(details).getByRole('button', { name: 'Delete' });
  expect(remove.getAttribute('aria-disabled')).toBe('true');
  await user.hover(remove);
  expect((await screen.findByRole('tooltip')).textContent).toBe(refusal('admin'));
  await user.click(remove);
  expect(writes()).toEqual([]);
});

it('a bulk change of another: its items can be read, and Undo is refused', async () => {
  const post = async (path: string, body?: object) => {
    const headers = { 'x-api-key': 'the-key-of-anna-', ...(body && { 'content-type': 'application/json' }) };
    const reply = await nodeFetch(`${product.url}/rear-diff${path}`, {
      method: 'POST',
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(reply.ok).toBe(true);
    return (await reply.json()) as { operation: { operation_id: string } };
  };
  const items = await product.query<{ hash: string }>('SELECT hash FROM atp.media WHERE error_status LIMIT 2');
  const ids = items.map(({ hash }) => hash);
  const { operation } = await post('/operations', { subject: 'media', action: 'reingest', ids });
  await post(`/operations/${operation.operation_id}/run`);
  open(`/activity/${operation.operation_id}?tab=operations`);
  const dialog = await screen.findByRole('dialog');
  const undo = await within(dialog).findByRole('button', { name: 'Undo' });
  await waitFor(() => expect(disabled(undo)).toBe(true));
  expect(undo.title).toBe(refusal('admin'));
  await waitFor(() => expect(within(dialog).getAllByRole('listitem')).toHaveLength(2));
});
