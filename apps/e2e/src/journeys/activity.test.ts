import type { Operation, OperationRequest } from '@at/contracts/bulk';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { desktop, openPage, phone, pressSequence } from '#harness/page.ts';

/** Activity by keyboard, and a running bulk change on a phone. */

withProducts();

const open = (query = '', options?: Parameters<typeof openPage>[2]) =>
  openPage(browser, `${product.url}/activity${query}`, options);
const dialog = (page: Page) => page.getByRole('dialog');
const operations = (page: Page) => page.getByRole('list', { name: 'Bulk changes' }).getByRole('listitem');
const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);

async function send<Reply>(method: string, path: string, actor: string, body?: object): Promise<Reply> {
  const response = await fetch(`${product.url}/rear-diff${path}`, {
    method,
    headers: { 'x-actor': actor, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Reply;
}

/** Previews a bulk change; `run` starts it, `ended` waits for its end. */
async function preview(actor: string, request: OperationRequest) {
  const { operation } = await send<{ operation: Operation }>('POST', '/operations', actor, request);
  const path = `/operations/${operation.operation_id}`;
  return {
    id: operation.operation_id,
    run: () => send('POST', `${path}/run`, actor),
    ended: () => expect.poll(async () => (await send<Operation>('GET', path, actor)).state).toBe('done'),
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

it('on a phone a running bulk change is followed in the list, and stopped in its details', async () => {
  const hashes = await stuck(3);
  const { run } = await preview('Anna', { subject: 'media', action: 'reingest', ids: hashes });
  await product.db.query('BEGIN');
  await product.db.query('SELECT FROM atp.media WHERE hash = ANY($1) FOR UPDATE', [hashes]);
  await run();
  const { page, errors, close } = await open('?tab=operations', { viewport: phone });
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
  expect(errors).toEqual([]);
  await close();
});

it('changes are paged, filtered and followed by keyboard and found again by their address, each with its actor', async () => {
  const { rows } = await product.db.query<{ imdb_id: string; media_title: string }>(
    `SELECT imdb_id, media_title FROM atp.training WHERE label IS DISTINCT FROM 'would_not_watch'
     ORDER BY label NULLS FIRST, imdb_id LIMIT 52`,
  );
  const [first, second] = rows as [(typeof rows)[0], (typeof rows)[0]];
  await send('PATCH', `/training/${first.imdb_id}/would_watch`, 'Bert', {});
  const { run, ended } = await preview('Anna', {
    subject: 'training',
    action: 'would_not_watch',
    ids: rows.slice(1).map(({ imdb_id }) => imdb_id),
  });
  await run();
  await ended();
  const { page, errors, close } = await openPage(browser, `${product.url}/`);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  await pressSequence(page, 'g a');
  await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
  const sessionOf = (actor: string) => page.getByRole('heading', { name: new RegExp(`^${actor}\\b`), level: 2 });
  const entries = page.locator('main ol ol li');
  // A bulk change is one entry on each page.
  await sessionOf('Anna').waitFor();
  await entries.filter({ hasText: /labelled .* and 49 others would not watch/ }).waitFor();
  expect(await entries.count()).toBe(1);
  await page.keyboard.press(']');
  await sessionOf('Bert').waitFor();
  await entries.filter({ hasText: `labelled ${first.media_title} would watch` }).waitFor();
  await page.getByText(/^51–/).waitFor();
  expect(parameter(page, 'cursor')).not.toBe(null);
  await page.reload();
  const labelled = entries.filter({ hasText: 'Label: unlabelled → would watch' });
  await labelled.waitFor();
  // On a phone its text has the whole width, with the time and Undo below it.
  await page.setViewportSize(phone);
  await expect
    .poll(() =>
      labelled.evaluate((entry) => (entry.firstElementChild?.getBoundingClientRect().width ?? 0) / entry.clientWidth),
    )
    .toBeGreaterThan(0.9);
  // Its filters are a sheet.
  await page.getByRole('button', { name: 'Filters' }).click();
  const sheet = page.getByRole('dialog', { name: 'Filters' });
  await sheet.getByLabel('What', { exact: true }).waitFor();
  expect(await page.getByLabel('When', { exact: true }).count()).toBe(1);
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await page.setViewportSize(desktop);
  await page.keyboard.press('[');
  await entries.filter({ hasText: /and 49 others/ }).waitFor();
  expect(parameter(page, 'cursor')).toBe(null);

  await page.keyboard.press('/');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Bert');
  await page.getByText(/changes, by .*Bert/).waitFor();
  await expect.poll(() => entries.count()).toBe(1);
  await page.getByLabel('What', { exact: true }).selectOption('media.changed');
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.getByRole('button', { name: 'Clear all filters' }).last().click();
  await sessionOf('Anna').waitFor();

  await product.db.query('UPDATE atp.training SET runtime = 5 WHERE imdb_id = $1', [second.imdb_id]);
  await page.getByRole('button', { name: 'Show changes' }).click();
  await sessionOf('A direct database change').waitFor();
  await entries.getByRole('link', { name: 'in a bulk change' }).first().click();
  await dialog(page).getByRole('heading', { name: 'Label would not watch: 51 titles' }).waitFor();
  expect(errors).toEqual([]);
  await close();
});
