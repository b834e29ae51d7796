import { readFileSync } from 'node:fs';
import { browserHeaders, inlineScripts } from '../../../apps/api/src/http/browser-headers.ts';

/**
 * Prints, for nginx, what the API tells browsers with the console's page, so that it says the same from here:
 *
 *   node infra/docker/console/headers.ts apps/console/dist/index.html > browser-headers.conf
 *
 * The import is by path: the image's build stage has no packages.
 */

const page = readFileSync(process.argv[2] as string, 'utf8');
for (const [name, value] of Object.entries(browserHeaders(inlineScripts(page)))) {
  console.log(`add_header ${name} "${value}" always;`);
}
