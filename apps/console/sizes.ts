import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The gzipped size of each page and the number of its files, compared with the project's limits. */

type Chunk = {
  file: string;
  src?: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
};

const kilobyte = 1000;
const limits = { first: 200 * kilobyte, page: 60 * kilobyte, css: 45 * kilobyte };
/** Scripts and style sheets of a page: each costs a round trip where the line is slow. */
const mostFiles = 30;
/** The page that opens at `/`: its own chunk belongs to the first load. */
const firstPage = 'src/features/home/route.ts';

/** Reads the manifest in `dist`. Returns a table to print and a sentence for each exceeded limit. */
export function checkSizes(dist: string): { table: string; excess: string[] } {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;
  const sizes = new Map<string, number>();
  const size = (file: string) => {
    if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(dist, file))).length);
    return sizes.get(file) as number;
  };
  const reach = (key: string, seen: Set<string>): Set<string> => {
    if (seen.has(key)) return seen;
    seen.add(key);
    for (const next of manifest[key]?.imports ?? []) reach(next, seen);
    return seen;
  };
  const sum = (keys: Iterable<string>) =>
    [...keys].reduce((total, key) => total + size((manifest[key] as Chunk).file), 0);

  const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry) as string;
  const shared = reach(entry, new Set());
  const first = reach(firstPage, new Set(shared));
  const rows: [name: string, bytes: number, limit: number][] = [['first route', sum(first), limits.first]];
  const excess: string[] = [];
  for (const key of Object.keys(manifest).filter((name) => /^src\/features\/.*route\.ts$/.test(name))) {
    const all = reach(key, new Set(shared));
    const files = all.size + new Set([...all].flatMap((chunk) => manifest[chunk]?.css ?? [])).size;
    const name = key.replace(/^src\/features\/|\/route\.ts$/g, '');
    if (files > mostFiles) excess.push(`${name} loads ${files} files, more than the ${mostFiles} it may.`);
    const own = [...all].filter((chunk) => !shared.has(chunk));
    if (key !== firstPage) rows.push([name, sum(own), limits.page]);
  }
  const css = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []));
  rows.push(['css', [...css].reduce((total, file) => total + size(file), 0), limits.css]);

  const shown = (bytes: number) => `${(bytes / kilobyte).toFixed(1)} kB`;
  return {
    table: rows
      .map(([name, bytes, limit]) => `${name.padEnd(24)}${shown(bytes).padStart(10)} of ${shown(limit)} gzip`)
      .join('\n'),
    excess: [
      ...excess,
      ...rows
        .filter(([, bytes, limit]) => bytes > limit)
        .map(([name, bytes, limit]) => `${name} is ${shown(bytes)} gzipped, more than the ${shown(limit)} it may be.`),
    ],
  };
}
