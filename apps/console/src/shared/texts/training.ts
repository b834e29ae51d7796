export const reviewTexts = {
  changedMeanwhile: 'Changed meanwhile',
  /** Without an actor, somebody wrote past the API. */
  changedBy: (actor: string | null, label: string) =>
    `${actor === null ? 'It was changed in the database' : `${actor} was faster`}: it is ${label} now.`,
  unlabelled: 'unlabelled',
} as const;
