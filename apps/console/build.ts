import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';
import { checkSizes } from './sizes.ts';

/** Builds the console into dist/, unless the last build had the same sources, compresses it, and checks its sizes. */

const root = fileURLToPath(new URL('.', import.meta.url));
const repository = join(root, '../..');
const stampFile = join(root, 'dist/.sources');

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

const sources = hashSources();
if (process.argv.includes('--force') || !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== sources) {
  await build({ root, logLevel: 'warn' });
  await compress(join(root, 'dist'));
  writeFileSync(stampFile, sources);
}
const { table, excess } = checkSizes(join(root, 'dist'));
console.log(table);
if (excess.length > 0) {
  console.error(excess.join('\n'));
  process.exitCode = 1;
}
