import { readFile, writeFile } from 'node:fs/promises';
import { type Daemon, shareFile, startTransmission } from '@at/adapters/test/transmission-daemon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { choose, dialog, eventually, insert, openMedia, row, stored } from '#harness/media-page.ts';
import { type Product, startProduct } from '#harness/product.ts';

/** Downloads with a real Transmission. */

withBrowser();

let daemon: Daemon;
let product: Product;

beforeAll(async () => {
  daemon = await startTransmission();
  product = await startProduct({ demo: false, environment: daemon.environment });
});
afterAll(() => product.close());

describe('a download', () => {
  it('starts with an approval, shows its progress, ends when the item is finished, and Home shows the latency', async () => {
    const film = await shareFile(daemon, 'film.mkv');
    // The last of its two pieces is damaged and no peer has it: the download stops before it.
    const content = await readFile(film.file);
    content.writeUInt8(content.readUInt8(19_999) ^ 1, 19_999);
    await writeFile(film.file, content);
    const item = await insert(product, 'Wanted', {
      hash: film.hash,
      original_link: film.link,
      pipeline_status: 'metadata_collected',
      rejection_status: 'rejected',
      rejection_reason: 'probability 0.2 below threshold 0.35',
    });
    const { page, errors, close } = await openMedia(browser, product);
    await choose(page, item, 'Approve');
    await dialog(page)
      .getByText(/starts immediately/)
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Approve' }).click();
    await page.getByText('approved and sent to Transmission').waitFor();
    expect(await stored(product, item)).toMatchObject({
      pipeline_status: 'media_accepted',
      rejection_status: 'accepted',
      rejection_reason: null,
    });
    const progress = row(page, item).getByRole('progressbar', { name: 'Download of Wanted' });
    await eventually(() => progress.getAttribute('aria-valuenow')).toBe('81.9');
    await row(page, item).getByText('81.9 % · waiting for data').waitFor();

    await choose(page, item, 'Mark complete');
    await dialog(page).getByRole('button', { name: 'Mark complete' }).click();
    await page.getByText('The torrent was removed from Transmission; the files stay.').waitFor();
    expect(await stored(product, item)).toMatchObject({ pipeline_status: 'complete' });
    await row(page, item).getByText('complete', { exact: true }).waitFor();
    film.close();

    await page.goto(product.url);
    await page.locator('#health summary').click();
    const health = page.getByRole('region', { name: 'Platform' }).getByRole('definition');
    await health
      .nth(2)
      .getByRole('link', { name: /^Answers in [\d.]+ m?s$/ })
      .click();
    await page.waitForURL(/\/#readiness$/);
    expect(errors).toEqual([]);
    await close();
  });

  it('that Transmission cannot start is reported in full, and nothing is changed', async () => {
    const item = await insert(product, 'Unreachable', { pipeline_status: 'parsed' });
    await daemon.stop();
    const { page, errors, close } = await openMedia(browser, product);
    await choose(page, item, 'Approve');
    await dialog(page).getByRole('button', { name: 'Approve' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'Approve failed' });
    await alert
      .getByText(/cannot be reached \(ECONNREFUSED\)\. Start it, or correct REAR_DIFF_TRANSMISSION_HOST/)
      .waitFor();
    await alert.getByText(/Nothing was changed here/).waitFor();
    expect(await stored(product, item)).toMatchObject({ pipeline_status: 'parsed' });

    await product.db.query("UPDATE atp.media SET pipeline_status = 'downloading' WHERE hash = $1", [item]);
    const table = page.getByRole('table');
    const place = await table.boundingBox();
    await page.getByText(/Download progress is unknown\. Transmission at .* cannot be reached/).waitFor();
    // It comes late, and moves nothing that may be under the pointer.
    expect((await table.boundingBox())?.y).toBe(place?.y);
    expect(errors).toEqual([]);
    await close();
  });
});
