import { isAbsolute, resolve } from 'node:path';

/** Why single values cannot be used; undefined: they can. */

export function zoneFault(zone: string): string | undefined {
  try {
    // It also takes offsets, which have no summer time.
    if (/^[a-z]/i.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone })) return undefined;
  } catch {}
  return 'must be a time zone, such as Europe/Berlin or UTC';
}

/** A scan compares each pattern with the name of a file or folder. */
export const ignoreFault = (patterns: readonly string[]): string | undefined =>
  patterns.some((pattern) => pattern.includes('/')) ? 'must hold names without /: a scan compares no paths' : undefined;

/** They are compared with paths below the inbox. */
export const foldersFault = (folders: readonly string[]): string | undefined =>
  folders.some((folder) => isAbsolute(folder) || folder.split('/').some((part) => part === '.' || part === '..'))
    ? 'must hold folders below the inbox, such as Camera/2024: without / at the beginning, and without . or ..'
    : undefined;

const fields = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
export function cronFault(cron: string): string | undefined {
  const parts = cron.trim().split(/\s+/);
  const fits = (part: string, [least, most]: readonly [number, number]) =>
    part.split(',').every((one) => {
      const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/[1-9]\d?)?$/.exec(one);
      if (!match) return false;
      const [, from, to] = match;
      const [first, last] = [Number(from ?? least), Number(to ?? from ?? most)];
      return first >= least && last <= most && first <= last;
    });
  const isTimes = parts.length === fields.length && fields.every((field, i) => fits(parts[i] as string, field));
  return isTimes ? undefined : 'must be five fields, minute, hour, day, month and weekday, such as 0 3 * * *';
}

export function urlFault(url: string): string | undefined {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) return 'must be an address that begins with http:// or https://';
  if (address.username || address.password) return 'must not hold a user or a password: the key has a field of its own';
  if (address.search || address.hash) return 'must not have a query: the key has a field of its own';
  return undefined;
}

const isAround = (outer: string, inner: string) => inner.startsWith(`${outer}/`);

/** The folders that cannot be used: each must be absolute, and none may be or contain another one. */
export function pathFaults(paths: Record<string, string>): { name: string; message: string }[] {
  const faults: { name: string; message: string }[] = [];
  const good: { name: string; path: string }[] = [];
  for (const [name, written] of Object.entries(paths)) {
    if (written === '') continue;
    const path = resolve(written);
    if (!isAbsolute(written) || path === '/' || written.split('/').includes('..')) {
      faults.push({ name, message: 'must be the absolute path of a folder below /, without ..' });
    } else good.push({ name, path });
  }
  for (const [i, { name, path }] of good.entries()) {
    for (const other of good.slice(0, i)) {
      if (path === other.path) faults.push({ name, message: `is the same folder as paths.${other.name}` });
      else if (isAround(other.path, path)) faults.push({ name, message: `is inside paths.${other.name}` });
      else if (isAround(path, other.path)) faults.push({ name, message: `contains paths.${other.name}` });
    }
  }
  return faults;
}
