import { screen, waitFor, within } from '@testing-library/dom';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeEach(async () => {
  product = await startProduct();
  return () => product.close();
});

const open = (query = '') => openPage(`/media${query}`, { product });

type State = {
  hash: string;
  pipeline_status: string;
  error_status: boolean;
  error_condition: string | null;
  rejection_status: string;
  rejection_reason: string | null;
};

/** The state of the items that match a condition, by hash. */
async function states(condition: string): Promise<Map<string, State>> {
  const rows = await product.query<State>(
    `SELECT hash, pipeline_status, error_status, error_condition, rejection_status, rejection_reason
     FROM atp.media WHERE ${condition}`,
  );
  return new Map(rows.map((state) => [state.hash, state]));
}
const byHash = (all: Iterable<string>) => `hash IN (${[...all].map((hash) => `'${hash}'`).join()})`;
const errorsOnly = 'error_status AND deleted_at IS NULL';

const row = (hash: string) => document.querySelector(`tr[data-hash="${hash}"]`) as HTMLElement;
const box = (hash: string) => row(hash).querySelector('input[type="checkbox"]') as HTMLInputElement;
const rowShows = (hash: string, text: string) => waitFor(() => expect(row(hash).textContent).toContain(text));

async function hashes(): Promise<string[]> {
  await screen.findByRole('table');
  return [...document.querySelectorAll<HTMLElement>('tbody tr')].map(({ dataset }) => dataset.hash as string);
}

const selection = async () => within(await screen.findByRole('region', { name: 'Selection' }));
const dialog = async () => within(await screen.findByRole('dialog'));
const button = async (name: string | RegExp) => (await dialog()).findByRole('button', { name });
/** Waits for a message in the dialog. */
const says = (text: string | RegExp) => waitFor(async () => void (await dialog()).getAllByText(text));

async function close(user: ReturnType<typeof open>['user']): Promise<void> {
  await user.click((await dialog()).getAllByRole('button', { name: 'Close' }).at(-1) as HTMLElement);
  await waitFor(() => expect(screen.queryAllByRole('dialog')).toHaveLength(0));
}

