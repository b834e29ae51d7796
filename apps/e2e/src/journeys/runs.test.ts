import { deepLimit } from '@at/db/test-size';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { following, openPage } from '#harness/page.ts';

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
  expect(errors).toEqual([]);
  await close();
});
