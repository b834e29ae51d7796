import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { accessibilityFindings, desktop, openPage, type Product, phone, startProduct } from './harness.ts';

/** Clearing the backlog, as a person at a keyboard or with a phone does it. */

let browser: Browser;
let product: Product;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  product = await startProduct();
  return () => product.close();
});

const shownId = (page: Page) => page.locator('article[data-imdb-id]').getAttribute('data-imdb-id') as Promise<string>;

/** Presses a key and waits until another title is on screen; gives the id of the one that was decided. */
async function press(page: Page, key: string): Promise<string> {
  const before = await shownId(page);
  await page.keyboard.press(key);
  await page.waitForFunction(
    (id) => document.querySelector('article[data-imdb-id]')?.getAttribute('data-imdb-id') !== id,
    before,
  );
  return before;
}

type Row = { imdb_id: string; label: string | null; human_labeled: boolean; reviewed: boolean; anomalous: boolean };

async function titles(ids: string[]): Promise<Map<string, Row>> {
  const { rows } = await product.db.query<Row>(
    'SELECT imdb_id, label, human_labeled, reviewed, anomalous FROM atp.training WHERE imdb_id = ANY($1)',
    [ids],
  );
  return new Map(rows.map((row) => [row.imdb_id, row]));
}

/** Waits until nothing is left to send. */
const allSent = (page: Page) =>
  page.waitForFunction(() => Object.keys(localStorage).every((key) => !key.startsWith('outbox.')));

