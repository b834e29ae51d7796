import { settingLimits as limits } from '@at/contracts/settings';

/** The members of a JSON value by level, without recursion: what is nested 100,000 deep must not fail. */
function* levelsOf(value: unknown): Generator<unknown[]> {
  for (let level = [value]; level.length > 0; ) {
    yield level;
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
  }
}

/** Whether a value is nested deeper than this many levels. */
export function isDeeper(value: unknown, most: number): boolean {
  let depth = 0;
  for (const _ of levelsOf(value)) if (depth++ > most) return true;
  return false;
}

/** Why a value cannot be kept as a setting; undefined: it can. */
export function refusalOf(value: object): string | undefined {
  if (isDeeper(value, limits.depth)) return `must not be nested deeper than ${limits.depth}`;
  // JSON reads 1e999, and writes it as null.
  for (const level of levelsOf(value))
    if (level.some((part) => typeof part === 'number' && !Number.isFinite(part)))
      return 'must not hold a number beyond 1.8e308';
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes > limits.bytes ? `must fit in ${limits.bytes / 1024} KiB of JSON` : undefined;
}
