/** The words of what several pages show of a title: its marks, its history, the legend. Numbers come in as shown. */
export const titleTexts = {
  anomalous: 'anomalous',
  noPrediction: 'no prediction',
  model: (verdict: string) => `model ${verdict}`,
  imdb: (rating: string) => `IMDb ${rating}`,
  added: 'added',
  updated: 'updated',
  reviewedByPerson: 'reviewed by a person',
  reviewed: 'reviewed',
  unreviewed: 'unreviewed',

  history: 'History',
  to: 'to',
  outside: 'Changed directly in the database',
  notVerified: '(name not verified) ',
  undone: 'undone',
  afterBelow: 'some time after the entry below',
  between: 'some time between the entries above and below',
  noHistory: 'No change has been recorded yet.',
  historyFailed: (reason: string) => `The history could not be read. ${reason}`,
  readingHistory: 'Reading the history',

  legend: {
    anomalous: 'keeps coming up as an error although its label is verified',
    noData: 'no data',
    noDataLooks: 'a short grey wedge',
  },
} as const;
