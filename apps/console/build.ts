import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';
import { checkSizes } from './sizes.ts';

/** Builds the console into dist/, unless the last build had the same sources, compresses it, and checks its sizes. */

// Vite takes over the NODE_ENV of a shell; with another value React's development build, which is a third larger.
process.env.NODE_ENV = 'production';

const root = fileURLToPath(new URL('.', import.meta.url));
const repository = join(root, '../..');
const dist = join(root, 'dist');
/** Only complete builds are put in place: two starts may build at once, and a start may be stopped in between. */
const draft = join(root, `node_modules/.dist-${process.pid}`);

function hashSources(): string {
  const files = [
    ...globSync('apps/console/{src,public}/**/*.*', { cwd: repository }),
    ...globSync('apps/console/*.{ts,html,json}', { cwd: repository }),
    ...globSync('packages/contracts/src/*.ts', { cwd: repository }),
    'CHANGELOG.md',
    'pnpm-lock.yaml',
  ].sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const path = join(repository, file);
    if (existsSync(path)) hash.update(file).update('\0').update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** Writes a `.br` and a `.gz` beside each text file, which servers send to browsers that accept them. */
async function compress(directory: string): Promise<void> {
  const brotli = { params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT } };
  await Promise.all(
    globSync('{*.{svg,webmanifest},{assets,flags}/*.{js,css,svg}}', { cwd: directory }).map(async (name) => {
      const path = join(directory, name);
      const content = await readFile(path);
      const compressed = { br: await promisify(brotliCompress)(content, brotli), gz: await promisify(gzip)(content) };
      for (const [ending, bytes] of Object.entries(compressed)) {
        if (bytes.length < content.length) await writeFile(`${path}.${ending}`, bytes);
      }
    }),
  );
}

function stampOf(directory: string): string | undefined {
  const file = join(directory, '.sources');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** If another build is put in place at the same moment, that one stays: it has the same sources. */
function putInPlace(): void {
  const old = `${draft}.old`;
  const rename = (from: string, to: string, expected: string[]) => {
    try {
      renameSync(from, to);
    } catch (error) {
      if (!expected.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  };
  rename(dist, old, ['ENOENT']);
  rename(draft, dist, ['ENOTEMPTY', 'EEXIST']);
  for (const directory of [draft, old]) rmSync(directory, { recursive: true, force: true });
}

const sources = hashSources();
if (process.argv.includes('--force') || stampOf(dist) !== sources) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      rmSync(draft, { recursive: true, force: true });
      process.exit(1);
    });
  }
  await build({ root, logLevel: 'warn', build: { outDir: draft, emptyOutDir: true } });
  // By a variable: the sources belong to another program of types.
  const routes = new URL('./src/app/server-routes.ts', import.meta.url).href;
  const { serverRoutes } = (await import(routes)) as { serverRoutes: object };
  writeFileSync(join(draft, 'routes.json'), JSON.stringify(serverRoutes));
  await compress(draft);
  writeFileSync(join(draft, '.sources'), sources);
  putInPlace();
}
const { table, excess } = checkSizes(dist);
console.log(table);
if (excess.length > 0) {
  console.error(excess.join('\n'));
  process.exitCode = 1;
}
