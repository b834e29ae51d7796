import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { choose, dialog, eventually, insert, openMedia, refuse, row, stored } from '#harness/media-page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** Moving on what is stuck in the pipeline, one item at a time. */

let product: Product;

withBrowser();

const total = (page: Page) => page.getByRole('status').filter({ hasText: /^\d.* of / });

describe('one item', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    product = await startProduct();
    return () => product.close();
  });
  it('unsticks an errored item: found by the true error count, re-ingested, and put back by Undo', async () => {
    const stuck = await insert(product, 'Stuck', {
      pipeline_status: 'parsed',
      error_status: true,
      error_condition: 'metadata search: no result',
      rejection_status: 'override',
    });
    const { page, errors, close } = await openMedia(browser, product);
    const { rows } = await product.db.query<{ count: number }>(
      'SELECT count(*)::integer FROM atp.media WHERE error_status AND deleted_at IS NULL',
    );
    const count = rows[0]?.count as number;
    await page.getByRole('button', { name: `Errors (${count})` }).click();
    await eventually(() => total(page).textContent()).toMatch(new RegExp(`of ${count}, media items, in error`));
    expect(new URL(page.url()).search).toBe('?error_status=true');

    await row(page, stuck).getByText('metadata search: no result').waitFor();
    await row(page, stuck).getByRole('button', { name: 'Re-ingest Stuck' }).click();
    await page.getByText('back at the start of the pipeline').waitFor();
    expect(await stored(product, stuck)).toMatchObject({
      pipeline_status: 'ingested',
      error_status: false,
      error_condition: null,
      rejection_status: 'unfiltered',
    });
    // The row stays where it stood, as it is now.
    await row(page, stuck).getByText('ingested').waitFor();
    await page.getByRole('button', { name: `Errors (${count - 1})` }).waitFor();

    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Not restored: the error message.').waitFor();
    expect(await stored(product, stuck)).toMatchObject({
      pipeline_status: 'parsed',
      error_status: true,
      error_condition: null,
      rejection_status: 'override',
    });
    expect(errors).toEqual([]);
    await close();
  });

  it('deletes and restores, with the rejection it had, and says what is gone for good', async () => {
    const unwanted = await insert(product, 'Unwanted', { rejection_status: 'rejected', rejection_reason: 'too long' });
    const { page, errors, close } = await openMedia(browser, product);
    await choose(page, unwanted, 'Delete');
    await page.getByText('Unwanted\u2069: deleted.').waitFor();
    expect(await stored(product, unwanted)).toMatchObject({ rejection_reason: 'user deletion' });
    expect((await stored(product, unwanted)).deleted_at).not.toBeNull();
    await row(page, unwanted).getByText('deleted', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/The torrent and its data are not restored/).waitFor();
    expect(await stored(product, unwanted)).toMatchObject({
      deleted_at: null,
      rejection_status: 'rejected',
      rejection_reason: 'too long',
    });

    await choose(page, unwanted, 'Delete');
    await eventually(async () => (await stored(product, unwanted)).deleted_at).not.toBeNull();
    await page.goto(`${product.url}/media?deleted=only`);
    await choose(page, unwanted, 'Restore');
    await eventually(() => stored(product, unwanted)).toMatchObject({ deleted_at: null, rejection_reason: 'too long' });
    expect(errors).toEqual([]);
    await close();
  });

  it('asks before it deletes what Transmission may hold', async () => {
    const moving = await insert(product, 'Moving', { pipeline_status: 'downloading' });
    const { page, close } = await openMedia(browser, product);
    await choose(page, moving, 'Delete');
    await dialog(page)
      .getByText(/removed for good/)
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    expect(await stored(product, moving)).toMatchObject({ deleted_at: null });
    await choose(page, moving, 'Delete');
    await dialog(page).getByRole('button', { name: 'Delete' }).click();
    // No Transmission is configured: what became of the torrent is not known.
    await page.getByText(/The torrent may still be in Transmission/).waitFor();
    expect((await stored(product, moving)).deleted_at).not.toBeNull();
    await close();
  });

  it('shows everything of an item at an address of its own, and sends changes only', async () => {
    const item = await insert(product, 'Everything', {
      pipeline_status: 'metadata_collected',
      season: 2,
      episode: 5,
      media_type: 'tv_show',
      error_status: true,
      error_condition: 'a long story of what went wrong',
      uploader: 'demo-north',
      resolution: '1080p',
      video_codec: 'x265',
      imdb_id: 'tt99000001',
    });
    const { page, errors, close } = await openMedia(browser, product, '?media_type=tv_show');
    await page.getByRole('link', { name: 'Everything S02E05' }).click();
    await eventually(() => page.url()).toBe(`${product.url}/media/${item}?media_type=tv_show`);
    const details = dialog(page);
    for (const text of ['a long story of what went wrong', 'Everything.1999.1080p', 'demo-north', item, 'x265']) {
      await details.getByText(text, { exact: true }).first().waitFor();
    }
    await details.getByRole('link', { name: 'Open in Training' }).waitFor();
    await details.getByRole('button', { name: 'Submit' }).click();
    await details.getByText('Nothing to submit').waitFor();

    const { rows } = await product.db.query<{ version: string }>(
      `SELECT to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS version FROM atp.media WHERE hash = $1`,
      [item],
    );
    const version = rows[0]?.version;
    const sent = page.waitForRequest(/\/pipeline$/);
    await details.getByLabel('Pipeline status').selectOption('file_accepted');
    await details.getByRole('button', { name: 'Submit' }).click();
    expect((await sent).postDataJSON()).toEqual({ hash: item, pipeline_status: 'file_accepted' });
    expect((await sent).headers()['if-match']).toBe(`"${version}"`);
    await page.getByText('Everything S02E05\u2069: Pipeline status:').waitFor();
    expect(await stored(product, item)).toMatchObject({ pipeline_status: 'file_accepted', error_status: true });
    // The list behind it knows as well.
    await row(page, item).getByText('file accepted').waitFor();

    await page.goBack();
    await details.waitFor({ state: 'detached' });
    expect(page.url()).toBe(`${product.url}/media?media_type=tv_show&row=${item}`);
    await page.goto(`${product.url}/media/${item}`);
    await details.getByText('a long story of what went wrong').waitFor();
    await page.keyboard.press('Escape');
    await eventually(() => page.url()).toBe(`${product.url}/media`);
    await page.goto(`${product.url}/media/${'0'.repeat(40)}`);
    await details.getByText('No such media item').waitFor();
    await page.goto(`${product.url}/media/nonsense`);
    await details.getByText(/is no info-hash/).waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('reports what somebody else changed first, shows it, and writes nothing over it', async () => {
    const item = await insert(product, 'Contested', { pipeline_status: 'parsed' });
    const { page, close } = await openMedia(browser, product);
    await row(page, item).waitFor();
    // This page does not hear of it, as after a broken stream.
    await refuse(page, /\/rear-diff\/media\/\?.*hash=/, { status: 500, error: 'Broken', message: 'Broken.' });
    await product.db.query("UPDATE atp.media SET pipeline_status = 'paused' WHERE hash = $1", [item]);
    await choose(page, item, 'Re-ingest');
    const alert = page.getByRole('alert').filter({ hasText: 'Contested' });
    await alert.getByText(/Your change was not saved/).waitFor();
    expect(await stored(product, item)).toMatchObject({ pipeline_status: 'paused' });
    await row(page, item).getByText('paused').waitFor();
    await close();
  });

  it('is worked by keyboard alone', async () => {
    const second = await insert(product, 'Second');
    const first = await insert(product, 'First');
    const { page, errors, close } = await openMedia(browser, product);
    await row(page, first).waitFor();
    await page.keyboard.press('j');
    await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('First');
    await page.keyboard.press('j');
    await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Second');
    await page.keyboard.press('x');
    expect(await row(page, second).getByRole('checkbox').isChecked()).toBe(true);
    await page.keyboard.press('Enter');
    await dialog(page).getByText('Second.1999.1080p').first().waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Second');

    await page.keyboard.press('d');
    await eventually(async () => (await stored(product, second)).deleted_at).not.toBeNull();
    await row(page, second).getByText('deleted', { exact: true }).waitFor();
    await page.keyboard.press('u');
    await eventually(async () => (await stored(product, second)).deleted_at).toBeNull();
    await page.keyboard.press('k');
    await page.keyboard.press('f');
    await dialog(page).getByRole('button', { name: 'Mark complete' }).press('Enter');
    await eventually(() => stored(product, first)).toMatchObject({ pipeline_status: 'complete' });
    await dialog(page).waitFor({ state: 'detached' });
    await page.keyboard.press('v');
    await page.getByRole('region', { name: 'Pipeline' }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});
