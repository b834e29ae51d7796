import { createHash } from 'node:crypto';
import { fireEvent, screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { alter, hold, intercept, requests } from '#test/api.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { overlays } from './media-changes.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const open = (query = '', on = product) => openPage(`/media${query}`, { product: on });
const hashOf = (name: string) => createHash('sha1').update(name).digest('hex');

/** Adds an item until the test ends; changed last, it is the first of the list. */
async function insert(name: string, fields: Record<string, unknown> = {}): Promise<string> {
  const item: Record<string, unknown> = {
    hash: hashOf(name),
    media_type: 'movie',
    media_title: name,
    release_year: 1999,
    original_title: `${name}.1999.1080p`,
    original_link: `magnet:?xt=urn:btih:${hashOf(name)}`,
    ...fields,
  };
  const names = Object.keys(item);
  await product.query(
    `INSERT INTO atp.media (${names.join()}) VALUES (${names.map((_name, index) => `$${index + 1}`).join()})`,
    Object.values(item),
  );
  onTestFinished(async () => void (await product.query('DELETE FROM atp.media WHERE hash = $1', [item.hash])));
  return item.hash as string;
}

const stored = async (hash: string) =>
  (await product.query('SELECT * FROM atp.media WHERE hash = $1', [hash]))[0] as Record<string, unknown>;
const expectedHashes = async (rest: string) =>
  (await product.query<{ hash: string }>(`SELECT hash FROM atp.media WHERE deleted_at IS NULL AND ${rest}`)).map(
    ({ hash }) => hash,
  );

const hashes = () => [...document.querySelectorAll<HTMLElement>('tbody tr')].map(({ dataset }) => dataset.hash);
const shows = (expected: string[]) => waitFor(() => expect(hashes()).toEqual(expected));
const row = (hash: string) =>
  waitFor(() => {
    const found = document.querySelector<HTMLElement>(`[data-hash="${hash}"]`);
    expect(found).not.toBeNull();
    return found as HTMLElement;
  });
const rowShows = async (hash: string, text: string | RegExp) => within(await row(hash)).findByText(text);
const total = () => screen.queryAllByRole('status').find(({ textContent }) => /^\d.* of /.test(textContent ?? ''));
const totalIs = (text: string) => waitFor(() => expect(total()?.textContent).toContain(text));
const dialog = () => screen.findByRole('dialog');
/** Waits until the address has these parameters. */
const inAddress = (expected: Record<string, string>) =>
  waitFor(() => expect(Object.fromEntries(new URLSearchParams(location.search))).toMatchObject(expected));
const fill = async (label: string, value: string) =>
  fireEvent.input(await screen.findByLabelText(label), { target: { value } });

/** Opens the menu of an item and chooses an action. */
async function choose({ click }: ReturnType<typeof open>, hash: string, action: string): Promise<void> {
  await click('button', /^Actions for/, await row(hash));
  await click('menuitem', new RegExp(`^${action}`));
}

it('a tooltip shows by mouse, by keyboard and by a tap, and closes by Escape and with what it belongs to', async () => {
  const { user } = open();
  const time = (await screen.findAllByText(/ago$/))[0] as HTMLElement;
  const shown = () => screen.queryByRole('tooltip')?.textContent ?? null;
  await user.hover(time);
  expect(shown()).toBe(time.dataset.tooltip);
  expect(time.getAttribute('aria-describedby')).toBe(screen.getByRole('tooltip').id);
  await user.keyboard('{Escape}');
  expect(shown()).toBeNull();
  expect(time.hasAttribute('aria-describedby')).toBe(false);
  // Its text is the name of the button: nobody hears it twice.
  const chooser = screen.getByRole('button', { name: 'Columns and density' });
  chooser.focus();
  expect(shown()).toBe('Columns and density');
  expect(chooser.hasAttribute('aria-describedby')).toBe(false);
  chooser.blur();
  expect(shown()).toBeNull();
  // A tap shows what has no other way to be read, and nothing over a button that it presses.
  const tap = (element: HTMLElement) => {
    for (const event of [fireEvent.pointerOver, fireEvent.pointerDown]) event(element, { pointerType: 'touch' });
    fireEvent.mouseOver(element);
  };
  tap(time);
  expect(shown()).toBe(time.dataset.tooltip);
  tap(chooser);
  expect(shown()).toBeNull();
  tap(time);
  time.remove();
  await waitFor(() => expect(shown()).toBeNull());
});

it('the menu of a row opens at its first action by Enter, Space and arrow down, and returns the focus', async () => {
  const { user } = open();
  const [button] = await screen.findAllByRole('button', { name: /^Actions for/ });
  for (const key of ['{Enter}', ' ', '{ArrowDown}']) {
    button?.focus();
    await user.keyboard(key);
    const menu = await screen.findByRole('menu');
    expect(menu.id).toBe(button?.getAttribute('aria-controls'));
    await waitFor(() => expect(document.activeElement).toBe(within(menu).getAllByRole('menuitem')[0]));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement).toBe(button));
    expect(button?.getAttribute('aria-expanded')).toBe('false');
  }
});

