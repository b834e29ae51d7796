import { plural } from '#ui/plural.ts';

const many = (count: number, one: string, other: string) => plural(count, { one, other });

/** The words of the page Home. Numbers and moments come in as they are to be shown. */
export const homeTexts = {
  willFail: 'Requests will fail',
  what: {
    titles: 'The counts of titles',
    sessions: 'The labelling sessions',
    checks: 'The checks',
    facts: 'What the API says about itself',
    migrations: 'The last migrations',
    changelog: 'The changelog',
  },
  cards: {
    backlog: 'Backlog',
    session: 'Last labelling session',
    health: 'Health',
    pipeline: 'Pipeline',
    attention: 'Wants attention',
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
    also: 'Also:',
    itWasAdded: 'It was added',
    oldestMovie: 'The oldest movie was added',
    oldest: 'The oldest of them was added',
    review: 'Review them',
  },

  labels: {
    watch: 'would watch',
    not: 'would not watch',
    none: 'unlabelled',
    anomalous: 'anomalous',
    all: 'titles in all',
  },

  session: {
    none: 'Nobody has labelled anything here in the last 90 days.',
    labels: (count: number) => many(count, 'label', 'labels'),
    anHour: 'labels an hour',
    decisions: 'Decisions',
    and: ', and',
    undone: 'undone',
    each: 'Each took',
    median: '(median)',
    ended: 'Ended',
    after: 'after',
    by: 'By',
  },

  health: {
    api: 'API',
    database: 'Database',
    transmission: 'Transmission',
    unreachable: 'Unreachable',
    unknown: 'Not known',
    notConfigured: 'Not configured',
    away: 'Away',
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
    toLookAt: (count: string) => `${count} to look at`,
  },

  migrations: {
    unknown: 'Not known while the database does not answer.',
    extras: 'console extras (indexes)',
    none: 'none has run',
    version: (version: string) => `version ${version}`,
    others: 'kept by another project',
    failed: (count: string) => `${count} failed`,
    open: (count: string) => `${count} not applied as shipped`,
    notYet: 'none yet',
    applied: 'all applied',
  },

  news: { nothing: "Nothing is written in this version's changelog." },
} as const;
