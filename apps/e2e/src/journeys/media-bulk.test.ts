import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityFindings } from '#harness/accessibility.ts';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { dialog, eventually, hashes, openMedia, row } from '#harness/media-page.ts';

/** Moving many items on at once, and taking that back. */

withProducts();

type State = {
  hash: string;
  pipeline_status: string;
  error_status: boolean;
  error_condition: string | null;
  rejection_status: string;
  rejection_reason: string | null;
};

/** How every item stands that a condition finds now, by hash. */
async function states(condition: string): Promise<Map<string, State>> {
  const { rows } = await product.db.query<State>(
    `SELECT hash, pipeline_status, error_status, error_condition, rejection_status, rejection_reason
     FROM atp.media WHERE ${condition}`,
  );
  return new Map(rows.map((state) => [state.hash, state]));
}
const byHash = (all: Iterable<string>) => `hash IN (${[...all].map((hash) => `'${hash}'`).join()})`;

const errorsOnly = 'error_status AND deleted_at IS NULL';
const fresh = { pipeline_status: 'ingested', error_status: false, rejection_status: 'unfiltered' };

/** Keeps a change of what is in error from going on, until it is let go. */
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

describe('many items', { timeout: 90_000 }, () => {
  it('that match are re-ingested, on other pages too, and get back what they had, unless changed since', async () => {
    const before = await states(errorsOnly);
    const count = before.size;
    const { page, errors, close } = await openMedia(browser, product, '?error_status=true');
    await page.getByRole('table').waitFor();
    const shown = (await hashes(page)) as string[];
    expect(count).toBeGreaterThan(shown.length);
    await selectMatching(page, count);
    await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Re-ingest' }).click();
    await dialog(page).getByText('Nothing has changed yet.').waitFor();
    await dialog(page)
      .getByText(`and ${count - 10} more`)
      .waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);

    // What comes to match after the preview is not touched.
    const [late] = [...(await states("NOT error_status AND deleted_at IS NULL AND pipeline_status = 'parsed'")).keys()];
    await product.db.query("UPDATE atp.media SET error_status = true, error_condition = 'late' WHERE hash = $1", [
      late,
    ]);
    await dialog(page)
      .getByRole('button', { name: `Re-ingest ${count} media items` })
      .click();
    await dialog(page).getByText(`${count} done`).waitFor();
    for (const [hash, { pipeline_status, error_status, rejection_status }] of await states(byHash(before.keys()))) {
      expect({ hash, pipeline_status, error_status, rejection_status }).toEqual({ hash, ...fresh });
    }
    expect([...(await states(errorsOnly)).keys()]).toEqual([late]);

    const [touched] = [...before.keys()];
    await product.db.query("UPDATE atp.media SET pipeline_status = 'paused' WHERE hash = $1", [touched]);
    await dialog(page).getByRole('button', { name: 'Undo' }).click();
    await dialog(page)
      .getByText(`${count - 1} done`)
      .waitFor();
    await dialog(page)
      .getByText(/1 skipped: edited since/)
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    await dialog(page).waitFor({ state: 'detached' });
    const after = await states(byHash(before.keys()));
    expect(after.get(touched as string)).toMatchObject({ pipeline_status: 'paused' });
    for (const [hash, state] of before) if (hash !== touched) expect(after.get(hash)).toEqual(state);
    // The rows on the screen are as the database has them, where they stood.
    expect(await hashes(page)).toEqual(shown);
    for (const hash of shown.filter((one) => one !== touched).slice(0, 3)) {
      await eventually(() => row(page, hash).getByText('error', { exact: true }).count()).toBe(1);
    }
    expect(errors).toEqual([]);
    await close();
  });

  it('that were chosen by a range are deleted, and restored from among the deleted', async () => {
    const { page, errors, close } = await openMedia(browser, product);
    await page.getByRole('table').waitFor();
    const chosen = ((await hashes(page)) as string[]).slice(1, 5);
    const box = (hash: string) => row(page, hash).getByRole('checkbox');
    await box(chosen[0] as string).click();
    await box(chosen[3] as string).click({ modifiers: ['Shift'] });
    await page.getByText('4 rows selected').waitFor();
    const selection = page.getByRole('region', { name: 'Selection' });
    await selection.getByRole('button', { name: 'Delete' }).click();
    await dialog(page)
      .getByText(/removed for good/)
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Delete 4 media items' }).click();
    await dialog(page)
      .getByText(/^4 done/)
      .waitFor();
    expect((await states(`${byHash(chosen)} AND deleted_at IS NOT NULL`)).size).toBe(4);
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    for (const hash of chosen) await row(page, hash).getByText('deleted', { exact: true }).waitFor();

    await page.goto(`${product.url}/media?deleted=only`);
    await page.getByRole('table').waitFor();
    for (const hash of chosen) await box(hash).check();
    await selection.getByRole('button', { name: 'Restore' }).click();
    await dialog(page).getByRole('button', { name: 'Restore 4 media items' }).click();
    await dialog(page)
      .getByText(/^4 done/)
      .waitFor();
    expect((await states(`${byHash(chosen)} AND deleted_at IS NULL`)).size).toBe(4);
    expect(errors).toEqual([]);
    await close();
  });

  it('get the statuses that were chosen for them, and back those they had', async () => {
    const { page, errors, close } = await openMedia(browser, product, '?rejection_status=rejected');
    await page.getByRole('table').waitFor();
    const chosen = ((await hashes(page)) as string[]).slice(0, 3);
    const before = await states(byHash(chosen));
    for (const hash of chosen) await row(page, hash).getByRole('checkbox').check();
    const selection = page.getByRole('region', { name: 'Selection' });
    await selection.getByRole('button', { name: 'Set statuses' }).click();
    const choice = page.getByRole('dialog', { name: 'Set statuses', exact: true });
    await choice.getByText('Choose at least one status.').waitFor();
    expect(await choice.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
    await choice.getByLabel('Pipeline status').selectOption('ingested');
    await choice.getByText('Setting ingested also clears error and rejection.').waitFor();
    await choice.getByLabel('Pipeline status').selectOption('paused');
    await choice.getByLabel('Rejection').selectOption('override');
    expect(await accessibilityFindings(page)).toEqual([]);
    await choice.getByRole('button', { name: 'Preview' }).click();
    const change = page.getByRole('dialog', { name: /^Set statuses: pipeline status paused, rejection override/ });
    await change.getByRole('button', { name: 'Set the statuses of 3 media items' }).click();
    await change.getByText(/^3 done$/).waitFor();
    for (const [hash, { pipeline_status, error_status, rejection_status }] of await states(byHash(chosen))) {
      expect([pipeline_status, error_status, rejection_status]).toEqual([
        'paused',
        before.get(hash)?.error_status,
        'override',
      ]);
    }
    await change.getByRole('button', { name: 'Undo' }).click();
    await change.getByText(/ undone$/).waitFor();
    await change.getByText(/^3 done$/).waitFor();
    expect(await states(byHash(chosen))).toEqual(before);
    // It is kept where anybody finds it.
    await change.getByRole('link', { name: 'Show each item' }).click();
    await page.getByRole('dialog', { name: 'Set statuses undone: 3 media items' }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('are still changed when one leaves the page, and a message says how it ended, with Undo', async () => {
    const before = await states(errorsOnly);
    const { page, errors, close } = await openMedia(browser, product, '?error_status=true');
    await page.getByRole('table').waitFor();
    await selectMatching(page, before.size);
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
    await page.getByText(`Re-ingest: ${before.size} done`).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await eventually(() => states(errorsOnly)).toEqual(before);
    expect(errors).toEqual([]);
    await close();
  });

  it('are followed over a reload of the page, to how it ended and its Undo', async () => {
    const before = await states(errorsOnly);
    const { page, errors, close } = await openMedia(browser, product, '?error_status=true');
    await page.getByRole('table').waitFor();
    await selectMatching(page, before.size);
    await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Re-ingest' }).click();
    const letGo = await holdUp();
    await dialog(page)
      .getByRole('button', { name: /^Re-ingest \d+ media items$/ })
      .click();
    await dialog(page).getByRole('button', { name: 'Hide' }).waitFor();
    await page.reload();
    await dialog(page).getByRole('button', { name: 'Hide' }).waitFor();
    await letGo();
    await dialog(page).getByText(`${before.size} done`).waitFor();
    await dialog(page).getByRole('button', { name: 'Undo' }).click();
    await dialog(page).getByText('Re-ingest undone').waitFor();
    await dialog(page).getByText(`${before.size} done`).waitFor();
    expect(await states(errorsOnly)).toEqual(before);
    // What has ended was told; it does not come back.
    await page.reload();
    await page.getByRole('table').waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('bulk'))).toBe(null);
    expect(await dialog(page).count()).toBe(0);
    expect(errors).toEqual([]);
    await close();
  });
});