describe("a newcomer's first minute", () => {
  it('leads from Home to a film, and a key press labels it in the database', async () => {
    const { page, errors, close } = await openPage(browser, product.url);
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await page.getByText('demo catalogue').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.getByRole('heading', { name: 'Training', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Backlog (150)' }).waitFor();
    const id = await press(page, 'w');
    await page.getByRole('button', { name: 'Backlog (149)' }).waitFor();
    expect((await titles([id])).get(id)).toMatchObject({ label: 'would_watch', human_labeled: true, reviewed: true });
    const { rows } = await product.db.query('SELECT action, before, after, shown FROM console.label_event');
    expect(rows).toMatchObject([{ action: 'would_watch', before: { reviewed: false }, shown: { view: 'review' } }]);
    expect(errors).toEqual([]);
    await close();
  });
});

describe('reviewing by keyboard', () => {
  it('labels twenty titles through three undos, a failed write and a reload, and the database holds just these', async () => {
    const { page, errors, close } = await openPage(browser, `${product.url}/training`);
    const decided = new Map<string, string>();
    const decide = async (key: 'w' | 'n' | 'ArrowRight' | 'ArrowLeft') => {
      const id = await press(page, key);
      decided.set(id, key === 'w' || key === 'ArrowRight' ? 'would_watch' : 'would_not_watch');
      return id;
    };
    for (const key of ['w', 'n', 'ArrowRight', 'ArrowLeft', 'w'] as const) await decide(key);

    // Three undos, the first of an answer that has just left, lead back three titles.
    const undone = [...decided.keys()].slice(-3).reverse();
    for (const id of undone) {
      await page.keyboard.press('u');
      await page.locator(`article[data-imdb-id="${id}"]`).waitFor();
      decided.delete(id);
    }
    // The old answer is marked on the card that came back.
    await page.locator('button[data-chosen]', { hasText: 'Would watch' }).waitFor();
    for (let count = 0; count < 5; count += 1) await decide('n');

    // One write fails for good: the card comes back with the reason and can be answered again.
    await page.route(/would_watch$/, (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 500, error: 'Database error', message: 'The disk is full.', instance: 'r1' }),
      }),
    );
    const failed = await shownId(page);
    await page.keyboard.press('w');
    await page.getByText('This answer was not saved').waitFor();
    expect(await shownId(page)).toBe(failed);
    await page.getByText('The disk is full.').waitFor();
    await page.unroute(/would_watch$/);
    await decide('w');

    // A reload in the middle: the same title is on screen, and what was done stays undoable.
    await allSent(page);
    const onScreen = await shownId(page);
    await page.reload();
    await page.locator(`article[data-imdb-id="${onScreen}"]`).waitFor();
    await page.getByText('8 done').waitFor();
    await page.keyboard.press('u');
    await page.locator(`article[data-imdb-id="${failed}"]`).waitFor();
    decided.delete(failed);
    while (decided.size < 20) await decide(decided.size % 3 === 0 ? 'n' : 'w');
    await allSent(page);

    const rows = await titles([...decided.keys()]);
    for (const [id, label] of decided) {
      expect(rows.get(id)).toMatchObject({ label, human_labeled: true, reviewed: true });
    }
    const { rows: counts } = await product.db.query(
      'SELECT count(*)::integer AS waiting FROM atp.training WHERE NOT coalesce(reviewed, false)',
    );
    expect(counts).toEqual([{ waiting: 130 }]);
    // Each title's events follow one another without a gap.
    const { rows: gaps } = await product.db.query(`
      SELECT * FROM (SELECT before, lag(after) OVER (PARTITION BY imdb_id ORDER BY event_id) AS left_by_the_one_before
      FROM console.label_event) AS chain WHERE before <> left_by_the_one_before`);
    expect(gaps).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it('marks as anomalous and takes the mark back, skips, and hides the probability in blind mode', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?order=uncertain`);
    const first = await shownId(page);
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Anomalous', pressed: true }).waitFor();
    await page.keyboard.press('w');
    await page.keyboard.press('u');
    await page.keyboard.press('u');
    await page.getByRole('button', { name: 'Anomalous', pressed: false }).waitFor();
    await allSent(page);
    expect((await titles([first])).get(first)).toMatchObject({ anomalous: false, reviewed: false });

    await press(page, 's');
    await page.getByText('1 skipped').waitFor();
    await page.getByText(/^model would/).waitFor();
    await page.keyboard.press('b');
    await page.getByText("The model's word is hidden until you decide.").waitFor();
    expect(await page.getByText(/model would/).count()).toBe(0);
    await press(page, 'n');
    await page.getByText(/\(model \d+%\)/).waitFor();
    await allSent(page);
    const { rows } = await product.db.query('SELECT shown FROM console.label_event ORDER BY event_id DESC LIMIT 1');
    expect(rows).toMatchObject([{ shown: { blind: true, probability: null } }]);
    await close();
  });

  it('never waits for the API: ten answers a second go through while every reply takes two seconds', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await page.route(/\/would_(not_)?watch$/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await route.continue();
    });
    const decided: string[] = [];
    for (let count = 0; count < 10; count += 1) decided.push(await press(page, count % 2 ? 'w' : 'n'));
    expect(new Set(decided).size).toBe(10);
    await allSent(page);
    const rows = await titles(decided);
    expect(decided.map((id) => rows.get(id)?.label)).toEqual(
      decided.map((_id, index) => (index % 2 ? 'would_watch' : 'would_not_watch')),
    );
    await close();
  });

  it('keeps answers while the API is away, also over a reload, and sends them once it is back', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await shownId(page);
    await product.stopApi();
    const decided = [await press(page, 'w'), await press(page, 'n'), await press(page, 'w')];
    await page.getByText('3 unsent').waitFor();
    await page.getByRole('alert').getByText('The API cannot be reached').waitFor();
    await product.startApi();
    await page.reload();
    await allSent(page);
    const rows = await titles(decided);
    expect(decided.map((id) => rows.get(id)?.label)).toEqual(['would_watch', 'would_not_watch', 'would_watch']);
    await page.getByText('3 done').waitFor();
    await close();
  });

  it("reports another person's answer instead of overwriting it", async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const id = await shownId(page);
    const response = await fetch(`${product.url}/rear-diff/training/${id}/would_not_watch`, {
      method: 'PATCH',
      headers: { 'x-actor': 'somebody' },
    });
    expect(response.status).toBe(200);
    await press(page, 'w');
    await page.getByText(/was changed meanwhile by somebody: it is would not watch now/).waitFor();
    expect((await titles([id])).get(id)?.label).toBe('would_not_watch');
    await close();
  });

  it("writes on when only the title's metadata was refreshed meanwhile", async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const id = await shownId(page);
    await product.db.query('UPDATE atp.training SET overview = $2 WHERE imdb_id = $1', [id, 'Refreshed.']);
    await press(page, 'w');
    await allSent(page);
    expect((await titles([id])).get(id)?.label).toBe('would_watch');
    await close();
  });

  it('says that the backlog is cleared after the last title, and offers the skipped ones', async () => {
    await product.db.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id NOT IN
      (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 3)`);
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await press(page, 's');
    await press(page, 'w');
    await page.keyboard.press('n');
    await page.getByText('Only skipped titles are left').waitFor();
    await page.getByRole('button', { name: 'Look at it again' }).click();
    await shownId(page);
    await page.keyboard.press('w');
    await page.getByText('Backlog cleared').waitFor();
    await page.getByRole('button', { name: 'Backlog (0)' }).waitFor();
    await close();
  });

  it('fires no key while a person types, nor behind a dialog, and lists the keys of the page', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const id = await shownId(page);
    await page.keyboard.press('/');
    await page.keyboard.type('wn');
    expect(await page.getByRole('searchbox').inputValue()).toBe('wn');
    await page.goto(`${product.url}/training?title=${id}`);
    await page.locator(`article[data-imdb-id="${id}"]`).waitFor();
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Would watch', { exact: true }).waitFor();
    await page.keyboard.press('w');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await shownId(page)).toBe(id);
    expect((await product.db.query('SELECT FROM console.label_event')).rowCount).toBe(0);
    await close();
  });
});

