import { expect, it } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { choose, dialog, eventually, hashes, insert, openMedia, row, stored } from '#harness/media-page.ts';
import { desktop, inSight, messagesReady, openPage, phone } from '#harness/page.ts';

/** Media by keyboard, beside another client, through an outage, and on a phone. */

withProducts();

it('is worked by keyboard alone; a reload keeps the current row in sight, and going back leads through the details', async () => {
  const second = await insert(product, 'Second');
  const first = await insert(product, 'First');
  const { page, errors, close } = await openMedia(browser, product);
  await row(page, first).waitFor();
  await page.keyboard.press('j');
  await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('First');
  await page.keyboard.press('j');
  await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Second');
  await page.keyboard.press('x');
  await eventually(() => row(page, second).getByRole('checkbox').isChecked()).toBe(true);
  await page.keyboard.press('Enter');
  await dialog(page).getByText('Second.1999.1080p').first().waitFor();
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Second');

  await page.keyboard.press('Shift+Backspace');
  await eventually(async () => (await stored(product, second)).deleted_at).not.toBeNull();
  await row(page, second).getByText('deleted', { exact: true }).waitFor();
  await page.keyboard.press('u');
  await eventually(async () => (await stored(product, second)).deleted_at).toBeNull();
  await page.keyboard.press('k');
  await page.keyboard.press('f');
  await dialog(page).getByRole('button', { name: 'Mark complete' }).press('Enter');
  await eventually(() => stored(product, first)).toMatchObject({ pipeline_status: 'complete' });
  await dialog(page).waitFor({ state: 'detached' });
  for (let count = 0; count < 15; count += 1) await page.keyboard.press('j');
  const current = page.locator('[data-current="true"]');
  const hash = (await hashes(page))[15] as string;
  await eventually(() => current.getAttribute('data-hash')).toBe(hash);
  await page.reload();
  await eventually(() => current.getAttribute('data-hash')).toBe(hash);
  await eventually(() => inSight(current)).toBe(true);
  await page.keyboard.press('Enter');
  // Behind the dialog, where no role is seen; the line shows the request of what is on top.
  await page.locator('footer').getByText(`/media/${hash}`).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/media/${hash}`);
  await page.goBack();
  await dialog(page).waitFor({ state: 'detached' });
  await page
    .locator('footer')
    .getByText(/\/media\/\?/)
    .waitFor();
  await page.keyboard.press('v');
  await page.getByRole('region', { name: 'Pipeline', exact: true }).waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('changes of another client appear in place without moving a row, and new items behind a button', async () => {
  const { page, errors, close } = await openMedia(browser, product, '?sort_by=created_at');
  await page.getByRole('table').waitFor();
  const before = await hashes(page);
  const changed = before[3] as string;
  await product.db.query("UPDATE atp.media SET pipeline_status = 'complete' WHERE hash = $1", [changed]);
  await row(page, changed).getByText('complete', { exact: true }).waitFor();
  expect(await hashes(page)).toEqual(before);
  await insert(product, 'Newcomer', { created_at: '2035-01-01T00:00:00Z' });
  await page.getByRole('button', { name: '+1 new' }).click();
  await page.getByRole('link', { name: 'Newcomer' }).waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('Page 2 of').waitFor();
  await insert(product, 'Latecomer', { created_at: '2035-01-02T00:00:00Z' });
  await page.getByRole('button', { name: '+1 new' }).click();
  await page.getByRole('link', { name: 'Latecomer' }).waitFor();
  expect(new URL(page.url()).search).toBe('?sort_by=created_at');
  expect(errors).toEqual([]);
  await close();
});

it('says that a change may have been done when the API stops, keeps the rows, and is right again when it is back', async () => {
  const item = await insert(product, 'Interrupted', { pipeline_status: 'parsed' });
  const { page, errors, close } = await openMedia(browser, product);
  await row(page, item).waitFor();
  const shown = await hashes(page);
  await messagesReady(page);
  await product.stopApi();
  await choose(page, item, 'Re-ingest');
  await page.getByText(/It may have been done/).waitFor();
  const banner = page.getByRole('alert').filter({ hasText: 'Retrying every' });
  await banner.waitFor();
  expect(await hashes(page)).toEqual(shown);
  expect(await stored(product, item)).toMatchObject({ pipeline_status: 'parsed' });
  await product.db.query("UPDATE atp.media SET pipeline_status = 'paused' WHERE hash = $1", [item]);
  await product.startApi();
  await banner.waitFor({ state: 'detached' });
  await row(page, item).getByText('paused', { exact: true }).waitFor();
  expect(errors).toEqual([]);
  await close();
});

it('fits a phone and a desk, and shows hostile text of any length as text: table, details and board; no row moves by focus or by a modifier key', async () => {
  const hostile = '\u202e<img src=x onerror="document.title=1">"\'`💥';
  const long = 'x'.repeat(500);
  const item = await insert(product, 'hostile', {
    media_title: `${hostile}${long}`.slice(0, 255),
    original_title: hostile + long,
    error_status: true,
    error_condition: hostile + long,
    rejection_status: 'rejected',
    rejection_reason: hostile + long,
    parent_path: hostile + long,
    target_path: hostile + long,
    original_path: hostile + long,
    original_link: `javascript:alert(document.domain)//${long}`,
    uploader: hostile.slice(0, 25),
    resolution: '\u202e<b>x',
    video_codec: '<i>💥',
    audio_codec: '<i>💥',
    upload_type: '<i>💥',
  });
  const { page, errors, close } = await openPage(browser, 'about:blank');
  for (const viewport of [phone, desktop]) {
    await page.setViewportSize(viewport);
    await page.goto(`${product.url}/media`);
    await row(page, item).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    expect(await page.locator('main img').count()).toBe(0);
    // A long error is cut where a pointer can show the rest.
    const isCut = () =>
      row(page, item)
        .locator('[data-clamp]')
        .evaluateAll((all) => all.some((one) => one.scrollHeight > one.clientHeight && one.clientHeight > 0));
    expect(await isCut()).toBe(viewport === desktop);
    const shown = await hashes(page);
    const [last = '', second = ''] = [shown[3], shown[1]];
    const tops = () =>
      page.locator('tbody tr').evaluateAll((rows) => rows.map((one) => (one as HTMLElement).offsetTop));
    const before = await tops();
    await row(page, item).getByRole('checkbox').click();
    // The browser shows the focus of what was clicked once a key is pressed.
    await page.keyboard.down('Shift');
    expect(await tops()).toEqual(before);
    await row(page, last).getByRole('checkbox').click();
    await page.keyboard.up('Shift');
    expect(await page.locator('tbody tr[data-selected]').count()).toBe(4);
    await page.keyboard.press('j');
    await eventually(() => row(page, second).getAttribute('data-current')).toBe(null);
    expect(await tops()).toEqual(before);
    await page.getByRole('button', { name: 'Clear selection' }).click();
    await row(page, item).getByRole('link').click();
    await dialog(page).getByText('Paths and links').waitFor();
    expect(await dialog(page).locator('img').count()).toBe(0);
    // A link only where its scheme is harmless.
    expect(await dialog(page).locator('a[href^="javascript"]').count()).toBe(0);
    await dialog(page).getByText('javascript:alert').waitFor();
    expect(await dialog(page).evaluate((element) => element.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    await page.keyboard.press('Escape');
    await page.getByText('Board', { exact: true }).click();
    await row(page, item).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
  }
  expect(errors).toEqual([]);
  await close();
});
