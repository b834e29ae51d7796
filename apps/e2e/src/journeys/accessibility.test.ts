import { finishedRun, replyJson, startMlflow } from '@at/adapters/test/fake-mlflow';
import { measured, realistic, trainingFile } from '@at/adapters/test/training-file';
import { addresses } from '@at/console/features';
import { sized } from '@at/db/test-size';
import type pg from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { darkDesk, everyLook, type Look, lightPhone, obstacles } from '#harness/accessibility.ts';
import { browser, withBrowser } from '#harness/lifecycle.ts';
import { desktop, type Opened, openPage, phone, settled, visit } from '#harness/page.ts';
import { type Product, startProduct } from '#harness/product.ts';
import { refuse } from '#harness/training-page.ts';

/**
 * Axe finds nothing serious in any page or state, and nothing is wider than the screen. Each page is dark on a desk in one
 * test, and light on a phone in another; in deep tests each state is seen in every look.
 */

withBrowser();

let opened: Opened;
/** One browser page for all tests of a group, and no error on it. */
function withPage(): void {
  beforeAll(async () => {
    opened = await openPage(browser, 'about:blank');
  });
  afterEach(() => {
    expect(opened.errors.splice(0)).toEqual([]);
  });
  afterAll(() => opened.close());
}

describe('on a database of its own', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ demo: false });
    return () => product.close();
  });
  withPage();

  // These show the same with rows and without.
  const isAlike = (path: string) => /^\/(model|migrations|settings)/.test(path);

  describe('without rows', () => {
    it.each(Object.values(addresses).filter((path) => sized(!isAlike(path), true)))('%s', async (path) => {
      await visit(opened.page, product.url, path);
      expect(await obstacles(opened.page, everyLook(lightPhone))).toEqual([]);
    });
  });

  describe('with one row of each kind and hostile text in every field', () => {
    beforeAll(async () => {
      await fillHostile(product.db);
      await opened.page.goto('about:blank');
    });

    it.each(Object.values(addresses))('%s', async (path) => {
      await visit(opened.page, product.url, path);
      expect(await obstacles(opened.page, everyLook(darkDesk))).toEqual([]);
      expect(await opened.page.evaluate(() => 'attacked' in window)).toBe(false);
    });
  });
});

type State = {
  name: string;
  path: string;
  /** SQL that runs first, and SQL that undoes it. */
  given?: string;
  takeBack?: string;
  /** Each creates a state and waits for it; `within`: the elements that are new in it, if not all. */
  reach: { to: (page: Page) => Promise<unknown>; within?: string }[];
  /** Light on a phone, if nothing else is said. */
  looks?: Look[];
};

const onDesk: Look[] = [darkDesk];

const inDialog = '[role="dialog"]';
const inMenu = '[role="menu"]';
const dialog = (page: Page) => page.getByRole('dialog');
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** Closes what Escape closes. */
async function pressEscape(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('menu').or(dialog(page)).waitFor({ state: 'detached' });
}

async function openMenu(page: Page, name: string): Promise<void> {
  await button(page, name).click();
  await page.getByRole('menu').getByRole('menuitem').or(page.getByRole('menuitemcheckbox')).first().waitFor();
}