describe('filters', () => {
  it('live in the URL: reload and back bring them again', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.getByText('1–20 of 150, unreviewed movies').waitFor();
    await page.getByRole('button', { name: /^Filters/ }).click();
    await page.getByLabel('Reviewed').selectOption('all');
    await page.getByText(/of 2,003, all movies/).waitFor();
    await page.getByLabel('Order').selectOption('likely');
    await page.getByLabel('Label', { exact: true }).selectOption('would_not_watch');
    await page.getByText(/all movies, would not watch/).waitFor();
    const url = new URL(page.url());
    expect(Object.fromEntries(url.searchParams)).toEqual({
      view: 'list',
      reviewed: 'all',
      order: 'likely',
      label: 'would_not_watch',
    });
    const first = await page.locator('li[data-imdb-id]').first().getAttribute('data-imdb-id');
    await page.reload();
    await page.locator(`li[data-imdb-id="${first}"]`).waitFor();
    await page.goBack();
    await page.getByText(/^1–20 of 2,003, all movies$/).waitFor();
    await close();
  });

  it('search as you type, take % and _ as themselves, and say what matched nothing', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list&reviewed=all`);
    await page.getByRole('searchbox').fill('alien');
    await page.getByText(/matching "alien"/).waitFor();
    await page.getByRole('button', { name: 'My Stepmother Is an Alien', exact: true }).waitFor();
    await page.getByRole('searchbox').fill('%%%');
    await page.getByText('No title matches').waitFor();
    await page.getByRole('button', { name: 'Back to the backlog' }).click();
    await page.getByText('1–20 of 150, unreviewed movies').waitFor();
    await close();
  });
});

describe('the list', () => {
  it('labels the selected row by key, shows it at once, and undoes it from the message', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    const rows = page.locator('li[data-imdb-id]');
    const id = (await rows.first().getAttribute('data-imdb-id')) as string;
    await page.keyboard.press('j');
    expect(new URL(page.url()).searchParams.get('title')).toBe(id);
    await page.reload();
    await page.locator(`li[data-imdb-id="${id}"][aria-current]`).waitFor();
    await page.keyboard.press('w');
    await page.locator(`li[data-imdb-id="${id}"] button[data-chosen]`, { hasText: 'Would' }).waitFor();
    await allSent(page);
    expect((await titles([id])).get(id)?.label).toBe('would_watch');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator(`li[data-imdb-id="${id}"] button[data-chosen]`).waitFor({ state: 'detached' });
    await allSent(page);
    expect((await titles([id])).get(id)).toMatchObject({ label: null, human_labeled: false, reviewed: false });
    await close();
  });

  it('pages through with keys, and the page is in the URL', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training?view=list`);
    await page.getByText('Page 1 of 8').waitFor();
    await page.keyboard.press(']');
    await page.getByText('21–40 of 150, unreviewed movies').waitFor();
    expect(new URL(page.url()).searchParams.get('page')).toBe('2');
    await close();
  });
});

