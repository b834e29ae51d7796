import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ demo: false });
  return () => product.close();
});
beforeEach(() =>
  product.query('TRUNCATE console.move, console.file, console.file_directory, console.file_root, console.run CASCADE'),
);

const open = (query = '') => openPage(`/files/duplicates${query}`, { product });

/** Adds the folders `inbox` and `duplicates`. */
const addRoots = () =>
  product.query(`
    WITH root AS (
      INSERT INTO console.file_root (name, path, marker, marker_inode)
      SELECT name, convert_to('/' || name, 'UTF8'), gen_random_uuid(), 1 FROM unnest(ARRAY['inbox', 'duplicates']) name
      RETURNING id, name
    ), top AS (
      INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id, root_id
    )
    INSERT INTO console.file_directory (root_id, parent_id, name)
    SELECT top.root_id, top.id, convert_to(d.name, 'UTF8') FROM top, unnest(ARRAY['phone', 'old phone']) d (name)`);

type Sample = {
  path: string;
  of?: number;
  size?: number;
  status?: string;
  kind?: string;
  root?: string;
  days?: number;
};

/** Adds a file in one of the folders of a root; `of`: the file that is kept instead. Returns its id. */
async function add({ path, of, size = 2_000_000, status, kind = 'photo', root = 'inbox', days = 0 }: Sample) {
  const [folder, name] = path.split('/');
  const [row] = await product.query<{ id: string }>(
    `INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, sha256, status, duplicate_of)
     SELECT d.id, convert_to($2, 'UTF8'), $3, 1700000000000000000 + $4::bigint * 86400000000000, 1,
       (SELECT coalesce(max(inode), 0) + 1 FROM console.file), $5, sha256('same'), $6, $7
     FROM console.file_directory d JOIN console.file_root r ON r.id = d.root_id
     WHERE d.name = convert_to($1, 'UTF8') AND r.name = $8 RETURNING id`,
    [folder, name, size, days, kind, status ?? (of ? 'DUPLICATE' : 'UNIQUE'), of ?? null, root],
  );
  return Number(row?.id);
}

const cards = async () =>
  within(await screen.findByRole('region', { name: 'Sets of duplicates' })).getAllByRole('article');
const card = async (nth: number) => (await cards())[nth] as HTMLElement;
const states = () => product.query(`SELECT convert_from(name, 'UTF8') AS name, status FROM console.file ORDER BY id`);

it('without a scan the page says what to do, and scans; an empty result is a success', async () => {
  const { click } = open();
  await screen.findByRole('heading', { name: 'No scan yet' });
  // Before the button is pressed.
  screen.getByText(/a scan moves the others to the folder of duplicates/);
  expect(screen.getByRole('link', { name: 'Open Configuration' }).getAttribute('href')).toBe('/files/config');
  await click('button', 'Scan the inbox');
  await screen.findByText(/paths\.source_dir is not set/);
});

it('sets are side by side with what tells the files apart, their saving and the total', async () => {
  await addRoots();
  const small = await add({ path: 'phone/IMG_1.jpg', status: 'SORTED' });
  await add({ path: 'old phone/IMG_1.jpg', of: small });
  const big = await add({ path: 'phone/IMG_2.mov', size: 90_000_000, kind: 'video' });
  await add({ path: 'phone/IMG_2 (1).mov', of: big, size: 90_000_000, kind: 'video', days: 3 });
  open();
  await screen.findByText('Duplicates take 92 MB: 2 duplicates in 2 sets');
  await screen.findByText('1–2 of 2, sets of duplicates');
  const links = within(screen.getAllByRole('navigation')[0] as HTMLElement);
  const isCurrent = (name: string) => links.getByRole('link', { name }).getAttribute('aria-current');
  expect([isCurrent('Files'), isCurrent('Duplicates')]).toEqual([null, 'page']);
  const [first, second] = await cards();
  expect(first?.textContent).toMatch(/IMG_2\.mov.*1 duplicate of 90 MB each.*Takes 90 MB/);
  const marked = (one: HTMLElement | undefined) =>
    [...(one?.querySelectorAll('mark') ?? [])].map(({ textContent }) => textContent);
  expect(marked(first)).toEqual(['IMG_2 (1).mov (differs)', expect.stringContaining('(differs)')]);
  expect(marked(second)).toEqual(['old phone (differs)']);
  within(second as HTMLElement).getByText('In the archive');
  // Each photo with its picture; videos have none.
  const pictures = (one: HTMLElement | undefined) => [...(one?.querySelectorAll('img') ?? [])].map(({ alt }) => alt);
  expect(pictures(first)).toEqual([]);
  expect(pictures(second)).toEqual(
    within(second as HTMLElement)
      .getAllByRole('listitem')
      .map(() => expect.stringMatching(/^Preview of .+\.jpg$/i)),
  );
});