const states: State[] = [
  {
    name: 'a failed migration with its details',
    path: '/migrations?schema=console&open=99',
    given: `INSERT INTO console.flyway_schema_history
      (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
      VALUES (99, '7', 'label event partitions', 'SQL', 'V7__partitions.sql', 12345, 'postgres', 61234, false)`,
    takeBack: 'DELETE FROM console.flyway_schema_history WHERE installed_rank = 99',
    reach: [{ to: (page) => page.getByText('Checksum recorded').waitFor() }],
  },
  {
    name: 'Home with a labelling session, a missing table and the changelog',
    path: '/',
    given: `ALTER TABLE console.flyway_schema_history RENAME TO put_aside;
      INSERT INTO console.label_event (imdb_id, actor, action, before, after, decision_ms, at)
      SELECT imdb_id, 'Ada', 'would_watch',
        '{"label": null, "human_labeled": false, "anomalous": false, "reviewed": false}',
        '{"label": "would_watch", "human_labeled": true, "anomalous": false, "reviewed": true}',
        4000, now() - interval '3 hours 30 minutes' + n * interval '6 seconds'
      FROM (SELECT imdb_id, row_number() OVER (ORDER BY imdb_id) AS n FROM atp.training LIMIT 10) AS titles`,
    takeBack: 'ALTER TABLE console.put_aside RENAME TO flyway_schema_history',
    reach: [
      {
        to: async (page) => {
          await page.getByText(/^Requests will fail/).waitFor();
          await page.getByText('Median decision').waitFor();
          await page.getByRole('table', { name: 'Confusion matrix of movies' }).waitFor();
          await page.getByText("What's new").click();
        },
      },
    ],
  },
  {
    name: 'Settings with a key that is taken',
    path: '/settings?tab=keys',
    reach: [
      {
        to: async (page) => {
          await page.getByRole('button', { name: 'Change the keys of: Would watch', exact: true }).click();
          await page.getByRole('textbox', { name: 'New key: Would watch' }).press('n');
          await page.getByText(/is already used for/).waitFor();
        },
      },
    ],
  },
  {
    name: 'Media in every pipeline status with its filters, details, board and legend',
    path: '/media?deleted=include&q=axe',
    given: `INSERT INTO atp.media (hash, media_type, media_title, original_title, pipeline_status, rejection_status,
        rejection_reason, error_status, error_condition, deleted_at, created_at, updated_at) VALUES
      (repeat('a1', 20), 'movie', 'Axe accessible', 'a', 'parsed', 'unfiltered', NULL, true, 'x', NULL, '2035-01-01', '2035-01-01'),
      (repeat('a2', 20), 'movie', 'Axe refused', 'a', 'rejected', 'rejected', 'x', false, NULL, NULL, '2035-01-01', '2035-01-01'),
      (repeat('a3', 20), 'movie', 'Axe on its way', 'a', 'downloading', 'accepted', NULL, false, NULL, NULL, '2035-01-01', '2035-01-01'),
      (repeat('a4', 20), 'movie', 'Axe done', 'a', 'complete', 'override', NULL, false, NULL, NULL, '2035-01-01', '2035-01-01'),
      (repeat('a5', 20), 'movie', 'Axe held', 'a', 'paused', 'unfiltered', NULL, false, NULL, '2035-01-01', '2035-01-01', '2035-01-01')`,
    takeBack: "DELETE FROM atp.media WHERE created_at = '2035-01-01'",
    reach: [
      {
        to: async (page) => {
          await page.getByRole('link', { name: 'Axe accessible' }).waitFor();
          await button(page, /^Filters/).click();
          await page.getByLabel('Year at least').waitFor();
        },
      },
      {
        to: async (page) => {
          await page.getByRole('link', { name: 'Axe accessible' }).click();
          await dialog(page).getByText('Paths and links').waitFor();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await pressEscape(page);
          await page.getByText('Board', { exact: true }).click();
          await page.getByRole('region', { name: 'Pipeline', exact: true }).waitFor();
        },
      },
      {
        to: async (page) => {
          await button(page, 'Legend').click();
          await dialog(page).getByText('soft-deleted').waitFor();
        },
        within: inDialog,
      },
    ],
  },
  {
    name: 'Runs in each word of state, and a failed one with its error, its input and its output',
    path: '/runs',
    given: `WITH runs AS (
        INSERT INTO console.run (task, params, trigger, requested_by, subject_type, subject_id, outcome, finished_at)
        SELECT 'training.rerun_metadata', '{"titles": ["tt0000001"]}', 'manual', '<b>Ada</b>', 'titles', repeat('x', 43),
          nullif(outcome, ''), CASE WHEN outcome <> '' THEN now() END
        FROM unnest(ARRAY['', 'completed', 'cancelled', 'failed']) AS outcome RETURNING id, task, params, outcome, finished_at
      )
      , steps AS (INSERT INTO console.step (run_id, task, params, queue, progress, error, output, outcome, started_at, finished_at)
      SELECT id, task, params, 'network', '{"done": 3, "total": 8, "unit": "titles"}',
        CASE WHEN outcome = 'failed' THEN jsonb_build_object('type', 'Error', 'message', repeat('long', 90), 'stack', repeat('at x ', 90)) END,
        '{"titles": []}', outcome, now() - interval '1 minute', finished_at FROM runs RETURNING id, outcome),
      attempts AS (
        INSERT INTO console.step_attempt (job_id, retry_count, step_id, worker_id)
        SELECT gen_random_uuid(), n, id, gen_random_uuid() FROM steps, generate_series(1, 2) n WHERE outcome = 'failed'
        RETURNING job_id, retry_count
      )
      INSERT INTO console.run_log (job_id, retry_count, seq, at, level, message, fields)
      SELECT job_id, retry_count, 3 * seq, now(), level, repeat('long', 90), '{"err": {"stack": "at x"}}'
      FROM attempts, unnest(ARRAY['debug', 'info', 'warn', 'error']) WITH ORDINALITY AS line (level, seq)`,
    takeBack: 'TRUNCATE console.run CASCADE; TRUNCATE console.run_log',
    reach: [
      { to: (page) => page.getByRole('table', { name: 'Runs' }).getByText('failed').waitFor() },
      {
        to: async (page) => {
          await page.getByRole('row').filter({ hasText: 'failed' }).getByRole('link').first().press('Enter');
          await dialog(page).getByText('Stack').click();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await dialog(page).getByText('Input and output', { exact: true }).click();
          await dialog(page).getByRole('region', { name: 'Input' }).waitFor();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await dialog(page).getByText('Log', { exact: true }).click();
          await dialog(page).getByRole('searchbox').fill('LONG');
          await dialog(page).getByRole('status').getByText('of 8').waitFor();
        },
        within: inDialog,
      },
    ],
  },
  {
    name: 'Queue with a failed file, its details as a tree and as JSON, its menu, the selection, the history and maintenance',
    path: '/queue',
    given: `INSERT INTO console.queue_item (file_path, file, movie_code, actress, metadata_json, failed_step, failed_run_id,
        error_message, error_fingerprint)
      SELECT '/watch/' || n || repeat('long', 50) || '.mkv', '{}', 'ABC-' || n, '<b>Ada</b>',
        jsonb_build_object('title', repeat('long', 60), 'genre', ARRAY['Drama']), 'move', gen_random_uuid(), repeat('long', 90),
        'fingerprint' FROM generate_series(1, 2) n`,
    takeBack: 'TRUNCATE console.queue_item',
    reach: [
      { to: (page) => page.getByRole('table', { name: 'Queue' }).getByText('Failed').first().waitFor() },
      {
        to: async (page) => {
          await button(page, 'History').click();
          await page.getByRole('img', { name: /^By hour/ }).waitFor();
          await page.getByRole('checkbox', { name: 'Select ABC-1' }).check();
        },
      },
      {
        to: async (page) => {
          await page.getByRole('rowheader').getByRole('link', { name: 'ABC-2' }).press('Enter');
          await dialog(page).getByText('Failed: Move').waitFor();
          await dialog(page).getByRole('button', { name: 'More actions' }).waitFor();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await dialog(page).locator('label', { hasText: 'JSON' }).click();
          await dialog(page).getByRole('region', { name: 'JSON' }).waitFor();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await page.keyboard.press('Escape');
          await dialog(page).waitFor({ state: 'detached' });
          await button(page, 'Maintenance').click();
          await dialog(page)
            .getByRole('button', { name: /^(Remove|Clean up)/ })
            .waitFor();
        },
        within: inDialog,
      },
    ],
  },
  {
    name: 'a bulk change of media: the choice of statuses, the preview and its items',
    path: '/media?q=half+baked',
    looks: onDesk,
    reach: [
      {
        to: async (page) => {
          await page.getByRole('checkbox', { name: 'Select all rows on this page' }).check();
          await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Set statuses' }).click();
          await dialog(page).getByLabel('Pipeline status').selectOption('paused');
        },
      },
      {
        to: async (page) => {
          await dialog(page).getByRole('button', { name: 'Preview' }).click();
          await dialog(page).getByText('Nothing has changed yet.').waitFor();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await dialog(page)
            .getByRole('button', { name: /^Set the statuses of/ })
            .click();
          await dialog(page).getByRole('link', { name: 'Show each item' }).click();
          await page.getByRole('dialog', { name: /^Set statuses: 1 media item/ }).waitFor();
        },
        within: inDialog,
      },
    ],
  },
  {
    name: 'a training beside another one, with a tree, its table and its source; and a tree that cannot be drawn',
    path: '/model?against=other',
    reach: [
      {
        to: async (page) => {
          await page.getByRole('region', { name: 'bald-hen-12 against old-owl-3' }).waitFor();
          await page.getByRole('img', { name: /^Tree / }).waitFor();
          await page.getByText('The tree as a table').click();
          await page.getByText('DOT source', { exact: true }).click();
        },
      },
      {
        to: async (page) => {
          await button(page, 'Next tree').click();
          await page.getByText('This tree cannot be drawn').waitFor();
        },
        within: 'main section',
      },
    ],
  },
  {
    name: 'Predictions with filters and details, curves, calibration, slices, agreement and recorded cells',
    path: '/predictions?genre=Horror&cell=fp',
    reach: [
      {
        to: async (page) => {
          await button(page, 'Expand').click();
          await page.getByRole('img', { name: /^Probability by label/ }).waitFor();
          await button(page, /^Filters/).click();
          await page.getByRole('region', { name: 'Filters' }).getByLabel('Year at least').waitFor();
          await page.locator('article h2 button').first().click();
          await page.locator('[data-column="imdb_id"]').waitFor();
        },
      },
      {
        to: async (page) => {
          await page.locator('label', { hasText: 'ROC' }).click();
          await page.getByRole('img', { name: /^ROC\./ }).waitFor();
          for (const summary of await page.locator('summary').all()) await summary.click();
        },
      },
      {
        to: async (page) => {
          await page.locator('label', { hasText: 'Calibration' }).click();
          await page.getByRole('img', { name: /^Calibration\./ }).waitFor();
        },
        within: 'main section',
      },
      {
        to: async (page) => {
          await page.locator('label', { hasText: 'Slices' }).click();
          await page.getByRole('region', { name: 'Slices' }).waitFor();
        },
        within: 'main section',
      },
      {
        to: async (page) => {
          await page.locator('label', { hasText: 'Agreement' }).click();
          await page.getByText('No decision with a known probability').waitFor();
        },
        within: 'main section',
      },
      {
        to: async (page) => {
          await page.getByText('As recorded', { exact: true }).click();
          await page.getByText('As recorded by the model').waitFor();
        },
        within: 'main section',
      },
    ],
  },
  {
    name: 'saved views with a hostile name: the menu and the dialog',
    path: '/training?genre=Drama',
    given: `INSERT INTO console.view (page, name, query, shared, owner)
      VALUES ('training', '<img src=x onerror=attacked=1>' || chr(8238) || repeat('x', 60), 'genre=Drama', true, 'anonymous')`,
    takeBack: 'DELETE FROM console.view',
    reach: [
      {
        to: async (page) => {
          await page.locator('article').waitFor();
          await button(page, /^View/).click();
          await page.getByRole('menu').getByText('<img src=x').waitFor();
        },
        within: inMenu,
      },
      {
        to: async (page) => {
          await page.getByRole('menuitem', { name: 'Rename, share or delete…' }).click();
          await dialog(page).getByText('<img src=x').waitFor();
        },
        within: inDialog,
      },
    ],
  },
  {
    name: 'a search for a long word without a match',
    path: `/training?q=${'Donaudampfschifffahrt'.repeat(8)}`,
    reach: [{ to: (page) => page.getByText('No title matches').waitFor() }],
  },
  {
    name: 'a refused change, and a bulk change that left a title alone',
    path: '/training?view=list&reviewed=all&q=half+baked',
    looks: [{ theme: 'light', viewport: desktop }],
    reach: [
      {
        to: async (page) => {
          const url = /\/training\/tt\d+$/;
          await refuse(page, url);
          await button(page, /^Anomalous/).click();
          await page.getByRole('alert').getByText('The disk is full.').waitFor();
          await page.unroute(url);
        },
        within: '[role="alert"]',
      },
      {
        to: async (page) => {
          await page.getByRole('checkbox', { name: 'Select all rows on this page' }).check();
          await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'More' }).click();
          await page.getByRole('menuitem', { name: 'Not anomalous' }).click();
          await dialog(page).getByText('Nothing has changed yet.').waitFor();
          const id = await page.locator('li[data-imdb-id]').getAttribute('data-imdb-id');
          const url = new URL(`/rear-diff/training/${id}`, page.url()).href;
          for (const anomalous of [true, false]) {
            expect((await page.request.patch(url, { data: { imdb_id: id, anomalous } })).status()).toBe(200);
          }
          await dialog(page).getByRole('button', { name: 'Unmark 1 title' }).click();
          await dialog(page).getByRole('region', { name: 'Not done, or only in part' }).waitFor();
        },
        within: inDialog,
      },
    ],
  },
  {
    name: 'the menus of a list',
    path: '/training?view=list&reviewed=all&q=half+baked',
    looks: onDesk,
    reach: ['Views', 'Export', 'Columns and density'].map((name, index) => ({
      to: async (page) => {
        if (index > 0) await pressEscape(page);
        await openMenu(page, name);
      },
      within: inMenu,
    })),
  },
  {
    name: 'the palette with titles, the list of keys, the last calls and the folded navigation',
    path: '/training',
    looks: onDesk,
    reach: [
      {
        to: async (page) => {
          await page.locator('article').waitFor();
          await page.keyboard.press('Control+k');
          await page.getByPlaceholder('Search titles, pages and actions').fill('half bak');
          await dialog(page).getByRole('button').filter({ hasText: 'Half Baked' }).first().waitFor();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await pressEscape(page);
          await page.keyboard.press('?');
          await page.getByRole('switch', { name: 'Single-letter keys' }).waitFor();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await pressEscape(page);
          await button(page, 'More about this request').click();
          await page.getByRole('menuitem', { name: 'Last calls' }).click();
          await dialog(page).getByText(/^GET/).or(dialog(page).getByText('No calls')).first().waitFor();
        },
        within: inDialog,
      },
      {
        to: async (page) => {
          await pressEscape(page);
          await button(page, 'Fold the navigation').click();
          await button(page, 'Unfold the navigation').waitFor();
        },
        within: 'nav',
      },
      // The next pages are opened with it unfolded.
      { to: (page) => button(page, 'Unfold the navigation').click(), within: 'nav' },
    ],
  },
  {
    name: 'the drawer of pages on a phone',
    path: '/',
    looks: [{ theme: 'dark', viewport: phone }],
    reach: [
      {
        to: async (page) => {
          await page.setViewportSize(phone);
          await page.getByRole('button', { name: 'More', exact: true }).click();
          await dialog(page)
            .getByText(/^Connected/)
            .waitFor();
        },
        within: inDialog,
      },
    ],
  },
];

