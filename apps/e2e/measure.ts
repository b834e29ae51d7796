import { startTestServer } from '@at/db/testing';
import type { Page } from 'playwright-core';
import { launchBrowser } from './src/browser.ts';
import { openPage, type Product, startProduct } from './src/harness.ts';

/**
 * How fast the console feels, in a real browser on the demo catalogue: `node apps/e2e/measure.ts`. Figures for people,
 * not a test: a shared machine makes them differ from run to run.
 */

const presses = 200;

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

async function keyToPaint(
  product: Product,
  browser: Awaited<ReturnType<typeof launchBrowser>>,
  delay: number,
  pause: number,
) {
  // A backlog long enough: that of the demo catalogue ends before.
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
  await page.waitForFunction(() => Object.keys(localStorage).every((key) => !key.startsWith('outbox.')), null, {
    timeout: 120_000,
  });
  const { rows } = await product.db.query(
    "SELECT count(*)::integer AS written FROM console.label_event WHERE action <> 'undo'",
  );
  await close();
  return { paints, perSecond, done, written: (rows[0] as { written: number }).written };
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
  const filters: number[] = [];
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
    let began = performance.now();
    await page.goto(`${product.url}/training?view=list`, { waitUntil: 'commit' });
    await page.locator('li[data-imdb-id]').first().waitFor();
    loads.push(performance.now() - began);
    began = performance.now();
    await page.getByLabel('Order').selectOption('uncertain');
    await page.waitForFunction(() => new URL(location.href).searchParams.get('order') === 'uncertain');
    await page.getByText('50%').first().waitFor();
    filters.push(performance.now() - began);
    shifts = Math.max(shifts, await page.evaluate(() => window.shifts));
    await close();
  }
  console.log(`cold load to usable list: ${shown(loads)}`);
  console.log(`change of order to new rows: ${shown(filters)}`);
  console.log(`cumulative layout shift: ${shifts.toFixed(4)}`);
  await product.close();
} finally {
  await browser.close();
  await server.stop();
}
