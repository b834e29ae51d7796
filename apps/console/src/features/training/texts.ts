import { plural } from '#ui/plural.ts';

/** The words of the review, one title at a time. Numbers come in as they are to be shown. */
export const reviewTexts = {
  changedMeanwhile: 'Changed meanwhile',
  /** Without an actor, somebody wrote past the API. */
  changedBy: (actor: string | null, label: string) =>
    `${actor === null ? 'It was changed in the database' : `${actor} was faster`}: it is ${label} now.`,
  unlabelled: 'unlabelled',
  notSaved: 'This answer was not saved',
  chosen: (reason: string, label: string) => `${reason} You had chosen ${label}.`,
  noOverview: 'There is no overview of this title.',
  facts: { rating: 'IMDb', votes: 'IMDb votes', budget: 'Budget', revenue: 'Revenue' },
  hidden: "The model's word is hidden until you decide.",
  wouldNot: 'Would not',
  would: 'Would watch',
  anomalous: 'Anomalous',
  skip: 'Skip',
  undo: 'Undo',
  details: 'Details',
  blind: 'Blind',

  progress: 'Done this session',
  done: 'done',
  left: 'left',
  skipped: (count: string) => `${count} skipped`,
  perHour: (count: string) => `${count} an hour`,
  median: (seconds: string) => `median ${seconds}`,
  toEmpty: (time: string) => `${time} to empty`,
  wasSkipped: 'skipped',
  wasMarked: 'anomalous',
  wasUnmarked: 'no longer anomalous',
  model: (probability: string) => `(model ${probability})`,

  stalled: 'More titles could not be loaded',
  tryAgain: 'Try again',
  loading: 'Loading more titles',
  onlySkipped: 'Only skipped titles are left',
  skippedOnTheWay: (count: string) => `You skipped ${count} on the way.`,
  lookAgain: (count: number) => `Look at ${plural(count, { one: 'it', other: 'them' })} again`,
  cleared: 'Backlog cleared',
  allReviewed: 'Every film has been reviewed.',
  nothingLeft: 'Nothing is left of this filter',
  goneThrough: (filter: string) => `You have gone through ${filter}.`,
} as const;

/** The words of Training around its titles: view, search, order and filters. */
export const trainingTexts = {
  name: 'Training',
  noTitles: 'There are no titles yet',
  whenTitlesCome:
    'The pipeline adds a title here when it meets a new release. Start a fresh database without --empty to try the console with a demo catalogue.',
  cleared: 'Backlog cleared',
  noneWaits: 'No film waits for a review.',

  view: 'View',
  views: { review: 'Review', list: 'List' },

  search: 'Search by title or IMDb id',
  searchHint: 'Title or IMDb id',
  backlog: (count: string) => `Backlog (${count})`,
  orders: {
    newest: 'Newest update first',
    oldest: 'Oldest update first',
    waiting: 'Longest waiting first',
    uncertain: 'Most uncertain first',
    disagree: 'Model disagrees first',
    likely: 'Highest probability first',
    unlikely: 'Lowest probability first',
    random: 'Random',
  },

  noMatch: 'No title matches',
  thereAreNo: (filter: string) => `There are no ${filter}.`,
  toBacklog: 'Back to the backlog',

  choices: {
    reviewed: { label: 'Reviewed', options: { false: 'unreviewed', true: 'reviewed', all: 'all' } },
    label: {
      label: 'Label',
      options: { all: 'all', would_watch: 'would watch', would_not_watch: 'would not watch', none: 'unlabelled' },
    },
    anomalous: { label: 'Anomalous', options: { all: 'all', true: 'yes', false: 'no' } },
    media_type: { label: 'Type' },
  },
  genre: 'Genre',
  country: 'Country',
  language: 'Language',
  ranges: {
    release_year: 'Year',
    probability: 'Probability',
    imdb_rating: 'IMDb rating × 10',
    rt_score: 'Rotten Tomatoes',
    metascore: 'Metascore',
    tmdb_rating: 'TMDB rating',
  },

  /** The filter in words. */
  described: {
    reviewed: { false: 'unreviewed', true: 'reviewed', all: 'all' },
    media_type: {
      movie: 'movies',
      tv_show: 'shows',
      tv_season: 'seasons',
      unknown: 'titles of unknown type',
      tv_episode_pack: 'episode packs',
      all: 'titles',
    },
    label: { would_watch: 'would watch', would_not_watch: 'would not watch', none: 'unlabelled', all: '' },
    anomalous: { true: 'anomalous', false: 'not anomalous', all: '' },
    decidedBy: (actor: string) => `decided by ${actor}`,
    decidedFrom: (moment: string) => `decided since ${moment}`,
    decidedTo: (moment: string) => `decided until ${moment}`,
  },
} as const;
