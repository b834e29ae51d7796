import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { alter, nodeFetch, refuse, requests } from '#test/api.ts';
import { allSent, at, openPage, reload } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { changes } from '#titles/title-changes.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const open = (query = '') => openPage(`/training?view=list${query}`, { product });
type Page = ReturnType<typeof openPage>;
/** A filter that six titles match, where their number says nothing: a title takes long to render. */
const few = '&genre=Thriller&label=none';

const rows = () => [...document.querySelectorAll<HTMLElement>('li[data-imdb-id]')];
const ids = () => rows().map(({ dataset }) => dataset.imdbId as string);
/** Waits for the list; gives the row at an index. */
async function rowAt(index = 0): Promise<HTMLElement> {
  await waitFor(() => expect(rows().length).toBeGreaterThan(index));
  return rows()[index] as HTMLElement;
}
const idOf = ({ dataset }: HTMLElement) => dataset.imdbId as string;
/** Waits for a text in the page; searching it by element takes long in a list. */
const shows = (text: string | RegExp) =>
  waitFor(() => expect(document.querySelector('main')?.textContent).toMatch(text));
/** The button of a row whose name begins so. */
const button = (row: HTMLElement, name: string) =>
  within(row)
    .getAllByRole('button')
    .find((one) => one.getAttribute('aria-label')?.startsWith(name)) as HTMLElement;

async function unreviewed(): Promise<string[]> {
  const found = await product.query<{ imdb_id: string }>(`SELECT imdb_id FROM atp.training
    WHERE media_type = 'movie' AND NOT coalesce(reviewed, false) ORDER BY updated_at DESC, imdb_id`);
  return found.map(({ imdb_id }) => imdb_id);
}
const flags = async (id: string) =>
  (await product.query('SELECT label, human_labeled, reviewed FROM atp.training WHERE imdb_id = $1', [id]))[0];
const untouched = { label: null, human_labeled: false, reviewed: false };

/** Restores the flags of every title when the test ends. */
async function restoreFlags(): Promise<void> {
  await product.query('CREATE TABLE put_aside AS TABLE atp.training');
  onTestFinished(async () => {
    await product.query(`UPDATE atp.training t SET label = p.label, human_labeled = p.human_labeled,
      reviewed = p.reviewed, anomalous = p.anomalous, updated_at = now() FROM put_aside p WHERE p.imdb_id = t.imdb_id
      AND (t.label, t.human_labeled, t.reviewed, t.anomalous) IS DISTINCT FROM
          (p.label, p.human_labeled, p.reviewed, p.anomalous)`);
    await product.query('DROP TABLE put_aside');
  });
}

