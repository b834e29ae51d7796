import { plural } from '#ui/plural.ts';

/** Texts of curves, calibration and slices. */
export const chartTexts = {
  roc: {
    name: 'ROC',
    x: 'False positive rate',
    y: 'True positive rate',
    chance: 'chance',
    description: (auc: string, tpr: string, fpr: string, threshold: string) =>
      `ROC curve, area ${auc}. At the threshold ${threshold} the true positive rate is ${tpr} at a false positive rate of ${fpr}.`,
  },
  precisionRecall: {
    name: 'Precision and recall',
    x: 'Recall',
    y: 'Precision',
    base: 'share of would watch',
    description: (precision: string, recall: string, threshold: string) =>
      `Precision-recall curve. At the threshold ${threshold} precision is ${precision} at a recall of ${recall}.`,
  },
  calibration: {
    name: 'Calibration',
    x: 'Mean probability',
    y: 'Share labelled would watch',
    perfect: 'perfect',
    description: (ece: string, brier: string) =>
      `Calibration in tenths of the probability. Expected calibration error ${ece}, Brier score ${brier}.`,
    labelled: 'Labelled',
    size: 'Larger points stand for more titles.',
  },
  noLabels: 'No labelled titles to draw.',

  // The slices.
  slices: {
    by: 'Slice by',
    dimensions: {
      genre: 'Genre',
      decade: 'Decade',
      country: 'Country',
      language: 'Language',
      rating: 'IMDb rating',
    },
    minimum: 'Minimum labelled titles',
    whole: 'All titles',
    columns: {
      slice: 'Slice',
      error: 'Error rate',
      interval: '95 % interval',
      departure: 'Departure',
      labelled: 'Labelled',
      fp: 'False positives',
      fn: 'False negatives',
    },
    decade: (from: string) => `${from}s`,
    range: (low: string, high: string) => `${low} to ${high}`,
    points: (points: string) => `${points} points`,
    tooSmall: (count: number, shown: string) =>
      `${shown} ${plural(count, { one: 'slice is', other: 'slices are' })} below the minimum and left out.`,
    empty: 'No slice has that many labelled titles.',
    open: (name: string) => `Show the titles of ${name}`,
    help: 'Slices ranked by distance from the average; coloured ones are unlikely to be chance.',
    reading: 'Loading the slices',
  },
} as const;
