import { fireEvent, screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { alter, intercept, refuse, requests } from '#test/api.ts';
import { allSent, at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const open = (address: string) => openPage(address, { product });
const heading = (name: string) => screen.findByRole('heading', { name, level: 1 });
const titleOnCard = async () => (await screen.findByRole('article')).dataset.imdbId;
const titlesInList = () => document.querySelectorAll('li[data-imdb-id]').length;
const line = () => screen.findByRole('contentinfo');

it('the navigation marks the page on screen alone, also where another page has the start of its address', async () => {
  const marked = () =>
    within(screen.getAllByRole('navigation')[0] as HTMLElement)
      .getAllByRole('link', { current: 'page' })
      .map(({ textContent }) => textContent);
  open('/files/config');
  await heading('Configuration');
  expect(marked()).toEqual(['Configuration']);
  open('/files');
  await heading('Files');
  expect(marked()).toEqual(['Files']);
});

describe('the keys', () => {
  it('g and a letter lead to a page', async () => {
    const { user } = open('/');
    await heading('Home');
    for (const [keys, name] of [
      ['gi', 'Migrations'],
      ['gt', 'Training'],
      ['gh', 'Home'],
    ] as const) {
      await user.keyboard(keys);
      await heading(name);
    }
  });

  it('a sequence without a meaning does nothing, nor do the keys of browsers and screen readers', async () => {
    const { user, click } = open('/training');
    const id = await titleOnCard();
    await user.keyboard('gn');
    await user.keyboard('{Shift>}{ArrowRight}{/Shift}{Alt>}w{/Alt}');
    await click('button', 'More about this request');
    (await screen.findByRole('menuitem', { name: 'Last calls' })).focus();
    await user.keyboard('w');
    expect(await titleOnCard()).toBe(id);
  });

  it('AltGr, with which many keyboards type a bracket, is no modifier', async () => {
    open('/training?view=list');
    await at('/training?view=list');
    await screen.findByText(/^Page 1 of/);
    const event = new KeyboardEvent('keydown', { key: ']', bubbles: true, ctrlKey: true, altKey: true });
    Object.defineProperty(event, 'getModifierState', { value: (name: string) => name === 'AltGraph' });
    document.body.dispatchEvent(event);
    await waitFor(() => expect(new URLSearchParams(location.search).get('page')).toBe('2'));
  });

  it('single letters can be switched off; arrows still work', async () => {
    const { user, click } = open('/training');
    const id = await titleOnCard();
    await user.keyboard('?');
    const letters = await screen.findByRole('switch', { name: /^Single-letter keys/ });
    await user.click(letters);
    onTestFinished(async () => localStorage.clear());
    await click('button', 'Close');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await user.keyboard('s');
    expect(await titleOnCard()).toBe(id);
    await user.keyboard('{ArrowDown}');
    await screen.findByText('1 skipped');
    expect(await titleOnCard()).not.toBe(id);
    // The next test has them again.
    await user.keyboard('{Control>}k{/Control}');
    const palette = await screen.findByPlaceholderText('Search titles, pages and actions');
    palette.focus();
    fireEvent.input(palette, { target: { value: 'single-letter' } });
    await waitFor(() => expect(document.querySelector('[data-action]')?.textContent).toMatch(/single-letter/i));
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });
});

describe('the API line', () => {
  it('keeps the figures of the request behind the page after many writes', async () => {
    const { user, click } = open('/training?order=oldest');
    await titleOnCard();
    await user.keyboard('a'.repeat(24));
    await allSent();
    expect((await line()).textContent).toMatch(/200 · .* · 50 rows/);
    await click('button', 'More about this request');
    await click('menuitem', 'Last calls');
    const calls = await screen.findByRole('dialog');
    await within(calls).findAllByText(/^PATCH/);
    expect(within(calls).queryByText(/^GET .*limit=50/)).toBeNull();
  });

  it('lists the last calls, writes included, with body, reply and request id', async () => {
    const { user, click } = open('/training?order=waiting');
    await titleOnCard();
    await user.keyboard('a');
    await screen.findByRole('button', { name: /^Anomalous/, pressed: true });
    await allSent();
    await click('button', 'More about this request');
    await click('menuitem', 'Last calls');
    const [call] = await within(await screen.findByRole('dialog')).findAllByText(
      /^PATCH \/rear-diff\/training\/tt\d+$/,
    );
    const entry = call?.closest('details')?.textContent;
    expect(entry).toMatch(/"anomalous": true/);
    expect(entry).toMatch(/request [0-9a-f-]{36}/);
  });
});

describe('the frame', () => {
  it('announces a change of the connection, not each latency', async () => {
    open('/');
    const [navigation] = await screen.findAllByRole('navigation', { name: 'Pages' });
    await waitFor(() => expect(navigation?.textContent).toMatch(/Connected · [\d.,]+ ms/));
    expect(within(navigation as HTMLElement).getByRole('status').textContent).toBe('Connected');
  });

  it('names the error of a page with its request id, and tries again on demand', async () => {
    const takeBack = refuse(/\/training\?/, { status: 500, error: 'Database error occurred', message: 'It broke.' });
    const { click } = open('/training');
    await screen.findByRole('heading', { name: 'Database error occurred' });
    await screen.findByText('It broke.');
    await screen.findByText('request-1');
    takeBack();
    await click('button', 'Try again');
    await titleOnCard();
  });

  it.each(['/nowhere/at-all', '/training/tt99000001/history'])('says that there is no page at %s', async (address) => {
    open(address);
    await screen.findByText('Page not found');
    await screen.findByText(`No page at ${address}`);
  });

  it.each(['/training?order=uncertain', '/training?view=list'])(
    '%s of an empty database is not a cleared backlog',
    async (address) => {
      const empty = await startProduct({ demo: false });
      onTestFinished(async () => void (await empty.close()));
      openPage(address, { product: empty });
      await screen.findByText('No titles yet');
      expect(screen.queryByText('demo catalogue')).toBeNull();
    },
  );
});

describe('while the database is unreachable', () => {
  const unreachable = { status: 503, error: 'Database unreachable', message: 'It does not answer.' };
  const withoutDatabase = () =>
    alter(/\/meta$/, (body) => ({ ...body, database: { ...(body.database as object), reachable: false } }));

  it('a page that is opened says so, and comes by itself when the database answers', async () => {
    const takeBack = [refuse(/\/training/, unreachable), withoutDatabase()];
    open('/training');
    await screen.findByRole('heading', { name: 'Database unreachable' });
    await screen.findByText(/the page loads by itself/);
    for (const back of takeBack) back();
    await titleOnCard();
  });

  it('a page that is loaded again keeps its rows when the database goes just then', async () => {
    const { user } = open('/training?view=list&genre=Horror');
    await waitFor(() => expect(titlesInList()).toBe(5));
    // The request before it, for the state of the API, still succeeds.
    refuse(/\/training\?/, unreachable);
    await user.click((await screen.findAllByRole('button', { name: 'Refresh' }))[0] as HTMLElement);
    await screen.findByText('The page was not loaded again');
    expect(titlesInList()).toBe(5);
  });

  it('a page that is there keeps its rows when the API is back before the database, and then loads once', async () => {
    const address = '/training?view=list&genre=Horror';
    const { user } = open(address);
    await waitFor(() => expect(titlesInList()).toBe(5));
    const startApi = intercept(/./, async () => {
      throw new TypeError('fetch failed');
    });
    await user.click((await screen.findAllByRole('button', { name: 'Refresh' }))[0] as HTMLElement);
    await screen.findByText('The API cannot be reached');
    const answer = withoutDatabase();
    startApi();
    requests.length = 0;
    await user.click(screen.getByRole('button', { name: 'Retry now' }));
    await screen.findAllByText('Database unreachable');
    const loads = () => requests.filter((request) => /\/training\?.*limit=20/.test(request)).length;
    expect(loads()).toBe(0);
    expect(titlesInList()).toBe(5);
    answer();
    await waitFor(() => expect(loads()).toBe(1));
    await at(address);
  });
});

it('the palette finds titles and pages by their words, and marks what matches', async () => {
  const { user } = open('/settings');
  await heading('Settings');
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByPlaceholderText('Search titles, pages and actions');
  const search = (value: string) => fireEvent.input(field, { target: { value } });
  search('dead poets society');
  const marked = await screen.findByText("Dead Poets' Society", { selector: 'mark' });
  expect(marked.closest('[data-action]')?.textContent).toContain('1989');
  search('TRÁINING');
  await screen.findByText('Training', { selector: 'mark' });
  // The exact title comes before those that contain it, which are newer.
  search('big');
  await waitFor(() =>
    expect(document.querySelector('[data-action]')?.textContent).toMatch(/^\u2068Big\u2069 \(\d{4}\)/),
  );
  // An action of another page leads to it.
  search('approve');
  await waitFor(() => expect(document.querySelector('[data-action]')?.textContent).toMatch(/^Approve.*On Media$/));
  await user.keyboard('{Enter}');
  await heading('Media');
});