describe('items', () => {
  it('that match are re-ingested on all pages, later ones are not; Undo restores them unless they changed since', async () => {
    const before = await states(errorsOnly);
    const count = before.size;
    const { user, click } = open('?error_status=true');
    const shown = await hashes();
    expect(count).toBeGreaterThan(shown.length);
    await click('checkbox', 'Select all rows on this page');
    await click('button', `Select all ${count} that match`);
    await screen.findByText(`${count} rows selected`);
    await user.click((await selection()).getByRole('button', { name: 'Re-ingest' }));
    await says(/Nothing has changed yet\./);
    await says(new RegExp(`and ${count - 10} more`));
    await says(/Pipeline status: .+ → Ingested/i);
    await says(/Error status: yes → no/i);

    // What matches only after the preview is not changed.
    const [late] = [...(await states("NOT error_status AND deleted_at IS NULL AND pipeline_status = 'parsed'")).keys()];
    await product.query("UPDATE atp.media SET error_status = true, error_condition = 'late' WHERE hash = $1", [late]);
    await user.click(await button(`Re-ingest ${count} media items`));
    await says(new RegExp(`^${count} done`));
    for (const { pipeline_status, error_status, rejection_status } of (await states(byHash(before.keys()))).values()) {
      expect([pipeline_status, error_status, rejection_status]).toEqual(['ingested', false, 'unfiltered']);
    }
    expect([...(await states(errorsOnly)).keys()]).toEqual([late]);

    const [touched] = before.keys();
    await product.query("UPDATE atp.media SET pipeline_status = 'paused' WHERE hash = $1", [touched]);
    await user.click(await button('Undo'));
    await says(new RegExp(`^${count - 1} restored`));
    await says(/1 skipped: edited since/);
    await close(user);
    const after = await states(byHash(before.keys()));
    expect(after.get(touched as string)).toMatchObject({ pipeline_status: 'paused' });
    for (const [hash, state] of before) if (hash !== touched) expect(after.get(hash)).toEqual(state);
    // The rows on screen have the state of the database, in their places.
    expect(await hashes()).toEqual(shown);
    for (const hash of shown.filter((one) => one !== touched).slice(0, 3)) await rowShows(hash, 'error');
  });

  it('chosen by a range are deleted, and restored from the deleted ones', async () => {
    const page = open('?media_type=tv_show');
    const chosen = (await hashes()).slice(1, 5);
    await page.user.click(box(chosen[0] as string));
    await page.user.keyboard('{Shift>}');
    await page.user.click(box(chosen[3] as string));
    await page.user.keyboard('{/Shift}');
    await screen.findByText('4 rows selected');
    await page.user.click((await selection()).getByRole('button', { name: 'Delete' }));
    await says(/removed for good/);
    await page.user.click(await button('Delete 4 media items'));
    await says(/^4 done/);
    expect((await states(`${byHash(chosen)} AND deleted_at IS NOT NULL`)).size).toBe(4);
    await close(page.user);
    for (const hash of chosen) await rowShows(hash, 'deleted');

    const { user } = open('?deleted=only');
    await hashes();
    for (const hash of chosen) await user.click(box(hash));
    await user.click((await selection()).getByRole('button', { name: 'Restore' }));
    await user.click(await button('Restore 4 media items'));
    await says(/^4 done/);
    expect((await states(`${byHash(chosen)} AND deleted_at IS NULL`)).size).toBe(4);
  });

  it('get the statuses chosen for them, and their own back by Undo, which leads to each item', async () => {
    const { user } = open('?rejection_status=rejected&media_type=tv_show');
    const chosen = (await hashes()).slice(0, 3);
    const before = await states(byHash(chosen));
    for (const hash of chosen) await user.click(box(hash));
    await user.click((await selection()).getByRole('button', { name: 'Set statuses' }));
    await screen.findByRole('dialog', { name: 'Set the statuses of 3 media items' });
    await says('Choose at least one status.');
    expect(((await button('Preview')) as HTMLButtonElement).disabled).toBe(true);
    await user.selectOptions((await dialog()).getByLabelText('Pipeline status'), 'ingested');
    await says('Setting ingested also clears error and rejection.');
    await user.selectOptions((await dialog()).getByLabelText('Pipeline status'), 'paused');
    await user.selectOptions((await dialog()).getByLabelText('Rejection'), 'override');
    await user.click(await button('Preview'));
    await screen.findByRole('dialog', { name: /^Set statuses: pipeline status paused, rejection filter overridden/ });
    await user.click(await button('Set the statuses of 3 media items'));
    await says(/^3 done$/);
    for (const [hash, { pipeline_status, error_status, rejection_status }] of await states(byHash(chosen))) {
      expect([pipeline_status, error_status, rejection_status]).toEqual([
        'paused',
        before.get(hash)?.error_status,
        'override',
      ]);
    }
    await user.click(await button('Undo'));
    await says(/ undone$/);
    await says(/^3 restored$/);
    expect(await states(byHash(chosen))).toEqual(before);
    await user.click((await dialog()).getByRole('link', { name: 'Show each item' }));
    await screen.findByRole('dialog', { name: 'Set statuses undone: 3 media items' });
  });

  it('in error are grouped by cause; each group opens as a filter, is retried as a whole, and comes back by Undo', async () => {
    const [one, two, other] = [...(await states(errorsOnly)).keys()].slice(0, 3) as [string, string, string];
    const cause = (hash: string, text: string) =>
      product.query('UPDATE atp.media SET error_condition = $2 WHERE hash = $1', [hash, text]);
    await cause(one, 'disk /srv/a is full: 12 MB left');
    await cause(two, 'disk /srv/media/b is full: 0.5 MB left');
    await cause(other, 'disk /srv/a is full');
    const before = await states(byHash([one, two]));
    const { user, click } = open('?error_status=true');
    const causes = within(await screen.findByRole('region', { name: 'Errors by cause' }));
    for (const more of causes.queryAllByRole('button', { name: /^Show \d+ more$/ })) await user.click(more);
    await user.click(await causes.findByRole('link', { name: 'disk … is full: … MB left' }));
    await screen.findByText(/^1–2 of 2, media items, in error, because of "disk … is full: … MB left"/);
    expect((await hashes()).toSorted()).toEqual([one, two].toSorted());
    await user.click(causes.getByRole('button', { name: 'Re-ingest all like this: disk … is full: … MB left' }));
    await user.click(await button('Re-ingest 2 media items'));
    await says(/^2 done$/);
    expect((await states(`${byHash([one, two])} AND pipeline_status = 'ingested' AND NOT error_status`)).size).toBe(2);
    expect((await states(`${byHash([other])} AND error_status`)).size).toBe(1);
    await user.click(await button('Undo'));
    await says(/^2 restored$/);
    expect(await states(byHash([one, two]))).toEqual(before);
    await close(user);
    // Both filters end together.
    await click('button', /^Errors \(/);
    await waitFor(() => expect(location.search).toBe(''));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Errors by cause' })).toBeNull());
  });

  it('are not changed while no worker is there, which the dialog and the run say; a stop ends both', async () => {
    const idle = await startProduct({ works: false });
    onTestFinished(async () => void (await idle.close()));
    const { user } = openPage('/media?media_type=tv_show', { product: idle });
    await user.click(box((await hashes())[0] as string));
    await user.click((await selection()).getByRole('button', { name: 'Delete' }));
    await user.click(await button('Delete 1 media item'));
    await says('Waiting for a worker.');
    await user.click(await button('Stop'));
    await says(/^1 not started$/);
    const runs = openPage('/runs', { product: idle });
    const row = (await screen.findByText('cancelled')).closest('tr') as HTMLElement;
    await runs.user.click(within(row).getByRole('link', { name: 'Bulk change' }));
    await (await dialog()).findByText('No worker has begun it.');
    await runs.user.click((await dialog()).getByRole('link', { name: 'Its items' }));
    await screen.findByRole('dialog', { name: 'Delete: 1 media item' });
  });

  it('are not grouped by cause where another filter leaves only some of them', async () => {
    open('?error_status=true&media_type=movie');
    await screen.findByText(/^1–20 of \d+, movies, in error/);
    expect(screen.queryByRole('region', { name: 'Errors by cause' })).toBeNull();
  });
});
