import { plural } from '#ui/plural.ts';

/** The words of the Predictions page. Numbers, dates and names come in as they are to be shown. */
export const predictionTexts = {
  name: 'Predictions',
  firstUse: {
    title: 'There are no predictions yet',
    text: 'The model writes one for each title when it runs. Start a fresh database without --empty to try the console with a demo catalogue.',
  },
  notLoaded: { evaluation: 'Matrix, measures and charts', list: 'The titles', slices: 'The slices' },
  tryAgain: 'Try again',

  // What the figures are about.
  types: {
    movie: 'movies',
    tv_show: 'shows',
    tv_season: 'seasons',
    unknown: 'titles of unknown type',
    tv_episode_pack: 'episode packs',
    all: 'titles of every type',
  },
  scope: (labelled: string, words: string) => `${labelled} labelled ${words}`,
  unlabelled: (count: string) => `${count} without a label are in no cell.`,
  listOnly: 'These figures are not narrowed by the other filters of the list.',

  // The matrix.
  computed: 'Now',
  recorded: 'As recorded',
  recordedBy: 'As recorded by the model',
  cellsLabel: 'Cells: by the labels of now, or as recorded by the model',
  disagree: (count: number, shown: string) =>
    `${shown} labelled ${plural(count, { one: 'title is', other: 'titles are' })} in another cell now than the model recorded.`,
  relabelled: (count: string, rest: string) =>
    `${count} of them by a label that has changed, ${rest} by the threshold.`,
  allAgree: 'Every labelled title is in the cell that the model recorded.',
  unknownDisagree: 'Comparing with what the model recorded…',
  showCell: (name: string) => `Show only ${name}s`,
  showAllCells: 'Show every cell',

  // The threshold.
  threshold: 'Threshold',
  thresholdNumber: 'Threshold as a number',
  thresholdHelp: (cost: string) =>
    `Mistakes cost ${cost} at this threshold. Arrow keys: 0.01, Shift: 0.001. Bars: square root.`,
  presets: 'Thresholds to choose',
  presetModel: 'Model',
  presetDownloader: 'Downloader',
  presetBestF1: 'Best F1',
  presetCheapest: 'Cheapest',
  presetAt: (name: string, threshold: string) => `${name} ${threshold}`,
  cost: 'A false positive costs',
  costUnit: (cost: number) => plural(cost, { one: 'false negative', other: 'false negatives' }),

  // The measures.
  measures: {
    accuracy: { name: 'Accuracy', meaning: 'Labelled titles that the model has right' },
    precision: { name: 'Precision', meaning: 'Of the titles it says yes to, those that would be watched' },
    recall: { name: 'Recall', meaning: 'Of the titles that would be watched, those it says yes to' },
    f1: { name: 'F1', meaning: 'The harmonic mean of precision and recall' },
    auc: {
      name: 'AUC',
      meaning: 'The chance that a would watch has a higher probability than a would not watch, at any threshold',
    },
    brier: {
      name: 'Brier',
      meaning: 'Mean squared distance of probability and label; 0 is perfect, 0.25 says nothing',
    },
    ece: {
      name: 'ECE',
      meaning: 'Expected calibration error: how far probabilities are from the share that would be watched',
    },
  },
  atThreshold: (threshold: string) => `At ${threshold}`,
  anyThreshold: 'At any threshold',

  // The charts.
  tabs: { titles: 'Titles', curves: 'ROC and precision–recall', calibration: 'Calibration', slices: 'Slices' },
  shortTabs: { titles: 'Titles', curves: 'Curves', calibration: 'Calibration', slices: 'Slices' },
  tabsLabel: 'What is shown below',
  asTable: 'As a table',
  probability: 'Probability',
  loadingChart: 'Loading the chart',
  loadingList: 'Loading the titles',
  histogram: {
    name: 'Probability by label',
    description: (threshold: string, counts: Record<'tp' | 'tn' | 'fp' | 'fn', string>) =>
      `Histogram of the probability: would watch upwards, would not downwards. At the threshold ${threshold}, ` +
      `${counts.tp} true positives and ${counts.fp} false positives lie to its right, ${counts.fn} false negatives and ` +
      `${counts.tn} true negatives to its left.`,
    up: 'would watch',
    down: 'would not watch',
    bin: 'From – to',
    unlabelled: 'unlabelled',
  },

  // The list.
  titles: 'Titles',
  search: 'Search by title or IMDb id',
  searchPlaceholder: 'Title or IMDb id',
  orders: {
    likely: 'Probability high to low',
    unlikely: 'Probability low to high',
    uncertain: 'Most uncertain first',
    disagree: 'Surest mistakes at 0.5 first',
  },
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
    anomalous: { all: 'any', true: 'yes', false: 'no' },
    label: { all: 'all', would_watch: 'would watch', would_not_watch: 'would not watch', none: 'unlabelled' },
    everyType: 'all',
  },
  imdbRating: (range: string) => `IMDb rating × 10 ${range}`,
  cellFilter: {
    computed: {
      tp: 'true positives',
      tn: 'true negatives',
      fp: 'false positives',
      fn: 'false negatives',
    },
    recorded: {
      tp: 'recorded as true positives',
      tn: 'recorded as true negatives',
      fp: 'recorded as false positives',
      fn: 'recorded as false negatives',
    },
  },
  reviewedFilter: { all: '', true: 'reviewed', false: 'unreviewed' },
  anomalousFilter: { all: '', true: 'anomalous', false: 'not anomalous' },
  labelFilter: {
    all: '',
    would_watch: 'labelled would watch',
    would_not_watch: 'labelled would not watch',
    none: 'unlabelled',
  },
  range: (last: string, total: string, words: string) => `1–${last} of ${total}, ${words}`,
  noMatch: (words: string) => `There are no ${words}.`,
  noMatchTitle: 'No title matches',
  loadMore: (count: string) => `Load ${count} more`,
  loadedAll: 'Every title is loaded.',

  // A row.
  confirm: (label: string, title: string) => `Confirm ${label}: ${title}`,
  setLabel: (label: string, title: string) => `Label ${label}: ${title}`,
  loadingDetails: 'Loading the details',
  noCell: 'unlabelled, in no cell',
  explain: {
    probability: (probability: string) => `The model gives a probability of ${probability}`,
    yes: (threshold: string) => `, which is a yes at the threshold of ${threshold}`,
    no: (threshold: string) => `, which is a no at the threshold of ${threshold}`,
    label: (label: string) => `; the label says ${label}`,
    cell: (name: string) => `: a ${name}.`,
    unlabelled: '; there is no label yet, so it is in no cell.',
    unknown: '. At which threshold that is a yes is not known.',
    own: (prediction: string, cell: string) =>
      `The model's own prediction, at 0.5, is ${prediction}; it recorded a ${cell}.`,
  },

  keys: {
    search: 'Search',
    cell: {
      tp: 'True positives, or all again',
      tn: 'True negatives, or all again',
      fp: 'False positives, or all again',
      fn: 'False negatives, or all again',
    },
    threshold: 'Go to the threshold',
    next: 'Next title',
    before: 'Title before',
    would: 'Would watch, and on to the next',
    wouldNot: 'Would not watch, and on to the next',
    anomalous: 'Mark as anomalous, or not',
    rerun: 'Refresh the metadata',
    undo: 'Undo',
    details: 'Show or hide the details',
    select: 'Select, or not',
    more: 'Load more titles',
  },
} as const;
