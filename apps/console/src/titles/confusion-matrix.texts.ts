/** Texts of the confusion matrix. */
export const matrixTexts = {
  labelIs: 'Label:',
  modelSays: 'Model:',
  short: { would_watch: 'would watch', would_not_watch: 'would not watch' },
  rate: {
    tp: (percent: string) => `${percent} of would watch`,
    fn: (percent: string) => `${percent} of would watch`,
    fp: (percent: string) => `${percent} of would not watch`,
    tn: (percent: string) => `${percent} of would not watch`,
  },
  share: (percent: string) => `${percent} of all`,
  unknown: 'not recorded',
  /** What the figures of an evaluation count, after their number. */
  scope: (type: string) => `labelled ${type} with a prediction`,
} as const;
