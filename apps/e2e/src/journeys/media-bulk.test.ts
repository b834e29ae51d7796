import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { dialog, eventually, openMedia } from '#harness/media-page.ts';

/** Bulk changes of media that go on while their page is left or reloaded. */

withProducts();

type State = {
  hash: string;
  pipeline_status: string;
  error_status: boolean;
  error_condition: string | null;
  rejection_status: string;
  rejection_reason: string | null;
};

/** The state of the items that match a condition, by hash. */
async function states(condition: string): Promise<Map<string, State>> {
  const { rows } = await product.db.query<State>(
    `SELECT hash, pipeline_status, error_status, error_condition, rejection_status, rejection_reason
     FROM atp.media WHERE ${condition}`,
  );
  return new Map(rows.map((state) => [state.hash, state]));
}

const errorsOnly = 'error_status AND deleted_at IS NULL';

/** Holds up changes of the items in error until the returned function is called. */
async function holdUp(): Promise<() => Promise<unknown>> {
  await product.db.query('BEGIN');
  await product.db.query(`SELECT FROM atp.media WHERE ${errorsOnly} FOR UPDATE`);
  return () => product.db.query('ROLLBACK');
}

async function selectMatching(page: Page, count: number): Promise<void> {
  await page.getByRole('checkbox', { name: 'Select all rows on this page' }).check();
  await page.getByRole('button', { name: `Select all ${count} that match` }).click();
  await page.getByText(`${count} rows selected`).waitFor();
}

/** Undoes the latest bulk change as another client. */
async function undoElsewhere(): Promise<void> {
  const send = async (method: string, path: string) =>
    (await (await fetch(`${product.url}/rear-diff/operations${path}`, { method })).json()) as {
      operation: { operation_id: string };
      data: { operation_id: string }[];
    };
  const { data } = await send('GET', '?started=true&limit=1');
  const { operation } = await send('POST', `/${data[0]?.operation_id}/inverse`);
  await send('POST', `/${operation.operation_id}/run`);
}

it('a bulk change goes on when its page is left, and a message reports its end, with Undo for as long as it can be undone', async () => {
  const before = await states(errorsOnly);
  const { page, errors, close } = await openMedia(browser, product, '?error_status=true');
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  await changeAndLeave(page, before.size);
  await undo.click();
  await page.getByText(`${before.size} restored`).waitFor();
  expect(await states(errorsOnly)).toEqual(before);

  await page.goto(`${product.url}/media?error_status=true`);
  await changeAndLeave(page, before.size);
  // With the focus it would stay.
  await undo.focus();
  await undoElsewhere();
  await undo.waitFor({ state: 'detached' });
  await eventually(() => states(errorsOnly)).toEqual(before);
  expect(errors).toEqual([]);
  await close();
});

/** Re-ingests the items in error, leaves the page while that runs, and waits for the message of its end. */
async function changeAndLeave(page: Page, count: number): Promise<void> {
  await page.getByRole('table').waitFor();
  await selectMatching(page, count);
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Re-ingest' }).click();
  await dialog(page)
    .getByRole('button', { name: /^Re-ingest \d+ media items$/ })
    .waitFor();
  const letGo = await holdUp();
  await dialog(page)
    .getByRole('button', { name: /^Re-ingest \d+ media items$/ })
    .click();
  await dialog(page).getByRole('button', { name: 'Hide' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Migrations' }).first().click();
  await page.getByRole('heading', { name: 'Migrations', level: 1 }).waitFor();
  await letGo();
  await page.getByText(`Re-ingest: ${count} done`).waitFor();
}

it('a bulk change is followed over a reload of the page to its end, and undone', async () => {
  const before = await states(errorsOnly);
  const { page, errors, close } = await openMedia(browser, product, '?error_status=true');
  await page.getByRole('table').waitFor();
  await selectMatching(page, before.size);
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Re-ingest' }).click();
  const letGo = await holdUp();
  // The reload aborts the request after it has arrived.
  const started = Promise.withResolvers<void>();
  await page.route(/\/run$/, async (route) => {
    await route.fetch();
    started.resolve();
  });
  await dialog(page)
    .getByRole('button', { name: /^Re-ingest \d+ media items$/ })
    .click();
  await started.promise;
  await page.reload();
  await page.unroute(/\/run$/);
  await dialog(page).getByRole('button', { name: 'Hide' }).waitFor();
  await letGo();
  await dialog(page).getByText(`${before.size} done`).waitFor();
  await dialog(page).getByRole('button', { name: 'Undo' }).click();
  await dialog(page).getByText('Re-ingest undone').waitFor();
  await dialog(page).getByText(`${before.size} restored`).waitFor();
  expect(await states(errorsOnly)).toEqual(before);
  // The end was reported; it does not come back.
  await page.reload();
  await page.getByRole('table').waitFor();
  expect(await page.evaluate(() => sessionStorage.getItem('bulk'))).toBe(null);
  expect(await dialog(page).count()).toBe(0);
  expect(errors).toEqual([]);
  await close();
});
