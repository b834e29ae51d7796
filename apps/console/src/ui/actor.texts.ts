export const actorTexts = {
  unverified: 'The caller gave this name; no key proves it.',
  unnamed: 'The caller gave no name.',
} as const;
