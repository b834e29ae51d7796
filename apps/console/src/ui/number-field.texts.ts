/** Numbers as they are typed. */
export const numberFieldTexts = {
  limits: (min: number, max: number) => `A number from ${min} to ${max}`,
} as const;
