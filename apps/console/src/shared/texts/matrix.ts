/** The words for what the model says of a title against its label. */
export const matrixTexts = {
  labelIs: (label: string) => `Label: ${label}`,
  modelSays: (label: string) => `Model: ${label}`,
  share: (percent: string) => `${percent} of all`,
  unknown: 'not recorded',
} as const;
