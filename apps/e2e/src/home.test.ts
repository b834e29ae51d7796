import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { accessibilityFindings, openPage, type Product, phone, startProduct } from './harness.ts';

/** The state of the platform at a glance: true to the database, and of use when a part is missing. */

let browser: Browser;
let product: Product;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  product = await startProduct();
  return () => product.close();
});

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const count = async (condition: string) =>
  (await product.db.query<{ count: number }>(`SELECT count(*)::integer FROM atp.training WHERE ${condition}`)).rows[0]
    ?.count as number;
const shown = (value: number) => value.toLocaleString('en-GB');

/** Labels ten titles, one every six seconds, each after four seconds of thought; the last is taken back. */
const labelTen = () =>
  product.db.query(`
    WITH labelled AS (
      INSERT INTO console.label_event (imdb_id, actor, action, before, after, decision_ms, at)
      SELECT imdb_id, 'Ada', 'would_watch',
        '{"label": null, "human_labeled": false, "anomalous": false, "reviewed": false}',
        '{"label": "would_watch", "human_labeled": true, "anomalous": false, "reviewed": true}',
        4000, now() - interval '3 hours 30 minutes' + n * interval '6 seconds'
      FROM (SELECT imdb_id, row_number() OVER (ORDER BY imdb_id) AS n FROM atp.training LIMIT 10) AS titles
      RETURNING event_id, imdb_id, before, after, at
    )
    INSERT INTO console.label_event (imdb_id, actor, action, before, after, at, undoes)
    SELECT imdb_id, 'Ada', 'undo', after, before, at, event_id FROM labelled ORDER BY event_id DESC LIMIT 1`);

describe('the numbers', () => {
  it("of backlog and labels are the database's, each a link to its rows", async () => {
    await product.db.query(`UPDATE atp.training SET media_type = 'tv_show' WHERE imdb_id IN
      (SELECT imdb_id FROM atp.training WHERE NOT coalesce(reviewed, false) ORDER BY created_at LIMIT 3)`);
    const { page, errors, close } = await openPage(browser, product.url);
    const waits = 'NOT coalesce(reviewed, false)';
    const numbers = (name: string) =>
      card(page, name)
        .getByRole('link')
        .evaluateAll((links) => links.map((link) => [link.getAttribute('href'), link.textContent]));

    await card(page, 'Backlog').waitFor();
    expect(await numbers('Backlog')).toEqual([
      ['/training', shown(await count(`${waits} AND media_type = 'movie'`))],
      ['/training?media_type=tv_show', '3'],
      ['/training', 'Review them'],
    ]);
    const { rows } = await product.db.query<{ oldest: string }>(
      `SELECT to_char(min(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS oldest FROM atp.training
       WHERE ${waits} AND media_type = 'movie'`,
    );
    expect(await card(page, 'Backlog').locator('time').getAttribute('datetime')).toBe(rows[0]?.oldest);

    const all = '/training?view=list&media_type=all&reviewed=all';
    expect(await numbers('Labels')).toEqual([
      [`${all}&label=would_watch`, shown(await count("label = 'would_watch'"))],
      [`${all}&label=would_not_watch`, shown(await count("label = 'would_not_watch'"))],
      [`${all}&label=none`, shown(await count('label IS NULL'))],
      [`${all}&anomalous=true`, shown(await count('anomalous'))],
      [all, shown(await count('true'))],
    ]);
    expect(errors).toEqual([]);
    await close();
  });

  it('of the last labelling session are told, and so is that there has been none', async () => {
    const { page, close } = await openPage(browser, product.url);
    const session = card(page, 'Last labelling session');
    await session.getByText('Nobody has labelled anything here in the last 90 days.').waitFor();
    await labelTen();
    await page.keyboard.press('r');
    // Nine that count, so eight intervals, in 54 seconds.
    await session.getByText('533 labels an hour').waitFor();
    const text = await session.textContent();
    for (const fact of ['9, and 1 undone', '4.0 s (median)', '3 hr ago after 54.0 s', 'Ada']) {
      expect(text).toContain(fact);
    }
    await close();
  });

  it('of the migrations lead to the history they are from', async () => {
    const { page, close } = await openPage(browser, product.url);
    const { rows } = await product.db.query<{ version: string }>(
      'SELECT max(version::integer)::text AS version FROM console.flyway_schema_history',
    );
    const migrations = card(page, 'Migrations');
    await migrations.waitFor();
    expect(await migrations.textContent()).toMatch(
      new RegExp(`console[^]*version ${rows[0]?.version},[^]*all applied`),
    );
    await migrations.getByRole('link', { name: 'console' }).click();
    await page.getByText(/migrations of this product/).waitFor();
    expect(new URL(page.url()).search).toBe('?schema=console');
    await close();
  });

  it('become a success when nothing waits', async () => {
    await product.db.query('UPDATE atp.training SET reviewed = true');
    const { page, close } = await openPage(browser, product.url);
    await card(page, 'Backlog').getByText('Backlog cleared').waitFor();
    await close();
  });
});

