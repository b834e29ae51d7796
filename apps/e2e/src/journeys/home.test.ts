import { readFileSync } from 'node:fs';
import { freePort, startTransmission } from '@at/adapters/test/transmission-daemon';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { accessibilityFindings, obstacles } from '#harness/accessibility.ts';
import { browser, product, withProducts } from '#harness/lifecycle.ts';
import { openPage, phone } from '#harness/page.ts';
import { startProduct } from '#harness/product.ts';

/** The state of the platform at a glance: true to the database, and of use when a part is missing. */

withProducts();

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
      ['/training?order=waiting', await card(page, 'Backlog').locator('time').textContent()],
      ['/training', 'Review'],
    ]);
    const { rows } = await product.db.query<{ oldest: string }>(
      `SELECT to_char(min(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS oldest FROM atp.training
       WHERE ${waits} AND media_type = 'movie'`,
    );
    const oldest = card(page, 'Backlog').locator('time');
    expect(await oldest.getAttribute('datetime')).toBe(rows[0]?.oldest);

    const all = '/training?view=list&media_type=all&reviewed=all';
    expect(await numbers('Labels')).toEqual([
      [`${all}&label=would_watch`, shown(await count("label = 'would_watch'"))],
      [`${all}&label=would_not_watch`, shown(await count("label = 'would_not_watch'"))],
      [`${all}&label=none`, shown(await count('label IS NULL'))],
      [`${all}&anomalous=true`, shown(await count('anomalous'))],
      [all, shown(await count('true'))],
    ]);

    // The age of the oldest leads to that title.
    await oldest.click();
    const onScreen = await page.locator('article').getAttribute('data-imdb-id');
    const { rows: longest } = await product.db.query<{ oldest: boolean }>(
      `SELECT created_at = (SELECT min(created_at) FROM atp.training WHERE ${waits} AND media_type = 'movie') AS oldest
       FROM atp.training WHERE imdb_id = $1`,
      [onScreen],
    );
    expect(longest).toEqual([{ oldest: true }]);
    expect(errors).toEqual([]);
    await close();
  });

  it('of the last labelling session are told, and so is that there has been none', async () => {
    const { page, close } = await openPage(browser, product.url);
    const session = card(page, 'Last labelling session');
    await session.getByText('No labels in the last 90 days.').waitFor();
    await labelTen();
    await page.keyboard.press('r');
    // Nine that count, so eight intervals, in 54 seconds.
    await session.getByText('533 labels an hour').waitFor();
    const text = await session.textContent();
    for (const fact of ['9, and 1 undone', '4.0 s (median)', '3 hr ago after 54.0 s', 'Ada']) {
      expect(text).toContain(fact);
    }
    // Each of the figures leads to the titles it was made of, the one taken back among them.
    const targets = await session.getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(targets).toHaveLength(6);
    expect(new Set(targets).size).toBe(1);
    await session.getByRole('link', { name: '533' }).click();
    await page.getByText(/^1–10 of 10, all titles, decided by \S*Ada\S*, decided since .*, decided until /).waitFor();
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
    for (const [name, search, summary] of [
      ['console', '?schema=console', /migrations of this product:/],
      ['console extras (indexes)', '?schema=console+extras', /migrations of this product's extras:/],
    ] as const) {
      await migrations.getByRole('link', { name, exact: true }).click();
      await page.getByText(summary).waitFor();
      expect(new URL(page.url()).search).toBe(search);
      await page.goBack();
    }
    await product.db.query('UPDATE console.flyway_schema_history SET success = false WHERE version = $1', [
      rows[0]?.version,
    ]);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await migrations.getByRole('link', { name: '1 failed' }).waitFor();
    await close();
  });

  it('of the pipeline are how many items stand where, each a link to them', async () => {
    const { page, close } = await openPage(browser, product.url);
    const { rows } = await product.db.query<{ status: string; count: number }>(
      `SELECT status::text, count(m.hash)::integer FROM unnest(enum_range(NULL::atp.pipeline_status)) AS status
       LEFT JOIN atp.media AS m ON m.pipeline_status = status AND m.deleted_at IS NULL GROUP BY status`,
    );
    await card(page, 'Pipeline').getByRole('link').first().waitFor();
    const links = await card(page, 'Pipeline')
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => [link.getAttribute('href'), link.textContent]));
    expect(Object.fromEntries(links)).toEqual(
      Object.fromEntries(rows.map(({ status, count }) => [`/media?pipeline_status=${status}`, shown(count)])),
    );
    await close();
  });

  it('of errors, and of rejections since midnight where the browser is, lead to these items', async () => {
    const today = "date_trunc('day', now() AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'Europe/Berlin'";
    // Three of them this morning, the others long ago.
    await product.db.query(`ALTER TABLE atp.media DISABLE TRIGGER USER;
      UPDATE atp.media SET updated_at = ${today} - interval '1 microsecond' WHERE updated_at >= ${today};
      UPDATE atp.media SET updated_at = ${today} WHERE hash IN (SELECT hash FROM atp.media
        WHERE rejection_status = 'rejected' AND deleted_at IS NULL ORDER BY hash LIMIT 3);
      UPDATE atp.media SET updated_at = ${today} WHERE hash IN (SELECT hash FROM atp.media
        WHERE rejection_status = 'accepted' AND deleted_at IS NULL ORDER BY hash LIMIT 2);
      ALTER TABLE atp.media ENABLE TRIGGER USER`);
    const { rows } = await product.db.query<{ errors: number; midnight: string }>(
      `SELECT count(*)::integer AS errors, to_char(${today} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"') AS midnight
       FROM atp.media WHERE error_status AND deleted_at IS NULL`,
    );
    const { errors, midnight } = rows[0] as (typeof rows)[number];
    const { page, close } = await openPage(browser, product.url);
    await card(page, 'Needs attention').getByText('items rejected and changed since midnight').waitFor();
    const links = await card(page, 'Needs attention')
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => [link.getAttribute('href'), link.textContent]));
    expect(links).toEqual([
      ['/media?error_status=true', shown(errors)],
      [`/media?rejection_status=rejected&updated_at_min=${encodeURIComponent(midnight)}`, '3'],
    ]);
    await card(page, 'Needs attention').getByRole('link', { name: '3' }).click();
    await page.getByText(/^1–3 of 3, media items, rejected, changed since/).waitFor();
    await close();
  });

  it('of the confusion matrix are of movies at the threshold of the downloader, and lead to each cell', async () => {
    const { page, errors, close } = await openPage(browser, product.url);
    const { rows } = await product.db.query<{ cell: string; count: number }>(
      `SELECT CASE WHEN (probability >= 0.35) = (label = 'would_watch') THEN 't' ELSE 'f' END ||
          CASE WHEN probability >= 0.35 THEN 'p' ELSE 'n' END AS cell, count(*)::integer
       FROM atp.training JOIN atp.prediction USING (imdb_id)
       WHERE label IS NOT NULL AND media_type = 'movie' GROUP BY 1`,
    );
    const matrix = page.getByRole('table', { name: 'Confusion matrix of movies' });
    await matrix.waitFor();
    const links = await matrix
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => [link.getAttribute('href'), link.querySelector('b')?.textContent]));
    expect(Object.fromEntries(links)).toEqual(
      Object.fromEntries(rows.map(({ cell, count }) => [`/predictions?cell=${cell}`, shown(count)])),
    );
    await page.getByText('Movies, threshold 0.35.').waitFor();
    expect(await page.getByRole('link', { name: '0.35' }).getAttribute('href')).toBe('/predictions?threshold=0.35');
    await matrix.getByRole('link', { name: /false positive/ }).click();
    await page.getByRole('heading', { name: 'Predictions', level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe('?cell=fp');
    expect(errors).toEqual([]);
    await close();
  });

  it('become a success when nothing waits', async () => {
    await product.db.query('UPDATE atp.training SET reviewed = true');
    const { page, close } = await openPage(browser, product.url);
    await card(page, 'Backlog').getByText('Backlog cleared').waitFor();
    await close();
  });
});

