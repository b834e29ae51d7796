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

  agreement: {
    name: 'Agreement of people with the model',
    period: 'By',
    periods: { day: 'Day', week: 'Week', month: 'Month' },
    about: (threshold: string) =>
      `Of the decisions about a label, the share that is what the model said at ${threshold} of the probability at that time. In blind mode the probability was hidden until the decision.`,
    description: (first: string, last: string, decisions: string, share: string) =>
      `From ${first} to ${last}: ${decisions} decisions, ${share} as the model says.`,
    reads: 'Solid: all decisions; dashed: those in blind mode. Larger points stand for more decisions.',
    columns: ['From', 'Decisions', 'Agreed', 'In blind mode', 'Agreed in blind mode'],
    empty: 'No decision with a known probability in this time. Labels set in Training and Predictions count.',
    reading: 'Loading the agreement',
  },

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
