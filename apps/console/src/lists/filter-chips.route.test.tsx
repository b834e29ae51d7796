import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, expect, it } from 'vitest';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const chips = () =>
  [...document.querySelectorAll('main [aria-label^="Remove the filter "]')].map((chip) =>
    chip.getAttribute('aria-label')?.replace('Remove the filter ', ''),
  );

it.each([
  {
    page: '/training?view=list',
    set: '&genre=Horror&anomalous=true&q=the',
    shown: ['unreviewed', 'movies', 'anomalous', 'Horror'],
    less: '/training?view=list&anomalous=true&q=the',
    clear: '/training?view=list&media_type=all&reviewed=all&q=the',
  },
  {
    page: '/media?',
    set: 'q=the&media_type=movie&error_status=true&cause=x&release_year_min=1990&changed_at_min=2025-01-01T00%3A00%3A00Z',
    shown: ['movies', 'in error', 'because of "x"', 'from 1990', /^changed since /],
    less: '/media?q=the&error_status=true&cause=x&release_year_min=1990&changed_at_min=2025-01-01T00%3A00%3A00Z',
    clear: '/media?q=the',
  },
  {
    page: '/predictions?',
    set: 'genre=Horror&q=the',
    shown: ['movies', 'errors', 'Horror'],
    less: '/predictions?q=the',
    clear: '/predictions?media_type=all&cell=all&q=the',
  },
])(
  '$page shows each set filter while its panel is closed, removes it, and clears all but the search',
  async ({ page, set, shown, less, clear }) => {
    const { click, user } = openPage(`${page}${set}`, { product });
    await screen.findByRole('button', { name: `Filters (${shown.length})` });
    expect(chips()).toEqual(shown.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))));
    // What a filter narrows is removed alone: the genre, or the type.
    await click('button', `Remove the filter ${page.startsWith('/media') ? 'movies' : 'Horror'}`);
    await at(less);
    await waitFor(() => expect(chips()).toHaveLength(shown.length - 1));
    const bar = within(document.querySelector('main') as HTMLElement);
    await user.click(bar.getAllByText('Clear all filters')[0] as HTMLElement);
    await at(clear);
    await waitFor(() => expect(chips()).toEqual([]));
    expect((screen.getByRole('searchbox') as HTMLInputElement).value).toBe('the');
  },
);
