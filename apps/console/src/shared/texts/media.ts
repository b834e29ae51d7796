import type { MediaType, PipelineStatus, RejectionStatus } from '@at/contracts/vocabulary';

/** The words of the Media page, and of the pipeline wherever it is spoken of. Numbers come in as they are to be shown. */

const status: { [S in PipelineStatus]: { name: string; meaning: string } } = {
  ingested: { name: 'ingested', meaning: 'a source has named it; nothing has looked at it yet' },
  paused: { name: 'paused', meaning: 'held back until somebody moves it on' },
  parsed: { name: 'parsed', meaning: 'title, season, quality and codecs were read from its name' },
  rejected: { name: 'rejected', meaning: 'a rule or the model refused it' },
  file_accepted: { name: 'file accepted', meaning: 'quality and uploader pass the rules' },
  metadata_collected: { name: 'metadata collected', meaning: 'its title is known, with ratings and genres' },
  media_accepted: { name: 'media accepted', meaning: 'the model, or a person, wants it: Transmission is next' },
  downloading: { name: 'downloading', meaning: 'in Transmission, on its way' },
  downloaded: { name: 'downloaded', meaning: 'in Transmission, all of it there' },
  transferred: { name: 'transferred', meaning: 'copied to the library, still in Transmission' },
  complete: { name: 'complete', meaning: 'in the library, done' },
};

const rejection: { [S in RejectionStatus]: { name: string; meaning: string } } = {
  unfiltered: { name: 'unfiltered', meaning: 'no rule has judged it yet' },
  accepted: { name: 'accepted', meaning: 'it passed, or a person approved it' },
  rejected: { name: 'rejected', meaning: 'refused; the reason is in its details' },
  override: { name: 'override', meaning: 'a person wants it whatever the rules say; survives a re-ingest' },
};

const typePlural: { [T in MediaType | 'all']: string } = {
  movie: 'movies',
  tv_show: 'shows',
  tv_season: 'seasons',
  unknown: 'items of unknown type',
  tv_episode_pack: 'episode packs',
  all: 'media items',
};