describe('filters', () => {
  it('search while a person types, take % as itself, and say what matches nothing', async () => {
    const { click, user } = open('&reviewed=all');
    await user.type(await screen.findByRole('searchbox'), 'alien');
    await shows(/matching "alien"/);
    await waitFor(() => expect(document.querySelector('ol')?.textContent).toContain('My Stepmother Is an Alien'));
    await user.clear(screen.getByRole('searchbox'));
    await user.type(screen.getByRole('searchbox'), '%%%');
    await shows('No title matches these filters');
    await click('button', 'Back to the backlog');
    await shows('1–20 of 150, unreviewed movies');
  });

  it('that leave a search little say how many of all titles it finds, and lead there, also from a review', async () => {
    const [found] = await product.query<{ count: number }>(
      "SELECT count(*)::integer AS count FROM atp.training WHERE media_title ILIKE '%alien%'",
    );
    const count = String(found?.count);
    const { click } = open('&q=alien');
    await shows(`Without these filters, ${count} titles match "alien".`);
    await click('button', 'Show all');
    await shows(`1–${count} of ${count}, all titles, matching "alien"`);
    expect(screen.queryByText(/Without these filters/)).toBeNull();

    const review = openPage('/training?q=alien', { product });
    await shows(`Without these filters, ${count} titles match "alien".`);
    await review.click('button', 'Show all');
    await shows(`1–${count} of ${count}, all titles, matching "alien"`);
    // What is found within the filters is enough, or is all there is.
    open('&q=the');
    await shows(/1–20 of \d+, unreviewed movies, matching "the"/);
    open('&reviewed=all&q=no-such-title');
    await shows('No title matches these filters');
    expect(screen.queryByText(/Without these filters/)).toBeNull();
  });

  it('find a title outside the backlog: its label, who gave it and its undo are in place, and no other button is the main one', async () => {
    const [title] = await product.query<{ imdb_id: string; media_title: string }>(
      "SELECT imdb_id, media_title FROM atp.training WHERE reviewed AND media_type = 'movie' AND label = 'would_watch' AND length(media_title) > 12 LIMIT 1",
    );
    const { imdb_id, media_title } = title as { imdb_id: string; media_title: string };
    await restoreFlags();
    await nodeFetch(`${product.url}/rear-diff/training/${imdb_id}/would_not_watch`, {
      method: 'PATCH',
      headers: { 'x-actor': 'kim' },
    });
    open(`&q=${encodeURIComponent(media_title)}`);
    const found = await screen.findByRole('region', { name: media_title });
    await within(found).findByText('kim');
    within(found).getByRole('button', { name: 'Undo' });
    await shows(`Without these filters, 1 title matches "${media_title}".`);
    await shows('No title matches these filters');
    expect(screen.getByRole('button', { name: 'Back to the backlog' }).getAttribute('data-variant')).toBe('default');
  });

  it('the button of the backlog leaves other filters and the search in place, and counts only what it shows', async () => {
    open('&genre=Horror');
    await screen.findByRole('button', { name: 'Filters (3)' });
    const { click } = open('&q=the&genre=Horror&reviewed=all&media_type=all');
    await click('button', 'Backlog');
    await at('/training?view=list&q=the&genre=Horror');
    await click('button', 'Backlog');
    await at('/training?view=list&media_type=all&reviewed=all&q=the&genre=Horror');
    openPage('/training?view=list&media_type=all&reviewed=all', { product });
    await screen.findByRole('button', { name: 'Backlog (150)' });
  });

  it('of a link count as far as they mean something', async () => {
    const hostile = new URLSearchParams({
      origin_country: 'USA,US',
      original_language: 'english',
      genre: 'x'.repeat(60),
      q: `the\0${'y'.repeat(600)}`,
      seed: 'z'.repeat(100),
      order: 'random',
      release_year_min: '1e999',
    });
    open(`&${hostile}`);
    await shows('No title matches these filters');
    await shows(/United States/);
    open('&page=2147483648');
    await shows(/1–20 of 150/);
  });
});

describe('pages', () => {
  it('are turned by key, from any place that a link names', async () => {
    const { user } = open();
    await shows('Page 1 of 8');
    await user.keyboard(']');
    await shows('21–40 of 150, unreviewed movies');
    expect(new URLSearchParams(location.search).get('page')).toBe('2');
    open('&page=2&cursor=nonsense');
    await shows('21–40 of 150, unreviewed movies');
  });

  it("are in the export with the model's verdict on the screen, at a threshold that the file names", async () => {
    const { click } = open('&reviewed=all&order=uncertain');
    // The threshold comes with another reply than the rows.
    await within(await rowAt()).findByText(/would watch at 0\.35$/);
    await click('button', 'Export');
    await screen.findByText(
      /^verdict is what the model says at 0\.35; prediction and cm_value are the model's own, at 0\.50$/,
    );
    const link = await screen.findByRole<HTMLAnchorElement>('menuitem', { name: /^JSON/ });
    const { pathname, search } = new URL(link.href);
    const file = await nodeFetch(`${product.url}${pathname}${search}`);
    expect(file.headers.get('content-disposition')).toContain('training-at-0.35-');
    const found = (await file.json()) as { probability: number | null; verdict: string | null; threshold: number }[];
    // Nearest to 0.5: above 0.35, also where the model itself says no.
    expect(found[0]).toMatchObject({ verdict: 'would_watch', threshold: 0.35 });
    const wrong = found.filter(
      ({ probability, verdict, threshold }) =>
        threshold !== 0.35 ||
        verdict !== (probability == null ? null : probability >= 0.35 ? 'would_watch' : 'would_not_watch'),
    );
    expect([found.length > 1_000, wrong]).toEqual([true, []]);
  });

  it('say so when the total is an estimate', async () => {
    alter(/\/training\?.*count=estimated/, (list) => ({
      ...list,
      pagination: { ...(list.pagination as object), total: 10_000, total_is_estimate: true },
    }));
    open('&reviewed=all');
    await shows('1–20 of 10,000+, all movies');
    await shows('Page 1 of 500+');
  });

  it('leave no title out, however many of the page before were answered', async () => {
    await restoreFlags();
    const before = await unreviewed();
    const { click, user } = open();
    await rowAt(19);
    expect(ids()).toEqual(before.slice(0, 20));
    await user.keyboard('j');
    for (let count = 0; count < 20; count += 1) await user.keyboard('n');
    await allSent();
    await shows(`0 of ${before.length - 20}, unreviewed movies`);
    await click('button', /^Next/);
    await shows(`1–20 of ${before.length - 20}, unreviewed movies`);
    expect(ids()).toEqual(before.slice(20, 40));
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /Previous$/ }).disabled).toBe(true);
    reload();
    await waitFor(() => expect(ids()).toEqual(before.slice(20, 40)));
  });
});

