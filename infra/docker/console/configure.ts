import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { browserHeaders, inlineScripts } from '../../../apps/api/src/http/browser-headers.ts';
import {
  apiSegments,
  type ConsoleRoutes,
  movedPatterns,
  pagePattern,
} from '../../../apps/api/src/http/console-routes.ts';

// Writes what the API and nginx share, in nginx syntax, for nginx.conf to include:
//   node infra/docker/console/configure.ts apps/console/dist infra/docker/console
// The imports use paths because the image's build stage has no packages.

/** The API's headers for the console's page. */
export function headersConf(page: string): string {
  return Object.entries(browserHeaders(inlineScripts(page)))
    .map(([name, value]) => `add_header ${name} "${value}" always;\n`)
    .join('');
}

/** Maps of the decoded path: `$page` is the file of a page of the console, `$moved` where one is now. */
export function routesConf(routes: ConsoleRoutes): string {
  const map = (name: string, entries: [pattern: string, value: string][]) =>
    `map $uri ${name} {\n  default "";\n${entries.map(([pattern, value]) => `  "~*${pattern}" ${value};\n`).join('')}}\n`;
  return map('$page', [[pagePattern(routes), '/index.html']]) + map('$moved', movedPatterns(routes));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , dist = '', directory = ''] = process.argv;
  const read = (name: string) => readFileSync(join(dist, name), 'utf8');
  writeFileSync(join(directory, 'browser-headers.conf'), headersConf(read('index.html')));
  writeFileSync(join(directory, 'routes.conf'), routesConf(JSON.parse(read('routes.json')) as ConsoleRoutes));
  writeFileSync(join(directory, 'api-segments'), apiSegments.join('|'));
}