describe('when something is missing', () => {
  it('a part that cannot be loaded is named with the reason, and the rest is shown', async () => {
    await product.db.query('ALTER TABLE console.label_event RENAME TO put_aside');
    const { page, errors, close } = await openPage(browser, product.url);
    await page.getByText('Requests will fail').waitFor();
    const session = card(page, 'Last labelling session');
    expect(await session.textContent()).toMatch(/Not loaded.*The labelling sessions: .*readyz.*\(request .+\)/);
    expect(await card(page, 'Backlog').getByRole('link').first().textContent()).toBe('150');
    await card(page, 'Readiness').getByText('Not ready').waitFor();
    await card(page, 'Readiness').getByText('2 missing').click();
    await card(page, 'Readiness').getByText('SELECT on console.label_event').waitFor();
    // An API that says what it lacks is there.
    expect(await page.getByText('The API cannot be reached').count()).toBe(0);
    expect(errors).toEqual([]);

    await product.db.query('ALTER TABLE console.put_aside RENAME TO label_event');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await card(page, 'Readiness').getByText('Ready', { exact: true }).waitFor();
    await session.getByText('Nobody has labelled').waitFor();
    await close();
  });

  it('indexes are listed behind a disclosure, and lists only get slower', async () => {
    const missing = ['atp.console_media_created_at', 'atp.console_media_updated_at'];
    await product.db.query(`DROP INDEX ${missing.join(', ')}`);
    const { page, close } = await openPage(browser, product.url);
    const readiness = card(page, 'Readiness');
    await readiness.getByText('Ready, 1 degraded').waitFor();
    expect(await page.getByText('Requests will fail').count()).toBe(0);
    const names = readiness.locator('li code');
    expect(await names.first().isVisible()).toBe(false);
    await readiness.getByText('2 missing').press('Enter');
    await names.first().waitFor();
    expect(await names.allTextContents()).toEqual(missing);
    await close();
  });
});

describe('without the API', () => {
  it('the page keeps what it had under a banner, and shows what is new once it is back', async () => {
    const { page, errors, close } = await openPage(browser, product.url);
    const backlog = card(page, 'Backlog').getByRole('link').first();
    expect(await backlog.textContent()).toBe('150');
    await product.stopApi();
    await page.keyboard.press('r');
    const banner = page.getByRole('alert').filter({ hasText: 'The API cannot be reached' });
    await banner.waitFor();
    await card(page, 'API and database').getByText('Unreachable').waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
    expect(await backlog.textContent()).toBe('150');

    await product.db.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id =
      (SELECT imdb_id FROM atp.training WHERE media_type = 'movie' AND NOT coalesce(reviewed, false) LIMIT 1)`);
    await product.startApi();
    await banner.waitFor({ state: 'detached' });
    await expect.poll(() => backlog.textContent(), { timeout: 5_000 }).toBe('149');
    await card(page, 'API and database').getByText('Answers', { exact: true }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});

describe('for everyone', () => {
  it("what's new is loaded when it is opened, not before", async () => {
    const changelog = readFileSync(new URL('../../../CHANGELOG.md', import.meta.url), 'utf8');
    const first = /^## (.+)$/m.exec(changelog)?.[1] ?? "Nothing is written in this version's changelog.";
    const asked: string[] = [];
    const { page, errors, close } = await openPage(browser, 'about:blank');
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(product.url);
    await card(page, 'Readiness').waitFor();
    expect(asked.filter((url) => url.includes('changelog'))).toEqual([]);
    await page.locator('summary', { hasText: "What's new" }).press('Enter');
    await page.getByText(first, { exact: true }).first().waitFor();
    expect(asked.filter((url) => url.includes('changelog'))).not.toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it('fits a phone without scrolling sideways', async () => {
    await labelTen();
    const { page, errors, close } = await openPage(browser, product.url, { viewport: phone });
    await card(page, 'Migrations').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
    expect(errors).toEqual([]);
    await close();
  });

  it.each(['dark', 'light'] as const)('has no serious accessibility finding (%s theme)', async (theme) => {
    await labelTen();
    await product.db.query('ALTER TABLE console.flyway_schema_history RENAME TO put_aside');
    for (const viewport of [undefined, phone]) {
      const { page, close } = await openPage(browser, product.url, { theme, ...(viewport && { viewport }) });
      await page.getByText('Requests will fail').waitFor();
      await page.getByText("What's new").click();
      expect(await accessibilityFindings(page)).toEqual([]);
      await close();
    }
  });
});
