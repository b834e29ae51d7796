import { generateRows } from '@at/db/generated-rows';
import { startTestServer } from '@at/db/testing';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '#harness/browser.ts';
import { following, openPage } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';
import { allSent } from '#harness/training-page.ts';

/**
 * How fast the console feels, in a real browser on the demo catalogue: `node apps/e2e/measure.ts`. Figures for people,
 * not a test: a shared machine makes them differ from run to run.
 */

const presses = 200;
const scrolled = 1000;

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

const shown = (values: number[]) =>
  `p50 ${quantile(values, 0.5).toFixed(1)} ms, p95 ${quantile(values, 0.95).toFixed(1)} ms, max ${Math.max(...values).toFixed(1)} ms`;

declare global {
  interface Window {
    paints: number[];
    shifts: number;
    changedAt: number;
    frameTimes: number[];
    longTasks: number[];
  }
}

/** Notes for each key press how long it took until the frame with another title had been painted. */
async function watchPaints(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.paints = [];
    let pressedAt: number | undefined;
    addEventListener(
      'keydown',
      (event) => {
        pressedAt = event.timeStamp;
      },
      true,
    );
    new MutationObserver(() => {
      if (pressedAt === undefined) return;
      const began = pressedAt;
      pressedAt = undefined;
      // The callback runs before the frame is drawn; a task queued from it runs after.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => window.paints.push(performance.now() - began);
        port2.postMessage(null);
      });
    }).observe(document.querySelector('main') as HTMLElement, {
      subtree: true,
      attributes: true,
      attributeFilter: ['data-imdb-id'],
    });
  });
}

async function keyToPaint(product: Product, browser: Browser, delay: number, pause: number) {
  // The backlog of the demo catalogue is too short.
  await product.db.query(
    `UPDATE atp.training SET label = null, human_labeled = false, reviewed = false WHERE imdb_id IN
       (SELECT imdb_id FROM atp.training WHERE media_type = 'movie' ORDER BY imdb_id LIMIT $1)`,
    [presses + 50],
  );
  const { page, close } = await openPage(browser, `${product.url}/training`);
  await page.locator('article[data-imdb-id]').waitFor();
  if (delay > 0) {
    await page.route(/\/rear-diff\//, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, delay));
      await route.continue();
    });
  }
  await watchPaints(page);
  const began = performance.now();
  for (let count = 0; count < presses; count += 1) {
    await page.keyboard.press(count % 2 ? 'w' : 'n');
    await page.waitForTimeout(pause);
  }
  const perSecond = presses / ((performance.now() - began) / 1000);
  const done = await page.getByTestId('progress').textContent();
  await page.waitForFunction((expected) => window.paints.length >= expected, presses, { timeout: 10_000 });
  const paints = await page.evaluate(() => window.paints);
  await allSent(page, 120_000);
  const { rows } = await product.db.query(
    "SELECT count(*)::integer AS written FROM console.label_event WHERE action <> 'undo'",
  );
  await close();
  return { paints, perSecond, done, written: (rows[0] as { written: number }).written };
}

/** Milliseconds from opening Training to its first card, on a line of that many kB a second and milliseconds of delay. */
async function firstCard(product: Product, browser: Browser, kilobytes: number, latency: number): Promise<number> {
  const { page, close } = await openPage(browser, 'about:blank');
  const devtools = await page.context().newCDPSession(page);
  const throughput = kilobytes * 1000;
  await devtools.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency, downloadThroughput: throughput, uploadThroughput: throughput },
  });
  const began = performance.now();
  await page.goto(`${product.url}/training`, { waitUntil: 'commit' });
  await page.locator('article[data-imdb-id]').waitFor();
  const milliseconds = performance.now() - began;
  await close();
  return milliseconds;
}

/** Milliseconds from the choice of an order to the frame with other rows. */
function changeOrder(page: Page, order: string): Promise<number> {
  return page.getByLabel('Order').evaluate((select: HTMLSelectElement, value) => {
    const ids = () => [...document.querySelectorAll('li[data-imdb-id]')].map((row) => row.getAttribute('data-imdb-id'));
    const before = ids().join();
    return new Promise<number>((resolve) => {
      const began = performance.now();
      const observer = new MutationObserver(() => {
        if (ids().join() === before) return;
        observer.disconnect();
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.now() - began);
          port2.postMessage(null);
        });
      });
      observer.observe(document.querySelector('main') as HTMLElement, {
        ...{ subtree: true, childList: true, attributes: true, attributeFilter: ['data-imdb-id'] },
      });
      // React hears of a value only where its own setter was not in between.
      Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value')?.set?.call(select, value);
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });
  }, order);
}

