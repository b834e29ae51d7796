import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { refuse, requests } from '#test/api.ts';
import { nextDownload } from '#test/downloads.ts';
import { at, openPage, reload } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ demo: false });
  return () => product.close();
});

const open = (query = '') => openPage(`/migrations${query}`, { product });

/** Changes the database until the test ends; the second statement reverts the first. */
async function during(change: string, takeBack: string): Promise<void> {
  await product.query(change);
  onTestFinished(async () => void (await product.query(takeBack)));
}

const toggles = () => screen.findAllByRole('button', { name: /^Details of/ });
const rows = () =>
  screen.queryAllByRole('button', { name: /^Details of/ }).map((toggle) => toggle.closest('tr') as HTMLTableRowElement);
const scripts = () => rows().map((row) => row.cells[3]?.textContent);
/** Waits until the table shows these files in this order. */
const shows = (expected: string[]) => waitFor(() => expect(scripts()).toEqual(expected));
const header = (name: string) => screen.findByRole('columnheader', { name });

async function recorded(schema: 'public' | 'console', order: string): Promise<string[]> {
  const found = await product.query<{ script: string }>(
    `SELECT script FROM ${schema}.flyway_schema_history ORDER BY ${order}`,
  );
  return found.map(({ script }) => script);
}

describe('the history', () => {
  it('shows what the database holds, the highest version first, with its total', async () => {
    open();
    const expected = await recorded('public', 'version::integer DESC');
    await shows(expected);
    await screen.findByText(new RegExp(`${expected.length} migrations of the platform: ${expected.length} applied`));
    expect((await header('Version')).getAttribute('aria-sort')).toBe('descending');
    await screen.findByText(/flyway\?sort_by=version&sort_order=desc/);
  });

  it('says first which migration ran last over all histories, and when, whichever history is shown', async () => {
    const lastLine = async () => (await screen.findByText(/^Last migration:/)).textContent;
    const last = (schema: string, rank: number, success: boolean) =>
      during(
        `INSERT INTO ${schema}.flyway_schema_history VALUES
           (${rank}, '0.5', 'late', 'SQL', 'V0_5__late.sql', 1, 'postgres', now() + interval '${rank} days', 3, ${success})`,
        `DELETE FROM ${schema}.flyway_schema_history WHERE installed_rank = ${rank}`,
      );
    await last('console', 900, true);
    const { click } = open();
    // The one that ran last, not the highest version.
    expect(await lastLine()).toMatch(/^Last migration: version 0\.5 of this product, in \d+ .*applied$/);
    await last('public', 901, false);
    await click('button', 'Refresh');
    await waitFor(async () => expect(await lastLine()).toMatch(/version 0\.5 of the platform, .*failed$/));
    const heading = screen.getByRole('heading', { level: 1 });
    const line = screen.getByText(/^Last migration:/);
    expect(heading.compareDocumentPosition(line)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    expect(line.compareDocumentPosition(screen.getByRole('radiogroup', { name: 'History' }))).toBe(
      Node.DOCUMENT_POSITION_FOLLOWING,
    );
    const takeBack = refuse(/\/flyway\?schema=console$/, { status: 500, error: 'Database error', message: 'No.' });
    await click('button', 'Refresh');
    await screen.findByText('Last migration: unknown');
    takeBack();
    await click('button', 'Refresh');
    await click('link', 'version 0.5 of the platform');
    await at('/migrations?sort=installed_on');
    expect(scripts()[0]).toBe('V0_5__late.sql');
  });

  it('the address and a copied link have the chosen columns, and do not change the choice of a user who opens them', async () => {
    const copied = async () => {
      await screen.findAllByText('Link copied');
      return new URL(await navigator.clipboard.readText());
    };
    const { click } = open('?order=asc');
    await header('Rank');
    await click('button', 'Copy the link to this page');
    expect((await copied()).search).toBe('?order=asc');
    await click('button', 'Columns and density');
    await click('menuitemcheckbox', 'Rank');
    await click('menuitemcheckbox', 'Checksum');
    await waitFor(() => expect(location.search).toBe('?order=asc&columns=-rank%2Cchecksum'));
    await click('button', 'Copy the link to this page');
    await waitFor(async () => expect((await copied()).href).toBe(location.href));
    // The next list has them, and the one before too once it is shown again.
    await click('link', 'Version');
    await waitFor(() => expect(location.search).toBe('?columns=-rank%2Cchecksum'));
    await click('button', 'Columns and density');
    await click('menuitemcheckbox', 'Rank');
    await click('menuitemcheckbox', 'Checksum');
    await waitFor(() => expect(location.search).toBe(''));
    history.back();
    await waitFor(() => expect(location.search).toBe('?order=asc'));
    await header('Rank');

    openPage('/migrations?order=asc&columns=checksum%2C-type', { product });
    await header('Checksum');
    expect(screen.queryByRole('columnheader', { name: 'Type' })).toBeNull();
    // Also in another order; a change of the columns is in the next link alone.
    await click('link', 'Version');
    await at('/migrations');
    await waitFor(() => expect(location.search).toBe('?columns=checksum%2C-type'));
    await header('Checksum');
    await click('button', 'Columns and density');
    await click('menuitemcheckbox', 'Type');
    await header('Type');
    await click('button', 'Copy the link to this page');
    await waitFor(async () => expect((await copied()).searchParams.get('columns')).toBe('checksum'));
    openPage('/migrations', { product });
    await header('Type');
    expect(screen.queryByRole('columnheader', { name: 'Checksum' })).toBeNull();
  });

  it('if the browser refuses the clipboard, a message has the link to copy by hand', async () => {
    const { click } = open('?order=asc');
    await header('Type');
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('denied'));
    onTestFinished(() => void vi.restoreAllMocks());
    await click('button', 'Copy the link to this page');
    const message = await screen.findByRole('alert');
    expect(message.textContent).toContain('The browser refuses the clipboard. Link, to copy by hand:');
    expect(message.textContent).toContain(location.href);
  });

  it('keeps the chosen columns through a reload', async () => {
    const { click } = open();
    await click('button', 'Columns and density');
    await click('menuitemcheckbox', 'Type');
    await click('menuitemcheckbox', 'Checksum');
    await header('Checksum');
    reload();
    await header('Checksum');
    expect(screen.queryByRole('columnheader', { name: 'Type' })).toBeNull();
    await click('button', 'Columns and density');
    await click('menuitem', 'Default columns');
    await waitFor(() => expect(location.search).toBe(''));
  });

  it('is saved as a file, in the order of the list', async () => {
    const { click } = open();
    const expected = await recorded('public', 'version::integer DESC');
    await shows(expected);
    const save = async (format: string) => {
      await click('button', 'Export');
      const [file] = await Promise.all([nextDownload(), click('menuitem', new RegExp(`^${format}`))]);
      return file;
    };
    const csv = await save('CSV');
    expect(csv.name).toBe('migrations-public.csv');
    const [names = '', ...lines] = csv.text.trimEnd().split('\r\n');
    const script = names.split(',').indexOf('script');
    expect(lines.map((line) => line.split(',')[script])).toEqual(expected);
    const json = await save('JSON');
    expect(json.name).toBe('migrations-public.json');
    expect(JSON.parse(json.text).map((row: { script: string; state: string }) => [row.script, row.state])).toEqual(
      expected.map((name) => [name, 'applied']),
    );
  });

  it('keeps schema, sort and order through a reload, and goes back through them one by one', async () => {
    const { click } = open();
    await toggles();
    await click('radio', 'console');
    await at('/migrations?schema=console');
    const byRank = await recorded('console', 'installed_rank DESC');
    await click('link', 'Rank');
    await at('/migrations?schema=console&sort=installed_rank');
    await shows(byRank);
    await click('link', 'Rank');
    await at('/migrations?schema=console&sort=installed_rank&order=asc');
    await shows(byRank.toReversed());

    reload();
    await shows(byRank.toReversed());
    expect((await header('Rank')).getAttribute('aria-sort')).toBe('ascending');
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'console' }).checked).toBe(true);

    history.back();
    await shows(byRank);
    history.back();
    await at('/migrations?schema=console');
    history.back();
    await screen.findByText(/migrations of the platform/);
    await at('/migrations');
  });

  it('sends no request when a row is opened', async () => {
    const { user } = open();
    const [toggle] = await toggles();
    requests.length = 0;
    await user.click(toggle as HTMLElement);
    await screen.findByText('Checksum recorded');
    expect(new URLSearchParams(location.search).getAll('open')).toHaveLength(1);
    expect(requests.filter((request) => request.includes('/flyway'))).toEqual([]);
  });
});

