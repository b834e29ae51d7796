import { screen, waitFor } from '@testing-library/dom';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { requests } from '#test/api.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});
beforeEach(() => product.query('TRUNCATE console.run CASCADE'));

const open = (query = '') => openPage(`/logs${query}`, { product });
const latest = () => requests.filter((request) => request.includes('/api/logs')).at(-1) ?? '';

it('without lines the page says what would appear', async () => {
  open();
  await screen.findByText(/A line shows here as soon as a worker writes it/);
});

it('lines are narrowed by task, level and words, each in the address', async () => {
  const { user, click } = open();
  await user.selectOptions(await screen.findByLabelText('Task'), 'training.rerun_metadata');
  await at('/logs?source=training.rerun_metadata');
  await click('button', 'error');
  await at('/logs?level=error&source=training.rerun_metadata');
  await user.type(screen.getByRole('searchbox', { name: 'Search in the log' }), 'TMDB');
  await at('/logs?level=error&source=training.rerun_metadata&q=TMDB');
  await screen.findByText('There are no lines, error, Refresh metadata, with "\u2068TMDB\u2069".');
  expect(latest()).toContain('level=error&source=training.rerun_metadata&search=TMDB');
  await click('button', 'error');
  await at('/logs?source=training.rerun_metadata&q=TMDB');
});

it('words of another version in the address are ignored, or shown where they may match', async () => {
  open('?level=loud,warn&source=files.hash');
  await waitFor(() => expect(latest()).toContain('level=warn&source=files.hash'));
  expect(((await screen.findByLabelText('Task')) as HTMLSelectElement).selectedOptions[0]?.text).toBe(
    'Task: files.hash',
  );
});