describe('what has happened', () => {
  const patch = async (path: string, actor: string) => {
    const headers = { 'content-type': 'application/json', 'x-actor': encodeURIComponent(actor) };
    const reply = await fetch(`${product.url}/rear-diff${path}`, { method: 'PATCH', headers, body: '{}' });
    expect(reply.status).toBe(200);
  };

  it('names who did it, and each entry leads to its title or item', async () => {
    const { rows: titles } = await product.db.query<{ imdb_id: string; media_title: string }>(
      "SELECT imdb_id, media_title FROM atp.training WHERE media_type = 'movie' AND NOT reviewed ORDER BY imdb_id LIMIT 1",
    );
    const { rows: items } = await product.db.query<{ hash: string; media_title: string }>(
      "SELECT hash, media_title FROM atp.media WHERE pipeline_status = 'downloaded' AND deleted_at IS NULL ORDER BY hash LIMIT 1",
    );
    const { imdb_id, media_title } = titles[0] as (typeof titles)[number];
    const { hash, media_title: itemTitle } = items[0] as (typeof items)[number];
    await patch(`/training/${imdb_id}/would_watch`, 'Ada');
    await patch(`/media/${hash}/soft_delete`, 'Bob');
    const { page, errors, close } = await openPage(browser, product.url);
    const entries = card(page, 'Recent activity').getByRole('listitem');
    await entries.first().waitFor();
    expect(await entries.first().textContent()).toMatch(`Bob deleted ${itemTitle}`);
    expect(await entries.first().getByRole('link').getAttribute('href')).toBe(`/media/${hash}`);
    expect(await entries.nth(1).textContent()).toMatch(`Ada labelled ${media_title} would watch`);
    await entries.nth(1).getByRole('link').click();
    await page.getByRole('heading', { name: 'Training', level: 1 }).waitFor();
    await page.locator(`[data-imdb-id="${imdb_id}"]`).getByText(media_title).first().waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('past the API is told too, and many at once are not named one by one', async () => {
    await product.db.query('UPDATE atp.training SET anomalous = true');
    const { page, close } = await openPage(browser, product.url);
    await card(page, 'Recent activity').getByText('A direct database change changed many titles').waitFor();
    await close();
  });

  it('is drawn as text whatever it says, without widening a phone', async () => {
    const markup = '<img src=x onerror=window.hit=1>';
    await product.db.query(`UPDATE atp.media SET media_title = $1 WHERE pipeline_status = 'downloaded'`, [
      `${markup}\u202Edlrow ${'x'.repeat(200)}`,
    ]);
    const { rows } = await product.db.query<{ hash: string }>(
      "SELECT hash FROM atp.media WHERE pipeline_status = 'downloaded' AND deleted_at IS NULL LIMIT 1",
    );
    await patch(`/media/${rows[0]?.hash}/soft_delete`, `${markup}${'y'.repeat(60)}`);
    const { page, errors, close } = await openPage(browser, product.url, { viewport: phone });
    await card(page, 'Recent activity').getByText(markup).first().waitFor();
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
    expect(errors).toEqual([]);
    await close();
  });

  it('moves the numbers without being asked, whoever did it', async () => {
    const { page, errors, close } = await openPage(browser, 'about:blank');
    // What happened before the stream was opened is in what the page loaded; what happens after, in the stream.
    const following = page.waitForResponse(/\/rear-diff\/events/);
    await page.goto(product.url);
    await following;
    const backlog = card(page, 'Backlog').getByRole('link').first();
    const inError = card(page, 'Needs attention').getByRole('link').first();
    const before = Number(await inError.textContent());
    expect(await backlog.textContent()).toBe('150');
    await product.db.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id =
      (SELECT imdb_id FROM atp.training WHERE media_type = 'movie' AND NOT reviewed LIMIT 1)`);
    await expect.poll(() => backlog.textContent()).toBe('149');
    await product.db.query(`UPDATE atp.media SET error_status = true WHERE hash =
      (SELECT hash FROM atp.media WHERE NOT error_status AND deleted_at IS NULL LIMIT 1)`);
    await expect.poll(() => inError.textContent()).toBe(String(before + 1));
    expect(errors).toEqual([]);
    await close();
  });

  it('are looked at each minute where no event tells, and what says how long ago goes on counting', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.clock.install();
    await page.goto(product.url);
    const started = card(page, 'Health').locator('time').first();
    await started.getByText('now').waitFor();
    const asked = page.waitForRequest(/\/rear-diff\/readyz/);
    await page.clock.fastForward('02:05');
    await asked;
    await started.getByText('2 min ago').waitFor();
    await close();
  });

  it('in a burst loads the page anew every few seconds, not for each', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    const following = page.waitForResponse(/\/rear-diff\/events/);
    await page.goto(product.url);
    await following;
    await card(page, 'Needs attention').getByRole('link').first().waitFor();
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/training/stats')) asked += 1;
    });
    const began = Date.now();
    for (let count = 0; count < 30; count += 1) {
      await product.db.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id =
        (SELECT imdb_id FROM atp.training WHERE media_type = 'movie' AND NOT reviewed LIMIT 1)`);
    }
    const backlog = card(page, 'Backlog').getByRole('link').first();
    await expect.poll(() => backlog.textContent()).toBe('120');
    expect(asked).toBeLessThanOrEqual(2 + (Date.now() - began) / 3_000);
    await close();
  });
});

