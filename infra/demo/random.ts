export type Random = {
  /** The next number in [0, 1). */
  next: () => number;
  /** An integer from `low` to `high`, inclusive. */
  between: (low: number, high: number) => number;
  pick: <T>(choices: readonly T[]) => T;
  shuffle: <T>(values: readonly T[]) => T[];
};

/**
 * Deterministic pseudo-random numbers: a 32-bit counter stepped by the golden ratio, mixed by the finaliser of
 * MurmurHash3. Each use has its own seed, so that a change in one does not affect the others.
 */
export function seededRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    pick: (choices) => {
      if (choices.length === 0) throw new RangeError('Cannot pick from an empty list.');
      return choices[between(0, choices.length - 1)] as (typeof choices)[number];
    },
    shuffle: (values) =>
      values
        .map((value) => ({ value, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ value }) => value),
  };
}
