import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Product } from '#harness/product.ts';

/** What the journeys through Training share. */

/** The title on the card. */
export const shownId = (page: Page) =>
  page.locator('article[data-imdb-id]').getAttribute('data-imdb-id') as Promise<string>;

/** Presses a key and waits until another title is on screen. Returns the id of the answered title. */
export async function press(page: Page, key: string): Promise<string> {
  const before = await shownId(page);
  await page.keyboard.press(key);
  await page.waitForFunction(
    (id) => document.querySelector('article[data-imdb-id]')?.getAttribute('data-imdb-id') !== id,
    before,
  );
  return before;
}

type Row = { imdb_id: string; label: string | null; human_labeled: boolean; reviewed: boolean; anomalous: boolean };

/** The titles' flags, as the database has them. */
export async function titles({ db }: Product, ids: string[]): Promise<Map<string, Row>> {
  const { rows } = await db.query<Row>(
    'SELECT imdb_id, label, human_labeled, reviewed, anomalous FROM atp.training WHERE imdb_id = ANY($1)',
    [ids],
  );
  return new Map(rows.map((row) => [row.imdb_id, row]));
}

/** Lets the API refuse the requests that match, with a reason. */
export const refuse = (page: Page, url: RegExp, message = 'The disk is full.') =>
  page.route(url, (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 500, error: 'Database error', message, instance: 'r1' }),
    }),
  );

/** The number of unsent answers that the browser has stored. */
export const countUnsent = (page: Page) =>
  page.evaluate(async () => {
    // Opening a database that is not there would create it.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'outbox')) return 0;
    const settle = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await settle(indexedDB.open('outbox'));
    const count = await settle(db.transaction('entries').objectStore('entries').count());
    db.close();
    return count;
  });

/** Waits until nothing is left to send. Without the test runner, as the benchmark of the console waits for it too. */
export async function allSent(page: Page, timeout = 60_000): Promise<void> {
  const end = performance.now() + timeout;
  for (let left = await countUnsent(page); left > 0; left = await countUnsent(page)) {
    if (performance.now() > end) throw new Error(`${left} answers are unsent after ${timeout / 1000} s.`);
    await setTimeout(50);
  }
}