describe('a problem', () => {
  it('a failed migration comes first in any order, with what to do', async () => {
    const script = 'V7__label_event_partitions.sql';
    const forget = 'DELETE FROM console.flyway_schema_history WHERE installed_rank = 99';
    await during(
      `INSERT INTO console.flyway_schema_history
         (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
       VALUES (99, '7', 'label event partitions', 'SQL', '${script}', 12345, 'postgres', 61234, false)`,
      forget,
    );
    const { click } = open('?schema=console&sort=installed_rank&order=asc');
    const attention = await screen.findByRole('region', { name: 'Needs attention' });
    expect(attention.textContent).toContain(script);
    expect(attention.textContent).toContain('pnpm db:migrate repair --set console');
    const table = screen.getByRole('table');
    expect(attention.compareDocumentPosition(table)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    expect(scripts()[0]).toBe(script);
    expect(rows()[0]?.textContent).toMatch(/failed.*61\.2 s/);
    await screen.findByText(/1 failed, \d+ applied; lowest rank first after those that failed/);

    await product.query(forget);
    await click('button', 'Refresh');
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Needs attention' })).toBeNull());
  });

  it("another project's history is named, and nothing is compared", async () => {
    await product.query('CREATE TABLE public.put_aside AS TABLE public.flyway_schema_history');
    await during(
      "UPDATE public.flyway_schema_history SET checksum = -1, description = 'their beginning' WHERE version = '1'",
      'DROP TABLE public.put_aside',
    );
    const restore = `UPDATE public.flyway_schema_history h SET checksum = p.checksum, description = p.description
      FROM public.put_aside p WHERE p.installed_rank = h.installed_rank`;
    onTestFinished(async () => void (await product.query(restore)));
    const { click } = open('?open=1');
    await screen.findByText('Another project owns this history');
    await screen.findByText('This product does not ship its file, so nothing is compared.', { exact: false });
    expect(screen.queryByRole('region', { name: 'Needs attention' })).toBeNull();
    expect(screen.getByRole('cell', { name: 'their beginning' })).toBeDefined();
    await product.query(restore);
    await click('button', 'Refresh');
    await waitFor(() => expect(screen.queryByText('Another project owns this history')).toBeNull());
  });

  it('a history in another schema is found and named', async () => {
    await during(
      'ALTER TABLE public.flyway_schema_history SET SCHEMA atp',
      'ALTER TABLE atp.flyway_schema_history SET SCHEMA public',
    );
    open();
    await screen.findByText(/6 migrations of the platform: 6 applied/);
    await screen.findByRole('radio', { name: 'atp', checked: true });
  });

  it('a missing history is named, and the shipped migrations are pending', async () => {
    await during(
      'ALTER TABLE public.flyway_schema_history RENAME TO put_aside',
      'ALTER TABLE public.put_aside RENAME TO flyway_schema_history',
    );
    open();
    await screen.findByText('No migration history for public');
    await screen.findByText(/6 migrations of the platform: 6 pending/);
    const attention = screen.getByRole('region', { name: 'Needs attention' });
    expect(within(attention).getAllByText('pnpm db:migrate --set atp').length).toBeGreaterThan(0);
  });

  it('the history stays when its states cannot be loaded, and the page says why', async () => {
    const { click } = open('?schema=console');
    await toggles();
    refuse(/\/flyway\/migrations/, { status: 500, error: 'Database error', message: 'It was not to be.' });
    await click('button', 'Refresh');
    await screen.findByText(/The states of the migrations: It was not to be. \(request request-1\)/);
    await shows(await recorded('console', 'version::integer DESC NULLS LAST'));
  });
});
