import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { following, openPage, pressSequence } from '#harness/page.ts';
import { startProxy } from '#harness/proxy.ts';

/** Everything below one path of a proxy. */

withProducts({ environment: { BASE_PATH: '/at' } });

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

it('console, details, API line and events work there', async () => {
  const proxy = await startProxy(product.url, '/at');
  onTestFinished(proxy.close);
  const { page, errors, close } = await openPage(browser, 'about:blank');
  onTestFinished(close);
  const failed: string[] = [];
  page.on('response', (reply) => {
    if (reply.status() >= 400) failed.push(`${reply.status()} ${reply.url()}`);
  });
  // Without the slash at its end.
  await page.goto(`${proxy.url}/at`);
  await heading(page, 'Home');
  await following(page);
  await pressSequence(page, 'g m');
  await page.waitForURL(`${proxy.url}/at/media`);
  await page.getByText(`${proxy.url}/at/rear-diff/media/`).first().waitFor();
  const { rows } = await product.db.query('SELECT hash FROM atp.media WHERE deleted_at IS NULL LIMIT 1');
  await page.goto(`${proxy.url}/at/media/${rows[0].hash}`);
  await page.getByRole('dialog').waitFor();
  expect((await page.request.get(`${proxy.url}/at/api/runs`)).status()).toBe(200);
  // Without the proxy.
  await page.goto(`${product.url}/media`);
  await page.waitForURL(`${product.url}/at/media`);
  await heading(page, 'Media');
  expect(failed).toEqual([]);
  expect(errors).toEqual([]);
});
