import { readFileSync } from 'node:fs';
import { browserHeaders, inlineScripts } from '../../../apps/api/src/http/browser-headers.ts';

// Prints the API's headers for the console's page in nginx syntax:
//   node infra/docker/console/headers.ts apps/console/dist/index.html > browser-headers.conf
// The import uses a path because the image's build stage has no packages.

const page = readFileSync(process.argv[2] as string, 'utf8');
for (const [name, value] of Object.entries(browserHeaders(inlineScripts(page)))) {
  console.log(`add_header ${name} "${value}" always;`);
}
