import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it } from 'vitest';
import { queryClient } from '#api/query-client.ts';
import { intercept, refuse, settleRequests } from '#test/api.ts';
import { openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { addresses } from './features.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

/** Waits until the page is shown: it has a heading and no part is loading. */
async function settled(): Promise<void> {
  await screen.findByRole('heading', { level: 1 });
  await waitFor(() => expect(document.querySelector('main [aria-busy="true"]')).toBeNull());
  expect(screen.queryByText('Loading the page')).toBeNull();
}

describe.each(Object.values(addresses))('%s', (path) => {
  it('shows that it is loading, reports that the API cannot be reached, and loads when it is back', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const comeBack = intercept(/./, async () => {
      await ended;
      throw new TypeError('fetch failed');
    });
    const { click } = openPage(path, { product });
    await screen.findByText('Loading the page');
    expect(screen.getAllByRole('navigation', { name: 'Pages' })).not.toEqual([]);
    end();
    await waitFor(() =>
      expect(screen.getAllByRole('alert').map(({ textContent }) => textContent)).toContainEqual(
        expect.stringContaining('The API cannot be reached'),
      ),
    );
    comeBack();
    await click('button', 'Retry now');
    await settled();
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  it('names the request that failed', async () => {
    refuse(/./, { status: 500, error: 'Database error occurred', message: 'The statement failed.' });
    openPage(path, { product });
    const main = await screen.findByRole('main');
    expect((await within(main).findAllByText(/request-1/)).length).toBeGreaterThan(0);
  });
});

it.each([
  ['/', '[data-card="attention"] ol'],
  ['/media?error_status=true', '[aria-label="Errors by cause"]'],
  ['/predictions?tab=slices', '[aria-label="Slices"]'],
  ['/media/HASH', '[aria-label="Timeline"] li'],
])('%s shows no error in place of what it has, or beside it, during an outage', async (path, selector) => {
  const [item] = await product.query<{ hash: string }>('SELECT hash FROM atp.media WHERE deleted_at IS NULL LIMIT 1');
  const { click } = openPage(path.replace('HASH', item?.hash as string), { product });
  await waitFor(() => expect(document.querySelector(selector)).not.toBeNull());
  // What fails before it was there may say so.
  await settleRequests();
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  const shown = new Set<string>();
  const observer = new MutationObserver(() => {
    const parts = document.querySelectorAll('main, [role="dialog"]');
    for (const part of parts)
      for (const text of part.textContent.match(/.{0,40}The API cannot be.{0,9}/g) ?? []) shown.add(text);
  });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  const comeBack = refuse(/./, 'unreachable');
  await queryClient.refetchQueries({ type: 'active' });
  await screen.findByRole('alert');
  comeBack();
  await click('button', 'Retry now');
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  observer.disconnect();
  expect([...shown]).toEqual([]);
});