describe('hostile text', () => {
  it('stays text in every field of a title', async () => {
    const hostile = '<img src=x onerror=alert(1)>"\'`{x}\u202e&amp;</script><script>alert(2)</script>';
    await product.db.query(
      `UPDATE atp.training SET media_title = $1::text, overview = $1::text, tagline = $1::text, original_media_title = $1::text, genre = ARRAY['<b>x</b>'],
         production_companies = ARRAY[$1::text]::varchar[], updated_at = now()
       WHERE imdb_id = (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 1)`,
      [hostile],
    );
    for (const path of ['/training', '/training?view=list']) {
      const { page, errors, close } = await openPage(browser, product.url + path);
      let asked = false;
      page.on('dialog', (dialog) => {
        asked = true;
        void dialog.dismiss();
      });
      await page.getByText(hostile).first().waitFor();
      if (path === '/training?view=list') await page.keyboard.press('j');
      await page.keyboard.press('d');
      await page.getByText('<b>x</b>').first().waitFor();
      expect(await page.locator('img[src="x"]').count()).toBe(0);
      expect(asked).toBe(false);
      expect(errors).toEqual([]);
      await close();
    }
  });
});

describe.each(['dark', 'light'] as const)('in the %s theme', (theme) => {
  it.each([
    ['desktop', desktop],
    ['phone', phone],
  ] as const)('is accessible and fits on a %s', async (_name, viewport) => {
    for (const path of ['/training', '/training?view=list', '/training?q=nothing+of+that+name']) {
      const { page, errors, close } = await openPage(browser, product.url + path, { theme, viewport });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('article[data-imdb-id], li[data-imdb-id], h2:text("No title matches")').first().waitFor();
      expect(await accessibilityFindings(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
      expect(errors).toEqual([]);
      await close();
    }
  });
});

describe('on a phone', () => {
  it('answers by swipe', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`, { viewport: phone, hasTouch: true });
    const id = await shownId(page);
    const swipe = (from: number, to: number) =>
      page.locator('article').evaluate(
        (element, [start, end]) => {
          const touch = (x: number) => new Touch({ identifier: 1, target: element, clientX: x, clientY: 300 });
          element.dispatchEvent(new TouchEvent('touchstart', { bubbles: true, touches: [touch(start as number)] }));
          element.dispatchEvent(new TouchEvent('touchend', { bubbles: true, changedTouches: [touch(end as number)] }));
        },
        [from, to],
      );
    await swipe(100, 130);
    expect(await shownId(page)).toBe(id);
    await swipe(60, 260);
    await page.waitForFunction(
      (before) => document.querySelector('article')?.getAttribute('data-imdb-id') !== before,
      id,
    );
    await allSent(page);
    expect((await titles([id])).get(id)?.label).toBe('would_watch');
    await close();
  });
});
