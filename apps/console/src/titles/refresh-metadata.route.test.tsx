import type { MetadataOutput, MetadataResult } from '@at/contracts/training';
import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { requests } from '#test/api.ts';
import { openPage, reload } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

/** A refresh of metadata from the button to its outcome. The tests end its run as a worker does. */

let product: Product;
beforeAll(async () => {
  product = await startProduct({ environment: { AT_MOVIE_DETAILS_API_KEY: 'key' } });
  return () => product.close();
});
beforeEach(() => product.query('TRUNCATE console.run CASCADE'));

const found = '/training?view=list&reviewed=all&q=half+baked';
const row = () =>
  waitFor(() => {
    const found = document.querySelector<HTMLElement>('li[data-imdb-id]');
    expect(found).not.toBeNull();
    return found as HTMLElement;
  });
const button = async () =>
  within(await row())
    .getAllByRole('button')
    .find((one) => one.getAttribute('aria-label')?.startsWith('Refresh metadata')) as HTMLElement;
const isMarked = (expected: boolean) =>
  waitFor(async () => expect((await button()).getAttribute('aria-pressed')).toBe(String(expected)));

async function press() {
  const { user } = openPage(found, { product });
  await waitFor(async () => expect((await button()).getAttribute('aria-disabled')).toBe('false'));
  await user.click(await button());
  await isMarked(true);
  return user;
}

async function end(
  outcome: 'completed' | 'failed' | 'cancelled',
  { result, error }: { result?: Partial<MetadataResult>; error?: string } = {},
) {
  const [run] = await product.query<{ id: string; subject_id: string }>('SELECT id, subject_id FROM console.run');
  const { id, subject_id: imdb_id } = run as { id: string; subject_id: string };
  const titles = result ? [{ imdb_id, changes: [], notes: [], ...result }] : [];
  const output: MetadataOutput = {
    changed: result?.changes?.length ? 1 : 0,
    unchanged: 1,
    unknown: 0,
    failed: 0,
    sources: [],
    titles,
  };
  await product.query(
    `WITH step AS (
      UPDATE console.step SET outcome = $2, finished_at = now(), output = $3, error = $4 WHERE run_id = $1
    ) UPDATE console.run SET outcome = $2, finished_at = now() WHERE id = $1`,
    [
      id,
      outcome,
      outcome === 'completed' ? JSON.stringify(output) : null,
      error ? JSON.stringify({ type: 'MetadataError', message: error }) : null,
    ],
  );
}

const change = (column: string) => ({ column, from: null, to: 1 });

it('names what has changed when the run has ended', async () => {
  await press();
  const columns = ['runtime', 'genre', 'tmdb_votes', 'overview', 'tagline', 'budget'];
  await end('completed', { result: { changes: columns.map(change) } });
  await screen.findByText(/Half Baked.*: new metadata \(runtime, genre, tmdb votes, overview and 2 more\)/i);
  await isMarked(false);
});

it('marks the title over a reload, until the run has ended', async () => {
  await press();
  reload();
  await isMarked(true);
  await end('completed');
  await isMarked(false);
});

it('says that there was nothing new, or that it was cancelled', async () => {
  await press();
  await end('completed');
  await screen.findByText(/Half Baked.*: no new metadata/);
  await product.query('TRUNCATE console.run CASCADE');
  await press();
  await end('cancelled');
  await screen.findByText(/Half Baked.*: the refresh of metadata was cancelled/);
});

it('gives the reason of a failure, in part too, and tries again', async () => {
  const user = await press();
  await end('failed', { error: 'TMDB refuses the key (401). Check AT_MOVIE_DETAILS_API_KEY.' });
  const alert = await screen.findByText(/TMDB refuses the key/);
  await screen.findByText(/"?.*Half Baked.*metadata not refreshed/);
  await product.query('TRUNCATE console.run CASCADE');
  await user.click(within(alert.closest('[role="alert"]') as HTMLElement).getByRole('button', { name: 'Try again' }));
  await isMarked(true);
  await end('completed', { result: { changes: [change('runtime')], notes: ['OMDb is unreachable.'] } });
  await screen.findByText(/OMDb is unreachable/);
  await screen.findByText(/Half Baked.*metadata refreshed in part/);
});

it('asks once, however often the button is pressed', async () => {
  const user = await press();
  await user.click(await button());
  await waitFor(() => expect(requests.filter((request) => /^PATCH .*rerun_metadata/.test(request))).toHaveLength(1));
  await end('completed');
  await isMarked(false);
});

it('of selected titles is one run, whose sums are reported', async () => {
  const { user, click } = openPage('/training?view=list&reviewed=all&q=half', { product });
  await waitFor(() => expect(document.querySelectorAll('li[data-imdb-id]').length).toBeGreaterThan(1));
  await user.click(screen.getByRole('checkbox', { name: 'Select all rows on this page' }));
  await click('button', 'More', await screen.findByRole('region', { name: 'Selection' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Refresh metadata' }));
  await isMarked(true);
  const count = document.querySelectorAll(
    'li[data-imdb-id] [aria-label^="Refresh metadata"][aria-pressed="true"]',
  ).length;
  expect(count).toBe(document.querySelectorAll('li[data-imdb-id]').length);
  const [run] = await product.query<{ params: { titles: string[] } }>('SELECT params FROM console.run');
  expect(run?.params.titles).toHaveLength(count);
  await end('completed');
  await screen.findByText('Metadata refreshed: 0 titles changed, 1 did not, 0 were not found');
});
