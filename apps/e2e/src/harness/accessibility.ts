import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sized } from '@at/db/test-size';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { cutControls, desktop, overflow, phone } from '#harness/page.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rows of a list beyond the sixth, which repeat the elements of those before; deep tests look at all. */
const repeated = sized(['[data-imdb-id]:nth-child(n+7)', 'tbody tr:nth-child(n+7)'], []);

/**
 * The serious and critical findings of axe within an element of the current page, as readable lines. Axe collects
 * violations only: its lists of what passes took most of the time.
 */
async function accessibilityFindings(page: Page, within: string): Promise<string[]> {
  // Colours are final when nothing fades any more.
  await page.waitForFunction(
    () =>
      document.getAnimations().every((one) => one.effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY) &&
      [...document.querySelectorAll('[role="menu"], [role="dialog"]')].every(
        (one) => !one.checkVisibility() || getComputedStyle(one).opacity === '1',
      ),
  );
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const violations = await page.evaluate(
    async (where) => {
      const { axe } = window as unknown as {
        axe: { run: (context: typeof where, options: { resultTypes: string[] }) => Promise<AxeResults> };
      };
      return (await axe.run(where, { resultTypes: ['violations'] })).violations;
    },
    { include: [within], exclude: repeated },
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')} ${failureSummary}`),
    );
}

export type Look = { theme: 'dark' | 'light'; viewport: typeof desktop };
export const darkDesk: Look = { theme: 'dark', viewport: desktop };
export const lightPhone: Look = { theme: 'light', viewport: phone };
/** In deep tests each theme on each screen. */
export const everyLook = (small: Look): Look[] =>
  sized([small], [darkDesk, { theme: 'light', viewport: desktop }, { theme: 'dark', viewport: phone }, lightPhone]);

/** Changes the size and theme of a loaded page, as turning a phone and choosing a theme in another tab do. */
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
 * What hinders reading the current page in some looks, as readable lines: the findings of axe within an element (in deep
 * tests on the whole page), by how much the page is wider than the screen, and controls whose text is cut. Afterwards it is dark and as wide as before.
 */
export async function obstacles(page: Page, looks: Look[], within = 'html'): Promise<string[]> {
  const before = page.viewportSize() ?? desktop;
  const found: string[] = [];
  for (const one of looks) {
    await look(page, one);
    const tooWide = await overflow(page);
    const findings = await accessibilityFindings(page, sized(within, 'html'));
    findings.unshift(...(await cutControls(page)).map((text) => `cut: ${text}`));
    if (tooWide) findings.unshift(`${tooWide} pixels wider than the screen`);
    found.push(...findings.map((finding) => `${one.theme}, ${one.viewport.width} pixels wide: ${finding}`));
  }
  await look(page, { theme: 'dark', viewport: before });
  return found;
}
