import { plural } from '#ui/plural.ts';

const many = (count: number, one: string, other: string) => plural(count, { one, other });

/** Texts of Home. Numbers and times come formatted. */
export const homeTexts = {
  what: {
    titles: 'The counts of titles',
    sessions: 'The labelling sessions',
    checks: 'The checks',
    facts: 'Facts about the API',
    migrations: 'The last migrations',
    changelog: 'The changelog',
  },
  cards: {
    backlog: 'Backlog',
    session: 'Last labelling session',
    health: 'Health',
    platform: 'Platform',
    days: 'Labels per day',
    pipeline: 'Pipeline',
    attention: 'Needs attention',
    predictions: 'Predictions',
    activity: 'Recent activity',
    labels: 'Labels',
    readiness: 'Readiness',
    migrations: 'Migrations',
    news: "What's new",
  },

  backlog: {
    cleared: 'Backlog cleared',
    types: {
      movie: ['movie', 'movies'],
      tv_show: ['TV show', 'TV shows'],
      tv_season: ['TV season', 'TV seasons'],
      tv_episode_pack: ['episode pack', 'episode packs'],
      unknown: ['title of unknown type', 'titles of unknown type'],
    },
    toReview: 'to review',
    /** After their number. */
    unlabelled: 'without a label; the others have one to confirm',
    allUnlabelled: 'None has a label yet',
    allLabelled: 'All have a label to confirm',
    also: 'Also:',
    itWasAdded: 'Added',
    oldestMovie: 'Oldest movie added',
    oldest: 'Oldest added',
    review: 'Review',
  },

  labels: {
    watch: 'would watch',
    not: 'would not watch',
    none: 'unlabelled',
    anomalous: 'anomalous',
    all: 'titles in total',
    scope: 'Titles of every type, with or without a prediction',
  },

  session: {
    none: 'No labels in the last 90 days.',
    decisions: (count: number) => many(count, 'decision', 'decisions'),
    and: ', and',
    undone: 'undone',
    median: 'Median decision',
    last: 'Last decision',
    duration: 'Duration',
    by: 'By',
  },

  health: {
    api: 'API',
    database: 'Database',
    transmission: 'Transmission',
    unreachable: 'Unreachable',
    unknown: 'Unknown',
    notConfigured: 'Not configured',
    answersIn: (duration: string) => `Answers in ${duration}`,
    version: 'Version',
    started: 'Started',
    name: 'Name',
    host: 'Host',
    embedded: 'embedded, on this machine',
    socket: 'a socket on this machine',
    postgres: 'PostgreSQL',
  },

  readiness: {
    notReady: 'Not ready',
    ready: 'Ready',
    degraded: (count: string) => `Ready, ${count} degraded`,
    states: { ok: 'ok', degraded: 'degraded', failed: 'failed' },
    missing: (count: string) => `${count} missing`,
    toLookAt: (count: string) => `${count} need attention`,
  },

  migrations: {
    unknown: 'Unknown: the database does not answer.',
    extras: 'console extras (indexes)',
    none: 'none applied',
    version: (version: string) => `version ${version}`,
    others: 'kept by another project',
    failed: (count: string) => `${count} failed`,
    open: (count: string) => `${count} not applied as shipped`,
    notYet: 'none yet',
    applied: 'all applied',
  },

  news: { nothing: 'This version has no changelog entry.' },
} as const;