describe('on the demo catalogue, with a training in MLflow', () => {
  let product: Product;
  beforeAll(async () => {
    const mlflow = await startMlflow();
    const other = finishedRun(measured, { run_id: 'other', run_name: 'old-owl-3' });
    mlflow.search = replyJson({ runs: [finishedRun(measured), other] });
    mlflow.artifact = replyJson(trainingFile([realistic, 'digraph {']));
    product = await startProduct({ environment: mlflow.environment });
    return async () => {
      await product.close();
      await mlflow.close();
    };
  });
  withPage();

  it.each(states)('$name', async (state) => {
    const { page } = opened;
    if (state.given) await product.db.query(state.given);
    const { takeBack } = state;
    if (takeBack) onTestFinished(async () => void (await product.db.query(takeBack)));
    await page.setViewportSize(desktop);
    await page.goto(product.url + state.path);
    for (const { to, within } of state.reach) {
      await to(page);
      expect(await obstacles(page, state.looks ?? everyLook(lightPhone), within)).toEqual([]);
    }
  });

  it('the error page', async () => {
    const { page } = opened;
    const list = /\/rear-diff\/training\?/;
    await page.route(list, (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 500, error: 'Database error occurred', message: 'It broke.', instance: 'r-17' }),
      }),
    );
    await page.goto(`${product.url}/training`);
    await page.getByText('r-17').waitFor();
    expect(await obstacles(page, everyLook(lightPhone))).toEqual([]);
    await page.unroute(list);
  });

  it('Home under the banner of an outage', async () => {
    const { page } = opened;
    await page.goto(product.url);
    await settled(page);
    await product.stopApi();
    await page.getByText(/^Not updated since/).waitFor();
    expect(await obstacles(page, onDesk)).toEqual([]);
    // What was loading when the API stopped is an error in the browser's console.
    opened.errors.splice(0);
    await product.startApi();
  });
});

