import type { Evaluation } from '@at/contracts/predictions';
import { fireEvent, screen, waitFor, within } from '@testing-library/dom';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { preferences } from '#state/preferences.ts';
import { hold, intercept, nodeFetch, refuse, requests } from '#test/api.ts';
import { allSent, at, openPage, reload } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { formatThreshold } from '#titles/verdict.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

afterEach(() => preferences.get('predictions-expanded')?.store.set(false));

const open = (query = '', on = product) => openPage(`/predictions${query}`, { product: on });
/** Every title by probability, whose list is the same at any threshold. */
const all = 'cell=all&order=likely';

/** Opens the page with the whole matrix, histogram and presets. */
async function openExpanded(query: string, on = product) {
  const opened = open(query, on);
  await opened.click('button', 'Expand');
  return opened;
}

const cells = ['tp', 'fn', 'fp', 'tn'] as const;
type Matrix = Record<(typeof cells)[number], number>;

/** The matrix on the screen; null while there is none. */
function shownMatrix(): Matrix | null {
  const counts = [...document.querySelectorAll('[data-cell] b')].map(({ textContent }) => textContent);
  if (counts.length < cells.length) return null;
  return Object.fromEntries(cells.map((cell, i) => [cell, Number(counts[i]?.replace(',', ''))])) as Matrix;
}
const showsMatrix = (matrix: Matrix) => waitFor(() => expect(shownMatrix()).toEqual(matrix));
async function firstMatrix(): Promise<Matrix> {
  await waitFor(() => expect(shownMatrix()).not.toBeNull());
  return shownMatrix() as Matrix;
}
/** The evaluation that the API gives now. */
async function evaluation(query = ''): Promise<Evaluation> {
  const url = `${product.url}/rear-diff/prediction/evaluation?media_type=movie&${query}`;
  return (await nodeFetch(url)).json() as Promise<Evaluation>;
}
const measure = (name: string) => document.querySelector(`[data-measure="${name}"]`)?.textContent;

const rows = () => [...document.querySelectorAll<HTMLElement>('article[data-imdb-id]')];
const idOf = ({ dataset }: HTMLElement) => dataset.imdbId as string;
/** Waits for the list; gives the row at an index. */
async function rowAt(index = 0): Promise<HTMLElement> {
  await waitFor(() => expect(rows().length).toBeGreaterThan(index));
  return rows()[index] as HTMLElement;
}
const rowOf = (id: string) => rows().find((row) => idOf(row) === id) as HTMLElement;
/** The button of a row whose name begins so. */
const button = (row: HTMLElement, name: string) =>
  [...row.querySelectorAll('button')].find((one) => one.getAttribute('aria-label')?.startsWith(name)) as HTMLElement;
/** Waits for a text in the page; searching it by element takes long in a list. */
const shows = (text: string | RegExp) =>
  waitFor(() => expect(document.querySelector('main')?.textContent).toMatch(text));

const parameter = (name: string) => new URLSearchParams(location.search).get(name);
const hasParameter = (name: string, value: string | null) => waitFor(() => expect(parameter(name)).toBe(value));
const percent = (share: number | null) => `${Math.round((share ?? 0) * 1000) / 10}%`;

const field = async (name: string) => (await screen.findByLabelText(name)) as HTMLInputElement;
const fill = async (name: string, value: string) => fireEvent.input(await field(name), { target: { value } });

async function flags(id: string) {
  const found = await product.query(
    'SELECT label, human_labeled, reviewed, anomalous FROM atp.training WHERE imdb_id = $1',
    [id],
  );
  return found[0];
}
const eventsOf = (id: string) =>
  product.query('SELECT action FROM console.label_event WHERE imdb_id = $1 ORDER BY event_id', [id]);

/** A filter that one title matches, where their number says nothing: a title takes long to render. */
async function one(label: 'would_watch' | 'would_not_watch'): Promise<string> {
  const found = await product.query<{ imdb_id: string }>(
    `SELECT imdb_id FROM atp.training JOIN atp.prediction USING (imdb_id)
     WHERE media_type = 'movie' AND label = $1 AND probability >= 0.5 ORDER BY imdb_id LIMIT 1`,
    [label],
  );
  return `&q=${found[0]?.imdb_id}`;
}

const diskFull = { status: 500, error: 'Database error', message: 'The disk is full.' };

