/** The words for what the model says of a title against its label. */
export const matrixTexts = {
  labelIs: 'Label:',
  modelSays: 'Model:',
  short: { would_watch: 'would', would_not_watch: 'would not' },
  rate: {
    tp: (percent: string) => `${percent} of would`,
    fn: (percent: string) => `${percent} of would`,
    fp: (percent: string) => `${percent} of would not`,
    tn: (percent: string) => `${percent} of would not`,
  },
  share: (percent: string) => `${percent} of all`,
  unknown: 'not recorded',
} as const;
