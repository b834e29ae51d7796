import type { MediaType } from '@at/contracts/vocabulary';
import { known } from '#ui/known-word.ts';

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
  noProbability: 'no probability',
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
  /** A label that is older than the records. */
  before: {
    person: (label: string) => `A person labelled it ${label} before changes were recorded; the name was not kept`,
    nobody: (label: string) => `It was labelled ${label} automatically, not by a person`,
  },
  noLater: 'no later than',
  beforeAbove: 'before the entry above',
  /** Why a change cannot be undone. */
  noUndo: {
    before: 'Nothing from before this label was recorded. A label can be changed, but not removed.',
    outside: 'Another program made this change. Label the title again to correct it.',
  },
  loadingHistory: 'Loading the history',

  legend: {
    cells: (threshold: string) => `What the model says at ${threshold}, against the label.`,
    cellsUnknown: 'What the model says of a title against its label.',
    anomalous: 'keeps being predicted wrongly although its label is verified',
    noData: 'no data',
    noDataLooks: 'short grey wedge',
  },
} as const;

type Words = readonly [act: string, link: string, after: string];

/** The act, what links it to the name of its title, and what follows the name. */
const acts = {
  would_watch: ['labelled', '', 'would watch'],
  would_not_watch: ['labelled', '', 'would not watch'],
  label: ['set the label', 'of', ''],
  reviewed: ['confirmed the label', 'of', ''],
  relabel: ['changed the label', 'of', ''],
  update: ['changed the flags', 'of', ''],
  undoLabel: ['undid the label', 'on', ''],
  undo: ['undid a change', 'of', ''],
} as const satisfies Record<string, Words>;

/** What a change of a title's flags was, wherever it is listed; with the link where its title is named. undefined: unknown. */
export function describeLabelAct(action: string, changes: readonly { field: string }[]): Words | undefined {
  const isOfLabel = changes.some(({ field }) => field === 'label');
  if (action === 'update' && isOfLabel) return acts.relabel;
  if (action === 'undo' && isOfLabel) return acts.undoLabel;
  return known<Words>(acts, action);
}
