import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { finishedRun, replyJson, startMlflow } from '@at/adapters/test/fake-mlflow';
import { measured, trainingFile } from '@at/adapters/test/training-file';
import { addresses } from '@at/console/features';
import { queueStatuses } from '@at/contracts/vocabulary';
import { startTestServer } from '@at/db/testing';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '#harness/browser.ts';
import { desktop, openPage, phone } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/**
 * Pictures of every page on the demo catalogue, desktop and phone, dark and light:
 * `node apps/e2e/screenshots.ts [<options>] <directory> [<name or path> ...]`. The console must have been built. Options:
 * `--full`: whole pages instead of what is seen without scrolling; `--print`: as they are printed; `--filters`: with the
 * filters open; `--empty`: on a database without titles; `--theme=light`, `--size=640x400`: only these.
 */

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
    filters: { type: 'boolean', default: false },
    empty: { type: 'boolean', default: false },
    theme: { type: 'string' },
    size: { type: 'string' },
  },
});
const [directory = 'screenshots', ...wanted] = positionals;
const themes = (['dark', 'light'] as const).filter((theme) => options.theme === undefined || options.theme === theme);
const [width, height] = (options.size ?? '').split('x').map(Number);
const sizes = width && height ? { [`${width}x${height}`]: { width, height } } : { desktop, phone };

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

/** Files in every state of the queue. */
async function fillQueue({ insertQueueItem }: Product): Promise<void> {
  const metadata_json = {
    title: 'The lantern keepers of the northern light',
    release_date: '2024-05-31',
    actress: ['Ada Lumen', 'Bea Marsh'],
    genre: ['Drama', 'Crime'],
  };
  const failures = ['No metadata for this code.', 'The provider did not answer in 30 s.', 'The disk is full.'];
  for (let index = 0; index < 36; index += 1) {
    const status = queueStatuses[index % queueStatuses.length] ?? 'pending';
    await insertQueueItem({
      status,
      movie_code: index % 7 === 6 ? null : `NLX-${100 + index}`,
      actress: index % 5 === 4 ? null : (['Ada Lumen', 'Bea Marsh', 'Cleo Winter'][index % 3] ?? null),
      file_path: `/srv/watch/[site] nlx-${100 + index} english subtitles 1080p.mkv`,
      error_message: failures[(index >> 3) % failures.length] ?? '',
      failed_step: index >> 3 === 2 ? 'move' : 'metadata',
      metadata_json: status === 'pending' || status === 'processing' ? null : metadata_json,
      created_at: new Date(Date.now() - index * 5_400_000).toISOString(),
    });
  }
}

