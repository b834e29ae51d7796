import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it } from 'vitest';
import { intercept, refuse } from '#test/api.ts';
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