describe('approving', () => {
  const withTransmission = () =>
    alter(/\/meta$/, (meta) => ({ ...meta, configured: { ...(meta.configured as object), transmission: true } }));
  const approve = (within: HTMLElement) =>
    waitFor(() => {
      const found = [...within.querySelectorAll<HTMLElement>('button')].find(
        ({ textContent }) => textContent === 'Approve',
      );
      expect(found).toBeDefined();
      return found as HTMLElement;
    });
  const isDisabled = async (found: Promise<HTMLElement>, disabled: boolean) => {
    const button = await found;
    await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe(String(disabled)));
  };

  it('has a filter of the items that wait for it, with their number', async () => {
    withTransmission();
    await insert('Failed Before Approval', { pipeline_status: 'paused', error_status: true });
    await insert('Refused By Rules', { pipeline_status: 'metadata_collected', rejection_status: 'rejected' });
    const waiting = "pipeline_status IN ('paused', 'metadata_collected') AND NOT error_status";
    const expected = await expectedHashes(`${waiting} ORDER BY updated_at DESC, hash`);
    const { click } = open('?q=the&release_year_min=1995&error_status=true');
    // The search and the year stay, and a figure would be that of other rows.
    await click('button', 'To approve');
    const group = 'pipeline_status=paused%2Cmetadata_collected&error_status=false';
    await at(`/media?q=the&${group}&release_year_min=1995`);
    await click('button', 'Errors');
    await at('/media?q=the&error_status=true&release_year_min=1995');
    await click('button', 'Errors');
    await at('/media?q=the&release_year_min=1995');
    await click('button', 'To approve');
    await at(`/media?q=the&${group}&release_year_min=1995`);
    await click('button', 'Clear all filters');
    await fill('Search by title, hash or IMDb id', '');
    await at('/media');
    await click('button', `To approve (${expected.length})`);
    await at(`/media?${group}`);
    await totalIs(`of ${expected.length}, media items, waiting for approval, not in error`);
    await shows(expected.slice(0, 20));
    // The action of each row is the one that its button promises.
    expect(screen.queryAllByRole('button', { name: /^Re-ingest / })).toEqual([]);
  });

  it('is not possible without Transmission: the reason is above the list of those that wait, and a tap gives it', async () => {
    const reason = 'Transmission is not set up. Set REAR_DIFF_TRANSMISSION_HOST and restart the API.';
    const { click } = open();
    await click('button', /^To approve/);
    await screen.findByText(`Nothing here can be approved yet. ${reason}`);
    // As on a phone: neither hover nor focus, which give it too.
    fireEvent.click((await screen.findAllByRole('button', { name: /^Approve / }))[0] as HTMLElement);
    await screen.findByText(reason);
    await click('button', /^To approve/);
    await waitFor(() => expect(screen.queryByText(/^Nothing here can be approved/)).toBeNull());
  });

  it('is disabled with its reason where the state does not allow it, in the row, the details and for selected rows', async () => {
    withTransmission();
    const done = await insert('Past Approval', { pipeline_status: 'complete' });
    const waiting = await insert('Before Approval', { pipeline_status: 'parsed' });
    const reason = 'Only items before downloading can be approved.';
    const { click, user } = open();
    await click('button', /^Actions for/, await row(done));
    const item = await screen.findByRole('menuitem', { name: new RegExp(`^Approve.*${reason}`) });
    expect((item as HTMLButtonElement).disabled).toBe(true);
    await user.keyboard('{Escape}');

    const box = async (hash: string) => within(await row(hash)).getByRole('checkbox');
    await user.click(await box(done));
    const bar = await screen.findByRole('region', { name: 'Selection' });
    await isDisabled(approve(bar), true);
    (await approve(bar)).focus();
    await screen.findByText(reason);
    await user.click(await approve(bar));
    expect(requests.some((request) => request.includes('/operations'))).toBe(false);
    await user.click(await box(waiting));
    await isDisabled(approve(bar), false);

    await click('link', 'Past Approval');
    const details = await dialog();
    await within(details).findByText(`Approve: ${reason}`);
    await isDisabled(approve(details), true);
  });

  it('is not offered again where Transmission has the torrent, which stalls only after a minute without data', async () => {
    withTransmission();
    const [fresh, old, queued] = await Promise.all([
      insert('Fresh', { pipeline_status: 'media_accepted' }),
      insert('Old', { pipeline_status: 'media_accepted', updated_at: '2025-01-01T00:00:00Z' }),
      insert('Queued', { pipeline_status: 'media_accepted' }),
    ]);
    const torrent = (hash: string, status: string) => ({
      ...{
        hash,
        status,
        name: 'Torrent',
        percent: 0,
        size: 0,
        rate_download: 0,
        rate_upload: 0,
        eta: null,
        error: null,
      },
    });
    alter(/\/transmission$/, (state) => ({
      ...state,
      ...{ configured: true, reachable: true, detail: null },
      data: [torrent(fresh, 'downloading'), torrent(old, 'downloading'), torrent(queued, 'queued')],
    }));
    const { click } = open('?limit=200');
    const downloads = ['media_accepted', 'downloading', 'downloaded', 'transferred'];
    const expected = await expectedHashes(`pipeline_status IN ('${downloads.join("','")}')`);
    await click('button', `Downloads (${expected.length})`);
    await inAddress({ pipeline_status: downloads.join() });
    await totalIs(`of ${expected.length}, media items, accepted to transferred`);
    await rowShows(fresh, '0 % · starting');
    await rowShows(old, '0 % · stalled');
    await rowShows(queued, '0 % · queued');
    await click('link', 'Fresh');
    await within(await dialog()).findByText('Approve: Already approved; Transmission has the torrent.');
    await isDisabled(approve(await dialog()), true);
  });

  it('is disabled with its reason while Transmission is not set up', async () => {
    const waiting = await insert('Before Approval', { pipeline_status: 'paused' });
    const { click, user } = open();
    await click('link', 'Before Approval');
    await within(await dialog()).findByText(/^Approve: Transmission is not set up/);
    await isDisabled(approve(await dialog()), true);
    await user.keyboard('{Escape}');
    await user.click(within(await row(waiting)).getByRole('checkbox'));
    await isDisabled(approve(await screen.findByRole('region', { name: 'Selection' })), true);
  });
});