describe('with keys', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ environment: { API_KEYS: 'vera:viewer:the-secret-of-vera' } });
    return () => product.close();
  });
  withPage();

  it('the form of the key, the card and the details of a viewer', async () => {
    const { page } = opened;
    await page.goto(`${product.url}/training`);
    await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
    expect(await obstacles(page, everyLook(lightPhone))).toEqual([]);
    await page.getByLabel('Key', { exact: true }).fill('the-secret-of-vera');
    await page.keyboard.press('Enter');
    await page.getByRole('note').getByText('this needs the role operator').waitFor();
    expect(await obstacles(page, onDesk)).toEqual([]);
    await page.goto(`${product.url}/media?error_status=true`);
    await page.locator('tbody tr').first().getByRole('link').click();
    const remove = dialog(page).getByRole('button', { name: 'Delete' });
    await remove.hover();
    await page.getByRole('tooltip').waitFor();
    expect(await obstacles(page, onDesk, `${inDialog}, [role="tooltip"]`)).toEqual([]);
  });
});

const hostile = `<img src=x onerror="attacked=1"> \u202e'"\`\${7}{{7}}% 💥${'x'.repeat(120)}`;

/** One title, its prediction and its media item, with hostile text wherever text fits; cut where a column ends. */
async function fillHostile(db: pg.Client): Promise<void> {
  const cut = (length: number) => [...hostile].slice(0, length).join('');
  await insert(db, 'atp.training', {
    imdb_id: 'tt0000001',
    media_type: 'movie',
    media_title: cut(255),
    original_media_title: cut(255),
    tagline: cut(255),
    overview: hostile.repeat(20),
    production_status: cut(25),
    release_year: 2001,
    genre: [cut(20)],
    origin_country: ['<b'],
    original_language: '<b',
    production_companies: [cut(255)],
    production_countries: ['<b'],
    spoken_languages: ['<b'],
  });
  await insert(db, 'atp.prediction', { imdb_id: 'tt0000001', prediction: 1, probability: 0.5, cm_value: 'fp' });
  await insert(db, 'atp.media', {
    hash: 'a1'.repeat(20),
    media_type: 'movie',
    media_title: cut(255),
    original_title: hostile,
    imdb_id: 'tt0000001',
    pipeline_status: 'parsed',
    error_status: true,
    error_condition: hostile,
    rejection_status: 'rejected',
    rejection_reason: hostile,
    parent_path: hostile,
    target_path: hostile,
    original_path: hostile,
    original_link: `javascript:attacked=1//${hostile}`,
    uploader: cut(25),
    resolution: cut(10),
    video_codec: cut(10),
    upload_type: cut(10),
    audio_codec: cut(10),
  });
  await insert(db, 'console.queue_item', {
    file_path: `/${hostile}`,
    file: '{}',
    movie_code: hostile,
    actress: hostile,
    subtitle: hostile,
    metadata_json: JSON.stringify({ [hostile]: [hostile], title: hostile }),
    emby_item_id: hostile,
    failed_step: 'publish',
    failed_run_id: '0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59',
    error_message: hostile.repeat(4),
    error_fingerprint: '0123456789ab',
  });
  await insert(db, 'console.run', {
    task: 'training.rerun_metadata',
    params: '{}',
    trigger: 'manual',
    requested_by: hostile,
  });
}

async function insert(db: pg.Client, table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row);
  await db.query(
    `INSERT INTO ${table} (${names.join()}) VALUES (${names.map((_, i) => `$${i + 1}`).join()})`,
    Object.values(row),
  );
}
