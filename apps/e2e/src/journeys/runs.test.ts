import { deepLimit } from '@at/db/test-size';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { following, openPage, phone } from '#harness/page.ts';

/** Runs by keyboard, and as they change. */

withProducts();

it('by keyboard a run opens, closes by Escape, and the focus is back on its row; its end shows without a reload', async () => {
  const { rows } = await product.db.query<{ id: string }>(
    `WITH run AS (
      INSERT INTO console.run (task, params, trigger, requested_by) VALUES ('media.trash_purge', '{}', 'manual', 'Ada')
      RETURNING id
    ) INSERT INTO console.step (run_id, task, params, queue) SELECT id, 'media.trash_purge', '{}', 'short' FROM run
    RETURNING run_id AS id`,
  );
  const id = rows[0]?.id as string;
  const { page, errors, close } = await openPage(browser, `${product.url}/runs`);
  await following(page);
  const row = page.getByRole('row').filter({ hasText: 'Empty the trash' });
  await row.getByText('waiting').waitFor();
  await row.getByRole('link').press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Empty the trash' });
  await dialog.getByText('No worker has begun it.').waitFor();
  expect(new URL(page.url()).search).toBe(`?run=${id}`);
  const changedAt = Date.now();
  await product.db.query(
    `WITH step AS (UPDATE console.step SET outcome = 'completed', finished_at = now() WHERE run_id = $1::uuid)
    , run AS (UPDATE console.run SET outcome = 'completed', finished_at = now() WHERE id = $1::uuid)
    INSERT INTO console.event (type, actor, imdb_ids, hashes, payload)
    VALUES ('run.changed', 'Ada', '{}', '{}', jsonb_build_object('run_id', $1::text)) RETURNING pg_notify('console_event', '')`,
    [id],
  );
  await page.locator('tr').filter({ hasText: 'done' }).waitFor();
  expect(Date.now() - changedAt).toBeLessThan(deepLimit(500));
  await dialog.getByText('done').first().waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Empty the trash');

  // On a phone the filters are a sheet.
  await page.setViewportSize(phone);
  await page.getByRole('button', { name: 'Filters' }).click();
  const sheet = page.getByRole('dialog', { name: 'Filters' });
  await sheet.getByLabel('Task').selectOption('media.trash_purge');
  await page.waitForURL(/task=media\.trash_purge/);
  const failure = await sheet.getByLabel('Failure').boundingBox();
  expect((failure?.x ?? 0) + (failure?.width ?? 0)).toBeLessThanOrEqual(phone.width - 16);
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Filters (1)' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  expect(errors).toEqual([]);
  await close();
});

it('a log opens at its first error, follows its end, pauses when a reader scrolls up, and is searched by keyboard', async ({
  annotate,
}) => {
  const { rows } = await product.db.query<{ id: string; job: string }>(
    `WITH run AS (
      INSERT INTO console.run (task, params, trigger, requested_by, subject_type, subject_id)
      SELECT 'training.rerun_metadata', '{}', 'manual', 'Ada', 'title', min(imdb_id) FROM atp.training RETURNING id
    ), step AS (
      INSERT INTO console.step (run_id, task, params, queue, job_id)
      SELECT id, 'training.rerun_metadata', '{}', 'short', gen_random_uuid() FROM run RETURNING id, run_id, job_id
    ), attempt AS (
      INSERT INTO console.step_attempt (job_id, retry_count, step_id, worker_id)
      SELECT job_id, 0, id, gen_random_uuid() FROM step
    ), lines AS (
      INSERT INTO console.run_log (job_id, retry_count, seq, at, level, message)
      SELECT job_id, 0, i, now() - make_interval(secs => 500 - i), CASE i WHEN 150 THEN 'error' ELSE 'info' END,
        CASE WHEN i IN (40, 300) THEN 'needle <b>' || i ELSE 'Line ' || i END
      FROM step, generate_series(0, 399) i WHERE i NOT BETWEEN 152 AND 154
    )
    SELECT run_id AS id, job_id AS job FROM step`,
  );
  const { id, job } = rows[0] as { id: string; job: string };
  const write = (seq: number, message: string) =>
    product.db.query(
      `WITH line AS (
        INSERT INTO console.run_log (job_id, retry_count, seq, at, level, message) VALUES ($1, 0, $2, now(), 'warn', $3)
      ) SELECT pg_notify('console_run_log', '')`,
      [job, seq, message],
    );
  const { page, errors, close } = await openPage(browser, `${product.url}/runs?run=${id}&run_tab=log`);
  const log = page.getByRole('log', { name: 'Log' });
  const selected = log.locator('[data-selected="true"]');
  await selected.getByText('Line 150').waitFor();
  await log.getByText('3 lines were lost').waitFor();

  await page.getByRole('button', { name: 'Go to the end' }).click();
  await log.getByText('Line 399').waitFor();
  const writtenAt = Date.now();
  await write(400, 'A live line');
  await log.getByText('A live line').waitFor();
  const took = Date.now() - writtenAt;
  annotate(`${took} ms from a written log line to an open tab`, 'figure');
  expect(took).toBeLessThan(deepLimit(250));

  await log.hover();
  await page.mouse.wheel(0, -3_000);
  await page.getByRole('button', { name: 'Go to the end' }).waitFor();
  await write(401, 'Another line');
  await page.getByRole('button', { name: '1 new line' }).click();
  await log.getByText('Another line').waitFor();

  await log.focus();
  await page.keyboard.press('/');
  await page.keyboard.type('NEEDLE');
  await page.getByText('0 of 2').waitFor();
  await page.keyboard.press('Escape');
  // From the error, then from the beginning.
  await page.keyboard.press('n');
  await selected.getByText('needle <b>300').waitFor();
  await page.keyboard.press('n');
  await selected.getByText('needle <b>40').waitFor();
  await page.keyboard.press('Shift+N');
  await selected.getByText('needle <b>300').waitFor();

  await log.getByRole('link', { name: 'Line 297', exact: true }).click();
  expect(new URL(page.url()).hash).toBe('#L297');
  await page.reload();
  await selected.getByText('Line 299').waitFor();

  // On the page Logs, where it names its title and leads to its run.
  await page.goto(`${product.url}/logs?q=needle`);
  const all = page.getByRole('main').getByRole('log');
  await all.getByText('needle <b>40').waitFor();
  await write(402, 'A needle that comes');
  await all.getByText('A needle that comes').waitFor();
  const { rows: titles } = await product.db.query<{ media_title: string }>(
    'SELECT media_title FROM atp.training ORDER BY imdb_id LIMIT 1',
  );
  await all
    .getByRole('link', { name: `${titles[0]?.media_title}`, exact: true })
    .nth(2)
    .waitFor();
  await all.getByRole('link', { name: 'Refresh metadata' }).nth(1).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('[data-selected="true"]').getByText('needle <b>300').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('?q=needle');
  expect(errors).toEqual([]);
  await close();
});
