import type { Locator } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { messagesReady, openPage, phone, pressSequence, settled } from '#harness/page.ts';
import { codeOf, type Product, startProduct } from '#harness/product.ts';
import { allSent, press, refuse, shownId, titles } from '#harness/training-page.ts';

/** The review by keyboard, through outages and reloads, in an unusual browser, and on a phone. */

let product: Product;
withBrowser();
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const open = (path = '', options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, `${product.url}/training${path}`, options);

async function waiting(): Promise<number> {
  const { rows } = await product.db.query<{ count: number }>(
    "SELECT count(*)::integer AS count FROM atp.training WHERE media_type = 'movie' AND NOT coalesce(reviewed, false)",
  );
  return rows[0]?.count ?? 0;
}

it('a newcomer gets from Home to a film, and a key press labels it in the database and counts the backlog at most twice', async () => {
  const { page, errors, close } = await openPage(browser, 'about:blank');
  await page.clock.install();
  await page.addInitScript(() => {
    // The page opens the stream itself, where its messages are seen.
    Reflect.deleteProperty(window, 'SharedWorker');
    const { addEventListener } = EventSource.prototype;
    EventSource.prototype.addEventListener = function (
      this: EventSource,
      type: string,
      listener: (message: MessageEvent) => void,
    ) {
      addEventListener.call(this, type, (message: Event) => {
        listener(message as MessageEvent);
        document.documentElement.setAttribute(`data-received-${type.replace('.', '-')}`, '');
      });
    } as typeof addEventListener;
  });
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  await page.goto(product.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  await page.getByText('demo catalogue').first().waitFor();
  // The page counts again when the stream opens, because it may have missed changes.
  await page.locator('[data-received-ready]').waitFor({ state: 'attached' });
  await pressSequence(page, 'g t');
  await page.getByRole('heading', { name: 'Training', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Backlog (150)' }).waitFor();
  const counts = () => requested.filter((url) => /limit=1&count=exact/.test(url)).length;
  // The badge of the page counts too, once when the stream opens.
  await page.clock.runFor(5_000);
  const before = counts();
  const id = await press(page, 'w');
  await page.getByRole('button', { name: 'Backlog (149)' }).waitFor();
  await page.locator('[data-received-title-changed]').waitFor({ state: 'attached' });
  // After the event, and after the reply if the count was requested before it.
  await expect.poll(counts).toBeGreaterThan(before);
  await page.clock.runFor(5_000);
  expect(counts()).toBeLessThanOrEqual(before + 2);
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

it('twenty titles are labelled by keyboard through three undos, a failed write and a reload', async () => {
  const before = await waiting();
  const { page, errors, close } = await open();
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

  // After a reload the same title is on screen, and earlier answers can still be undone.
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
  expect(await waiting()).toBe(before - 20);
  // Each title's events follow one another without a gap.
  const { rows: gaps } = await product.db.query(`
    SELECT * FROM (SELECT before, lag(after) OVER (PARTITION BY imdb_id ORDER BY event_id) AS left_by_the_one_before
    FROM console.label_event) AS chain WHERE before <> left_by_the_one_before`);
  expect(gaps).toEqual([]);
  expect(errors).toEqual([]);
  await close();
});

it('everything on the page opens while the API is unreachable; answers are kept, and sent once it is back, on any page', async () => {
  const { page, errors, close } = await open();
  await shownId(page);
  await messagesReady(page);
  await product.stopApi();
  for (const key of ['?', 'Control+k']) {
    await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await page.keyboard.press('d');
  await page.getByRole('region', { name: 'Details' }).getByText('Original language').waitFor();
  await page.keyboard.press('d');
  await page.getByRole('button', { name: /^Filters/ }).click();
  await page.getByRole('combobox', { name: 'Genre' }).waitFor();
  await page.getByRole('button', { name: /^Filters/ }).click();
  for (const name of ['Legend', 'More about this request']) {
    await page.getByRole('button', { name, exact: true }).click();
    if (name !== 'Legend') await page.getByRole('menuitem', { name: 'Last calls' }).click();
    await page.getByRole('dialog').getByRole('heading').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  expect(errors).toEqual([]);
  const decided = [await press(page, 'w'), await press(page, 'n'), await press(page, 'w')];
  await page.getByText('3 unsent').waitFor();
  await page.getByRole('alert').getByText('The API cannot be reached').waitFor();
  await product.startApi();
  await page.goto(product.url);
  await allSent(page);
  const rows = await titles(product, decided);
  expect(decided.map((id) => rows.get(id)?.label)).toEqual(['would_watch', 'would_not_watch', 'would_watch']);
  await page.goto(`${product.url}/training`);
  await page.getByText('3 done').waitFor();
  await close();
});

it('the page works while the code of messages cannot be loaded, and shows messages once it can', async () => {
  const { page, close } = await openPage(browser, 'about:blank');
  const code = `**/${codeOf('ui/toasts.tsx')}`;
  await page.route(code, (route) => route.abort());
  const failed = page.waitForEvent('requestfailed', (request) => request.url().endsWith(code.slice(2)));
  await page.goto(`${product.url}/training?view=list`);
  await failed;
  await page.locator('li[data-imdb-id]').first().waitFor();
  await page.unroute(code);
  await page.keyboard.press('j');
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Undo', exact: true }).waitFor();
  await allSent(page);
  await close();
});

it('the code of the list comes while its rows load, and code that is needed later comes after them', async () => {
  const { page, close } = await openPage(browser, 'about:blank');
  const requested: string[] = [];
  page.on('request', (request) => requested.push(new URL(request.url()).pathname.slice(1)));
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/training\?/, async (route) => {
    if (route.request().resourceType() === 'fetch') await held;
    await route.continue();
  });
  const code = page.waitForResponse(`**/${codeOf('features/training/title-list.tsx')}`);
  await page.goto(`${product.url}/training?view=list`);
  await code;
  // A browser that waits for a reply has nothing else to do.
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  const later = codeOf('ui/toasts.tsx');
  expect(requested).not.toContain(later);
  answer();
  await page.locator('li[data-imdb-id]').first().waitFor();
  await expect.poll(() => requested).toContain(later);
  await close();
});

it('a part whose code is gone after an update says so in place, and the page goes on', async () => {
  const { page, close } = await openPage(browser, 'about:blank');
  await page.route(`**/${codeOf('titles/legend-drawer.tsx')}`, (route) => route.fulfill({ status: 404, body: '' }));
  await page.goto(`${product.url}/training`);
  await page.getByRole('button', { name: 'Legend' }).click();
  const alert = page.getByRole('alert').filter({ hasText: 'The console has been updated' });
  await alert.getByRole('button', { name: 'Reload' }).waitFor();
  await press(page, 's');
  await close();
});

it('an answer that was sent while the page was loading again can be undone', async () => {
  const { page, close } = await open();
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

it('answers are sent where the browser refuses storage, locks and changes of the address', async () => {
  const before = await waiting();
  const { page, errors, close } = await openPage(browser, 'about:blank');
  await page.addInitScript(() => {
    const refused = () => {
      throw new DOMException('Refused', 'SecurityError');
    };
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
      Object.defineProperty(window, name, { get: refused });
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
  for (let count = 0; count < 10; count += 1) decided.push(await press(page, 'w'));
  await page.getByRole('button', { name: `Backlog (${before - 10})` }).waitFor();
  await expect
    .poll(async () => [...(await titles(product, decided)).values()].every(({ label }) => label === 'would_watch'))
    .toBe(true);
  await page.getByRole('alert').getByText('Unsent answers are not stored').waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('the focus stays where it is when the next title comes', async () => {
  const { page, close } = await open();
  await page.locator('article [role="img"]').focus();
  await press(page, 'w');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('img');
  await close();
});

it('the card keeps its height and its buttons their place, for any title and window', async () => {
  await product.db.query(
    `UPDATE atp.training SET overview = repeat('A long story. ', 80), tagline = repeat('Long. ', 40), media_title = repeat('Long title ', 20)
     WHERE imdb_id = (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC OFFSET 1 LIMIT 1)`,
  );
  await product.db.query(
    `UPDATE atp.training SET overview = NULL, tagline = NULL, genre = NULL, origin_country = NULL, runtime = NULL
     WHERE imdb_id = (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC OFFSET 4 LIMIT 1)`,
  );
  await product.db.query(
    `UPDATE atp.training SET overview = repeat('A story. ', 110), tagline = 'A tagline', origin_country = '{US,DK}', runtime = 127,
       production_companies = '{Zentropa,"A24"}', original_language = 'da'
     WHERE imdb_id = (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 1)`,
  );
  const { page, close } = await open();
  const lowest = async (locator: Locator) => {
    const box = await locator.boundingBox();
    return (box?.y ?? Number.NaN) + (box?.height ?? Number.NaN);
  };
  // Overview and facts of nearly a thousand characters, and the details beside them, are seen without scrolling.
  await shownId(page);
  const top = (await page.getByRole('button', { name: /Would watch/ }).boundingBox())?.y ?? Number.NaN;
  expect(await lowest(page.locator('article'))).toBeLessThanOrEqual(top);
  await page.keyboard.press('d');
  const details = page.getByRole('region', { name: 'Details' });
  await details.waitFor();
  expect(await lowest(details)).toBeLessThanOrEqual(await lowest(page.locator('article')));
  await page.keyboard.press('d');
  await details.waitFor({ state: 'detached' });
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
    await settled(page);
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
  // In a window of this size at 200 % the answers leave most of it to the card.
  await page.setViewportSize({ width: 640, height: 400 });
  await settled(page);
  expect(await place()).toBeGreaterThan(280);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(640);
  await close();
});

it('a German browser gets German numbers and the language of the page in words', async () => {
  await product.db.query(`UPDATE atp.training SET imdb_rating = 65, origin_country = '{DE}' WHERE imdb_id =
    (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 1)`);
  const { page, close } = await open('', { locale: 'de-DE' });
  await page.locator('article').getByText('6,5', { exact: true }).waitFor();
  await page.locator('article').getByText('Germany').waitFor();
  await page.goto(`${product.url}/training?view=list&reviewed=all`);
  await page.getByText(/of 2\.003, all movies/).waitFor();
  expect(await page.locator('li time').first().textContent()).toMatch(/ago|now/);
  await close();
});

it.each([390, 800, 1024, 1280])(
  'the card stays where it is while a user answers, skips and undoes, at %i pixels',
  async (width) => {
    const { page, close } = await open('', { viewport: { width, height: 844 } });
    const place = async () => (await page.locator('article').boundingBox())?.y;
    await shownId(page);
    const before = await place();
    for (const key of ['w', 'n', 's', 'w', 'w', 'u', 'n']) {
      await press(page, key);
      expect([key, await place()]).toEqual([key, before]);
    }
    await page.getByText(/^median decision /).waitFor();
    await allSent(page);
    await close();
  },
);

it('on a phone the card follows a swipe that answers, its title stays on screen, and the filters are a sheet', async () => {
  const { page, close } = await open('', { viewport: phone, hasTouch: true });
  const id = await shownId(page);
  const card = page.locator('article');
  const touch = (type: string, at: number) =>
    card.evaluate(
      (element, [name, x]) => {
        const one = new Touch({ identifier: 1, target: element, clientX: x as number, clientY: 300 });
        const touches = name === 'touchend' ? [] : [one];
        element.dispatchEvent(new TouchEvent(name as string, { bubbles: true, touches, changedTouches: [one] }));
      },
      [type, at] as const,
    );
  const left = async () => (await card.boundingBox())?.x ?? Number.NaN;
  /** Whether the decision of a swipe is in sight and above the buttons, which are where they were. */
  const buttons = page.getByRole('button', { name: /^Would not watch/ });
  const place = await buttons.boundingBox();
  const inPlace = async (decision: string) => {
    const mark = page.locator('[data-for]', { hasText: decision }).filter({ visible: true });
    await mark.waitFor();
    const { x, y, width, height } = (await mark.boundingBox()) ?? { x: -1, y: -1, width: 0, height: 0 };
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(phone.width);
    expect(y + height).toBeLessThanOrEqual(place?.y ?? 0);
    expect(await buttons.boundingBox()).toEqual(place);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  };
  const before = await left();
  await touch('touchstart', 60);
  await touch('touchmove', 100);
  expect(await left()).toBe(before + 40);
  await touch('touchend', 100);
  expect([await shownId(page), await left()]).toEqual([id, before]);

  // However far the page is scrolled, its title is on screen with the answers.
  await page.keyboard.press('d');
  await page.getByRole('region', { name: 'Details' }).waitFor();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(500);
  const title = await card.getByRole('heading', { level: 2 }).boundingBox();
  expect(title?.y).toBeGreaterThanOrEqual(0);
  expect(title?.y).toBeLessThan(phone.height / 2);

  await page.evaluate(() => scrollTo(0, 0));
  await page.getByRole('button', { name: /^Filters/ }).click();
  const sheet = page.getByRole('dialog', { name: 'Filters' });
  await sheet.getByRole('combobox', { name: 'Genre' }).waitFor();
  const edges = async () => {
    const box = await sheet.boundingBox();
    return [box?.x, box?.width, (box?.y ?? 0) + (box?.height ?? 0)];
  };
  await expect.poll(edges).toEqual([0, phone.width, phone.height]);
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });

  await touch('touchstart', 60);
  await touch('touchmove', 260);
  await inPlace('Would watch');
  await touch('touchmove', 100);
  // Another user labels it: the box leaves with the card, what it says is beside the decision.
  await fetch(`${product.url}/rear-diff/training/${id}/would_watch`, { method: 'PATCH' });
  await card.getByRole('alert').waitFor();
  await touch('touchmove', -200);
  await inPlace('Would not watch');
  await page.locator('[data-for="would_not_watch"]', { hasText: 'just labelled this "would watch"' }).waitFor();
  await touch('touchend', 100);
  // A swipe that comes with the change was meant for what was there before, so it is repeated until it counts.
  await expect
    .poll(async () => {
      await touch('touchstart', 60);
      await touch('touchmove', 260);
      await touch('touchend', 260);
      return shownId(page);
    })
    .not.toBe(id);
  expect(await left()).toBe(before);
  await allSent(page);
  expect((await titles(product, [id])).get(id)?.label).toBe('would_watch');
  await close();
});
