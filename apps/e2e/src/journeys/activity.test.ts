import type { Operation, OperationRequest } from '@at/contracts/bulk';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityFindings } from '#harness/accessibility.ts';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { openPage, phone } from '#harness/page.ts';

/** Finding again what was done: by whom, to what, and what became of changes of many. */

withProducts();

const open = (query = '', options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, `${product.url}/activity${query}`, options);
const dialog = (page: Page) => page.getByRole('dialog');
const operations = (page: Page) => page.getByRole('list', { name: 'Bulk changes' }).getByRole('listitem');
const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);

async function ask<Reply>(method: string, path: string, actor: string, body?: object): Promise<Reply> {
  const response = await fetch(`${product.url}/rear-diff${path}`, {
    method,
    headers: { 'x-actor': actor, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Reply;
}

/** Previews a bulk change as somebody; `run` begins it, `ended` waits for its end. */
async function preview(actor: string, request: OperationRequest) {
  const { operation } = await ask<{ operation: Operation }>('POST', '/operations', actor, request);
  const path = `/operations/${operation.operation_id}`;
  return {
    id: operation.operation_id,
    run: () => ask('POST', `${path}/run`, actor),
    ended: () => expect.poll(async () => (await ask<Operation>('GET', path, actor)).state).toBe('done'),
  };
}

const stuck = async (count: number) => {
  const { rows } = await product.db.query<{ hash: string }>(
    'SELECT hash FROM atp.media WHERE error_status AND deleted_at IS NULL ORDER BY hash LIMIT $1',
    [count],
  );
  return rows.map(({ hash }) => hash);
};
const inError = async (hashes: string[]) => {
  const query = 'SELECT count(*)::integer AS count FROM atp.media WHERE error_status AND hash = ANY($1)';
  return (await product.db.query<{ count: number }>(query, [hashes])).rows[0]?.count;
};

describe('a bulk change', { timeout: 60_000 }, () => {
  it('of somebody else is found, looked at item by item, and taken back', async () => {
    const hashes = await stuck(4);
    const { id, run } = await preview('Anna', { subject: 'media', action: 'reingest', ids: hashes });
    await product.db.query('UPDATE atp.media SET uploader = $2 WHERE hash = $1', [hashes[0], 'Somebody']);
    await run();
    const { page, errors, close } = await open();
    await page.getByText(/^1–/).waitFor();
    await page.keyboard.press('v');
    const found = operations(page).filter({ hasText: 'Re-ingest: 4 media items' });
    await found.getByText('3 done, 1 skipped: edited since').waitFor();
    await found.getByText('Anna').waitFor();
    await found.getByRole('link').click();
    await dialog(page).getByText('selection').waitFor();
    const items = dialog(page).getByRole('list', { name: 'Items' }).getByRole('listitem');
    expect(await items.count()).toBe(4);
    await items.filter({ hasText: 'error status: yes → no' }).first().waitFor();
    await dialog(page).getByLabel('Result').selectOption('conflict');
    await expect.poll(() => items.count()).toBe(1);
    await page.reload();
    await items.filter({ hasText: 'skipped: edited since' }).waitFor();
    expect(await items.count()).toBe(1);
    expect(new URL(page.url()).pathname).toBe(`/activity/${id}`);
    expect(await accessibilityFindings(page)).toEqual([]);

    await dialog(page).getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo for 3 media items' }).click();
    await page
      .getByText(/^3 done$/)
      .first()
      .waitFor();
    expect(await inError(hashes)).toBe(4);
    await dialog(page).last().getByRole('button', { name: 'Close' }).last().click();
    await dialog(page).getByText('undone', { exact: true }).waitFor();
    expect(await dialog(page).getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await dialog(page).getByRole('link', { name: 'this bulk change' }).click();
    await dialog(page).getByRole('heading', { name: 'Re-ingest undone: 3 media items' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await expect.poll(() => operations(page).count()).toBe(2);
    expect(errors).toEqual([]);
    await close();
  });

  it('that runs is followed where it stands, and stopped', async () => {
    const hashes = await stuck(3);
    const { run } = await preview('Anna', { subject: 'media', action: 'reingest', ids: hashes });
    await preview('Anna', { subject: 'media', action: 'delete', ids: hashes });
    await product.db.query('BEGIN');
    await product.db.query('SELECT FROM atp.media WHERE hash = ANY($1) FOR UPDATE', [hashes]);
    await run();
    const { page, errors, close } = await open('?tab=operations', { viewport: phone });
    // What was never run is not listed, unless it is asked for.
    await operations(page).getByText('0 of 3').waitFor();
    expect(await operations(page).count()).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
    await operations(page).getByRole('link').click();
    await dialog(page).getByRole('button', { name: 'Stop' }).click();
    await dialog(page).getByText('stopped', { exact: true }).waitFor();
    await product.db.query('ROLLBACK');
    expect(await inError(hashes)).toBe(3);
    await page.keyboard.press('Escape');
    await operations(page).getByText('stopped', { exact: true }).waitFor();
    await page.getByLabel('State').selectOption('never');
    await operations(page).getByText('Delete: 3 media items').waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('that is not there is said to be so, beside the list', async () => {
    const { page, errors, close } = await open('/0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59?tab=operations');
    await dialog(page)
      .getByText(/No operation has the id/)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'No bulk changes yet' }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});

describe('changes', { timeout: 60_000 }, () => {
  it('are told with who made them, filtered, paged and found again by their address', async () => {
    const { rows } = await product.db.query<{ imdb_id: string; media_title: string }>(
      `SELECT imdb_id, media_title FROM atp.training WHERE label IS DISTINCT FROM 'would_not_watch'
       ORDER BY label NULLS FIRST, imdb_id LIMIT 52`,
    );
    const [first, second] = rows as [(typeof rows)[0], (typeof rows)[0]];
    await ask('PATCH', `/training/${first.imdb_id}/would_watch`, 'Bert', {});
    const { run, ended } = await preview('Anna', {
      subject: 'training',
      action: 'would_not_watch',
      ids: rows.slice(1).map(({ imdb_id }) => imdb_id),
    });
    await run();
    await ended();
    const { page, errors, close } = await openPage(browser, `${product.url}/`);
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
    const entries = page.locator('main ol li');
    // One change of many is one entry a page.
    await entries.filter({ hasText: /Anna labelled .* and 49 others would not watch/ }).waitFor();
    expect(await entries.count()).toBe(1);
    await page.keyboard.press(']');
    await entries.filter({ hasText: `Bert labelled ${first.media_title} would watch` }).waitFor();
    await page.getByText(/^51–/).waitFor();
    expect(parameter(page, 'cursor')).not.toBe(null);
    await page.reload();
    await entries.filter({ hasText: 'Label: unlabelled → would watch' }).waitFor();
    await page.keyboard.press('[');
    await entries.filter({ hasText: /and 49 others/ }).waitFor();
    expect(parameter(page, 'cursor')).toBe(null);

    await page.keyboard.press('/');
    await page.keyboard.type('Bert');
    await page.getByText(/every change, by .*Bert/).waitFor();
    await expect.poll(() => entries.count()).toBe(1);
    await page.getByLabel('What', { exact: true }).selectOption('media.changed');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).last().click();
    await entries.filter({ hasText: 'Anna labelled' }).first().waitFor();

    await product.db.query('UPDATE atp.training SET runtime = 5 WHERE imdb_id = $1', [second.imdb_id]);
    await page.getByRole('button', { name: 'Show changes' }).click();
    await entries.first().getByText('A direct database change').waitFor();
    await entries.getByRole('link', { name: 'in a bulk change' }).first().click();
    await dialog(page).getByRole('heading', { name: 'Label would not watch: 51 titles' }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});
