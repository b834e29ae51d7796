import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { obstacles } from '#harness/accessibility.ts';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { openPage, phone } from '#harness/page.ts';
import { allSent, press, refuse, shownId, titles } from '#harness/training-page.ts';

/** Clearing the backlog, as a person at a keyboard or with a phone does it. */

withProducts();

describe("a newcomer's first minute", () => {
  it('leads from Home to a film, and a key press labels it in the database and counts the backlog once', async () => {
    const { page, errors, close } = await openPage(browser, 'about:blank');
    await page.clock.install();
    await page.addInitScript(() => {
      const { addEventListener } = EventSource.prototype;
      EventSource.prototype.addEventListener = function (
        this: EventSource,
        type: string,
        hear: (message: MessageEvent) => void,
      ) {
        addEventListener.call(this, type, (message: Event) => {
          hear(message as MessageEvent);
          document.documentElement.setAttribute(`data-heard-${type.replace('.', '-')}`, '');
        });
      } as typeof addEventListener;
    });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(product.url);
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await page.getByText('demo catalogue').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.getByRole('heading', { name: 'Training', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Backlog (150)' }).waitFor();
    const counts = () => asked.filter((url) => /limit=1&count=exact/.test(url)).length;
    // The list's own total is that number.
    expect(counts()).toBe(0);
    const id = await press(page, 'w');
    await page.getByRole('button', { name: 'Backlog (149)' }).waitFor();
    await page.locator('[data-heard-title-changed]').waitFor({ state: 'attached' });
    await page.clock.runFor(5_000);
    expect(counts()).toBe(1);
    expect((await titles(product, [id])).get(id)).toMatchObject({
      label: 'would_watch',
      human_labeled: true,
      reviewed: true,
    });
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
    await refuse(page, /would_watch$/);
    const failed = await shownId(page);
    await page.keyboard.press('w');
    await page.getByText('Answer not saved').waitFor();
    expect(await shownId(page)).toBe(failed);
    await page.getByText('The disk is full.').waitFor();
    await page.unroute(/would_watch$/);
    // Not at once: a key that comes with the card was meant for the one before.
    await expect
      .poll(async () => {
        await page.keyboard.press('w');
        return shownId(page);
      })
      .not.toBe(failed);
    decided.set(failed, 'would_watch');

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

    const rows = await titles(product, [...decided.keys()]);
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
    expect((await titles(product, [first])).get(first)).toMatchObject({ anomalous: false, reviewed: false });

    await press(page, 's');
    await page.getByText('1 skipped').waitFor();
    await page.getByText(/^model would/).waitFor();
    await page.keyboard.press('b');
    await page.getByText('Prediction hidden until you answer').waitFor();
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
    const rows = await titles(product, decided);
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
    const rows = await titles(product, decided);
    expect(decided.map((id) => rows.get(id)?.label)).toEqual(['would_watch', 'would_not_watch', 'would_watch']);
    await page.getByText('3 done').waitFor();
    await close();
  });

  it('goes on when the code of messages cannot be loaded, and shows them once it can', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.route(/assets\/toasts-/, (route) => route.abort());
    const failed = page.waitForEvent('requestfailed', (request) => /assets\/toasts-/.test(request.url()));
    await page.goto(`${product.url}/training?view=list`);
    await failed;
    await page.locator('li[data-imdb-id]').first().waitFor();
    await page.unroute(/assets\/toasts-/);
    await page.keyboard.press('j');
    await page.keyboard.press('w');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await allSent(page);
    await close();
  });

  it('sends what is unsent whichever page is opened', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await shownId(page);
    await product.stopApi();
    const id = await press(page, 'w');
    await page.getByText('1 unsent').waitFor();
    await product.startApi();
    await page.goto(product.url);
    await allSent(page);
    expect((await titles(product, [id])).get(id)?.label).toBe('would_watch');
    await close();
  });

  it("reports another person's answer instead of overwriting it, also where no live update told of it", async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.route(/\/events/, (route) => route.abort());
    await page.goto(`${product.url}/training`);
    const id = await shownId(page);
    const response = await fetch(`${product.url}/rear-diff/training/${id}/would_not_watch`, {
      method: 'PATCH',
      headers: { 'x-actor': 'somebody' },
    });
    expect(response.status).toBe(200);
    await press(page, 'w');
    await page.getByText(/changed ".*" to would not watch|just labelled this "would not watch"/).waitFor();
    expect((await titles(product, [id])).get(id)?.label).toBe('would_not_watch');
    await close();
  });

  it("writes on when only the title's metadata was refreshed meanwhile", async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const id = await shownId(page);
    await product.db.query('UPDATE atp.training SET overview = $2 WHERE imdb_id = $1', [id, 'Refreshed.']);
    await press(page, 'w');
    await allSent(page);
    expect((await titles(product, [id])).get(id)?.label).toBe('would_watch');
    await close();
  });

  it('says that the backlog is cleared after the last title, and offers the skipped ones', async () => {
    await product.db.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id NOT IN
      (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 3)`);
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await press(page, 's');
    await press(page, 'w');
    await page.keyboard.press('n');
    await page.getByText('Only skipped titles left').waitFor();
    await page.getByRole('button', { name: 'Review it now' }).click();
    await shownId(page);
    await page.keyboard.press('w');
    await page.getByText('Backlog cleared').waitFor();
    await page.getByRole('button', { name: 'Backlog (0)' }).waitFor();
    await close();
  });

  it('takes back after a reload an answer that went out while the page was still loading', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await shownId(page);
    await product.stopApi();
    const id = await press(page, 'w');
    await page.getByText('1 unsent').waitFor();
    await product.startApi();
    let load = () => {};
    const held = new Promise<void>((resolve) => {
      load = resolve;
    });
    await page.route(/\/training\?media_type=movie.*limit=50/, async (route) => {
      await held;
      await route.continue();
    });
    await page.reload({ waitUntil: 'commit' });
    await allSent(page);
    expect((await titles(product, [id])).get(id)?.label).toBe('would_watch');
    load();
    await page.getByText('1 done').waitFor();
    await page.keyboard.press('u');
    await page.locator(`article[data-imdb-id="${id}"]`).waitFor();
    await allSent(page);
    expect((await titles(product, [id])).get(id)).toMatchObject({ label: null, human_labeled: false, reviewed: false });
    await close();
  });

  it('takes back an answer that was sent while another filter was on screen', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await shownId(page);
    let send = () => {};
    const held = new Promise<void>((resolve) => {
      send = resolve;
    });
    await page.route(/would_watch$/, async (route) => {
      await held;
      await route.continue();
    });
    const id = await press(page, 'w');
    await page.getByLabel('Order').selectOption('oldest');
    await page.waitForURL(/order=oldest/);
    await page.locator(`article:not([data-imdb-id="${id}"])`).waitFor();
    send();
    await allSent(page);
    await page.goBack();
    await page.getByText('1 done').waitFor();
    await page.locator('main').press('u');
    await page.locator(`article[data-imdb-id="${id}"]`).waitFor();
    await allSent(page);
    expect((await titles(product, [id])).get(id)).toMatchObject({ label: null, reviewed: false });
    await close();
  });

  it('takes back an answer that arrived although no reply came back', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await shownId(page);
    let lost = true;
    await page.route(/would_watch$/, async (route) => {
      if (!lost) return route.continue();
      await route.fetch();
      await route.abort();
    });
    const id = await press(page, 'w');
    await page.getByText('1 unsent').waitFor();
    await page.keyboard.press('u');
    await page.locator(`article[data-imdb-id="${id}"]`).waitFor();
    lost = false;
    await allSent(page);
    expect((await titles(product, [id])).get(id)).toMatchObject({ label: null, reviewed: false });
    await close();
  });

  it('tells wherever the person is that an answer was not saved, and leaves the address of that page alone', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const id = await shownId(page);
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(/would_watch$/, async (route) => {
      await held;
      await route.fulfill({ status: 500, json: { message: 'The disk is full.', instance: 'r1', status: 500 } });
    });
    await press(page, 'w');
    await page.getByRole('link', { name: 'Home' }).click();
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    answer();
    await page.getByRole('alert').getByText('The disk is full.').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.getByRole('link', { name: 'Training' }).click();
    await page.locator(`article[data-imdb-id="${id}"]`).waitFor();
    await close();
  });

  it('says why a mark was not saved, and takes it off again', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await shownId(page);
    await refuse(page, /\/training\/tt\d+$/);
    await page.keyboard.press('a');
    await page.getByRole('alert').getByText('The disk is full.').waitFor();
    await page.getByRole('button', { name: 'Anomalous', pressed: false }).waitFor();
    await close();
  });

  it('does not take a key for an answer to the card that comes back under the hand', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const id = await shownId(page);
    await refuse(page, /would_watch$/);
    await page.evaluate(() => {
      new MutationObserver((_changes, observer) => {
        if (!document.querySelector('article [role="alert"]')) return;
        observer.disconnect();
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }));
        document.title = 'pressed';
      }).observe(document.body, { childList: true, subtree: true });
    });
    await page.keyboard.press('w');
    await page.getByText('Answer not saved').waitFor();
    await page.waitForFunction(() => document.title === 'pressed');
    await allSent(page);
    expect(await shownId(page)).toBe(id);
    expect((await product.db.query('SELECT FROM console.label_event')).rowCount).toBe(0);
    await close();
  });

  it('counts as time to decide only what the page was in sight', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.addInitScript(() => {
      const now = performance.now.bind(performance);
      Object.assign(window, { skew: 0 });
      performance.now = () => now() + (window as unknown as { skew: number }).skew;
    });
    await page.goto(`${product.url}/training`);
    await shownId(page);
    const after = (hidden: boolean) =>
      page.evaluate((hide) => {
        Object.assign(window, { skew: (window as unknown as { skew: number }).skew + 3_600_000 });
        Object.defineProperty(document, 'hidden', { value: hide, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await after(true);
    // A title that comes on screen while nobody looks.
    await press(page, 's');
    await after(false);
    await press(page, 'w');
    await allSent(page);
    const { rows } = await product.db.query<{ decision_ms: number }>('SELECT decision_ms FROM console.label_event');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.decision_ms).toBeLessThan(60_000);
    await close();
  });

  it('sends also where the browser refuses storage, locks and the address bar', async () => {
    const { page, errors, close } = await openPage(browser, 'about:blank');
    await page.addInitScript(() => {
      const refused = () => {
        throw new DOMException('Refused', 'SecurityError');
      };
      for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: refused });
      navigator.locks.request = () => Promise.reject(new DOMException('Refused', 'SecurityError'));
    });
    await page.goto(`${product.url}/training`);
    await shownId(page);
    await page.evaluate(() => {
      history.replaceState = () => {
        throw new DOMException('More than 100 times per 30 seconds', 'SecurityError');
      };
    });
    const decided: string[] = [];
    for (let count = 0; count < 30; count += 1) decided.push(await press(page, 'w'));
    await page.getByRole('button', { name: 'Backlog (120)' }).waitFor();
    expect([...(await titles(product, decided)).values()].every(({ label }) => label === 'would_watch')).toBe(true);
    expect(errors).toEqual([]);
    await close();
  });

  it('keeps the card through a refresh that the API does not answer', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await shownId(page);
    const id = (await press(page, 's')) && (await shownId(page));
    await product.stopApi();
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    await page.getByRole('alert').getByText('The API cannot be reached').waitFor();
    expect(await shownId(page)).toBe(id);
    await page.getByRole('button', { name: 'Retry now' }).click();
    await product.startApi();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(await shownId(page)).toBe(id);
    await page.getByText('1 skipped').waitFor();
    await close();
  });

  it('goes on with titles that came meanwhile, and calls only the backlog cleared', async () => {
    await product.db.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id NOT IN
      (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 2)`);
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await press(page, 'w');
    const { rows } = await product.db.query<{ imdb_id: string }>(
      `UPDATE atp.training SET reviewed = false WHERE imdb_id = (SELECT min(imdb_id) FROM atp.training WHERE label IS NOT NULL AND reviewed
         AND imdb_id NOT IN (SELECT imdb_id FROM console.label_event)) RETURNING imdb_id`,
    );
    await press(page, 'w');
    await page.locator(`article[data-imdb-id="${rows[0]?.imdb_id}"]`).waitFor();
    await page.goto(`${product.url}/training?anomalous=false&q=${rows[0]?.imdb_id}`);
    await page.locator('article').waitFor();
    await page.keyboard.press('w');
    await page.getByText('Nothing left in this filter').waitFor();
    await page.getByRole('button', { name: 'Back to the backlog' }).click();
    await page.getByText('Backlog cleared').waitFor();
    await close();
  });

  it('leaves the focus where it is when the next title comes', async () => {
    const { page, close } = await openPage(browser, `${product.url}/training`);
    await page.locator('article [role="img"]').focus();
    await press(page, 'w');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('img');
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

describe('the card', () => {
  it('keeps its height and its buttons their place, whatever the title', async () => {
    await product.db.query(
      `UPDATE atp.training SET overview = repeat('A long story. ', 80), tagline = repeat('Long. ', 40), media_title = repeat('Long title ', 20)
       WHERE imdb_id = (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC OFFSET 1 LIMIT 1)`,
    );
    await product.db.query(
      `UPDATE atp.training SET overview = NULL, tagline = NULL, genre = NULL, origin_country = NULL, runtime = NULL
       WHERE imdb_id = (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC OFFSET 4 LIMIT 1)`,
    );
    const { page, close } = await openPage(browser, `${product.url}/training`);
    const place = async () =>
      Math.round((await page.getByRole('button', { name: /Would watch/ }).boundingBox())?.y ?? Number.NaN);
    // Also where the window has no room for all of a title, or for more than all of it, and at the end of the page.
    for (const [width, height, end] of [
      [1280, 800, 0],
      [800, 1100, 9_999],
      [430, 932, 9_999],
      [360, 740, 9_999],
    ] as const) {
      await page.setViewportSize({ width, height });
      await shownId(page);
      const places = new Set<number>();
      for (const top of [0, 0, 0, end, end, end]) {
        await page.evaluate((y) => scrollTo(0, y), top);
        places.add(await place());
        await press(page, 's');
        places.add(await place());
      }
      expect([width, ...places]).toHaveLength(2);
      for (let count = 0; count < 6; count += 1) await press(page, 'u');
    }
    await close();
  });

  const removingFiles = (page: Page) =>
    page.route(/\/rear-diff\/meta$/, async (route) => {
      const response = await route.fetch();
      const meta = (await response.json()) as { configured: object };
      await route.fulfill({ response, json: { ...meta, configured: { ...meta.configured, files: true } } });
    });

  it('says what beside the label could not be done, and what could not come back', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await removingFiles(page);
    await page.goto(`${product.url}/training`);
    await page.getByRole('button', { name: /^Would not watch\s*and remove its files/ }).waitFor();
    const add = (extra: object) => async (route: Route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), ...extra } });
    };
    await page.route(/would_not_watch$/, add({ file_deletion_warning: 'The disk of the library is not mounted.' }));
    await page.route(/\/undo$/, add({ not_restored: ['The file was gone from the trash.'] }));
    await press(page, 'n');
    await page.getByText(/The disk of the library is not mounted\./).waitFor();
    await page.keyboard.press('u');
    await page.getByText(/The file was gone from the trash\./).waitFor();
    await close();
  });

  it('says on the button when files are removed too', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await removingFiles(page);
    await page.goto(`${product.url}/training`);
    await page.getByRole('button', { name: /^Would not watch\s*and remove its files/ }).waitFor();
    await page.goto(`${product.url}/training?view=list`);
    await page
      .getByRole('button', { name: /^would not watch, and remove its files/ })
      .first()
      .waitFor();
    await close();
  });
});

