import { mediaTypes } from '@at/contracts/vocabulary';

/** Thousandths of the probability, and one beyond: totals that include probabilities below this include all of them. */
export const everything = 1001;

/** Slices are counted by bins of a thousandth, and again by bins of a hundredth, from this number on. */
export const hundredths = 10_000;

/** Digits of the characters in ranks, from the last: label, anomalous (2: null), reviewed, media type (0: not known). */
export const firstCharacter = '#'.charCodeAt(0);

export type RankScope = { media_type?: string; reviewed?: boolean; anomalous?: boolean };

/** By character code in ranks: 2 for a would_watch in scope, 1 for a would_not_watch in scope, else 0. */
export function rankLabels({ media_type, reviewed, anomalous }: RankScope): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, character) => {
    const code = character - firstCharacter;
    if (code < 0) return 0;
    const isInScope =
      (media_type === undefined || mediaTypes[Math.floor(code / 12) - 1] === media_type) &&
      (reviewed === undefined || Number(reviewed) === Math.floor(code / 6) % 2) &&
      (anomalous === undefined || Number(anomalous) === Math.floor(code / 2) % 3);
    return isInScope ? 1 + (code % 2) : 0;
  });
}