describe('the list', () => {
  it('is searched, filtered, sorted and paged, all of it in the address', async () => {
    const { user, click } = open();
    await screen.findByRole('table');
    const search = 'Search by title, hash or IMDb id';
    await fill(search, 'Half Baked');
    await totalIs('1–1 of 1, media items, matching "Half Baked"');
    const [found] = hashes() as [string];
    await fill(search, found.slice(0, 10));
    await totalIs(`matching "${found.slice(0, 10)}"`);
    await shows([found]);
    await fill(search, '');
    await at('/media');

    await click('button', /^Downloads/);
    await totalIs('media items, accepted to transferred');
    await click('button', /^Filters/);
    await user.selectOptions(await screen.findByLabelText('Type'), 'movie');
    await fill('Year at least', '1990');
    await totalIs('movies, accepted to transferred, from 1990');
    await inAddress({ media_type: 'movie', release_year_min: '1990' });
    await click('link', 'Title');
    await inAddress({ release_year_min: '1990', sort_by: 'media_title' });
    const expected = await expectedHashes(`media_type = 'movie' AND release_year >= 1990
      AND pipeline_status IN ('media_accepted', 'downloading', 'downloaded', 'transferred') ORDER BY console.fold(media_title), hash`);
    await shows(expected.slice(0, 20));
    requests.length = 0;
    (document.activeElement as HTMLElement).blur();
    await user.keyboard('jjj');
    await inAddress({ row: expected[2] as string });
    expect(requests.filter((request) => request.includes('/media/?'))).toEqual([]);
    await user.selectOptions(screen.getByLabelText('Rows per page'), '50');
    await inAddress({ sort_by: 'media_title', limit: '50' });
    await shows(expected.slice(0, 50));
    history.back();
    await shows(expected.slice(0, 20));
  });

  it('leads to Queue if a search finds rows there alone, and Queue leads to Media', async () => {
    const own = await startProduct();
    onTestFinished(async () => void (await own.close()));
    await own.insertQueueItem({ movie_code: 'QQQ-1', status: 'completed' });
    const { click } = openPage('/media?q=QQQ-1', { product: own });
    await screen.findByText('1 row matches "QQQ-1" in Queue.');
    await click('link', 'Show in Queue');
    await at('/queue?q=QQQ-1');
    await screen.findByText('1–1 of 1, files, matching "QQQ-1"');
    const queue = openPage('/queue?q=Half+Baked', { product: own });
    await screen.findByText('1 row matches "Half Baked" in Media.');
    await queue.click('link', 'Show in Media');
    await at('/media?q=Half+Baked');
    await totalIs('1–1 of 1, media items, matching "Half Baked"');
  });

  it('pages on without skipping rows when a change moved rows out of the filter', async () => {
    const own = await startProduct();
    onTestFinished(async () => {
      await own.close();
      // They are of items that the other product has too.
      overlays.set(new Map());
    });
    const expected = await expectedHashes('error_status ORDER BY created_at DESC, hash');
    const { user, click } = open('?error_status=true&sort_by=created_at', own);
    await shows(expected.slice(0, 20));
    for (const hash of expected.slice(0, 3)) {
      await user.click(within(await row(hash)).getByRole('button', { name: /^Re-ingest/ }));
      await rowShows(hash, 'ingested');
    }
    // They stay, but the list no longer has them.
    await totalIs(`1–17 of ${expected.length - 3}, media items, in error`);
    await click('button', /^Next/);
    await shows(expected.slice(20, 40));
  });

  it('without a match says so, and clears its search', async () => {
    const { click } = open('?q=nothing+is+called+so');
    await screen.findByText('Nothing matches');
    await click('button', 'Clear the search');
    await screen.findByRole('table');
  });

  it('stays while another loads; filters chosen while it loads build on each other', async () => {
    const { user, click } = open();
    await screen.findByRole('table');
    const before = hashes() as string[];
    const release = hold(/\/media\/\?/);
    await click('button', /^Errors/);
    await click('link', 'Title');
    await waitFor(() =>
      expect(screen.getByRole('columnheader', { name: 'Title' }).getAttribute('aria-sort')).toBe('ascending'),
    );
    await user.selectOptions(screen.getByLabelText('Rows per page'), '50');
    expect(hashes()).toEqual(before);
    release();
    await at('/media?error_status=true&sort_by=media_title&sort_order=asc&limit=50');
    await shows((await expectedHashes('error_status ORDER BY console.fold(media_title), hash')).slice(0, 50));
  });

  it.each(['', '?view=board', '?error_status=true'])(
    'of an empty database (%s) says that there is nothing yet',
    async (query) => {
      const empty = await startProduct({ demo: false });
      onTestFinished(async () => void (await empty.close()));
      open(query, empty);
      await screen.findByText('No media yet');
    },
  );

  it('as a board has the true counts, and columns that grow on demand', async () => {
    const rows = await product.query<{ status: string; count: number }>(
      `SELECT pipeline_status::text AS status, count(*)::integer FROM atp.media
       WHERE deleted_at IS NULL AND release_year <= 1998 GROUP BY 1`,
    );
    const { user, click } = open('?view=board&release_year_max=1998');
    // Searching so many elements by role takes seconds.
    const column = (name: string) => document.querySelector<HTMLElement>(`section[aria-label^="${name}:"]`);
    await waitFor(() => expect(column('pipeline rejected')).not.toBeNull());
    for (const { status, count } of rows) {
      const name = status === 'rejected' ? 'pipeline rejected' : status.replaceAll('_', ' ');
      await waitFor(() => expect(column(name)?.getAttribute('aria-label')).toBe(`${name}: ${count}`));
    }
    const rejected = () => column('pipeline rejected') as HTMLElement;
    const cards = () => rejected().querySelectorAll('li').length;
    expect(cards()).toBe(20);
    await user.click(within(rejected()).getByRole('button', { name: 'Show 20 more' }));
    await waitFor(() => expect(cards()).toBe(40));
    const all = rows.reduce((sum, { count }) => sum + count, 0).toLocaleString('en');
    const shown = rows.reduce((sum, { status, count }) => sum + Math.min(status === 'rejected' ? 40 : 20, count), 0);
    await screen.findByText(`${shown} of ${all}, media items`, { exact: false });
    const first = rejected().querySelector('li')?.dataset.hash as string;
    await product.query("UPDATE atp.media SET pipeline_status = 'complete' WHERE hash = $1", [first]);
    onTestFinished(async () => {
      await product.query("UPDATE atp.media SET pipeline_status = 'rejected' WHERE hash = $1", [first]);
    });
    await user.keyboard('r');
    await waitFor(() => expect(rejected().querySelector(`[data-hash="${first}"]`)).toBeNull());
    expect(cards()).toBe(40);
    await click('button', /^Errors/);
    await waitFor(() => expect(cards()).toBeLessThan(20));
  });
});

