import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { finishedRun, replyJson, startMlflow } from '@at/adapters/test/fake-mlflow';
import { measured, trainingFile } from '@at/adapters/test/training-file';
import { addresses } from '@at/console/features';
import { startTestServer } from '@at/db/testing';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '#harness/browser.ts';
import { desktop, openPage, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/**
 * Pictures of every page on the demo catalogue, desktop and phone, dark and light:
 * `node apps/e2e/screenshots.ts <directory> [<name or path> ...]`; `--full` takes whole pages instead of what is seen
 * without scrolling. The console must have been built.
 */

const given = process.argv.slice(2);
const full = given.includes('--full');
const [directory = 'screenshots', ...wanted] = given.filter((argument) => argument !== '--full');

/** Adds labels of this morning. */
async function workABit({ db }: Product): Promise<void> {
  await db.query(`
    INSERT INTO console.label_event (imdb_id, actor, action, before, after, decision_ms, at)
    SELECT imdb_id, 'Ada', CASE WHEN n % 3 = 0 THEN 'would_not_watch' ELSE 'would_watch' END,
      '{"label": null, "human_labeled": false, "anomalous": false, "reviewed": false}',
      json_build_object('label', CASE WHEN n % 3 = 0 THEN 'would_not_watch' ELSE 'would_watch' END,
        'human_labeled', true, 'anomalous', false, 'reviewed', true)::jsonb,
      1500 + n * 130, now() - interval '2 hours' + n * interval '9 seconds'
    FROM (SELECT imdb_id, row_number() OVER (ORDER BY imdb_id) AS n FROM atp.training LIMIT 24) AS titles`);
}

async function takePictures(browser: Browser, name: string, url: string): Promise<void> {
  const { origin, hash } = new URL(url);
  // A hint is gone after the first visit; pictures show what stays.
  const hints = { name: 'hints', value: JSON.stringify({ shown: false, dismissed: [] }) };
  const storageState = { cookies: [], origins: [{ origin, localStorage: [hints] }] };
  for (const theme of ['dark', 'light'] as const) {
    for (const [device, viewport] of Object.entries({ desktop, phone })) {
      const { page, errors, close } = await openPage(browser, url, { theme, viewport, storageState });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root') === null);
      await page.evaluate(() => document.fonts.ready);
      if (hash) {
        await page.locator(hash).evaluate((part) => {
          part.scrollIntoView();
          scrollBy(0, -32);
        });
      }
      const file = resolve(join(directory, `${name}-${theme}-${device}.png`));
      await page.screenshot({ path: file, fullPage: full });
      console.log(file);
      for (const error of errors) console.error(`  ${error}`);
      await close();
    }
  }
}

const server = await startTestServer();
const mlflow = await startMlflow();
mlflow.search = replyJson({ runs: [finishedRun(measured)] });
mlflow.artifact = replyJson(trainingFile());
const product = await startProduct({ environment: mlflow.environment });
const browser = await launchBrowser();
mkdirSync(directory, { recursive: true });
try {
  await workABit(product);
  const { rows } = await product.db.query<{ hash: string }>(
    'SELECT hash FROM atp.media WHERE deleted_at IS NULL AND imdb_id IS NOT NULL ORDER BY updated_at DESC LIMIT 1',
  );
  const all: Record<string, string> = { ...addresses, 'media-drawer': `/media/${rows[0]?.hash}` };
  for (const name of wanted.length > 0 ? wanted : Object.keys(all)) {
    const path = all[name] ?? name;
    const plain = path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'home';
    await takePictures(browser, name in all ? name : plain, product.url + path);
  }
} finally {
  await browser.close();
  await product.close();
  await mlflow.close();
  await server.stop();
}