describe('the matrix and its threshold', () => {
  it('are at any threshold those of the API, without a request while the slider moves', async () => {
    await openExpanded(`?${all}${await one('would_watch')}`);
    await shows('1–1 of 1, movies');
    const meta = (await (await nodeFetch(`${product.url}/rear-diff/meta`)).json()) as { operating_threshold: number };
    await showsMatrix((await evaluation(`threshold=${meta.operating_threshold}`)).matrix);

    const input = await field('Threshold as a number');
    const set = (value: string) => fireEvent.input(input, { target: { value } });
    requests.length = 0;
    const seen: [string, Matrix | null][] = [];
    for (const threshold of ['0', '0.29', '0.5', '0.777', '0.999', '1']) {
      const before = shownMatrix();
      set(threshold);
      await waitFor(() => expect(shownMatrix()).not.toEqual(before));
      seen.push([threshold, shownMatrix()]);
    }
    expect(requests.filter((request) => request.includes('/movies/'))).toEqual([]);
    for (const [threshold, matrix] of seen) {
      expect([threshold, matrix]).toEqual([threshold, (await evaluation(`threshold=${threshold}`)).matrix]);
    }

    // A comma is read as a point; other text shows an error.
    set('0,42');
    await hasParameter('threshold', '0.42');
    set('0,4,2');
    await screen.findByText('A number from 0 to 1');
    await hasParameter('threshold', '0.42');
    set('0.42');
    const { matrix, accuracy, precision, recall, f1, auc, brier, ece } = await evaluation('threshold=0.42');
    await showsMatrix(matrix);
    expect([measure('accuracy'), measure('precision'), measure('recall')]).toEqual(
      [accuracy, precision, recall].map(percent),
    );
    for (const [name, value] of Object.entries({ f1, auc, brier, ece })) {
      expect(measure(name)).toBe((value as number).toFixed(3));
    }
    reload();
    await shows('At 0.42');
    await showsMatrix(matrix);
  });

  it('have presets: the model, the downloader, the best F1 and the cheapest at a cost in the address', async () => {
    const { user } = await openExpanded(`?${all}&threshold=0.9${await one('would_watch')}`);
    const input = await field('Threshold as a number');
    const presets = await screen.findByRole('group', { name: 'Threshold presets' });
    const preset = (name: RegExp) => within(presets).getByRole('button', { name });
    /** Chooses a preset; gives its threshold, once button, address and field agree. */
    const choose = async (name: RegExp) => {
      await user.click(preset(name));
      return waitFor(() => {
        expect(preset(name).getAttribute('aria-pressed')).toBe('true');
        expect(preset(name).textContent?.split(' ').at(-1)).toBe(formatThreshold(Number(input.value)));
        expect(parameter('threshold')).toBe(input.value);
        return Number(input.value);
      });
    };
    await waitFor(() => expect(preset(/^Downloader/)).toBeDefined());
    expect(await choose(/^Model 0.50/)).toBe(0.5);
    expect(await choose(/^Downloader 0.35/)).toBe(0.35);

    const best = await choose(/^Best F1/);
    const f1 = async (threshold: number) => (await evaluation(`threshold=${threshold}`)).f1 as number;
    for (const other of [0.1, 0.3, best - 0.001, best + 0.001, 0.5, 0.7]) {
      expect(await f1(best)).toBeGreaterThanOrEqual(await f1(other));
    }

    const atOne = preset(/^Cheapest/).textContent;
    await fill('One false positive costs as much as', '5');
    await hasParameter('cost', '5');
    await waitFor(() => expect(preset(/^Cheapest/).textContent).not.toBe(atOne));
    const cheapest = await choose(/^Cheapest/);
    const price = async (threshold: number) => {
      const { fp, fn } = (await evaluation(`threshold=${threshold}`)).matrix;
      return 5 * fp + fn;
    };
    for (const other of [0.2, 0.5, cheapest - 0.001, cheapest + 0.001, 0.8, 0.95]) {
      expect(await price(cheapest)).toBeLessThanOrEqual(await price(other));
    }
    await shows(`Cost at this threshold: ${await price(cheapest)}.`);
  });

  it('show what the model recorded beside the current cells, and how many titles have moved', async () => {
    const { user } = await openExpanded('?threshold=0.42');
    const { stored } = await evaluation('threshold=0.42');
    await shows(`${stored.disagree} titles have moved cell since the model ran`);
    await user.click(screen.getByText('As recorded'));
    await shows('As recorded by the model');
    await showsMatrix(stored.matrix);
    await user.click(document.querySelector('td[data-cell="fp"] button') as HTMLElement);
    await shows(`1–20 of ${stored.matrix.fp}, movies, recorded as false positives`);
    expect(new Set(rows().map((row) => row.querySelector('[data-cell="fp"]')?.textContent))).toEqual(
      new Set(['false positive']),
    );
  });
});

