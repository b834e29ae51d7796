import { screen, waitFor } from '@testing-library/dom';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
/** A film to review whose release is in the pipeline, and has a poster. */
let film: { imdb_id: string; hash: string };
const withPoster = (on: Product) =>
  on.query(`INSERT INTO console.poster (imdb_id, path) VALUES ('${film.imdb_id}', '/aBc_1.jpg')`);
beforeAll(async () => {
  product = await startProduct({ environment: { POSTERS: 'true', TMDB_IMAGE_BASE_URL: 'http://127.0.0.1:1' } });
  [film = film] = await product.query<typeof film>(`
    UPDATE atp.media SET imdb_id = (SELECT t.imdb_id FROM atp.training t JOIN atp.prediction USING (imdb_id)
      WHERE media_type = 'movie' AND NOT coalesce(reviewed, false) AND label = 'would_watch'
      ORDER BY t.updated_at DESC, t.imdb_id LIMIT 1)
    WHERE hash = (SELECT min(hash) FROM atp.media WHERE deleted_at IS NULL AND imdb_id IS NOT NULL)
    RETURNING imdb_id, hash`);
  await withPoster(product);
  return () => product.close();
});

const posters = () =>
  [...document.querySelectorAll<HTMLImageElement>('main img, [role=dialog] img')].filter(({ src }) =>
    src.includes('/poster'),
  );
const addressOf = (size: string) =>
  `http://console.test/rear-diff/training/${film.imdb_id}/poster?size=${size}&version=%2FaBc_1.jpg`;

it.each([
  ['the review', () => `/training?q=${film.imdb_id}`, 'large'],
  ['the list of titles', () => `/training?view=list&label=would_watch`, 'small'],
  ['the predictions', () => `/predictions?cell=all&label=would_watch&q=${film.imdb_id}`, 'small'],
  ['the details of its release', () => `/media/${film.hash}`, 'large'],
])(
  'a poster is in %s, from the API, as large as it will be; a title without one has no place for it',
  async (_, address, size) => {
    openPage(address(), { product });
    const [poster] = await waitFor(() => {
      const found = posters();
      expect(found).toHaveLength(1);
      return found as [HTMLImageElement];
    });
    expect(poster.src).toBe(addressOf(size));
    expect([poster.alt, Number(poster.getAttribute('width')) > 0]).toEqual(['', true]);
    expect(poster.style.height).toBe(`${poster.getAttribute('height')}px`);
    // One that cannot be had leaves no broken picture.
    poster.dispatchEvent(new Event('error'));
    await waitFor(() => expect(posters()).toEqual([]));
  },
);

it('without POSTERS=true there are none', async () => {
  const off = await startProduct();
  onTestFinished(async () => void (await off.close()));
  await withPoster(off);
  openPage(`/training?q=${film.imdb_id}`, { product: off });
  await screen.findByRole('article');
  expect(posters()).toEqual([]);
});