describe('health', () => {
  const health = (page: Page) => card(page, 'Health').getByRole('definition');
  const withTransmission = async (environment: Record<string, string>) => {
    const other = await startProduct({ demo: false, environment });
    onTestFinished(other.close);
    return openPage(browser, other.url);
  };

  it('tells the latency of the API, the database and Transmission', async () => {
    const daemon = await startTransmission();
    onTestFinished(daemon.stop);
    const { page, errors, close } = await withTransmission(daemon.environment);
    await health(page).first().waitFor();
    for (const index of [0, 1, 2]) {
      expect(await health(page).nth(index).textContent()).toMatch(/^Answers in [\d.]+ m?s$/);
    }
    await health(page).nth(2).getByRole('link').click();
    await page.waitForURL(/\/#readiness$/);
    await health(page).nth(1).getByRole('link').click();
    await page
      .getByRole('region', { name: 'Connection' })
      .getByText(/, answers in [\d.]+ ms$/)
      .waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it('tells a Transmission that is away from one that nobody configured', async () => {
    const closed = await freePort();
    const away = await withTransmission({
      REAR_DIFF_TRANSMISSION_HOST: '127.0.0.1',
      REAR_DIFF_TRANSMISSION_PORT: String(closed),
    });
    await health(away.page).nth(2).getByText('Away').waitFor();
    await card(away.page, 'Readiness')
      .getByText(/Nothing can be approved/)
      .waitFor();
    await away.close();
    const none = await openPage(browser, product.url);
    await health(none.page).nth(2).getByText('Not configured').waitFor();
    await none.close();
  });
});

describe('when something is missing', () => {
  it('a part that fails says so alone, with its request, and leaves the others', async () => {
    const { page, errors, close } = await openPage(browser, 'about:blank');
    const problem = { success: false, error: 'Database error', message: 'It was not to be.', instance: 'req-7' };
    await page.route('**/media/stats', (route) => route.fulfill({ status: 500, json: problem }));
    await page.route('**/activity?*', (route) => route.fulfill({ status: 500, json: problem }));
    await page.goto(product.url);
    const told = 'The counts of media items: It was not to be. (request req-7)';
    for (const name of ['Pipeline', 'Needs attention']) await card(page, name).getByText(told).waitFor();
    await card(page, 'Recent activity')
      .getByText(/Recent activity: It was not to be/)
      .waitFor();
    await card(page, 'Needs attention')
      .getByText(/rejected/)
      .first()
      .waitFor();
    await page.getByRole('table', { name: 'Confusion matrix of movies' }).waitFor();
    expect(await card(page, 'Backlog').getByRole('link').first().textContent()).toBe('150');
    await page.unroute('**/media/stats');
    await page.unroute('**/activity?*');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await card(page, 'Pipeline').getByRole('link').first().waitFor();
    expect(await page.getByText('Not loaded').count()).toBe(0);
    expect(errors).toEqual([]);
    await close();
  });

  it('a slow part holds up no other', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/prediction/evaluation?*', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(product.url);
    expect(await card(page, 'Backlog').getByRole('link').first().textContent()).toBe('150');
    await card(page, 'Readiness').getByText('Ready', { exact: true }).waitFor();
    release();
    await page.getByRole('table', { name: 'Confusion matrix of movies' }).waitFor();
    await close();
  });

  it('an empty database is said to be one, part by part', async () => {
    const bare = await startProduct({ demo: false });
    onTestFinished(bare.close);
    const { page, errors, close } = await openPage(browser, bare.url);
    for (const words of [
      'Backlog cleared',
      'No labels in the last 90 days.',
      'The pipeline is empty.',
      'No errors',
      'No rejections since midnight',
      'No movie has both a label and a prediction yet.',
      'No changes yet.',
    ]) {
      await page.getByText(words).waitFor();
    }
    expect(errors).toEqual([]);
    await close();
  });

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
    await session.getByText('No labels in').waitFor();
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
    await expect.poll(() => names.allTextContents()).toEqual(missing);
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
    await card(page, 'Health').getByText('Unreachable').waitFor();
    const stale = page.getByText(/^Data from [\d:]+, not updated since$/);
    await stale.waitFor();
    await page.locator('main[data-stale]').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Refresh' }).click();
    expect(await backlog.textContent()).toBe('150');

    await product.db.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id =
      (SELECT imdb_id FROM atp.training WHERE media_type = 'movie' AND NOT coalesce(reviewed, false) LIMIT 1)`);
    await product.startApi();
    await banner.waitFor({ state: 'detached' });
    await stale.waitFor({ state: 'detached' });
    await page.locator('main:not([data-stale])').waitFor();
    await expect.poll(() => backlog.textContent()).toBe('149');
    await card(page, 'Health')
      .getByText(/^Answers in/)
      .first()
      .waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});

describe('for everyone', () => {
  it("what's new is loaded when it is opened, not before", async () => {
    const changelog = readFileSync(new URL('../../../../CHANGELOG.md', import.meta.url), 'utf8');
    const first = /^## (.+)$/m.exec(changelog)?.[1] ?? 'This version has no changelog entry.';
    const asked: string[] = [];
    const { page, errors, close } = await openPage(browser, 'about:blank');
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(product.url);
    await card(page, 'Readiness').waitFor();
    expect(asked.filter((url) => url.includes('changelog'))).toEqual([]);
    await page.locator('summary', { hasText: "What's new" }).press('Enter');
    await page.locator('details').getByText(first, { exact: true }).first().waitFor();
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

  it('has no serious accessibility finding and fits, on a desk and on a phone, in both themes', async () => {
    await labelTen();
    await product.db.query('ALTER TABLE console.flyway_schema_history RENAME TO put_aside');
    const { page, close } = await openPage(browser, product.url);
    await page.getByText('Requests will fail').waitFor();
    await page.getByRole('table', { name: 'Confusion matrix of movies' }).waitFor();
    await page.getByText("What's new").click();
    expect(await obstacles(page)).toEqual([]);
    await close();
  });
});
