import { type FakeMlflow, finishedRun, replyJson, startMlflow } from '@at/adapters/test/fake-mlflow';
import { fullTree, measured, realistic, trainingFile } from '@at/adapters/test/training-file';
import { deepLimit } from '@at/db/test-size';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { desktop, messagesReady, openPage, overflow, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** The page of the model by keyboard, through an outage, and on a phone. */

let mlflow: FakeMlflow;
let product: Product;

withBrowser();
beforeAll(async () => {
  mlflow = await startMlflow();
  mlflow.search = replyJson({ runs: [finishedRun(measured)] });
  mlflow.artifact = replyJson(trainingFile([realistic, fullTree(9)]));
  product = await startProduct({ demo: false, environment: mlflow.environment });
  return async () => {
    await product.close();
    await mlflow.close();
  };
});

const open = (path = '', options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, `${product.url}/model${path}`, options);
const drawing = (page: Page) => page.getByRole('img', { name: /^Tree / });
const viewport = (page: Page) => page.getByRole('group', { name: /Arrow keys move it/ });
const transform = (page: Page) =>
  viewport(page)
    .locator('> div')
    .evaluate((content) => {
      const { a: scale, e: x, f: y } = new DOMMatrix(getComputedStyle(content).transform);
      return { scale, x: Math.round(x), y: Math.round(y) };
    });

it('a tree of 1,023 nodes is chosen, moved and zoomed by keyboard alone, without a redraw or a long task', async () => {
  const { page, errors, close } = await open();
  await drawing(page).waitFor();
  const dashes = await drawing(page)
    .locator('path')
    .evaluateAll((all) =>
      all.map((line) => `${line.getAttribute('data-answer')}: ${getComputedStyle(line).strokeDasharray}`),
    );
  expect(new Set(dashes)).toEqual(new Set(['yes: none', 'no: 5px, 4px']));

  await page.keyboard.press('j');
  await page.getByRole('img', { name: /^Tree 1: 511 splits, 512 leaves, 9 deep/ }).waitFor();
  await drawing(page).evaluate((svg) => {
    const [changes, longTasks]: [MutationRecord[], number[]] = [[], []];
    Object.assign(window, { changes, longTasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(duration);
    }).observe({ entryTypes: ['longtask'] });
    new MutationObserver((records) => changes.push(...records)).observe(svg, {
      attributes: true,
      characterData: true,
      childList: true,
      subtree: true,
    });
  });
  await viewport(page).focus();
  // A tree begins at its root.
  await expect.poll(() => transform(page)).toMatchObject({ scale: 1, y: 0 });
  const start = await transform(page);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => transform(page)).toEqual({ ...start, x: start.x - 80 });
  await page.keyboard.press('ArrowUp');
  await expect.poll(async () => (await transform(page)).y).toBe(start.y + 80);
  await page.keyboard.press('+');
  await expect.poll(async () => (await transform(page)).scale).toBeGreaterThan(start.scale);
  await page.keyboard.press('0');
  await expect
    .poll(async () => {
      const [drawn, seen] = [await drawing(page).boundingBox(), await viewport(page).boundingBox()];
      return (drawn?.width ?? 0) <= (seen?.width ?? 0) && (drawn?.height ?? 0) <= (seen?.height ?? 0);
    })
    .toBe(true);
  const whole = (await transform(page)).scale;
  await page.getByRole('button', { name: 'Zoom out' }).press('Enter');
  await expect.poll(async () => (await transform(page)).scale).toBeLessThan(whole);
  await page.getByRole('button', { name: 'Back to the root' }).press('Enter');
  await expect.poll(() => transform(page)).toMatchObject({ scale: 1, y: 0 });
  const { changes, longTasks } = await page.evaluate(() => {
    const seen = window as unknown as { changes: unknown[]; longTasks: number[] };
    return { changes: seen.changes.length, longTasks: seen.longTasks };
  });
  expect(changes).toBe(0);
  expect(Math.max(0, ...longTasks)).toBeLessThan(deepLimit(200));

  await page.keyboard.press('k');
  await page.getByRole('img', { name: /^Tree 0/ }).waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('the page keeps its content under a banner while the API is unreachable', async () => {
  const { page, errors, close } = await open();
  await drawing(page).waitFor();
  await messagesReady(page);
  await product.stopApi();
  await page.getByRole('button', { name: 'Refresh' }).click();
  const banner = page.getByRole('alert').filter({ hasText: 'The API cannot be reached' });
  await banner.waitFor();
  expect(await drawing(page).count()).toBe(1);
  await product.startApi();
  await banner.waitFor({ state: 'detached' });
  await drawing(page).waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('on a phone a large tree begins at its root', async () => {
  const { page, errors, close } = await open('?tree=1', { viewport: phone });
  await drawing(page).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  await expect.poll(() => transform(page)).toMatchObject({ scale: 1, y: 0 });
  expect(errors).toEqual([]);
  await close();
});

it('any text in runs, features and trees stays text and fits a phone and a desk', async () => {
  const markup = '<img src=x onerror=window.hit=1><script>window.hit=1</script>';
  const endless = 'x'.repeat(500);
  const file = trainingFile([
    `digraph { 0 [ label="${markup}<1" ] 0 -> 1 [label="yes"] 0 -> 2 [label="no"] 1 [ label="\u202Edlrow${endless}" ] 2 [ label=<<b>&lt;svg onload=hit()&gt;</b>> URL="javascript:alert(1)" ] }`,
  ]);
  const hostile = await startMlflow();
  const named = (run_name: string, run_id: string) => finishedRun(measured, { run_name, run_id });
  hostile.search = replyJson({
    runs: [named(`${markup}${endless}👩‍👩‍👧`, 'a'.repeat(32)), named('old-owl-3', 'b'.repeat(32))],
  });
  hostile.artifact = replyJson({
    ...file,
    feature_importance: { [markup]: 0.5, [endless]: 0.3, '\u202Eevil': 0.1, __proto__: 0.05 },
  });
  const own = await startProduct({ demo: false, environment: hostile.environment });
  const { page, errors, close } = await openPage(browser, `${own.url}/model`, { viewport: phone });
  await drawing(page).waitFor();
  expect(await drawing(page).locator('a, image, script').count()).toBe(0);
  await page.getByText('The tree as a table').click();
  await page.getByText('DOT source', { exact: true }).click();
  expect(await overflow(page)).toBe(0);
  // All of a run is in sight, also on a phone.
  const runs = page.getByRole('table', { name: 'Runs with their measures' });
  const cut = () => runs.evaluate(({ parentElement: frame }) => frame && frame.scrollWidth - frame.clientWidth);
  expect(await cut()).toBe(0);
  await page.setViewportSize(desktop);
  expect(await overflow(page)).toBe(0);
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  expect(errors).toEqual([]);
  await close();
  await own.close();
  await hostile.close();
});
