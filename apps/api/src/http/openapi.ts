import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildApp } from '#app.ts';
import { readConfig } from '#config.ts';
import { createDeps } from '#deps.ts';

/**
 * Writes apps/api/openapi.json from the route schemas, so that a change of contract shows in review; with --verify it
 * only compares, and fails where the file is not what the schemas say.
 */

const file = new URL('../../openapi.json', import.meta.url);

type Json = Record<string, unknown>;
const sorted = <T>(map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).toSorted(([left], [right]) => (left < right ? -1 : 1)));

/** The document as the committed file holds it: paths and schemas sorted by name. */
export async function openApiText(): Promise<string> {
  // No statement runs, so the database need not exist.
  const database = 'postgres://localhost/none';
  const deps = createDeps({ ...readConfig({}), database }, { embedded: false });
  const app = await buildApp(deps);
  await app.ready();
  const document = app.swagger() as unknown as Json & { paths: Json; components: { schemas: Json } };
  await app.close();
  await deps.close();
  const components = { ...document.components, schemas: sorted(document.components.schemas) };
  return `${JSON.stringify({ ...document, components, paths: sorted(document.paths) }, null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = await openApiText();
  const name = relative(process.cwd(), file.pathname);
  if (!process.argv.includes('--verify')) {
    await writeFile(file, text);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`${name} does not match the route schemas. Run pnpm fix and review the changes.`);
    process.exitCode = 1;
  }
}
