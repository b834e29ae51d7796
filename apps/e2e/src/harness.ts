import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildApp } from '@at/api/app';
import { readConfig } from '@at/api/config';
import { createDeps } from '@at/api/deps';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { loadDemo } from '@at/infra/demo/load';
import type { AxeResults } from 'axe-core';
import pg from 'pg';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** A whole product for one journey: a database of its own, the API, the built console, and a browser page on it. */

const consoleDirectory = fileURLToPath(new URL('../../console/dist', import.meta.url));

export type Product = {
  url: string;
  /** Straight to the database, to look at what a journey left there. */
  db: pg.Client;
  /** Stops the API; the database stays. */
  stopApi: () => Promise<void>;
  /** Starts it again on the same port. */
  startApi: () => Promise<void>;
  close: () => Promise<void>;
};

/** Filled once per worker and cloned for each product. */
let filled: Promise<TestDatabase> | undefined;

async function fillDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase('full');
  const client = new pg.Client(database.connectionString);
  await client.connect();
  await loadDemo(client);
  await client.end();
  return database;
}

export type ProductOptions = {
  /** With the demo catalogue (the default), or without any title. */
  demo?: boolean;
  /** On a clone of this database instead. */
  from?: TestDatabase;
  /** What the API is configured with beside its database. */
  environment?: Record<string, string>;
};

export async function startProduct({ demo = true, from, environment = {} }: ProductOptions = {}): Promise<Product> {
  if (demo && !from) filled ??= fillDatabase();
  const database = await createTestDatabase(from ?? (demo ? await (filled as Promise<TestDatabase>) : 'full'));
  const db = new pg.Client(database.connectionString);
  // When a journey fails, the server is stopped under it; what failed must be told, not that.
  db.on('error', () => {});
  await db.connect();

  const config = readConfig({ ...environment, DATABASE_URL: database.connectionString });
  let port = 0;
  let running: (() => Promise<void>) | undefined;
  const startApi = async () => {
    const deps = createDeps({ ...config, database: database.connectionString }, { embedded: true });
    const app = await buildApp(deps, { consoleDirectory });
    await app.listen({ host: '127.0.0.1', port });
    const address = app.server.address();
    if (typeof address === 'object' && address) port = address.port;
    running = async () => {
      app.server.closeAllConnections();
      await app.close();
      await deps.close();
    };
  };
  const stopApi = async () => {
    await running?.();
    running = undefined;
  };
  await startApi();
  return {
    url: `http://127.0.0.1:${port}`,
    db,
    stopApi,
    startApi,
    close: async () => {
      await stopApi();
      await db.end();
      await database.drop();
    },
  };
}

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 360, height: 740 };

export type Opened = {
  page: Page;
  /** Errors of the page: uncaught ones, and what the browser refused (content security policy among it). */
  errors: string[];
  close: () => Promise<void>;
};

/** A fresh visitor. */
export async function openPage(
  browser: Browser,
  url: string,
  { theme = 'dark', ...options }: BrowserContextOptions & { theme?: 'dark' | 'light' } = {},
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: desktop,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    ...options,
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  if (theme === 'light') {
    await context.addInitScript(() => localStorage.setItem('mantine-color-scheme-value', 'light'));
  }
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // A failed request is told as an error too; journeys that stop the API cause these on purpose.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors, close: () => context.close() };
}

/** Whether something of it can be seen without scrolling. */
export const inSight = (element: Locator) =>
  element.evaluate((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });

/** By how many pixels the page is wider than the screen. */
export const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The serious and critical findings of axe on the page as it stands, as readable lines. Only what is violated is brought
 * together: lists of all that passes took most of the time.
 */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  // What fades in has its colours once that has ended.
  await page.waitForFunction(
    () =>
      document.getAnimations().every((one) => one.effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY) &&
      [...document.querySelectorAll('[role="menu"], [role="dialog"]')].every(
        (one) => !one.checkVisibility() || getComputedStyle(one).opacity === '1',
      ),
  );
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: (where: Document, options: { resultTypes: string[] }) => Promise<AxeResults> };
    };
    return (await axe.run(document, { resultTypes: ['violations'] })).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')} ${failureSummary}`),
    );
}

type Look = { theme: 'dark' | 'light'; viewport: typeof desktop };
const everyLook: Look[] = [desktop, phone].flatMap((viewport) => [
  { theme: 'dark', viewport },
  { theme: 'light', viewport },
]);

/** Makes a loaded page look otherwise, as a turned phone and the theme chosen in another tab do. */
async function look(page: Page, { theme, viewport }: Look): Promise<void> {
  await page.setViewportSize(viewport);
  await page.evaluate((chosen) => {
    const key = 'mantine-color-scheme-value';
    localStorage.setItem(key, chosen);
    dispatchEvent(new StorageEvent('storage', { key, newValue: chosen, storageArea: localStorage }));
  }, theme);
  await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/**
 * What keeps somebody from reading the page as it stands, on a desk or on a phone, in either theme, as readable lines:
 * what axe finds, and by how much the page is wider than the screen. Afterwards it is dark and as wide as before.
 */
export async function obstacles(page: Page, looks: readonly Look[] = everyLook): Promise<string[]> {
  const before = page.viewportSize() ?? desktop;
  const found: string[] = [];
  for (const one of looks) {
    await look(page, one);
    const tooWide = await overflow(page);
    const findings = await accessibilityFindings(page);
    if (tooWide) findings.unshift(`${tooWide} pixels wider than the screen`);
    found.push(...findings.map((finding) => `${one.theme}, ${one.viewport.width} pixels wide: ${finding}`));
  }
  await look(page, { theme: 'dark', viewport: before });
  return found;
}
