import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startTestServer } from '@at/db/testing';
import { launchBrowser } from './src/browser.ts';
import { desktop, openPage, phone, startProduct } from './src/harness.ts';

/**
 * Pictures of every page on the demo catalogue, desktop and phone, dark and light:
 * `node apps/e2e/screenshots.ts <directory> [<path> ...]`. The console must have been built.
 */

const [directory = 'screenshots', ...given] = process.argv.slice(2);
const paths =
  given.length > 0
    ? given
    : [
        '/',
        '/training?order=uncertain',
        '/training?view=list&order=uncertain',
        '/migrations',
        '/migrations?schema=console',
      ];

const server = await startTestServer();
const product = await startProduct();
const browser = await launchBrowser();
mkdirSync(directory, { recursive: true });
try {
  for (const path of paths) {
    for (const theme of ['dark', 'light'] as const) {
      for (const [device, viewport] of Object.entries({ desktop, phone })) {
        const { page, errors, close } = await openPage(browser, product.url + path, { theme, viewport });
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        const name = path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'home';
        const file = resolve(join(directory, `${name}-${theme}-${device}.png`));
        await page.screenshot({ path: file });
        console.log(file);
        for (const error of errors) console.error(`  ${error}`);
        await close();
      }
    }
  }
} finally {
  await browser.close();
  await product.close();
  await server.stop();
}