describe('an item', () => {
  it('in error is found by the true count, re-ingested, and put back into the list by "Undo last"', async () => {
    const stuck = await insert('Stuck', {
      pipeline_status: 'parsed',
      error_status: true,
      error_condition: 'metadata search: no result',
      rejection_status: 'override',
    });
    const count = (await expectedHashes('error_status')).length;
    const { click, user } = open();
    await click('button', `Errors (${count})`);
    await totalIs(`of ${count}, media items, in error`);
    await at('/media?error_status=true');
    await rowShows(stuck, 'metadata search: no result');
    await click('button', 'Re-ingest Stuck');
    await screen.findByText(/back at the start of the pipeline/);
    expect(await stored(stuck)).toMatchObject({
      pipeline_status: 'ingested',
      error_status: false,
      error_condition: null,
      rejection_status: 'unfiltered',
    });
    // The row stays in its place, with its new state.
    await rowShows(stuck, 'ingested');
    await screen.findByRole('button', { name: `Errors (${count - 1})` });
    await totalIs(`of ${count - 1}, media items, in error, plus 1 changed row until you refresh`);
    await click('link', 'Stuck');
    await within(await dialog()).findByText('No longer in this list');
    await click('button', 'Next item', await dialog());
    await within(await dialog()).findByText(`1 of ${count - 1} in this list`);
    await user.keyboard('{Escape}');
    // Closing is no refresh: the list is as it was left.
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await rowShows(stuck, 'ingested');
    await totalIs(`of ${count - 1}, media items, in error, plus 1 changed row until you refresh`);
    // Also once the list was loaded without it: it is back in its place.
    await click('button', 'Refresh');
    await waitFor(() => expect(document.querySelector(`[data-hash="${stuck}"]`)).toBeNull());
    await click('button', /^Undo last/);
    await screen.findByText(/Stuck\u2069: undone: /);
    await rowShows(stuck, 'metadata search: no result');
    await screen.findByRole('button', { name: `Errors (${count})` });
    expect(await stored(stuck)).toMatchObject({
      pipeline_status: 'parsed',
      error_status: true,
      error_condition: 'metadata search: no result',
      rejection_status: 'override',
    });
  });

  it('comes back by "Undo last" after many that were changed later, whose message with Undo stays after Close', async () => {
    const stuck = { pipeline_status: 'parsed', error_status: true, error_condition: 'nobody knows why' };
    const hashes = [await insert('Alone', stuck), await insert('Both of', stuck), await insert('us', stuck)];
    const statuses = () => Promise.all(hashes.map(async (hash) => (await stored(hash)).pipeline_status));
    const { click, user } = open('?error_status=true&sort_by=created_at');
    await click('button', 'Re-ingest Alone');
    await screen.findByRole('button', { name: 'Undo last U' });
    await click('checkbox', 'Select Both of');
    await click('checkbox', 'Select us');
    await click('button', 'Re-ingest');
    await click('button', 'Re-ingest 2 media items', await dialog());
    await within(await dialog()).findByText('2 done');
    expect(await statuses()).toEqual(['ingested', 'ingested', 'ingested']);
    await user.keyboard('{Escape}');
    const message = await screen.findByText('Re-ingest: 2 done');
    within(message.parentElement as HTMLElement).getByRole('button', { name: 'Undo' });

    await click('button', 'Undo last: 2 media items U');
    await screen.findByText('Re-ingest undone: 2 restored');
    expect(await statuses()).toEqual(['ingested', 'parsed', 'parsed']);
    await waitFor(() => expect(screen.queryByText('Re-ingest: 2 done')).toBeNull());

    await screen.findByRole('button', { name: 'Undo last U' });
    await user.keyboard('u');
    await screen.findByText(/Alone\u2069: undone: /);
    expect(await statuses()).toEqual(['parsed', 'parsed', 'parsed']);
  });

  it('opens by a click anywhere on its row, but not on what the row contains or while text is selected', async () => {
    const item = await insert('Clickable', { pipeline_status: 'transferred' });
    const { user, click } = open('?q=Clickable');
    const isOpen = () => location.pathname !== '/media';
    const { cells } = (await row(item)) as HTMLTableRowElement;
    await user.click(cells[0] as HTMLElement);
    await click('button', /^Actions for/, await row(item));
    await user.keyboard('{Escape}');
    const text = within(await row(item)).getByText('transferred');
    getSelection()?.selectAllChildren(text);
    await user.pointer({ keys: '[MouseLeft]', target: document.body });
    getSelection()?.removeAllRanges();
    expect(isOpen()).toBe(false);
    await user.click(text);
    await dialog();
    await at(`/media/${item}?q=Clickable`);
    const recommended = within(await screen.findByRole('region', { name: 'Recommended' }));
    recommended.getByText(/^Its files are in the library/);
    await user.click(recommended.getByRole('button', { name: 'Mark complete' }));
    const question = await screen.findByRole('dialog', { name: 'Mark complete?' });
    await user.click(within(question).getByRole('button', { name: 'Mark complete' }));
    await waitFor(async () => expect(await stored(item)).toMatchObject({ pipeline_status: 'complete' }));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Recommended' })).toBeNull());
  });

  it('shows its likely action, and where Transmission is not set up says why it cannot be approved', async () => {
    const waiting = await insert('Waiting', { pipeline_status: 'metadata_collected' });
    const { user } = open('?q=Waiting');
    const approve = await within(await row(waiting)).findByRole('button', { name: 'Approve Waiting' });
    await waitFor(() => expect(approve.getAttribute('aria-disabled')).toBe('true'));
    await user.hover(approve);
    await screen.findByText(/^Transmission is not set up\./);
    await user.click(approve);
    await user.keyboard('jy');
    await screen.findByText(/^Approve: Transmission is not set up\./);
    expect(requests.some((request) => request.includes('/approve'))).toBe(false);
  });

  it('shows what happened to it, newest first, undoes the latest action, and leads to its neighbours in the list', async () => {
    const [older, newer] = [
      await insert('Neighbour one'),
      await insert('Neighbour two', {
        pipeline_status: 'parsed',
        error_status: true,
        error_condition: 'disk full',
      }),
    ];
    const { user } = open('?q=Neighbour');
    await user.click(await within(await row(newer)).findByRole('link'));
    const timeline = async () => within(await screen.findByRole('region', { name: 'Timeline' }));
    await (await timeline()).findByText('error condition: disk full');
    await (await timeline()).findByText('Added to the pipeline');
    const details = within(await dialog());
    await user.click(details.getByRole('button', { name: 'Re-ingest' }));
    await (await timeline()).findByText('pipeline status: parsed → ingested');
    await (await timeline()).findByText(/re-ingested this item$/);
    await user.click(await (await timeline()).findByRole('button', { name: 'Undo' }));
    await (await timeline()).findByText('Undone');
    expect(await stored(newer)).toMatchObject({ pipeline_status: 'parsed', error_condition: 'disk full' });
    await details.findByText('1 of 2 in this list');
    expect(details.getByRole<HTMLButtonElement>('button', { name: /^Previous item/ }).disabled).toBe(true);
    await user.keyboard('j');
    await at(`/media/${older}?q=Neighbour`);
    await details.findByText('2 of 2 in this list');
    await user.click(details.getByRole('button', { name: /^Previous item/ }));
    await at(`/media/${newer}?q=Neighbour`);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(location.pathname).toBe('/media'));
  });

  it('has its place in the whole list, not on its page', async () => {
    const [counted] = await product.query<{ count: number }>(
      'SELECT count(*)::int FROM atp.media WHERE deleted_at IS NULL',
    );
    const { user } = open('?page=2&limit=20');
    await waitFor(() => expect(document.querySelectorAll('tr[data-hash]')).toHaveLength(20));
    await user.click(
      within(document.querySelectorAll<HTMLElement>('tr[data-hash]')[1] as HTMLElement).getByRole('link'),
    );
    await within(await dialog()).findByText(`22 of ${counted?.count} in this list`);
  });

  it('is deleted and restored with its rejection, and the message says what does not come back', async () => {
    const unwanted = await insert('Unwanted', { rejection_status: 'rejected', rejection_reason: 'too long' });
    const page = open('?q=Unwanted');
    await choose(page, unwanted, 'Delete');
    await screen.findByText(/Unwanted\u2069: deleted\./);
    expect(await stored(unwanted)).toMatchObject({ rejection_reason: 'user deletion' });
    expect((await stored(unwanted)).deleted_at).not.toBeNull();
    await rowShows(unwanted, 'deleted');
    await page.click('button', 'Undo');
    await screen.findByText(/Unwanted\u2069: undone: /);
    expect(await stored(unwanted)).toMatchObject({
      deleted_at: null,
      rejection_status: 'rejected',
      rejection_reason: 'too long',
    });
    await choose(page, unwanted, 'Delete');
    // Not by its message: that of the first time may still be fading.
    await waitFor(async () => expect((await stored(unwanted)).deleted_at).not.toBeNull());
    const deleted = open('?deleted=only&q=Unwanted');
    await choose(deleted, unwanted, 'Restore');
    await waitFor(async () =>
      expect(await stored(unwanted)).toMatchObject({ deleted_at: null, rejection_reason: 'too long' }),
    );
  });

  it('whose change is on its way is undone by a key that is pressed before the reply', async () => {
    const hasty = await insert('Hasty');
    const page = open('?q=Hasty');
    await rowShows(hasty, 'Hasty');
    const release = hold(/soft_delete$/);
    await choose(page, hasty, 'Delete');
    await waitFor(() => expect(requests.some((request) => request.includes('soft_delete'))).toBe(true));
    await page.user.keyboard('u');
    release();
    await screen.findByText(/Hasty\u2069: undone: /);
    expect((await stored(hasty)).deleted_at).toBeNull();
  });

  it('that Transmission may hold is deleted only after a confirmation', async () => {
    const moving = await insert('Moving', { pipeline_status: 'downloading' });
    const page = open('?q=Moving');
    await choose(page, moving, 'Delete');
    within(await dialog()).getByText(/removed for good/);
    await page.click('button', 'Cancel');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(await stored(moving)).toMatchObject({ deleted_at: null });
    await choose(page, moving, 'Delete');
    await page.user.click(within(await dialog()).getByRole('button', { name: 'Delete' }));
    // No Transmission is configured, so the state of the torrent is unknown.
    await screen.findByText(/The torrent may still be in Transmission/);
    expect((await stored(moving)).deleted_at).not.toBeNull();
  });

  it('says what picks it up at the start, when that last changed an item, and which errors recur', async () => {
    alter(/\/meta$/, (meta: object) => ({ ...meta, demo: false }));
    const failed = await insert('Unreadable', {
      pipeline_status: 'ingested',
      error_status: true,
      error_condition: 'release name could not be parsed: neither a year nor a season found',
    });
    await product.query("UPDATE atp.media SET resolution = '720p' WHERE hash = $1", [failed]);
    const { user } = open(`/${failed}`);
    const details = within(await dialog());
    await details.findByText(/so this fails again until the pipeline can read such names/);
    await details.findByText(/^The platform's pipeline picks up ingested items; this console does not\./);
    // What would fail again is not the filled button.
    expect(details.getByRole('button', { name: 'Re-ingest' }).dataset.variant).toBe('default');
    await user.click(details.getByRole('button', { name: 'Re-ingest' }));
    await screen.findByText(/back at the start of the pipeline/);
    // By the update that bypassed the API, not by this one.
    await details.findByText(/It last changed an item/);
    expect(details.queryByText(/fails again/)).toBeNull();
  });

  it('has all its facts at an address of its own, and its form sends changes only, with the version', async () => {
    const item = await insert('Everything', {
      pipeline_status: 'metadata_collected',
      season: 2,
      episode: 5,
      media_type: 'tv_show',
      error_status: true,
      error_condition: 'a long story of what went wrong',
      uploader: 'demo-north',
      resolution: '1080p',
      video_codec: 'x265',
      imdb_id: 'tt99000001',
    });
    const { user, click } = open('?q=Everything');
    await click('link', 'Everything S02E05');
    await at(`/media/${item}?q=Everything`);
    const details = await dialog();
    for (const text of ['a long story of what went wrong', 'Everything.1999.1080p', 'demo-north', item, 'x265']) {
      await within(details).findAllByText(text);
    }
    await within(details).findByRole('link', { name: 'Open in Training' });
    // The advised action alone is filled, until there is something to save.
    await within(details).findByText(/Re-ingesting clears the error/);
    const filled = () =>
      [...details.querySelectorAll('button[data-variant="filled"]')].map(({ textContent }) => textContent);
    expect(filled()).toEqual(['Re-ingest']);
    await user.selectOptions(within(details).getByLabelText('Error'), 'false');
    expect(filled()).toEqual(['Re-ingest', 'Save statuses']);
    await user.selectOptions(within(details).getByLabelText('Error'), 'true');
    await user.click(within(details).getByRole('button', { name: 'Save statuses' }));
    await within(details).findByText(/Nothing to save/);

    const [found] = await product.query(
      `SELECT to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS version FROM atp.media WHERE hash = $1`,
      [item],
    );
    let sent: RequestInit | undefined;
    intercept(/\/pipeline$/, async (send, init) => {
      sent = init;
      return send();
    });
    await user.selectOptions(within(details).getByLabelText('Pipeline status'), 'file_accepted');
    await user.click(within(details).getByRole('button', { name: 'Save statuses' }));
    await screen.findByText(/Everything S02E05\u2069: metadata collected → file accepted\./);
    expect(JSON.parse(sent?.body as string)).toEqual({ hash: item, pipeline_status: 'file_accepted' });
    expect(new Headers(sent?.headers).get('if-match')).toBe(`"${found?.version}"`);
    expect(await stored(item)).toMatchObject({ pipeline_status: 'file_accepted', error_status: true });
    // The list behind it has the new state too.
    await rowShows(item, 'file accepted');
    await user.click(within(details).getAllByRole('button', { name: 'Close' })[0] as HTMLElement);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('that does not exist is reported', async () => {
    open(`/${'0'.repeat(40)}`);
    await within(await dialog()).findByText('No such media item');
  });

  it('whose address is no hash is reported', async () => {
    open('/nonsense');
    await within(await dialog()).findByText(/"nonsense" is not a valid hash/);
  });

  it('that another client changed first is shown with that change, and nothing is overwritten', async () => {
    const item = await insert('Contested', { pipeline_status: 'parsed' });
    const page = open('?q=Contested');
    await row(item);
    await product.query("UPDATE atp.media SET pipeline_status = 'paused' WHERE hash = $1", [item]);
    await choose(page, item, 'Re-ingest');
    await waitFor(() =>
      expect(
        screen
          .getAllByRole('alert')
          .map(({ textContent }) => textContent)
          .join(),
      ).toMatch(/Contested.*Your change was not saved/),
    );
    expect(await stored(item)).toMatchObject({ pipeline_status: 'paused' });
    await rowShows(item, 'paused');
  });

  it('may have changed when the API stops answering: the message says so, and repeats the write with its key', async () => {
    const item = await insert('Interrupted', { pipeline_status: 'parsed' });
    const page = open('?q=Interrupted');
    await row(item);
    let isLost = true;
    intercept(/\/media\/[0-9a-f]{40}\//, async (send) => {
      const response = await send();
      if (isLost) throw new TypeError('fetch failed');
      return response;
    });
    await choose(page, item, 'Re-ingest');
    await screen.findByText(/It may have been done/);
    const done = await stored(item);
    expect(done).toMatchObject({ pipeline_status: 'ingested' });
    isLost = false;
    await page.user.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByText(/Interrupted.*back at the start/);
    expect(await stored(item)).toEqual(done);
  });
});
