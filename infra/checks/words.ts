import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

// Fails if a text file of the repository in the working directory contains one of these words or phrases.

// Each with a bracket, so that this file passes too.
const words = [
  ...['ane[w]', 'meanwhil[e]', 'somebod[y]', 'tol[d]', 'whateve[r]', 'whoeve[r]', "what o'cloc[k]", 'of our[s]'],
  ...['as it stand[s]', 'held agains[t]', 'is asked fo[r]', 'laid ove[r]', 'nothing came bac[k]'],
];
const pattern = new RegExp(`\\b(?:${words.join('|')})\\b`, 'i');

/** Files that may not change, or are generated. */
const exempt = [
  /^infra\/migrations\//,
  /^infra\/demo\/catalogue\.json$/,
  /^apps\/api\/openapi\.json$/,
  /^packages\/db\/src\/schema\.ts$/,
  /^pnpm-lock\.yaml$/,
];

const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
const paths = execFileSync('git', list, { encoding: 'utf8' }).split('\0');
for (const path of paths) {
  if (exempt.some((one) => one.test(path)) || !existsSync(path)) continue;
  const text = readFileSync(path, 'utf8');
  if (text.includes('\0')) continue;
  // Released entries of the changelog do not change.
  const checked = path === 'CHANGELOG.md' ? text.split(/^## \d/m, 1).join() : text;
  for (const [index, line] of checked.split('\n').entries()) {
    const word = pattern.exec(line)?.[0];
    if (word === undefined) continue;
    console.error(`${path}:${index + 1}: write "${word}" in plain English`);
    process.exitCode = 1;
  }
}
