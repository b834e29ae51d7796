import { readFileSync, writeFileSync } from 'node:fs';
import { launchBrowser } from '#harness/browser.ts';

/** Draws the icons that cannot be vectors from the one that is: `node apps/e2e/icons.ts`. */

const place = new URL('../console/public/', import.meta.url);
const svg = readFileSync(new URL('favicon.svg', place), 'utf8');
const browser = await launchBrowser();
try {
  for (const size of [180, 192, 512]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    // Without round corners: each system cuts them in its own way.
    await page.setContent(`<body style="margin:0">${svg.replace(/ rx="\d+"/, '')}</body>`);
    await page.addStyleTag({ content: 'svg { display: block; width: 100vw; height: 100vh; }' });
    writeFileSync(new URL(`icon-${size}.png`, place), await page.screenshot());
    await page.close();
  }
} finally {
  await browser.close();
}
