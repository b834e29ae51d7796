/** The owner of the database may have dropped the check of the column. */
export const isProbability = (probability: number) => probability >= 0 && probability <= 1;

/** What a decision records of the probability that was on screen; null where it was none. */
export const shownProbability = (probability: number | null | undefined) =>
  probability != null && isProbability(probability) ? probability : null;
