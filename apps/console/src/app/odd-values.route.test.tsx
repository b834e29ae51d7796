import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { preferences } from '#state/preferences.ts';
import { nodeFetch } from '#test/api.ts';
import { nextDownload } from '#test/downloads.ts';
import { allSent, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { appTexts } from './texts.ts';

// Every page on a database that holds the odd values of `insertOddRows`: no value takes a page or a list with it, none is
// shown as what a program makes of it, and none is hidden. The API's replies are tested in apps/api/test/odd-values.test.ts.

type Row = Record<string, unknown>;

let product: Product;
let titles: Row[];
let items: Row[];

async function read(path: string): Promise<Row[]> {
  const reply = await nodeFetch(`${product.url}/rear-diff${path}`);
  return ((await reply.json()) as { data: Row[] }).data;
}

beforeAll(async () => {
  product = await startProduct({ odd: true });
  titles = await read('/training?include=prediction&limit=1000');
  items = await read('/media/?deleted=include&limit=1000');
  return () => product.close();
});

const open = (address: string) => openPage(address, { product });

/** What no value is shown as. */
const wrong = /\bNaN\b|\bInfinity\b|Invalid Date|\bundefined\b|\bnull\b|\[object /;
const attributes = [
  ...['title', 'aria-label', 'alt', 'placeholder', 'datetime', 'href', 'value', 'style'],
  ...['d', 'points', 'transform', 'width', 'height', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r'],
];

/** Texts and attributes on the screen that are wrong. */
function faultsOnScreen(part: Element = document.body): string[] {
  const found: string[] = [];
  for (const element of part.querySelectorAll('*')) {
    if (element.tagName === 'STYLE') continue;
    const texts = [...element.childNodes]
      .filter(({ nodeType }) => nodeType === 3)
      .map(({ textContent }) => textContent);
    const named = attributes.map((name) => element.getAttribute(name) ?? '');
    const fault = [...texts, ...named].find((text) => text && wrong.test(text));
    if (fault) found.push(`${element.tagName} ${fault}`);
  }
  return found;
}

/** Waits until the page has loaded all its parts, and checks that they are sound. */
async function isSound(): Promise<void> {
  await screen.findByRole('heading', { level: 1 });
  await waitFor(() => expect(document.querySelector('.mantine-Skeleton-root')).toBeNull());
  expect(faultsOnScreen()).toEqual([]);
  expect(document.body.textContent).not.toMatch(appTexts.error.failed);
  expect(document.body.textContent).not.toContain('Not loaded');
}

const leaves = (value: unknown): unknown[] => (Array.isArray(value) ? value.flatMap(leaves) : [value]);
/** Text as a browser shows it. */
const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
// Words that pages have a name for.
const known = /^(tp|tn|fp|fn|would_watch|would_not_watch|movie|tv_show|tv_season|tv_episode_pack|unknown)$/;

/** What is wrong about the facts of a row in a part of the page: a value that is hidden or changed, or an empty place. */
function faultsOf(row: Row, part: Element): string[] {
  return [...part.querySelectorAll<HTMLElement>('[data-column]')].flatMap((fact) => {
    const column = fact.dataset.column as string;
    const value = row[column];
    const shown = squeezed(fact.querySelector('dd')?.textContent ?? '');
    const texts = leaves(value).filter((leaf): leaf is string => typeof leaf === 'string' && leaf.trim() !== '');
    const fault = (reason: string) => [`${column} ${JSON.stringify(value)}: ${reason} "${shown}"`];
    if (shown === '') return fault('empty');
    if (/_at$/.test(column)) {
      const time = fact.querySelector('time');
      return value !== null && value !== undefined && time?.dateTime !== value ? fault('another time') : [];
    }
    // What the model says at the threshold, which no value without a probability has.
    if (column === 'prediction') return [];
    if (typeof value === 'number' && Number.isFinite(value) && !/\d/.test(shown)) return fault('no number');
    if (/country|countries|language/.test(column)) return texts.length > 0 && shown === '—' ? fault('hidden') : [];
    const missing = texts.find((text) => !known.test(text) && !shown.includes(squeezed(text)));
    return missing === undefined ? [] : fault(`without "${missing}"`);
  });
}

const rowsOnScreen = (attribute: 'imdb-id' | 'hash') =>
  [...document.querySelectorAll<HTMLElement>(`main [data-${attribute}]`)].filter(
    (row) => row.parentElement?.closest(`[data-${attribute}]`) === null,
  );
const idOf = ({ dataset }: HTMLElement) => (dataset.imdbId ?? dataset.hash) as string;
const byId = (rows: Row[], key: string, id: string) => rows.find((row) => row[key] === id) as Row;
const idsOf = (rows: Row[], key: string) => rows.map((row) => row[key] as string).toSorted();

/** Opens the details of each title on the screen, or of those with this name, and checks them. */
async function checkDetails(name?: string): Promise<string[]> {
  const found = rowsOnScreen('imdb-id').filter(
    (row) => name === undefined || byId(titles, 'imdb_id', idOf(row)).media_title === name,
  );
  const faults: string[] = [];
  for (const row of found) {
    const toggle = row.querySelector<HTMLElement>('h2 [aria-expanded]') as HTMLElement;
    if (squeezed(toggle.textContent ?? '') === '') faults.push(`${idOf(row)} has no name`);
    // This closes the one before.
    toggle.click();
    await waitFor(() => expect(row.querySelector('[data-column="updated_at"]')).not.toBeNull());
    await waitFor(() =>
      expect(row.textContent).toMatch(/No changes yet|A person labelled it|It was labelled|Changed in the database/),
    );
    // These labels have cells: it is the number that has none.
    if (/the label is would (not )?watch, so no cell/.test(row.textContent))
      faults.push(`${idOf(row)} blames the label`);
    faults.push(...faultsOf(byId(titles, 'imdb_id', idOf(row)), row).map((fault) => `${idOf(row)} ${fault}`));
  }
  expect(faults).toEqual([]);
  return found.map(idOf);
}

/** Waits for the page of the list after this many rows. */
async function pageFrom(offset: number): Promise<void> {
  await screen.findByText(new RegExp(`^${offset + 1}–\\d+ of ${titles.length}, all titles`));
  await isSound();
}

describe('Training', () => {
  const all = 'media_type=all&reviewed=all';

  it('shows every title in the list, with its details', async () => {
    const page = open(`/training?view=list&${all}`);
    const seen: string[] = [];
    for (let offset = 0; ; offset += 20) {
      await pageFrom(offset);
      seen.push(...(await checkDetails()));
      const next = screen.getByRole<HTMLButtonElement>('button', { name: /^Next/ });
      if (next.disabled) break;
      await page.click('button', /^Next/);
    }
    expect(seen.toSorted()).toEqual(idsOf(titles, 'imdb_id'));
  });

  it('shows every title in the review', async () => {
    const { user } = open(`/training?${all}`);
    const seen = new Set<string>();
    const card = () => document.querySelector<HTMLElement>('article[data-imdb-id]');
    while (seen.size < titles.length) {
      await waitFor(() => expect(seen.has(card()?.dataset.imdbId ?? '') || !card()).toBe(false));
      seen.add(idOf(card() as HTMLElement));
      await isSound();
      await user.keyboard('s');
    }
    expect([...seen].toSorted()).toEqual(idsOf(titles, 'imdb_id'));
  });

  it.each([
    ['Label', 'music'],
    ['Type', 'music'],
    ['Type', `rock, pop; "it's" \\ ?`],
  ])('offers a word that only the database has, and filters by it: %s %s', async (field, word) => {
    const { user, click } = open('/training?view=list&reviewed=all&media_type=all');
    await click('button', /^Filters/);
    const select = await screen.findByLabelText(field);
    await within(select).findByRole('option', { name: word });
    await user.selectOptions(select, word);
    const column = field === 'Label' ? 'label' : 'media_type';
    const expected = titles.filter((title) => title[column] === word);
    await screen.findByText(new RegExp(`^1–${expected.length} of ${expected.length}, `));
    expect(rowsOnScreen('imdb-id').map(idOf).toSorted()).toEqual(idsOf(expected, 'imdb_id'));
    await isSound();
  });
});

describe('Predictions', () => {
  it('shows every prediction, with the details of its title', async () => {
    const predicted = titles.filter(({ cm_value }) => cm_value !== null);
    const { innerHeight } = window;
    // Only rows near the window are rendered: in this one more than half of them.
    Object.assign(window, { innerHeight: 100_000 });
    onTestFinished(() => void Object.assign(window, { innerHeight }));
    const seen = new Set<string>();
    for (const order of ['likely', 'unlikely']) {
      // Once as a strip, once expanded.
      preferences.get('predictions-expanded')?.store.set(order === 'unlikely');
      open(`/predictions?media_type=all&cell=all&order=${order}&rows=1000`);
      await screen.findByText(`1–${predicted.length} of ${predicted.length}, titles of every type`);
      await isSound();
      if (order === 'unlikely') {
        const parts = squeezed(
          screen.getByRole('table', { name: /labelled titles/ }).closest('section')?.textContent ?? '',
        );
        const counts =
          /(\d+) labelled titles|(\d+) with a prediction ha|(\d+) predictions? (?:is|are) left out|[^ ]: (\d+)/g;
        const found = [...parts.matchAll(counts)].map((match) => Number(match.slice(1).find(Boolean)));
        expect(
          found.reduce((sum, count) => sum + count, 0),
          parts,
        ).toBe(predicted.length);
      }
      for (const row of rowsOnScreen('imdb-id')) seen.add(idOf(row));
      // The other titles have a usual prediction, and Training has shown their details.
      await checkDetails('Plain');
    }
    expect([...seen].toSorted()).toEqual(idsOf(predicted, 'imdb_id'));
  });

  it.each([
    'tab=curves',
    'tab=calibration',
    'tab=agreement',
    ...['genre', 'decade', 'country', 'language', 'rating'].map((by) => `tab=slices&by=${by}&minimum=1`),
  ])('counts and draws them: %s', async (query) => {
    open(`/predictions?media_type=all&${query}`);
    await isSound();
    if (!query.startsWith('tab=slices')) return;
    // An empty name, which no filter finds, opens nothing.
    const names = [...document.querySelectorAll('tbody tr')].map(({ firstElementChild }) => firstElementChild);
    expect(names.filter((name) => squeezed(name?.textContent ?? '') === '')).toEqual([]);
    expect(names.filter((name) => name?.textContent === '—' && name.querySelector('button') !== null)).toEqual([]);
  });
});

describe('Media', () => {
  const all = 'deleted=include&limit=100';

  it('shows every item in the table, with every column', async () => {
    const { click } = open(`/media?${all}`);
    await click('button', 'Columns and density');
    const menu = await screen.findByRole('menu');
    for (const box of within(menu).getAllByRole('menuitemcheckbox', { checked: false })) box.click();
    await waitFor(() => expect(rowsOnScreen('hash')).toHaveLength(items.length));
    await isSound();
    const rows = rowsOnScreen('hash');
    expect(rows.map(idOf).toSorted()).toEqual(idsOf(items, 'hash'));
    const faults = rows.flatMap((row) => {
      const item = byId(items, 'hash', idOf(row));
      const text = squeezed(row.textContent ?? '');
      const cells = [...row.querySelectorAll('td')].filter(({ textContent }) => squeezed(textContent ?? '') === '');
      const words = [item.media_type, item.pipeline_status, item.rejection_status, item.rss_source];
      const others = words.filter((word) => word === 'music' || String(word).startsWith('rock'));
      const missing = others.filter((word) => !text.includes(String(word)));
      return [
        ...missing.map((word) => `${idOf(row)} without ${word}`),
        // The first cells are boxes and buttons.
        ...(cells.some((cell) => cell.querySelector('input, button, a') === null)
          ? [`${idOf(row)} has an empty cell`]
          : []),
      ];
    });
    expect(faults).toEqual([]);
  });

  it('shows every item on the board', async () => {
    open('/media?view=board&deleted=include');
    await isSound();
    await screen.findAllByText('music');
  });

  it('shows every item in its drawer', async () => {
    open(`/media?${all}`);
    const faults: string[] = [];
    await waitFor(() => expect(rowsOnScreen('hash')).toHaveLength(items.length));
    const order = rowsOnScreen('hash').map(idOf);
    document.querySelector<HTMLElement>('main [data-hash] a')?.click();
    for (const hash of order) {
      await waitFor(() => expect(location.pathname).toBe(`/media/${hash}`));
      // Searching by role takes long beside a table of a hundred rows.
      const inDrawer = (selector: string) => document.querySelector<HTMLElement>(`[role="dialog"] ${selector}`);
      await waitFor(() => expect(inDrawer('[data-column="hash"] dd')?.textContent).toBe(hash));
      await waitFor(() => expect(inDrawer('.mantine-Skeleton-root')).toBeNull());
      const drawer = inDrawer('[data-column="hash"]')?.closest('[role="dialog"]') as HTMLElement;
      if (squeezed(inDrawer('h2')?.textContent ?? '') === '') faults.push(`${hash} has no name`);
      faults.push(...faultsOf(byId(items, 'hash', hash), drawer).map((fault) => `${hash} ${fault}`));
      faults.push(...faultsOnScreen(drawer));
      inDrawer('button[aria-label="Next item"]')?.click();
    }
    expect(faults).toEqual([]);
  });
});

describe('other pages', () => {
  it.each(['version', 'installed_rank', 'installed_on'])(
    'Migrations shows every row and its details, by %s, and saves them',
    async (sort) => {
      const { click, user } = open(`/migrations?sort=${sort}`);
      await isSound();
      const count = Number(
        (await product.query<{ count: string }>('SELECT count(*) FROM public.flyway_schema_history'))[0]?.count,
      );
      expect(document.querySelectorAll('tbody [aria-expanded]').length).toBeGreaterThanOrEqual(count);
      const shown = [...document.querySelectorAll('tbody td, #open ~ ul code')];
      expect(shown.filter(({ textContent }) => squeezed(textContent ?? '') === '')).toEqual([]);
      for (const toggle of document.querySelectorAll<HTMLElement>('tbody [aria-expanded]')) await user.click(toggle);
      await isSound();
      const file = nextDownload();
      await click('button', 'Export');
      await click('menuitem', /^CSV/);
      expect((await file).text).not.toMatch(wrong);
    },
  );

  it.each(['/', '/activity', '/activity?tab=operations', '/model', '/settings'])('%s opens', async (address) => {
    open(address);
    await isSound();
  });
});

describe('changes', () => {
  /** Whether a write reads an odd value: a version, a word, or the probability that a decision records. */
  const isRead = ({ updated_at, label, media_type, pipeline_status, rejection_status, probability }: Row) =>
    !/^20\d\d-/.test(String(updated_at)) ||
    [label, media_type, pipeline_status, rejection_status].some((word) => /^(music|rock)/.test(String(word))) ||
    (typeof probability === 'number' && !(probability >= 0 && probability <= 1));

  it('an answer to a title is saved', async () => {
    const changed = idsOf(titles.filter(isRead), 'imdb_id');
    const page = open('/training?view=list&reviewed=all&media_type=all');
    for (let offset = 0; ; offset += 20) {
      await pageFrom(offset);
      for (const row of rowsOnScreen('imdb-id').filter((one) => changed.includes(idOf(one)))) {
        row.querySelector<HTMLElement>('button[data-label="would_not_watch"]')?.click();
      }
      await allSent();
      if (offset + 20 >= titles.length) break;
      await page.click('button', /^Next/);
    }
    expect(changed.length).toBeGreaterThan(10);
    expect(
      await product.query(
        `SELECT imdb_id FROM atp.training
         WHERE imdb_id = ANY ($1) AND (label::text IS DISTINCT FROM 'would_not_watch' OR reviewed IS NOT TRUE)`,
        [changed],
      ),
    ).toEqual([]);
  });

  it('the likely action of an item is done', async () => {
    const deleted = idsOf(
      items.filter(({ deleted_at }) => deleted_at !== null),
      'hash',
    );
    const others = idsOf(
      items.filter((item) => isRead(item) && item.deleted_at === null),
      'hash',
    );
    open('/media?deleted=include&limit=100');
    await waitFor(() => expect(rowsOnScreen('hash')).toHaveLength(items.length));
    for (const row of rowsOnScreen('hash').filter((one) => [...deleted, ...others].includes(idOf(one)))) {
      row.querySelector<HTMLElement>('button:is([aria-label^="Re-ingest"], [aria-label^="Restore"])')?.click();
    }
    expect(Math.min(deleted.length, others.length)).toBeGreaterThan(3);
    await waitFor(async () =>
      expect(
        await product.query(
          `SELECT hash FROM atp.media
           WHERE (hash = ANY ($1) AND deleted_at IS NOT NULL) OR (hash = ANY ($2) AND error_status)`,
          [deleted, others],
        ),
      ).toEqual([]),
    );
    await isSound();
  });

  it('Activity lists them', async () => {
    open('/activity');
    await screen.findAllByText(/would not watch/);
    await isSound();
  });
});