describe('a row', () => {
  it('goes back with an undo to what it was before all changes since', async () => {
    const { user } = open(few);
    const row = await rowAt();
    const id = idOf(row);
    const undos = () => screen.queryAllByText('Undo');
    const older = undos();
    await user.click(button(row, 'would watch'));
    await waitFor(() => expect(undos().length).toBeGreaterThan(older.length));
    const [undo] = undos().filter((one) => !older.includes(one));
    await user.click(button(row, 'would not watch'));
    await allSent();
    await user.click(undo as HTMLElement);
    await within(row).findByText('unlabelled');
    await allSent();
    await within(row).findByText('unlabelled');
    expect(await flags(id)).toEqual(untouched);
    await screen.findByText(/^Undid .+ on .+ \(label: would not watch → unlabelled\)$/);
    // Both changes were undone: no message offers it again.
    await waitFor(() => expect(undos().filter((one) => !older.includes(one))).toEqual([]));
  });

  it('shows the stored state when a change is refused, and says why', async () => {
    await restoreFlags();
    const { user } = open(few);
    const row = await rowAt();
    await user.click(button(row, 'would watch'));
    await allSent();
    refuse(/\/training\/tt\d+$/, { status: 500, error: 'Database error', message: 'The disk is full.' });
    await user.click(button(row, 'Anomalous'));
    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('The disk is full.'));
    await within(row).findByText('reviewed by a person');
    expect(button(row, 'Anomalous').getAttribute('aria-pressed')).toBe('false');
  });

  it('shows its history in its details, or why it could not be loaded, and loads it again after a change', async () => {
    await restoreFlags();
    const { click, user } = open(few);
    const row = await rowAt();
    const again = refuse(/\/history$/, { status: 503, error: 'Not ready', message: 'The database is away.' });
    await user.click(row.querySelector('[aria-expanded]') as HTMLElement);
    await within(row).findByText('History: The database is away. (request request-1)');
    again();
    await click('button', 'Try again');
    await waitFor(() => expect(within(row).queryByText(/The database is away/)).toBeNull());
    await user.click(button(row, 'Anomalous'));
    await within(row).findByText('changed the flags');
  });

  it('undoes the latest change in its history, by anyone at any time; what changed since in the database is left', async () => {
    await restoreFlags();
    const [unlabelled] = await product.query<{ imdb_id: string }>(
      `SELECT imdb_id FROM atp.training WHERE label IS NULL AND NOT reviewed
         AND imdb_id NOT IN (SELECT imdb_id FROM console.label_event) ORDER BY imdb_id DESC LIMIT 1`,
    );
    const id = unlabelled?.imdb_id as string;
    const label = await nodeFetch(`${product.url}/rear-diff/training/${id}/would_watch`, { method: 'PATCH' });
    expect(label.status).toBe(200);
    const { click, user } = open(`&reviewed=all&q=${id}`);
    const row = await rowAt();
    expect(button(row, 'would watch').getAttribute('aria-pressed')).toBe('true');
    await user.click(row.querySelector('[aria-expanded]') as HTMLElement);
    await click('button', 'Undo', row);
    await within(row).findByText('undid the label');
    await allSent();
    expect(await flags(id)).toEqual(untouched);
    expect(within(row).queryByRole('button', { name: 'Undo' })).toBeNull();

    await user.click(button(row, 'Anomalous'));
    await within(row).findByText('changed the flags');
    await within(row).findByRole('button', { name: 'Undo' });
    await allSent();
    await product.query('UPDATE atp.training SET anomalous = false, updated_at = now() WHERE imdb_id = $1', [id]);
    reload();
    await within(await rowAt()).findByText('Changed in the database');
    const impossible = within(await rowAt()).getByRole('button', { name: 'Undo' });
    expect(impossible.getAttribute('aria-disabled')).toBe('true');
    impossible.focus();
    await screen.findByText('Another program made this change. Label the title again to correct it.');
  });

  it('says on its button when a label removes files', async () => {
    alter(/\/meta$/, (meta) => ({ ...meta, configured: { ...(meta.configured as object), files: true } }));
    open(few);
    const row = await rowAt();
    await waitFor(() => expect(button(row, 'would not watch, and remove its files')).toBeDefined());
  });

  it('that is anomalous says so in a word, and its flag what that means', async () => {
    await restoreFlags();
    const { user } = open(few);
    const row = await rowAt();
    const flag = button(row, 'Anomalous');
    flag.focus();
    await screen.findByText(/^Mark as anomalous: keeps being predicted wrongly/);
    expect(within(row).queryByText('anomalous')).toBeNull();
    await user.click(flag);
    await within(row).findByText('anomalous');
    await screen.findByText(/^Anomalous: keeps being predicted wrongly/);
    await allSent();
  });

  it('offers no refresh of metadata while no source is configured, and a key says so', async () => {
    const { user } = open(few);
    const row = await rowAt(1);
    await waitFor(() => expect(button(row, 'Refresh metadata').getAttribute('aria-disabled')).toBe('true'));
    await user.keyboard('jj{Shift>}r{/Shift}');
    await screen.findByText(/^Metadata refresh is not configured/);
    expect(requests.some((request) => /^PATCH .*rerun_metadata/.test(request))).toBe(false);
  });
});

