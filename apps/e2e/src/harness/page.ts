import { pages } from '@at/console/features';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

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
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // A failed request is reported as an error too; journeys that stop the API cause these on purpose.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors, close: () => context.close() };
}

/** Opens an address; a page of the navigation by its link, which costs less than loading everything again. */
export async function visit(page: Page, origin: string, path: string): Promise<void> {
  const linked = pages.find((one) => one.path === path);
  if (linked && page.url().startsWith(origin)) {
    await page.getByRole('navigation').getByRole('link', { name: linked.name, exact: true }).first().click();
    await page.getByRole('heading', { name: linked.name, level: 1 }).waitFor();
  } else {
    await page.goto(origin + path);
  }
  await settled(page);
}

/** Waits until the page follows the events, which a worker or another tab may receive for it. */
export const following = (page: Page) =>
  page.locator('[data-live="live"], [data-live="polling"]').first().waitFor({ state: 'attached' });

/**
 * Presses the keys of a sequence, such as `g t`, without waiting until the page has handled the first: on a busy machine
 * the second would come too late to be part of it.
 */
export async function pressSequence(page: Page, keys: string): Promise<void> {
  await Promise.all(keys.split(' ').map((key) => page.keyboard.press(key)));
}

/** Waits until it has the focus, so that the next key reaches it. */
export const focused = (element: Locator) =>
  expect.poll(() => element.evaluate((one) => one === document.activeElement)).toBe(true);

/** Whether something of it can be seen without scrolling. */
export const inSight = (element: Locator) =>
  element.evaluate((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });

/** Waits until the code of messages and of everything that opens on the page has loaded: the API that serves it may stop. */
export const messagesReady = async (page: Page) => {
  await page.locator('.mantine-Notifications-root').first().waitFor({ state: 'attached' });
  await page.locator('html[data-code="loaded"]').waitFor({ state: 'attached' });
};

/** By how many pixels the page is wider than the screen. */
export const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Lists in tables that are cut, and the controls above lists whose text is: of selects the longest choice, of fields the placeholder. */
export const cutControls = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
    const isCut = (element: HTMLElement, texts: string[]) => {
      const { font, paddingLeft, paddingRight } = getComputedStyle(element);
      context.font = font;
      const room = element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      return texts.filter((text) => context.measureText(text).width > room + 1);
    };
    const seen = (selector: string) =>
      [...document.querySelectorAll<HTMLElement>(`main ${selector}`)].filter((one) => one.checkVisibility());
    return [
      ...(seen('select') as HTMLSelectElement[]).flatMap((one) =>
        isCut(
          one,
          [...one.options].map(({ text }) => text),
        ),
      ),
      ...(seen('input[placeholder]') as HTMLInputElement[]).flatMap((one) => isCut(one, [one.placeholder])),
      ...seen(':is(.mantine-Button-label, .mantine-SegmentedControl-label)')
        .filter((one) => one.scrollWidth > one.clientWidth + 1)
        .map(({ textContent }) => textContent),
      ...seen('table[aria-label]').flatMap((table) => {
        const { ariaLabel, parentElement: frame } = table;
        // Spacing at its edge shows nothing.
        const { borderCollapse, borderSpacing } = getComputedStyle(table);
        const edge = borderCollapse === 'separate' ? Number.parseFloat(borderSpacing) : 0;
        return frame && frame.scrollWidth > frame.clientWidth + edge ? (ariaLabel ?? []) : [];
      }),
    ];
  });

/** Waits until the page is there: its heading has come and no part of it is loading. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => !document.querySelector('main :is([aria-busy="true"], .mantine-Skeleton-root)'));
  await page.waitForLoadState('load');
}
