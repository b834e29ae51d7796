export const actorTexts = { unverified: 'The caller gave this name; no key proves it.' } as const;