describe('in a browser that speaks German', () => {
  it('writes numbers the German way, and its words in the language of the page', async () => {
    await product.db.query(`UPDATE atp.training SET imdb_rating = 65, origin_country = '{DE}' WHERE imdb_id =
      (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 1)`);
    const { page, close } = await openPage(browser, `${product.url}/training`, { locale: 'de-DE' });
    await page.locator('article').getByText('6,5', { exact: true }).waitFor();
    await page.locator('article').getByText('Germany').waitFor();
    await page.goto(`${product.url}/training?view=list&reviewed=all`);
    await page.getByText(/of 2\.003, all movies/).waitFor();
    expect(await page.locator('li time').first().textContent()).toMatch(/ago|now/);
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

describe('for everybody', () => {
  it('is accessible and fits on a desk and on a phone, in both themes, however long a word is', async () => {
    const word = 'Donaudampfschifffahrt'.repeat(8);
    await product.db.query(
      `UPDATE atp.training SET media_title = $1::text, overview = $1::text, updated_at = now()
       WHERE imdb_id = (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 1)`,
      [word],
    );
    const { page, errors, close } = await openPage(browser, 'about:blank');
    for (const path of ['/training', '/training?view=list', `/training?q=${word}y`]) {
      await page.goto(product.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('article[data-imdb-id], li[data-imdb-id], h2:text("No title matches")').first().waitFor();
      expect(await obstacles(page)).toEqual([]);
    }
    expect(errors).toEqual([]);
    await close();
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
    expect((await titles(product, [id])).get(id)?.label).toBe('would_watch');
    await close();
  });
});