it('a duplicate is kept by its button, which can be undone', async () => {
  await addRoots();
  const kept = await add({ path: 'phone/a.jpg' });
  await add({ path: 'old phone/b.jpg', of: kept });
  const { click } = open();
  await click('button', 'Keep this one: b.jpg');
  await screen.findByText(/b\.jpg.? is kept/);
  await waitFor(async () => expect((await card(0)).textContent).toMatch(/^b\.jpg/));
  expect(await states()).toEqual([
    { name: 'a.jpg', status: 'DUPLICATE' },
    { name: 'b.jpg', status: 'UNIQUE' },
  ]);
  await click('button', 'Undo');
  await waitFor(async () => expect((await card(0)).textContent).toMatch(/^a\.jpg/));
});

it('keys move between sets and files, keep one, and make one a file of its own', async () => {
  await addRoots();
  const one = await add({ path: 'phone/a.jpg', size: 9_000_000 });
  await add({ path: 'phone/b.jpg', of: one, size: 9_000_000 });
  const two = await add({ path: 'phone/c.jpg' });
  await add({ path: 'phone/d.jpg', of: two });
  await add({ path: 'phone/e.jpg', of: two });
  const { user } = open();
  await cards();
  await user.keyboard('jj');
  await waitFor(async () => expect(document.activeElement).toBe(await card(1)));
  await user.keyboard('{Shift>}j{/Shift}c');
  await screen.findByText(/e\.jpg.? is kept/);
  await waitFor(async () => expect((await card(1)).textContent).toMatch(/^e\.jpg/));
  await user.keyboard('p');
  await screen.findByText(/c\.jpg.? is no longer a duplicate/);
  expect(await states()).toEqual([
    { name: 'a.jpg', status: 'UNIQUE' },
    { name: 'b.jpg', status: 'DUPLICATE' },
    { name: 'c.jpg', status: 'UNIQUE' },
    { name: 'd.jpg', status: 'DUPLICATE' },
    { name: 'e.jpg', status: 'UNIQUE' },
  ]);
});

it('a file in the archive stays the one that is kept, and the button and the key say so', async () => {
  await addRoots();
  const kept = await add({ path: 'phone/a.jpg', status: 'SORTED' });
  await add({ path: 'phone/b.jpg', of: kept });
  const { user } = open();
  const button = within(await card(0)).getByRole('button', { name: 'Keep this one: b.jpg' });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  await user.keyboard('jc');
  await screen.findByText(/is in the archive, and stays the one that is kept/);
});

it('what was moved says from where, and goes back by its button', async () => {
  await addRoots();
  const kept = await add({ path: 'phone/a.jpg' });
  const moved = await add({ path: 'old phone/a.jpg', of: kept, root: 'duplicates' });
  await product.query(
    `INSERT INTO console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode,
       state, ended_at)
     SELECT gen_random_uuid(), f.id, d.id, f.name, f.directory_id, f.name, f.size, f.mtime_ns, f.inode, 'done', now()
     FROM console.file f, console.file_directory d JOIN console.file_root r ON r.id = d.root_id
     WHERE f.id = $1 AND r.name = 'inbox' AND d.name = 'old phone'`,
    [moved],
  );
  const { click } = open();
  expect((await card(0)).textContent).toMatch(/Moved.*Was in old phone in inbox/);
  expect(screen.getByRole('link', { name: 'Open Activity' }).getAttribute('href')).toBe('/activity');
  await click('button', 'Move back: a.jpg');
  // No worker does it in this test.
  await screen.findByText(/a\.jpg.? is being moved back/);
  expect(await product.query('SELECT task, params FROM console.run')).toEqual([
    { task: 'files.restore_duplicate', params: { file: moved, choice: 'restore' } },
  ]);
});

it('filters are in the address, a search without a match can be cleared, and a set shows all of its files', async () => {
  await addRoots();
  const photo = await add({ path: 'phone/a.jpg' });
  for (let n = 0; n < 12; n += 1) await add({ path: `phone/copy ${n}.jpg`, of: photo });
  const video = await add({ path: 'phone/v.mov', kind: 'video', size: 300_000_000 });
  await add({ path: 'old phone/v.mov', of: video, kind: 'video', size: 300_000_000 });
  const { click, user } = open();
  await cards();
  await user.selectOptions(screen.getByRole('combobox', { name: 'Kind' }), 'photo');
  await at('/files/duplicates?kind=photo');
  await screen.findByText('1–1 of 1, sets of duplicates, photos');
  await click('button', 'Show all 12');
  await at(`/files/duplicates?kind=photo&file=${photo}`);
  await waitFor(async () => expect(within(await card(0)).getAllByRole('listitem')).toHaveLength(13));
  open('?q=nothing+like+it&saving=100000000');
  await screen.findByRole('heading', { name: 'No match' });
  await screen.findByRole('button', { name: 'Clear the search' });
});
