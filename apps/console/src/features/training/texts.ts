import { typePlurals } from '#titles/texts.ts';
import { plural } from '#ui/plural.ts';

/** Texts of the review. Numbers come formatted. */
export const reviewTexts = {
  changedTitle: 'Changed elsewhere',
  changedBy: (actor: string, label: string) => `${actor} just labelled this "${label}".`,
  changedHidden: (actor: string) => `${actor} just labelled this.`,
  changedAway: 'Changed while you were away',
  awayTo: (label: string) => `This title is now "${label}".`,
  awayHidden: 'This title was labelled.',
  unlabelled: 'unlabelled',
  next: 'Next title',
  notSaved: 'Answer not saved',
  chosen: (reason: string, label: string) => `${reason} You chose ${label}.`,
  noOverview: 'No overview',
  facts: {
    rating: 'IMDb',
    votes: 'IMDb votes',
    budget: 'Budget',
    revenue: 'Revenue',
    original: 'Original title',
    language: 'Language',
    companies: 'Companies',
    added: 'Added',
    updated: 'Updated',
  },
  hidden: 'Prediction hidden until you answer',
  blindView: 'Blind mode: without filters and orders that show the prediction',
  wouldNot: 'Would not watch',
  would: 'Would watch',
  anomalous: 'Anomalous',
  skip: 'Skip',
  undo: 'Undo',
  nothingToUndo: 'Nothing to undo in this review',
  details: 'Details',
  blind: 'Blind',

  progress: 'Done this session',
  done: 'done',
  left: 'left',
  skipped: (count: string) => `${count} skipped`,
  median: (seconds: string) => `median decision ${seconds}`,
  toEmpty: (time: string) => `about ${time} left`,
  wasSkipped: 'skipped',
  skipOf: 'skip',
  model: (probability: string) => `(model ${probability})`,

  stalled: 'More titles could not be loaded',
  tryAgain: 'Try again',
  loading: 'Loading more titles',
  onlySkipped: 'Only skipped titles left',
  skippedCount: (count: string) => `You skipped ${count}.`,
  reviewSkipped: (count: number) => `Review ${plural(count, { one: 'it', other: 'them' })} now`,
  cleared: 'Backlog cleared',
  allReviewed: 'Every movie is reviewed.',
  nothingLeft: 'Nothing left in this filter',
  reviewedFilter: (filter: string) => `You reviewed ${filter}.`,
} as const;

/** Texts of Training: view, search, order and filters. */
export const trainingTexts = {
  name: 'Training',
  noTitles: 'No titles yet',
  noTitlesText:
    'The pipeline adds a title for each new release. Start a fresh database without --empty to try the console with a demo catalogue.',
  cleared: 'Backlog cleared',
  clearedText: 'No movies to review.',

  /** Where there is no keyboard. */
  touchHints: {
    review: 'Swipe a title right if you would watch it, left if not. Every decision can be undone.',
    list: 'Say for each title whether you would watch it. Every decision can be undone.',
  },
  view: 'View',
  views: { review: 'Review', list: 'List' },

  titles: (count: number) => plural(count, { one: 'title', other: 'titles' }),
  search: 'Search by title or IMDb id',
  backlog: (count: string) => `Backlog (${count})`,
  backlogOnly: 'Backlog',
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
  disagreesAt: (threshold: string) => `Model disagrees first (at ${threshold})`,

  verdictNote: (threshold: string) => `verdict is what the model says at ${threshold};`,
  loadingList: 'Loading the titles',
  noMatch: (isFiltered: boolean) => (isFiltered ? 'No title matches these filters' : 'No title matches'),
  noMatchText: (filter: string) => `No ${filter}.`,
  toBacklog: 'Back to the backlog',

  choices: {
    reviewed: { label: 'Reviewed', options: { false: 'unreviewed', true: 'reviewed', all: 'all' } },
    label: {
      label: 'Label',
      options: {
        all: 'all',
        any: 'labelled',
        would_watch: 'would watch',
        would_not_watch: 'would not watch',
        none: 'unlabelled',
      },
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
    imdb_rating: 'IMDb rating',
    rt_score: 'Rotten Tomatoes',
    metascore: 'Metascore',
    tmdb_rating: 'TMDB rating',
  },

  /** The filter in words. */
  described: {
    reviewed: { false: 'unreviewed', true: 'reviewed', all: 'all' },
    media_type: { ...typePlurals, all: 'titles' },
    label: {
      any: 'labelled',
      would_watch: 'would watch',
      would_not_watch: 'would not watch',
      none: 'unlabelled',
      all: '',
    },
    anomalous: { true: 'anomalous', false: 'not anomalous', all: '' },
    decidedBy: (actor: string) => `decided by ${actor}`,
    decidedFrom: (moment: string) => `decided since ${moment}`,
    decidedTo: (moment: string) => `decided until ${moment}`,
    undone: { true: 'decision undone', false: 'decision not undone', all: '' },
    inBulk: 'also in bulk changes',
  },
} as const;