it('an export holds what is on the screen: the rows of the filter with their cell at the threshold, which it names', async () => {
  const { click } = open(`?cell=fp&threshold=0.42${await one('would_not_watch')}`);
  const id = idOf(await rowAt());
  await click('button', 'Export');
  await screen.findByText(/^cell is at 0\.42; prediction and cm_value are the model's own, at 0\.50$/);
  const { pathname, search } = new URL(
    (await screen.findByRole<HTMLAnchorElement>('menuitem', { name: /^JSON/ })).href,
  );
  const file = await nodeFetch(`${product.url}${pathname}${search}`);
  expect(file.headers.get('content-disposition')).toContain('movies-at-0.42-');
  expect(await file.json()).toEqual([expect.objectContaining({ imdb_id: id, cell: 'fp', threshold: 0.42 })]);
});

describe('a label', () => {
  it('moves matrix and measures before the API replies, and back with Undo; files stay', async () => {
    const { click, user } = open(`?cell=fp&threshold=0.5${await one('would_not_watch')}`);
    const id = idOf(await rowAt());
    const before = await firstMatrix();
    const stored = await flags(id);
    expect(stored).toMatchObject({ label: 'would_not_watch' });
    const send = hold(/\/training\/tt\d+$/);
    await user.click(button(rowOf(id), 'Label would watch'));
    const after = { ...before, fp: before.fp - 1, tp: before.tp + 1 };
    await showsMatrix(after);
    expect(measure('precision')).toBe(percent(after.tp / (after.tp + after.fp)));
    // The row stays although it has left the filter, and shows its new cell.
    await within(rowOf(id)).findByText('true positive');
    await shows('0 of 0, movies, false positives');
    send();
    await allSent();
    expect(await flags(id)).toEqual({
      ...(stored as object),
      label: 'would_watch',
      human_labeled: true,
      reviewed: true,
    });
    await showsMatrix((await evaluation('threshold=0.5')).matrix);

    await click('button', 'Undo');
    await showsMatrix(before);
    await shows('1–1 of 1, movies, false positives');
    await allSent();
    expect(await flags(id)).toEqual(stored);
    await showsMatrix((await evaluation('threshold=0.5')).matrix);
    expect(await eventsOf(id)).toEqual([{ action: 'update' }, { action: 'undo' }]);
  });

  it('of an earlier visit is undone: the title is back in its place, and the total is that of the matrix', async () => {
    const { click, user } = open();
    const id = idOf(await rowAt(2));
    const before = await firstMatrix();
    const places = rows().map(idOf);
    await user.click(button(rowOf(id), 'Label '));
    await allSent();
    await user.keyboard('gh');
    await at('/');
    await user.keyboard('gp');
    await at('/predictions');
    await waitFor(() => expect(rows()).toHaveLength(places.length));
    expect(rows().map(idOf)).not.toContain(id);
    await click('button', /^Undo last/);
    await showsMatrix(before);
    await waitFor(() => expect(rows().map(idOf)).toEqual(places));
    expect(screen.queryByRole('button', { name: /^Undo last/ })).toBeNull();
    await shows(`of ${before.fp + before.fn}, movies`);
    await allSent();
  });

  it('that stands is confirmed: reviewed is set and nothing else', async () => {
    await product.query("UPDATE atp.training SET reviewed = false, human_labeled = false WHERE label = 'would_watch'");
    const { user } = open(`?cell=tp${await one('would_watch')}`);
    const id = idOf(await rowAt());
    const before = await firstMatrix();
    await user.click(button(rowOf(id), 'Confirm would watch'));
    await within(rowOf(id)).findByText('reviewed');
    await allSent();
    expect(await flags(id)).toMatchObject({ label: 'would_watch', human_labeled: false, reviewed: true });
    expect(shownMatrix()).toEqual(before);
    await user.click(button(rowOf(id), 'Confirm would watch'));
    await screen.findByText(/would watch was already confirmed/);
    expect(await eventsOf(id)).toEqual([{ action: 'reviewed' }]);
  });

  it('that is refused goes back, with the reason', async () => {
    const { user } = open(`?cell=fp&threshold=0.5${await one('would_not_watch')}`);
    const row = await rowAt();
    const before = await firstMatrix();
    refuse(/\/training\/tt\d+$/, diskFull);
    await user.click(button(row, 'Label would watch'));
    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('The disk is full.'));
    await showsMatrix(before);
    await within(row).findByText('false positive');
  });

  it('of many is set for a whole cell; files stay, and all of it is undone', async () => {
    const { user } = open('?cell=fp&threshold=0.5');
    await rowAt(2);
    const before = await firstMatrix();
    const ids = rows().slice(0, 3).map(idOf);
    const bar = () => screen.findByLabelText('Selection');
    const dialog = () =>
      waitFor(() => {
        const found = document.querySelector<HTMLElement>('[role="dialog"]');
        if (!found) throw new Error('No dialog is open.');
        return found;
      });
    const inDialog = async (name: string) => user.click(await within(await dialog()).findByRole('button', { name }));
    const closeDialog = async () => {
      await user.keyboard('{Escape}');
      await waitFor(() => expect(document.querySelector('[role="dialog"]')).toBeNull());
    };
    const checkbox = (index: number) => within(rows()[index] as HTMLElement).getByRole('checkbox');
    await user.click(checkbox(0));
    await user.keyboard('{Shift>}');
    await user.click(checkbox(2));
    await user.keyboard('{/Shift}');
    await within(await bar()).findByText('3 rows selected');
    await user.click(within(await bar()).getByRole('button', { name: 'More' }));
    await user.click(await screen.findByText('Not anomalous'));
    await inDialog('Unmark 3 titles');
    await within(await dialog()).findByText('3 done');
    for (const id of ids) expect(await flags(id)).toMatchObject({ anomalous: false });
    await closeDialog();

    await user.click(screen.getByLabelText('Select all rows on this page'));
    await user.click(await screen.findByText(`Select all ${before.fp} that match`));
    await user.click(within(await bar()).getByRole('button', { name: 'Would watch' }));
    await inDialog(`Label ${before.fp} titles`);
    await within(await dialog()).findByText(`${before.fp} done`);
    await showsMatrix({ ...before, fp: 0, tp: before.tp + before.fp });
    expect(await flags(ids[0] as string)).toMatchObject({ label: 'would_watch', human_labeled: true, reviewed: true });
    // The general change, not the answer of a review, which would remove files.
    expect(await product.query('SELECT DISTINCT action FROM console.operation ORDER BY action')).toEqual([
      { action: 'update' },
    ]);
    await inDialog('Undo');
    await within(await dialog()).findByText('Would watch undone');
    await showsMatrix(before);
    await closeDialog();
  });
});

