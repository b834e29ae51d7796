import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

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
    // A failed request is reported as an error too; journeys that stop the API cause these on purpose.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors, close: () => context.close() };
}

/** Waits until the page follows the events, which a worker or another tab may receive for it. */
export const following = (page: Page) =>
  page.locator('[data-live="live"], [data-live="polling"]').first().waitFor({ state: 'attached' });

/** Whether something of it can be seen without scrolling. */
export const inSight = (element: Locator) =>
  element.evaluate((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });

/** Waits for the code of messages, which a page loads last: without it no message shows during an outage. */
export const messagesReady = (page: Page) =>
  page.locator('.mantine-Notifications-root').first().waitFor({ state: 'attached' });

/** By how many pixels the page is wider than the screen. */
export const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Waits until the page is there: its heading has come and no part of it is loading. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('main [aria-busy="true"]').length === 0);
  await page.waitForLoadState('load');
}