/** A pipeline of files at work: folders in a directory, files in every status, a scan that ended, and one that failed. */
async function fillFiles({ db, url }: Product, base: string): Promise<void> {
  const send = async (method: string, path: string, body: object) => {
    const headers = { 'content-type': 'application/json', 'x-actor': 'Ada' };
    const { ok, status } = await fetch(`${url}${path}`, { method, body: JSON.stringify(body), headers });
    if (!ok) throw new Error(`${method} ${path}: ${status}`);
  };
  for (const name of ['inbox', 'duplicates', 'send']) mkdirSync(join(base, name));
  const source_dir = join(base, 'inbox');
  const paths = { source_dir, duplicates_dir: join(base, 'duplicates'), sorted_dir: join(base, 'archive') };
  await send('PUT', '/api/config', { paths: { ...paths, batch_dir: join(base, 'send/batches') } });
  await send('POST', '/api/config/roots', {});
  await send('POST', '/api/dedup/start', {});
  await db.query(`
    INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, sha256, duplicate_of, error)
    SELECT d.id, convert_to(format('IMG_%s.%s', lpad(n::text, 4, '0'), CASE WHEN n % 7 = 0 THEN 'MOV' ELSE 'HEIC' END), 'utf8'),
      2000000 + n * 1017, 1748000000000000000 + n * 60000000000, 0, n, CASE WHEN n % 7 = 0 THEN 'video' ELSE 'photo' END,
      CASE WHEN n <= 3 THEN 'ERROR' WHEN n <= 40 THEN 'NEW' WHEN n <= 60 THEN 'DUPLICATE' WHEN n <= 300 THEN 'UNIQUE' ELSE 'SORTED' END,
      CASE WHEN n > 40 THEN decode(md5(n::text) || md5(n::text), 'hex') END,
      CASE WHEN n > 40 AND n <= 60 THEN n + 100 END, CASE WHEN n <= 3 THEN 'No permission to read it.' END
    FROM console.file_directory d, generate_series(1, 420) n WHERE d.root_id = 1 AND d.parent_id IS NULL ORDER BY n`);
  // Sets of several files: in another folder, from another day, and moved to the duplicates.
  await db.query(`
    WITH place AS (
      INSERT INTO console.file_directory (root_id, parent_id, name)
      SELECT root_id, id, 'old phone' FROM console.file_directory WHERE root_id <= 2 AND parent_id IS NULL RETURNING id, root_id
    ), moved AS (
      UPDATE console.file f SET directory_id = place.id, mtime_ns = f.mtime_ns + 86400000000000, duplicate_of = f.duplicate_of - f.id % 2
      FROM place WHERE f.status = 'DUPLICATE' AND place.root_id = CASE WHEN f.id % 5 = 0 THEN 2 ELSE 1 END
      RETURNING f.*
    )
    INSERT INTO console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode,
      state, ended_at)
    SELECT gen_random_uuid(), m.id, place.id, m.name, m.directory_id, m.name, m.size, m.mtime_ns, m.inode, 'done', now()
    FROM moved m, place WHERE place.root_id = 1 AND m.id % 5 = 0`);
  await db.query(`UPDATE console.file_root SET scanned_at = now() - interval '2 hours' WHERE id = 1`);
}

async function takePictures(browser: Browser, name: string, url: string): Promise<void> {
  const { origin, hash } = new URL(url);
  // A hint is gone after the first visit; pictures show what stays.
  const hints = { name: 'hints', value: JSON.stringify({ shown: false, dismissed: [] }) };
  const storageState = { cookies: [], origins: [{ origin, localStorage: [hints] }] };
  for (const theme of themes) {
    for (const [device, viewport] of Object.entries(sizes)) {
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
      const filters = page.getByRole('button', { name: /^Filters/ });
      if (options.filters && !name.endsWith('drawer') && (await filters.count()) > 0) {
        await filters.click();
        await page.locator('fieldset, [role=dialog]').first().waitFor();
      }
      if (options.print) await page.emulateMedia({ media: 'print' });
      const file = resolve(join(directory, `${name}-${theme}-${device}.png`));
      await page.screenshot({ path: file, fullPage: options.full });
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
const product = await startProduct({ demo: !options.empty, environment: mlflow.environment });
const browser = await launchBrowser();
mkdirSync(directory, { recursive: true });
const files = mkdtempSync(join(tmpdir(), 'pictures-'));
try {
  if (!options.empty) {
    await workABit(product);
    await fillQueue(product);
    await fillFiles(product, files);
  }
  const { rows } = await product.db.query<{ hash: string }>(
    'SELECT hash FROM atp.media WHERE deleted_at IS NULL AND imdb_id IS NOT NULL ORDER BY updated_at DESC LIMIT 1',
  );
  const { rows: runs } = await product.db.query<{ id: string }>(
    "SELECT id FROM console.run ORDER BY outcome = 'failed' DESC NULLS LAST, created_at DESC LIMIT 1",
  );
  const all: Record<string, string> = {
    ...addresses,
    ...(rows[0] && { 'media-drawer': `/media/${rows[0].hash}` }),
    ...(runs[0] && { 'run-drawer': `/runs?run=${runs[0].id}` }),
  };
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
  rmSync(files, { recursive: true });
}
