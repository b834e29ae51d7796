import type { MediaType } from '@at/contracts/vocabulary';

export const typePlurals = {
  movie: 'movies',
  tv_show: 'shows',
  tv_season: 'seasons',
  tv_episode_pack: 'episode packs',
  unknown: 'titles of unknown type',
} as const satisfies Record<MediaType, string>;

/** Texts of badges, history and legend. Numbers come formatted. */
export const titleTexts = {
  anomalous: 'anomalous',
  noPrediction: 'no prediction',
  hidden: 'hidden until you answer',
  model: (verdict: string, threshold: string) => `model ${verdict} at ${threshold}`,
  verdict: (verdict: string, threshold: string) => `${verdict} at ${threshold}`,
  imdb: (rating: string) => `IMDb ${rating}`,
  added: 'added',
  updated: 'updated',
  reviewedByPerson: 'reviewed by a person',
  reviewed: 'reviewed',
  unreviewed: 'unreviewed',

  exportNote: (threshold: string) => `prediction and cm_value are the model's own, at ${threshold}`,

  history: 'History',
  to: 'to',
  outside: 'Changed in the database',
  notVerified: '(name not verified) ',
  undone: 'undone',
  undo: 'Undo',
  afterBelow: 'after the entry below',
  between: 'between the entries above and below',
  noHistory: 'No changes yet.',
  loadingHistory: 'Loading the history',

  legend: {
    cells: (threshold: string) => `What the model says at ${threshold}, against the label.`,
    cellsUnknown: 'What the model says of a title against its label.',
    anomalous: 'keeps being predicted wrongly although its label is verified',
    noData: 'no data',
    noDataLooks: 'short grey wedge',
  },
} as const;