describe('blind mode', () => {
  it('hides what tells the label and the prediction, also in the details, until a title is answered; and records that', async () => {
    await restoreFlags();
    const [labelled] = await product.query<{ imdb_id: string }>(
      "SELECT imdb_id FROM atp.training WHERE label = 'would_watch' AND NOT reviewed ORDER BY imdb_id LIMIT 1",
    );
    const id = labelled?.imdb_id as string;
    const { click, user } = open(`&order=likely&label=would_watch&probability_min=0.1&q=${id}`);
    const row = () => rowAt();
    await within(await row()).findByText(/^model would watch/);
    expect((await row()).textContent).toMatch(/%.*model would watch/);
    expect(button(await row(), 'would watch').getAttribute('aria-pressed')).toBe('true');
    await user.click((await row()).querySelector('[aria-expanded]') as HTMLElement);
    await within(await row()).findByText(/^Recorded cell/);
    await user.keyboard('b');
    await waitFor(() => expect(location.search).toBe(`?view=list&q=${id}`));
    await waitFor(async () =>
      expect((await row()).textContent?.replaceAll(/Would (not )?watch/g, '')).not.toMatch(
        /%|model|would|true pos|false neg/,
      ),
    );
    expect((await row()).querySelector('[data-chosen], [aria-pressed="true"]')).toBeNull();
    expect([...screen.getByLabelText<HTMLSelectElement>('Order').options].map(({ value }) => value)).not.toContain(
      'likely',
    );
    await user.keyboard('j');
    await waitFor(async () => expect((await row()).getAttribute('aria-current')).toBe('true'));
    await user.keyboard('n');
    await waitFor(async () => expect((await row()).textContent).toMatch(/%.*model would watch/));
    expect(button(await row(), 'would not watch').getAttribute('aria-pressed')).toBe('true');
    await allSent();
    expect(
      await product.query('SELECT shown FROM console.label_event WHERE imdb_id = $1 ORDER BY event_id DESC LIMIT 1', [
        id,
      ]),
    ).toEqual([{ shown: { view: 'list', blind: true, probability: null } }]);
    // A link that would tell it leads to the same titles without it.
    open('&order=disagree');
    await shows(/1–20 of/);
    expect(location.search).toBe('?view=list');
    await click('button', 'Blind mode: hide the prediction');
    await waitFor(async () => expect((await row()).textContent).toMatch(/model would|no prediction/));
  });
});

