import { typePlurals } from '#titles/texts.ts';
import { plural } from '#ui/plural.ts';

/** Texts of the Predictions page. Numbers, dates and names come formatted. */
export const predictionTexts = {
  name: 'Predictions',
  firstUse: {
    title: 'No predictions yet',
    text: 'The model writes one for each title when it runs. Start a fresh database without --empty to try the console with a demo catalogue.',
  },
  notLoaded: {
    evaluation: 'Matrix, measures and charts',
    list: 'The titles',
    slices: 'The slices',
    agreement: 'The agreement',
  },

  // The scope.
  types: { ...typePlurals, all: 'titles of every type' },
  unlabelled: (count: number, shown: string) =>
    `${shown} with a prediction ${plural(count, { one: 'has', other: 'have' })} no label, so no cell.`,
  otherWords: 'Other words in the database, in no cell:',
  noProbability: (count: number, shown: string) =>
    `${shown} ${plural(count, { one: 'prediction is', other: 'predictions are' })} left out because the probability is not a number from 0 to 1.`,
  listOnly: 'The other filters of the list do not change these figures.',

  // The matrix.
  computed: 'Now',
  recorded: 'As recorded',
  recordedBy: 'As recorded by the model',
  cellsLabel: 'Cells: current, or as recorded by the model',
  disagree: (count: number, shown: string) =>
    `${shown} ${plural(count, { one: 'title has', other: 'titles have' })} moved cell since the model ran.`,
  relabelled: (count: string, rest: string) => `${count} because the label changed, ${rest} because of the threshold.`,
  allAgree: 'Every labelled title is still in the cell that the model recorded.',
  unknownDisagree: 'Comparing with the record of the model…',
  showCell: (name: string) => `Show only ${name}s`,
  showAllCells: 'Show titles of all four cells',

  // The strip.
  matrix: 'Confusion matrix',
  expand: 'Expand',
  collapse: 'Collapse',
  expandHint: 'Matrix with rates, histogram, presets and cost',

  // The threshold.
  threshold: 'Threshold',
  thresholdNumber: 'Threshold as a number',
  thresholdHelp: (cost: string) =>
    `Cost at this threshold: ${cost}. Arrow keys: 0.01, Shift: 0.001. Square-root scale.`,
  presets: 'Threshold presets',
  presetModel: 'Model',
  presetDownloader: 'Downloader',
  presetBestF1: 'Best F1',
  presetCheapest: 'Cheapest',
  presetAt: (name: string, threshold: string) => `${name} ${threshold}`,
  cost: 'One false positive costs as much as',
  costUnit: (cost: number) => plural(cost, { one: 'false negative', other: 'false negatives' }),

  // The measures.
  measures: {
    accuracy: { name: 'Accuracy', meaning: 'Labelled titles predicted correctly' },
    precision: { name: 'Precision', meaning: 'Of the titles predicted would watch, those that are' },
    recall: { name: 'Recall', meaning: 'Of the would watch titles, those predicted' },
    f1: { name: 'F1', meaning: 'Harmonic mean of precision and recall' },
    auc: {
      name: 'AUC',
      meaning: 'Chance that a would watch title ranks above a would not watch title, at any threshold',
    },
    brier: {
      name: 'Brier',
      meaning: 'Mean squared distance of probability and label; 0 is perfect, 0.25 is no better than a guess',
    },
    ece: {
      name: 'ECE',
      meaning: 'Expected calibration error: distance between probability and actual share',
    },
  },
  atThreshold: (threshold: string) => `At ${threshold}`,
  anyThreshold: 'At any threshold',

  // The charts.
  tabs: {
    titles: 'Titles',
    curves: 'ROC and precision–recall',
    calibration: 'Calibration',
    slices: 'Slices',
    agreement: 'Agreement',
  },
  shortTabs: {
    titles: 'Titles',
    curves: 'Curves',
    calibration: 'Calibration',
    slices: 'Slices',
    agreement: 'Agreement',
  },
  tabsLabel: 'View',
  probability: 'Probability',
  loadingChart: 'Loading the chart',
  loadingList: 'Loading the titles',
  histogram: {
    name: 'Probability by label',
    description: (threshold: string, counts: Record<'tp' | 'tn' | 'fp' | 'fn', string>) =>
      `Histogram of the probability: would watch upwards, would not watch downwards. At the threshold ${threshold}, ` +
      `${counts.tp} true positives and ${counts.fp} false positives lie to its right, ${counts.fn} false negatives and ` +
      `${counts.tn} true negatives to its left.`,
    up: 'would watch',
    down: 'would not watch',
    bin: 'From – to',
    unlabelled: 'unlabelled',
  },

  // The list.
  search: 'Search by title or IMDb id',
  orders: (threshold: string | null) => ({
    disagree: threshold === null ? 'Surest mistakes first' : `Surest mistakes first (at ${threshold})`,
    likely: 'Highest probability first',
    unlikely: 'Lowest probability first',
    uncertain: 'Most uncertain first',
  }),
  errors: 'Errors',
  allCells: 'All cells',
  fields: {
    media_type: 'Type',
    reviewed: 'Reviewed',
    anomalous: 'Anomalous',
    label: 'Label',
    genre: 'Genre',
    year: 'Year',
  },
  choices: {
    reviewed: { all: 'all', true: 'reviewed', false: 'unreviewed' },
    anomalous: { all: 'all', true: 'yes', false: 'no' },
    label: {
      all: 'all',
      any: 'labelled',
      would_watch: 'would watch',
      would_not_watch: 'would not watch',
      none: 'unlabelled',
    },
    everyType: 'all',
  },
  imdbRating: (range: string) => `IMDb rating ${range}`,
  cellFilter: {
    computed: {
      tp: 'true positives',
      tn: 'true negatives',
      fp: 'false positives',
      fn: 'false negatives',
      errors: 'errors',
    },
    recorded: {
      tp: 'recorded as true positives',
      tn: 'recorded as true negatives',
      fp: 'recorded as false positives',
      fn: 'recorded as false negatives',
      errors: 'recorded as errors',
    },
  },
  reviewedFilter: { all: '', true: 'reviewed', false: 'unreviewed' },
  anomalousFilter: { all: '', true: 'anomalous', false: 'not anomalous' },
  otherCell: (cell: string) => `recorded as ${cell}`,
  otherLabel: (label: string) => `labelled ${label}`,
  labelFilter: {
    all: '',
    any: 'labelled',
    would_watch: 'labelled would watch',
    would_not_watch: 'labelled would not watch',
    none: 'unlabelled',
  },
  range: (range: string, total: string, words: string) => `${range} of ${total}, ${words}`,
  cellNote: (threshold: string) => `cell is at ${threshold};`,
  noMatch: (words: string) => `No ${words}.`,
  predictedTitles: (count: number) =>
    plural(count, { one: 'title with a prediction', other: 'titles with a prediction' }),
  noMatchTitle: (isFiltered: boolean) => (isFiltered ? 'No title matches these filters' : 'No title matches'),
  loadMore: (count: string) => `Load ${count} more`,
  loadedAll: 'All titles loaded',

  // A row.
  confirm: (label: string, title: string) => `Confirm ${label}: ${title}`,
  setLabel: (label: string, title: string) => `Label ${label}: ${title}`,
  noCell: 'unlabelled, no cell',
  otherNoCell: 'no cell',
  explain: {
    probability: (probability: string) => `The model gives a probability of ${probability}`,
    noProbability: 'The model gives no probability',
    otherNumber: (number: string) => `The model gives ${number}, which is not from 0 to 1, so no cell.`,
    yes: (threshold: string) => `: would watch at the threshold of ${threshold}`,
    no: (threshold: string) => `: would not watch at the threshold of ${threshold}`,
    label: (label: string) => `; the label is ${label}`,
    cell: (name: string) => `: a ${name}.`,
    unlabelled: '; no label yet, so no cell.',
    otherLabel: (label: string) => `; the label is ${label}, so no cell.`,
    unknown: '. The threshold is unknown.',
    own: (prediction: string, cell: string) =>
      `The model's own prediction at 0.5 is ${prediction}; it recorded ${cell}.`,
  },

  keys: {
    search: 'Search',
    cell: {
      tp: 'True positives, or all',
      tn: 'True negatives, or all',
      fp: 'False positives, or all',
      fn: 'False negatives, or all',
    },
    threshold: 'Go to the threshold',
    refresh: 'Refresh',
    more: 'Load more titles',
  },
} as const;
