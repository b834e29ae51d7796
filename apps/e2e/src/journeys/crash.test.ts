import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sized } from '@at/db/test-size';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { startBrowserProcess } from '#harness/browser.ts';
import { startProduct } from '#harness/product.ts';
import { countUnsent, press, shownId, titles } from '#harness/training-page.ts';

/** Answers survive the death of the browser. */

/** What happens between the last key press and the kill. */
const pauses = sized<{ when: string; pause: (page: Page) => Promise<unknown> }[]>(
  // However busy the machine is.
  [{ when: 'as soon as it had stored them', pause: (page) => expect.poll(() => countUnsent(page)).toBe(10) }],
  [0, 50, 200, 1_500].map((delay) => ({ when: `${delay} ms after the last`, pause: () => setTimeout(delay) })),
);
const rounds = sized(1, 5);

it.for(pauses)(
  'ten answers that the API could not take are sent after the browser was killed $when',
  { timeout: 600_000 },
  async ({ pause }, { annotate }) => {
    const product = await startProduct();
    onTestFinished(product.close);
    for (let round = 0; round < rounds; round += 1) {
      const profile = await mkdtemp(join(tmpdir(), 'at-browser-'));
      const start = async () => {
        const { context, kill } = await startBrowserProcess(profile);
        onTestFinished(kill);
        return { page: await context.newPage(), kill };
      };
      const { page, kill } = await start();
      await page.goto(`${product.url}/training`);
      await shownId(page);
      await product.stopApi();
      const decided: string[] = [];
      for (let count = 0; count < 9; count += 1) decided.push(await press(page, count % 2 ? 'w' : 'n'));
      decided.push(await shownId(page));
      await page.keyboard.press('w');
      await pause(page);
      await kill();

      await product.startApi();
      const again = await start();
      await again.page.goto(product.url);
      const labels = async () => {
        const rows = await titles(product, decided);
        return decided.map((id) => rows.get(id)?.label);
      };
      const expected = decided.map((_id, index) => (index % 2 ? 'would_watch' : 'would_not_watch'));
      await expect.poll(labels).toEqual(expected);
      await again.kill();
      await rm(profile, { recursive: true, force: true });
    }
    await annotate(`${rounds} kills of the browser, ${10 * rounds} answers, 0 lost`, 'figure');
  },
);
