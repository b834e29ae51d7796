/** Numbers as they are typed. */
export const numberFieldTexts = {
  limits: (min: number, max: number, isWhole?: boolean) => `A ${isWhole ? 'whole ' : ''}number from ${min} to ${max}`,
} as const;
