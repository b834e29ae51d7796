import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { connection } from '#state/connection.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ demo: false });
  await product.query(`
    WITH root AS (
      INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('Inbox', '/in', gen_random_uuid(), 1),
        ('Archive', '/out', gen_random_uuid(), 2) RETURNING id
    ) INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root ORDER BY id`);
  await product.query(`
    INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, error)
    SELECT 1, convert_to(format('IMG_%s.jpg', n), 'utf8'), n * 1000, 1748000000000000000, 0, n, 'photo',
      CASE WHEN n = 7 THEN 'ERROR' ELSE 'UNIQUE' END, CASE WHEN n = 7 THEN 'No permission.' END
    FROM generate_series(1, 60) n ORDER BY n`);
  await product.query(`
    INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, duplicate_of, sha256)
    VALUES (2, '\\x3c623eff2e6d6f76', 5, 0, 0, 99, 'video', 'DUPLICATE', 1, sha256('x'))`);
  await product.query(`
    INSERT INTO console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode, state, ended_at)
    SELECT gen_random_uuid(), id, 1, 'before.mov', 2, name, 5, 0, 99, 'done', now() FROM console.file WHERE inode = 99`);
  return () => product.close();
});

const open = (query = '') => openPage(`/files/all${query}`, { product });
const names = () => screen.findAllByRole('rowheader').then((cells) => cells.map(({ textContent }) => textContent));

it('lists files with the latest first, and goes through pages', async () => {
  const { click } = open();
  await screen.findByText('1–50 of 61, files');
  expect((await names())[0]).toContain('<b>\\377.mov');
  await click('button', /^Next/);
  await screen.findByText('51–61 of 61, files');
  await click('button', /Previous$/);
  await at('/files/all');
});

it('filters by status, kind, folder and name, and by key', async () => {
  const { user } = open('?status=ERROR');
  await screen.findByText('1–1 of 1, files, error');
  await user.keyboard('e');
  await at('/files/all');
  open('?kind=video&root=2');
  await screen.findByText(/^1–1 of 1, files, video, in .*Archive/);
  open('?q=img_1');
  await screen.findByText('1–11 of 11, files, matching "img_1"');
  open('?q=nothing');
  await screen.findByText('Nothing matches');
});

it('sorts by size', async () => {
  const { click } = open();
  await click('link', /^Size/);
  await at('/files/all?sort_by=size');
  await waitFor(async () => expect((await names())[0]).toContain('IMG_60.jpg'));
});

it('shows what was done with a file', async () => {
  const { click } = open('?kind=video');
  await click('button', 'Details of <b>\\377.mov');
  await screen.findByText(/^.*Inbox: IMG_1.jpg/);
  await screen.findByText(/moved, done/);
  const row = screen.getByText(/moved, done/).closest('div') as HTMLElement;
  within(row).getByText(/Inbox: before\.mov.* → .*Archive: <b>\\377\.mov/);
});

it('photos have their picture in a place that is kept, and an icon if there is none until the API is back', async () => {
  const { click } = open('?q=img_59');
  const row = (await screen.findByRole('rowheader')).closest('tr') as HTMLElement;
  const img = row.querySelector('img') as HTMLImageElement;
  const [, id] = /files\/(\d+)\/thumbnail\?size=small&version=2025-/.exec(img.src) ?? [];
  expect([img.alt, img.getAttribute('loading'), img.width, img.height]).toEqual(['', 'lazy', 36, 36]);
  expect(img.parentElement?.style).toMatchObject({ width: '36px', height: '36px' });
  await click('button', 'Details of IMG_59.jpg');
  const large = (await screen.findByAltText('Preview of IMG_59.jpg')) as HTMLImageElement;
  expect(large.src).toContain(`/api/files/${id}/thumbnail?size=large&version=2025-`);
  const button = (isLarge: boolean) =>
    screen.findByRole('button', { name: 'Enlarge the preview of IMG_59.jpg', pressed: isLarge });
  (await button(false)).focus();
  (await button(true)).blur();
  await button(false);
  for (const one of [img, large]) one.dispatchEvent(new Event('error'));
  const pictures = (count: number) => waitFor(() => expect(document.querySelectorAll('main img')).toHaveLength(count));
  await pictures(0);
  // The outage may have been why.
  connection.set({ state: 'down', lastAnswer: null });
  connection.set({ state: 'up', lastAnswer: new Date() });
  await pictures(2);
  open('?kind=video');
  await screen.findByText(/^1–1 of 1/);
  expect(document.querySelectorAll('main img')).toHaveLength(0);
});

it('leads to the first scan where nothing was found', async () => {
  const empty = await startProduct({ demo: false });
  onTestFinished(async () => {
    await empty.close();
  });
  openPage('/files/all', { product: empty });
  await screen.findByText('No files yet');
  expect(screen.getByRole('link', { name: 'Find new files' }).getAttribute('href')).toBe('/files');
});