/** Milliseconds from a label that another client sends to the row in an open list, for each of its first rows. */
async function seeChanges(product: Product, browser: Browser): Promise<number[]> {
  const { page, close } = await openPage(browser, `${product.url}/training?view=list&reviewed=all`);
  await following(page);
  await page.locator('li[data-imdb-id]').first().waitFor();
  const rows = await page.locator('li[data-imdb-id]').all();
  const times: number[] = [];
  for (const row of rows) {
    const id = await row.getAttribute('data-imdb-id');
    const isWatched = (await row.getByRole('button', { name: /^would watch/, pressed: true }).count()) > 0;
    const answer = isWatched ? 'would_not_watch' : 'would_watch';
    await row.evaluate((element) => {
      window.changedAt = 0;
      const before = element.querySelector('[data-chosen]');
      const observer = new MutationObserver(() => {
        if (element.querySelector('[data-chosen]') === before) return;
        observer.disconnect();
        window.changedAt = Date.now();
      });
      observer.observe(element, { subtree: true, childList: true, attributes: true });
    });
    const sentAt = Date.now();
    await fetch(`${product.url}/rear-diff/training/${id}/${answer}`, { method: 'PATCH' });
    const changedAt = await page.waitForFunction(() => window.changedAt);
    times.push((await changedAt.jsonValue()) - sentAt);
  }
  await close();
  return times;
}

/** Turns the wheel through a list of a thousand rows: how long its frames took, and tasks of over 50 ms. */
async function scroll(product: Product, browser: Browser): Promise<{ frames: number[]; longTasks: number[] }> {
  const { page, close } = await openPage(
    browser,
    `${product.url}/predictions?media_type=all&cell=all&order=likely&rows=${scrolled}`,
  );
  await page
    .getByText(`${scrolled.toLocaleString('en')} of`)
    .first()
    .waitFor();
  await page.locator('article[data-imdb-id]').first().hover();
  await page.evaluate(() => {
    window.frameTimes = [];
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ type: 'longtask' });
    let before = performance.now();
    const next = (now: number) => {
      window.frameTimes.push(now - before);
      before = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  const isBelow = () => page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1);
  while (!(await isBelow())) await page.mouse.wheel(0, 600);
  const found = await page.evaluate(() => ({ frames: window.frameTimes, longTasks: window.longTasks }));
  await close();
  return found;
}

const server = await startTestServer();
const browser = await launchBrowser();
try {
  for (const [name, delay, pause] of [
    ['API at once, 10 answers a second', 0, 100],
    ['every reply delayed by 2 s, 10 answers a second', 2_000, 100],
  ] as const) {
    const product = await startProduct();
    const { paints, perSecond, done, written } = await keyToPaint(product, browser, delay, pause);
    console.log(
      `key press to next title painted, ${name}: ${shown(paints)} (${presses} presses, ${perSecond.toFixed(1)} a second; ` +
        `${done}; ${written} of ${presses} written)`,
    );
    await product.close();
  }

  const product = await startProduct();
  const loads: number[] = [];
  const orders: number[] = [];
  let shifts = 0;
  for (let round = 0; round < 5; round += 1) {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.addInitScript(() => {
      window.shifts = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
          if (!entry.hadRecentInput) window.shifts += entry.value;
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const began = performance.now();
    await page.goto(`${product.url}/training?view=list`, { waitUntil: 'commit' });
    await page.locator('li[data-imdb-id]').first().waitFor();
    loads.push(performance.now() - began);
    for (const order of ['uncertain', 'newest', 'disagree']) orders.push(await changeOrder(page, order));
    shifts = Math.max(shifts, await page.evaluate(() => window.shifts));
    await close();
  }
  console.log(`cold load to usable list: ${shown(loads)}`);
  for (const [kilobytes, latency] of [
    [400, 150],
    [50, 400],
  ] as const) {
    const cards: number[] = [];
    for (let round = 0; round < 3; round += 1) cards.push(await firstCard(product, browser, kilobytes, latency));
    console.log(`first card at ${kilobytes} kB/s and ${latency} ms: ${shown(cards)}`);
  }
  console.log(`change of order to new rows painted: ${shown(orders)}`);
  console.log(`cumulative layout shift: ${shifts.toFixed(4)}`);
  console.log(`another client's change to the row on the screen: ${shown(await seeChanges(product, browser))}`);
  await product.close();

  const large = await startProduct({ demo: false });
  await generateRows(large.db, scrolled * 2);
  const { frames, longTasks } = await scroll(large, browser);
  console.log(
    `${scrolled} rows scrolled through: ${longTasks.length} tasks over 50 ms` +
      `${longTasks.length > 0 ? ` (the longest ${Math.max(...longTasks).toFixed(0)} ms)` : ''}, frames ${shown(frames)}`,
  );
  await large.close();
} finally {
  await browser.close();
  await server.stop();
}
