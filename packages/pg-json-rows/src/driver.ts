import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The installed PostgreSQL driver. `fast-rows.ts` uses its internals, so it runs with known versions only.

export type Driver = {
  /** For the log. */
  versions: string;
  isKnown: boolean;
};

const known = { pg: /^8\.23\./, 'pg-protocol': /^1\.16\./ };
type Package = keyof typeof known;

const require = createRequire(import.meta.url);

function versionOf(name: Package): string {
  // pg-protocol is a dependency of pg and does not export its manifest: find it above the folder of its code.
  const main = name === 'pg' ? require.resolve(name) : createRequire(require.resolve('pg')).resolve(name);
  const manifest = JSON.parse(readFileSync(main.replace(/[\\/](?:lib|dist)[\\/]index\.js$/, '/package.json'), 'utf8'));
  return (manifest as { version: string }).version;
}

/** Compares the versions with the known ones; undefined means unreadable. */
export function checkDriver(versions: Record<Package, string | undefined>): Driver {
  const names = Object.keys(known) as Package[];
  return {
    versions: names.map((name) => `${name} ${versions[name] ?? 'of an unknown version'}`).join(', '),
    isKnown: names.every((name) => known[name].test(versions[name] ?? '')),
  };
}

function tryVersionOf(name: Package): string | undefined {
  try {
    return versionOf(name);
  } catch {
    return undefined;
  }
}

export const installedDriver = checkDriver({ pg: tryVersionOf('pg'), 'pg-protocol': tryVersionOf('pg-protocol') });
