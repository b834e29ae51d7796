import { settingLimits as limits } from '@at/contracts/settings';

/** Where a section is written that is checked more than others; undefined: here. */
export const otherWriter = (section: string): string | undefined =>
  /^pipeline(-presets)?$/.test(section) ? 'The file pipeline is configured by PUT /api/config.' : undefined;

/** Why a value cannot be kept; undefined: it can. Walks without recursion: what is nested 100,000 deep must not fail. */
export function refusalOf(value: object): string | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.depth) return `must not be nested deeper than ${limits.depth}`;
    // JSON reads 1e999, and writes it as null.
    if (level.some((part) => typeof part === 'number' && !Number.isFinite(part)))
      return 'must not hold a number beyond 1.8e308';
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
  }
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes > limits.bytes ? `must fit in ${limits.bytes / 1024} KiB of JSON` : undefined;
}