describe('many titles at once', () => {
  const labels = async (of: string[]) => {
    const found = await product.query<{ label: string | null }>(
      'SELECT label FROM atp.training WHERE imdb_id = ANY($1)',
      [of],
    );
    return found.map(({ label }) => label);
  };
  const checkbox = async (index: number) => within(await rowAt(index)).getByRole('checkbox');
  const bar = () => screen.findByLabelText('Selection');
  const dialog = () =>
    waitFor(() => {
      const found = document.querySelector<HTMLElement>('[role="dialog"]');
      if (!found) throw new Error('No dialog is open.');
      return found;
    });
  const inDialog = async ({ user }: Page, name: string) =>
    user.click(await within(await dialog()).findByRole('button', { name }));

  /** It would be there on the next page too. */
  const closeDialog = async ({ user }: Page) => {
    await user.keyboard('{Escape}');
    await waitFor(() => expect(document.querySelector('[role="dialog"]')).toBeNull());
  };

  it('are labelled after a preview, and one button undoes all of it', async () => {
    const page = open(few);
    const { user } = page;
    await rowAt(4);
    const chosen = ids().slice(1, 5);
    await user.click(await checkbox(1));
    await user.keyboard('{Shift>}');
    await user.click(await checkbox(4));
    await user.keyboard('{/Shift}');
    await within(await bar()).findByText('4 rows selected');
    await user.click(within(await bar()).getByRole('button', { name: 'Would watch' }));
    await within(await dialog()).findByText(/^Nothing has changed yet\. Only these 4 titles;/);
    within(await dialog()).getAllByText('label: unlabelled → would watch', { exact: false });
    within(await dialog()).getAllByText('decided by a person: no → yes', { exact: false });
    expect(await labels(chosen)).toEqual(Array(4).fill(null));
    await inDialog(page, 'Label 4 titles');
    await within(await dialog()).findByText('4 done');
    expect(await labels(chosen)).toEqual(Array(4).fill('would_watch'));
    await inDialog(page, 'Undo');
    await within(await dialog()).findByText('Would watch undone');
    await waitFor(async () => expect(await labels(chosen)).toEqual(Array(4).fill(null)));
    await closeDialog(page);
    await shows(/1–6 of 6, unreviewed movies/);
  });

  it('are undone by the key, which leaves what was changed on another page', async () => {
    await restoreFlags();
    changes.set(() => []);
    const elsewhere = openPage('/predictions', { product });
    const first = await waitFor(() => {
      const found = document.querySelector<HTMLElement>('[data-imdb-id]');
      if (!found) throw new Error('There are no rows.');
      return found;
    });
    const labelled = first.dataset.imdbId as string;
    await elsewhere.user.click(button(first, 'Label '));
    await screen.findByRole('button', { name: /^Undo last/ });
    await allSent();
    const after = await flags(labelled);

    const page = open(few);
    const { user } = page;
    await rowAt(2);
    expect(ids()).not.toContain(labelled);
    expect(screen.queryByRole('button', { name: /^Undo last/ })).toBeNull();
    const chosen = ids().slice(0, 2);
    for (const index of [0, 1]) await user.click(await checkbox(index));
    await user.click(within(await bar()).getByRole('button', { name: 'Would watch' }));
    await inDialog(page, 'Label 2 titles');
    await within(await dialog()).findByText('2 done');
    await closeDialog(page);
    await screen.findByRole('button', { name: /^Undo last: 2 titles/ });
    await user.keyboard('u');
    await waitFor(async () => expect(await labels(chosen)).toEqual([null, null]));
    await user.keyboard('u');
    await screen.findByText('Nothing to undo on this page');
    expect(await flags(labelled)).toEqual(after);
  });

  it('can be all that match; a title that another client changes first is left alone and named', async () => {
    await restoreFlags();
    const page = open();
    const { click, user } = page;
    const id = idOf(await rowAt(2));
    const { length } = await unreviewed();
    await rowAt();
    await user.click(screen.getByLabelText('Select all rows on this page'));
    await user.click(await screen.findByText(`Select all ${length} that match`));
    await shows(`${length} rows selected`);
    await user.click(within(await bar()).getByRole('button', { name: 'More' }));
    await click('menuitem', 'Anomalous');
    await within(await dialog()).findByText(`and ${length - 10} more`);
    await product.query("UPDATE atp.training SET tagline = 'New', updated_at = now() WHERE imdb_id = $1", [id]);
    await inDialog(page, `Mark ${length} titles`);
    await within(await dialog()).findByText(`${length - 1} done, 1 skipped: edited since`, { exact: false });
    await within(await dialog()).findByRole('region', { name: 'Not done, or only in part' });
    expect(
      await product.query(`SELECT count(*)::integer AS count FROM atp.training
        WHERE anomalous AND media_type = 'movie' AND NOT coalesce(reviewed, false)`),
    ).toEqual([{ count: length - 1 }]);
    await closeDialog(page);
  });

  it('that were the whole list leave the outcome on the screen, with Undo', async () => {
    const [id = ''] = await unreviewed();
    const before = await flags(id);
    const page = open(`&q=${id}`);
    const { user } = page;
    await shows(/1–1 of 1,/);
    await user.click(await checkbox(0));
    await user.click(within(await bar()).getByRole('button', { name: 'Would watch' }));
    await within(await dialog()).findByText(/Only this 1 title;/);
    await inDialog(page, 'Label 1 title');
    await shows('No title matches');
    await within(await dialog()).findByText('1 done');
    expect(await flags(id)).toEqual({ label: 'would_watch', human_labeled: true, reviewed: true });
    await inDialog(page, 'Undo');
    await waitFor(async () => expect(await flags(id)).toEqual(before));
    await shows(/1–1 of 1,/);
  });
});