export const mediaTexts = {
  page: 'Media',
  status,
  rejection,
  typePlural,
  type: {
    movie: 'movie',
    tv_show: 'show',
    tv_season: 'season',
    unknown: 'unknown',
    tv_episode_pack: 'episode pack',
  } satisfies { [T in MediaType]: string },

  or: ' or ',
  inTransmission: 'in Transmission',
  inError: 'in error',
  notInError: 'not in error',
  error: 'error',
  deleted: 'deleted',
  deletedOnly: 'deleted',
  deletedToo: 'deleted ones too',
  fromSources: (sources: string) => `from ${sources}`,
  yearRange: (from: number | null, to: number | null) =>
    from === null ? `up to ${to}` : to === null ? `from ${from}` : from === to ? `of ${from}` : `from ${from} to ${to}`,
  changedSince: (moment: string) => `changed since ${moment}`,
  whenever: 'Changed whenever',
  matching: (q: string) => `matching "${q}"`,
  yesNo: (value: boolean) => (value ? 'yes' : 'no'),

  fields: {
    pipeline_status: 'Pipeline status',
    error_status: 'Error',
    error_condition: 'Error condition',
    rejection_status: 'Rejection',
    rejection_reason: 'Rejection reason',
    deleted: 'Deleted',
    target_path: 'Target path',
  },
  change: (field: string, from: string, to: string) => `${field}: ${from} → ${to}`,
  lost: { error_condition: 'the words of the error', rejection_reason: 'the reason of the rejection' },

  reasons: {
    deleted: 'It is deleted; restore it first.',
    notDeleted: 'It is not deleted.',
    ingested: 'It waits at the start already.',
    noLink: 'It has no magnet: or http(s) link that Transmission could fetch.',
    approved: 'Transmission has had it already.',
    complete: 'It is complete already.',
  },

  actions: {
    submit: { name: 'Submit', doing: 'Change', done: 'changed' },
    reingest: { name: 'Re-ingest', doing: 'Re-ingest', done: 'back at the start of the pipeline' },
    approve: { name: 'Approve', doing: 'Approve', done: 'approved and sent to Transmission' },
    finish: { name: 'Finish', doing: 'Finish', done: 'complete' },
    delete: { name: 'Delete', doing: 'Delete', done: 'deleted' },
    restore: { name: 'Restore', doing: 'Restore', done: 'restored' },
  },
  /** What the button of a change of many says before the count, and what an undo of it does not bring back. */
  bulk: {
    reingest: { verb: 'Re-ingest', warning: 'The words of errors and the reasons of rejections do not come back.' },
    approve: { verb: 'Approve', warning: 'Transmission begins to fetch them at once.' },
    finish: { verb: 'Finish', warning: 'Torrents taken out of Transmission come back only by another approval.' },
    delete: { verb: 'Delete', warning: 'Torrents and what they have downloaded are removed for good.' },
    restore: { verb: 'Restore' },
  },
  approvedAlready: 'approved; Transmission had the torrent already',
  said: (name: string, what: string) => `${name}: ${what}.`,
  notDone: (doing: string, name: string) => `${doing} failed: ${name}`,
  busy: (name: string, doing: string) =>
    `${name}: ${doing} not done, as an earlier change is still on its way. Try again when that has ended.`,
  tooLate: (name: string) => `${name}: not taken back, as it has been changed or taken back since.`,
  undoing: 'Undo',
  putBack: (name: string, lost: string[]) =>
    lost.length === 0
      ? `${name}: as it was before.`
      : `${name}: its statuses are as before. Not brought back: ${lost.join(' and ')}.`,
  torrentGone: 'Its torrent and what it had downloaded were removed from Transmission for good.',
  torrentTakenOut: 'Its torrent was taken out of Transmission; the files stay.',
  torrentPerhapsThere: (warning: string) => `Its torrent may still be in Transmission: ${warning}`,
  conflict: (changes: string[], actor: string | undefined) =>
    `${actor === undefined || actor === 'database' ? 'Somebody' : actor} changed it meanwhile${
      changes.length > 0 ? ` (${changes.join('; ')})` : ''
    }. Nothing of yours was written. The newer state is on the screen: look at it and decide anew.`,
  perhapsDone: (message: string) =>
    `${message} Whether it was done is not known: refresh, and look before trying again.`,
  unread: (message: string) => `It was done, but its new state could not be read: ${message} Refresh to see it.`,

  questions: {
    approve: {
      title: 'Approve and download?',
      text: 'Transmission begins to fetch it at once. That is not taken back by an undo; deleting the item removes the torrent again.',
    },
    finish: {
      title: 'Mark as complete?',
      text: 'Its torrent is taken out of Transmission and comes back only by another approval. The files stay.',
    },
    delete: {
      title: 'Delete it, with what was downloaded?',
      text: 'The item can be restored. Its torrent and the data of it in Transmission are removed for good.',
    },
  },
  cancel: 'Cancel',
  close: 'Close',

  searchLabel: 'Search by title, hash or IMDb id',
  searchPlaceholder: 'Title, hash or IMDb id',
  errorsButton: (count: string) => `Errors (${count})`,
  inTransmissionButton: (count: string) => `In Transmission (${count})`,
  filterNames: {
    pipeline_status: 'Pipeline status',
    error_status: 'Error',
    rejection_status: 'Rejection',
    media_type: 'Type',
    rss_source: 'Source',
    deleted: 'Deleted items',
    year: 'Year',
  },
  all: 'all',
  errorChoices: { all: 'all', true: 'in error', false: 'not in error' },
  deletedChoices: { exclude: 'leave out', only: 'only these', include: 'show too' },
  viewLabel: 'View',
  views: { table: 'Table', board: 'Board' },

  columns: {
    title: 'Title',
    type: 'Type',
    status: 'Status',
    error: 'Error',
    rejection: 'Rejection',
    quality: 'Quality',
    updated: 'Updated',
    hash: 'Hash',
    year: 'Year',
    created: 'Added',
    imdb_rating: 'IMDb',
    source: 'Source',
    uploader: 'Uploader',
    release: 'Release name',
    actions: 'Actions',
  },
  tableLabel: 'Media items',
  sortBy: 'Sort by',
  copyHash: (hash: string) => `Copy hash ${hash}`,
  hash: 'Hash',
  actionsOf: (name: string) => `Actions for ${name}`,
  edit: 'Edit',
  reingestItem: (name: string) => `Re-ingest ${name}`,

  firstUse: {
    title: 'No media yet',
    text: 'The pipeline adds a row here for each release that a source names. Start a fresh database without --empty to try the console with a demo catalogue.',
  },
  noMatch: (filter: string) => ({ title: 'Nothing matches', text: `There are no ${filter}.` }),
  noErrors: { title: 'Nothing is in error', text: 'Every item of the pipeline is as it should be.' },

  keys: {
    next: 'Next item',
    previous: 'Item before',
    open: 'Open its details',
    select: 'Select it, or not',
    reingest: 'Re-ingest it',
    approve: 'Approve it',
    finish: 'Finish it',
    delete: 'Delete it, or restore it',
    undo: 'Undo',
    search: 'Search',
    errors: 'Only errors, or all',
    view: 'Show as a table, or as a board',
    refresh: 'Refresh',
  },
  itemKeys: 'Items',

  board: 'Pipeline',
  columnOf: (name: string, count: string) => `${name}: ${count}`,
  columnEmpty: 'None',
  more: (count: string) => `Show ${count} more`,
  moreFailed: (message: string) => `The next ones could not be loaded. ${message}`,
  retry: 'Try again',

  progress: {
    percent: (percent: string) => `${percent} %`,
    rate: (rate: string) => `${rate}/s`,
    left: (time: string) => `${time} left`,
    stalled: 'no data coming in',
    label: (name: string) => `Download of ${name}`,
    notConfigured: 'Download progress is not shown: Transmission is not configured.',
    unreachable: (detail: string) => `Download progress is not known. ${detail}`,
    torrentError: (message: string) => `Transmission says: ${message}`,
  },

  details: {
    title: 'Media item',
    notFound: 'There is no such media item',
    notFoundText: (hash: string) => `No item has the hash ${hash}. It may have been removed from the database.`,
    notAHash: (text: string) => `"${text}" is no info-hash: those have 40 hexadecimal digits.`,
    failed: 'The item could not be loaded',
    request: (id: string) => `Request ${id}`,
    deletedNote:
      'What its deletion removed for good, a torrent and what it had downloaded, does not come back with a restore.',
    errorUnknown: 'Nobody has recorded why.',
    unsaved: 'Nothing to submit: all three are as they were.',
    statuses: 'Statuses',
    groups: {
      release: 'Release',
      places: 'Paths and links',
      ids: 'Ids',
      times: 'Timestamps',
      title: 'Its title',
    },
    names: {
      original_title: 'Release name',
      media_type: 'Type',
      season: 'Season',
      episode: 'Episode',
      release_year: 'Year',
      resolution: 'Resolution',
      video_codec: 'Video codec',
      audio_codec: 'Audio codec',
      upload_type: 'Upload type',
      uploader: 'Uploader',
      rss_source: 'Source',
      parent_path: 'Parent path',
      target_path: 'Target path',
      original_path: 'Original path',
      original_link: 'Link',
      hash: 'Hash',
      imdb_id: 'IMDb id',
      tmdb_id: 'TMDB id',
      created_at: 'Added',
      updated_at: 'Updated',
      deleted_at: 'Deleted',
      genre: 'Genres',
      origin_country: 'Countries',
      runtime: 'Runtime',
      overview: 'Overview',
      label: 'Label',
      probability: 'Probability',
    },
    copy: (what: string) => `Copy ${what}`,
    openTraining: 'Open in Training',
    noTitle: 'The release has no IMDb id yet, so no title is known.',
    titleNotLabelled: 'Its title is not in the labelled set.',
    titleFailed: 'Label and probability',
  },

  legendNames: {
    statuses: 'Pipeline status',
    rejections: 'Rejection',
    others: 'Other marks',
    errorMeaning: 'the pipeline failed at it; the words of the error are in its details',
    deletedMeaning: 'soft-deleted; it can be restored',
    tones:
      'Colours only repeat what icon and word say: blue is moving, green done, yellow held, red refused or failed.',
  },
} as const;