describe('the list', () => {
  it('begins with the surest mistakes at the operating threshold; all cells by probability are one click away', async () => {
    const { user } = open();
    const { matrix } = await evaluation();
    await shows(`1–20 of ${matrix.fp + matrix.fn}, movies, errors`);
    const surest = await product.query<{ imdb_id: string }>(`SELECT imdb_id FROM atp.movies
      WHERE media_type = 'movie' AND (label = 'would_watch') <> (probability >= 0.35)
      ORDER BY abs(probability - 0.35) DESC, imdb_id LIMIT 20`);
    // Without a layout the list need not draw its first row.
    await rowAt();
    const drawn = rows().map((row) => [row.closest('li')?.getAttribute('aria-posinset'), idOf(row)]);
    expect(drawn).toEqual(drawn.map(([place]) => [place, surest[Number(place) - 1]?.imdb_id]));
    expect((await field('Order')).textContent).toContain('Surest mistakes first (at 0.35)');
    await user.click(screen.getByRole('button', { name: 'All cells' }));
    await shows('1–20 of 1,973, movies');
    expect([parameter('cell'), parameter('order')]).toEqual(['all', 'likely']);
    await user.click(screen.getByRole('button', { name: 'Errors' }));
    await shows('movies, errors');
    expect(location.search).toBe('');
  });

  it('stands under a strip that expands, and stays expanded', async () => {
    const { click } = open();
    await firstMatrix();
    expect(screen.queryByRole('group', { name: 'Threshold presets' })).toBeNull();
    await click('button', 'Expand');
    await screen.findByRole('group', { name: 'Threshold presets' });
    reload();
    await screen.findByRole('group', { name: 'Threshold presets' });
    await click('button', 'Collapse');
    await waitFor(() => expect(screen.queryByRole('group', { name: 'Threshold presets' })).toBeNull());
  });

  it('is sorted by the API, and every filter can be cleared', async () => {
    const query = `?${all}&media_type=movie&anomalous=true&label=would_watch&release_year_min=1980`;
    const { user } = open(query);
    const [found] = await product.query<{ count: number }>(`SELECT count(*)::integer AS count FROM atp.movies
      WHERE media_type = 'movie' AND anomalous AND label = 'would_watch' AND release_year >= 1980`);
    await shows(`of ${found?.count}, movies, anomalous, labelled would watch, from 1980`);
    await fill('Search by title or IMDb id', 'alien');
    await shows(/Without these filters, \d+ titles with a prediction match "alien"\./);
    await fill('Search by title or IMDb id', 'no such title anywhere');
    await shows(/No title matches.*"no such title anywhere"/);
    await user.click(screen.getAllByText('Clear all filters').at(-1) as HTMLElement);
    await user.click(await screen.findByText('Clear the search'));
    await shows('1–20 of 1,973, titles of every type');
    await user.selectOptions(await field('Order'), 'unlikely');
    await hasParameter('order', 'unlikely');
    await waitFor(() => expect(rows()[0]?.textContent).toContain('<1%'));
  });

  it('of a slow API stays until the next is there, while the controls follow at once', async () => {
    const { user } = open('?cell=all&threshold=0.5');
    await shows('1–20 of 1,973, movies');
    const { fp } = await firstMatrix();
    const send = hold(/\/movies\//);
    await user.click(document.querySelector('[data-cell="fp"] button') as HTMLElement);
    await waitFor(() => expect(document.querySelector('[data-cell="fp"] button[aria-pressed="true"]')).not.toBeNull());
    await shows('1–20 of 1,973, movies');
    send();
    await shows(`1–20 of ${fp}, movies, false positives`);
  });

  it('shows on the way back what has changed, also where less of it was loaded last', async () => {
    const { user } = open('?rows=40');
    await shows(/1–40 of/);
    const link = (name: string) => screen.getAllByText(name, { selector: 'nav *' })[0] as HTMLElement;
    await user.click(link('Predictions'));
    await shows(/1–20 of/);
    const first = idOf(await rowAt());
    await user.click(link('Home'));
    await waitFor(() => expect(document.querySelector('h1')?.textContent).toBe('Home'));
    await product.query('CREATE TABLE put_aside AS SELECT * FROM atp.prediction WHERE imdb_id = $1', [first]);
    await product.query('DELETE FROM atp.prediction WHERE imdb_id = $1', [first]);
    onTestFinished(async () => {
      await product.query('INSERT INTO atp.prediction SELECT * FROM put_aside');
      await product.query('DROP TABLE put_aside');
    });
    history.go(-2);
    await shows(/1–40 of/);
    expect(document.querySelector('li[aria-posinset="1"] article')?.getAttribute('data-imdb-id')).not.toBe(first);
  });
});

describe('slices', () => {
  it('are ranked by departure, drawn with their interval, and open as the filter of the list', async () => {
    const { user } = open('?tab=slices');
    const table = await screen.findByLabelText('Slices');
    const departures = [...table.querySelectorAll('tbody tr:not(:first-child) td:nth-child(4)')].map(
      ({ textContent }) => Math.abs(Number(/[\d.]+/.exec(textContent ?? '')?.[0])),
    );
    expect(departures.length).toBeGreaterThan(5);
    expect(departures).toEqual(departures.toSorted((a, b) => b - a));
    expect(table.querySelectorAll('tbody svg')).toHaveLength(departures.length);

    await user.selectOptions(await field('Slice by'), 'decade');
    await screen.findByLabelText('Show the titles of 1990s');
    expect(parameter('by')).toBe('decade');
    const minimum = await field('Minimum labelled titles');
    await user.clear(minimum);
    await user.type(minimum, '1');
    await hasParameter('minimum', '1');
    // The focus is still there when the address has followed: the next digit is no key of the page.
    await user.keyboard('2');
    await hasParameter('minimum', '12');
    const open1990s = await screen.findByLabelText('Show the titles of 1990s');
    const labelled = open1990s.closest('tr')?.querySelectorAll('td')[3]?.textContent;
    await user.click(open1990s);
    await shows(`1–20 of ${labelled}, movies, 1990 to 1999`);
    expect(parameter('release_year_min')).toBe('1990');
    await user.click(screen.getByLabelText('Remove the filter 1990 to 1999'));
    await shows('1–20 of 1,973, movies');
    history.go(-2);
    await screen.findByLabelText('Show the titles of 1990s');
  });
});

describe('the agreement', () => {
  it('over time is that of the decisions, of which it needs some', async () => {
    const own = await startProduct();
    onTestFinished(async () => void (await own.close()));
    open('?tab=agreement', own);
    await shows('No decision with a known probability in this time.');
    await own.query(`
      INSERT INTO console.label_event (imdb_id, actor, action, before, after, shown)
      SELECT 'tt99000001', 'Ada', 'would_watch',
        '{"label": null, "human_labeled": false, "anomalous": false, "reviewed": false}',
        '{"label": "would_watch", "human_labeled": true, "anomalous": false, "reviewed": true}',
        jsonb_build_object('probability', n / 8.0, 'blind', n > 6)
      FROM generate_series(1, 8) AS n`);
    const { user } = open('?tab=agreement&threshold=0.5', own);
    const table = within(await screen.findByRole('region', { name: 'Agreement of people with the model' }));
    const cells = async () =>
      [...(await table.findByRole('table')).querySelectorAll('tbody td')].map(({ textContent }) => textContent);
    // Five of the eight are at 0.5 or above; both in blind mode are.
    await waitFor(async () => expect(await cells()).toEqual(['8', '62.5%', '2', '100%']));
    await user.selectOptions(await field('By'), 'day');
    await hasParameter('period', 'day');
    await waitFor(async () => expect(await cells()).toEqual(['8', '62.5%', '2', '100%']));
  });
});

describe('states', () => {
  it('an empty database says what the page is waiting for', async () => {
    const empty = await startProduct({ demo: false });
    onTestFinished(async () => void (await empty.close()));
    open('', empty);
    await screen.findByRole('heading', { name: 'No predictions yet' });
  });

  it('slow figures show when they were counted; fast ones do not', async () => {
    const ageIs = (age: string) =>
      intercept(/\/prediction\/(evaluation|slices)/, async (send) => {
        const response = await send();
        const headers = { ...Object.fromEntries(response.headers), age };
        return new Response(await response.text(), { status: response.status, headers });
      });
    ageIs('1');
    open('?tab=slices');
    await firstMatrix();
    await screen.findByLabelText('Slices');
    expect(screen.queryByText(/Counted at/)).toBeNull();
    ageIs('6');
    open('?tab=slices');
    await waitFor(() => expect(screen.getAllByText(/Counted at \d/)).toHaveLength(2));
  });

  it('the list stays when the evaluation fails, and the matrix when the list fails; each can be retried', async () => {
    const retry = refuse(/\/prediction\/evaluation/, { ...diskFull, message: 'No evaluation today.' });
    const { click } = open();
    await shows('No evaluation today. (request request-1)');
    await rowAt();
    retry();
    await click('button', 'Try again');
    await firstMatrix();

    const retryList = refuse(/\/movies\//, { ...diskFull, message: 'No list today.' });
    open();
    await shows('No list today. (request request-1)');
    await showsMatrix((await evaluation()).matrix);
    retryList();
    await click('button', 'Try again');
    await rowAt();
  });

  it('titles without any label are listed; measures, charts and slices show that nothing is known', async () => {
    // A product of its own: the API remembers an evaluation for a moment.
    const unlabelled = await startProduct();
    onTestFinished(async () => void (await unlabelled.close()));
    await unlabelled.query('UPDATE atp.training SET label = NULL, human_labeled = false, reviewed = false');
    await openExpanded(`?${all}`, unlabelled);
    await shows('unlabelled, no cell');
    await waitFor(() =>
      expect([...document.querySelectorAll('[data-measure]')].map(({ textContent }) => textContent)).toEqual(
        Array(7).fill('—'),
      ),
    );
    await shows('1,973 with a prediction have no label, so no cell.');
    for (const [tab, text] of [
      ['curves', 'No labelled titles to draw.'],
      ['calibration', 'No labelled titles to draw.'],
      ['slices', 'No slice has that many labelled titles.'],
    ] as const) {
      open(`?tab=${tab}`, unlabelled);
      await shows(text);
    }
  });
});
