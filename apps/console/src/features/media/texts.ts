import { noCause } from '@at/contracts/media';
import type { MediaType, PipelineStatus, RejectionStatus } from '@at/contracts/vocabulary';
import { typePlurals } from '#titles/texts.ts';
import { known } from '#ui/known-word.ts';
import { plural } from '#ui/plural.ts';
import { formatStatus } from '#ui/status-words.ts';

/** Texts of the Media page and of the pipeline. Numbers come formatted. Words that only the database has stay as they are. */

/** What each status means. */
const status: { [S in PipelineStatus]: string } = {
  ingested: 'found in a feed, not processed yet',
  paused: 'waits until a person approves it or moves it on',
  parsed: 'title, season, quality and codecs read from the release name',
  rejected: 'a rule or the model refused it',
  file_accepted: 'quality and uploader pass the rules',
  metadata_collected: 'matched to a title, with ratings and genres; waits for approval',
  media_accepted: 'accepted by the model or a person; Transmission is next',
  downloading: 'downloading in Transmission',
  downloaded: 'fully downloaded in Transmission',
  transferred: 'copied to the library, still in Transmission',
  complete: 'in the library, done',
};

const rejection: { [S in RejectionStatus]: string } = {
  unfiltered: 'no rule has run yet',
  accepted: 'passed the rules, or approved by a person',
  rejected: 'refused; the reason is in its details',
  override: 'approved by a person against the rules; survives a re-ingest',
};

const typePlural = { ...typePlurals, unknown: 'items of unknown type', all: 'media items' };

const type: { [T in MediaType]: string } = {
  movie: 'movie',
  tv_show: 'show',
  tv_season: 'season',
  unknown: 'unknown',
  tv_episode_pack: 'episode pack',
};

export const mediaTexts = {
  page: 'Media',
  status,
  rejection,
  statusName: (word: string) => formatStatus('pipeline_status', word),
  rejectionName: (word: string) => formatStatus('rejection_status', word),
  typeName: (word: string) => known(type, word) ?? word,
  typesName: (word: string) => known(typePlural, word) ?? word,

  /** By their status: Transmission may have other torrents. */
  statusGroups: { toApprove: 'waiting for approval', downloads: 'accepted to transferred' },
  inError: 'in error',
  notInError: 'not in error',
  causeName: (cause: string) => (cause === noCause ? 'no error message' : cause),
  because: (cause: string) => `because of "${cause}"`,
  error: 'pipeline error',
  deleted: 'deleted',
  deletedOnly: 'deleted',
  deletedToo: 'including deleted',
  fromSources: (sources: string) => `from ${sources}`,
  changedSince: (moment: string) => `changed since ${moment}`,
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
  setTo: (field: string, value: string) => `${field.toLowerCase()} ${value}`,
  change: (from: string, to: string) => `${from} → ${to}`,
  changeOf: (field: string, change: string) => `${field}: ${change}`,

  reasons: {
    deleted: 'Deleted; restore it first.',
    notDeleted: 'Not deleted.',
    ingested: 'Already at the start of the pipeline.',
    noLink: 'No magnet: or http(s) link for Transmission.',
    inTransmission: 'Already approved; Transmission has the torrent.',
    approved: 'Only items before downloading can be approved.',
    complete: 'Already complete.',
    noneSelected: 'Not possible for any selected item.',
    noTransmission: 'Transmission is not set up. Set REAR_DIFF_TRANSMISSION_HOST and restart the API.',
  },
  notApprovable: (reason: string) => `Nothing here can be approved yet. ${reason}`,
  /** What moves an item that is back at the start, and when that was last seen to do something. */
  pipeline: {
    picksUp: "The platform's pipeline picks up ingested items; this console does not.",
    seen: 'It last changed an item',
    notSeen: 'No change by it was seen in the last 7 days: check that the pipeline runs.',
    demo: 'The demo has no pipeline: the item stays ingested.',
    recurs: {
      unparsable:
        'The release name stays the same, so this fails again until the pipeline can read such names. If you do not want the release, delete it.',
      unmatched:
        'The search runs again with the same title, so this fails again until the metadata provider knows it. If you do not want the release, delete it.',
    },
  },
  /** Why an action is the likely one. */
  likely: {
    deleted: 'It is deleted. Restoring brings it back into the lists.',
    failed: 'It failed. Re-ingesting clears the error and puts it back at the start.',
    rejected: 'It was rejected. Re-ingesting clears the rejection and puts it back at the start.',
    paused: 'It is paused until someone decides. Approving starts the download.',
    waiting: 'It waits for approval. Approving starts the download.',
    transferred: 'Its files are in the library. Completing removes the torrent and keeps the files.',
  },
  recommended: 'Recommended',

  actions: {
    submit: { name: 'Save statuses', doing: 'Change' },
    reingest: { name: 'Re-ingest', doing: 'Re-ingest', done: 'back at the start of the pipeline' },
    approve: { name: 'Approve', doing: 'Approve', done: 'approved and sent to Transmission' },
    finish: { name: 'Mark complete', doing: 'Mark complete', done: 'complete' },
    delete: { name: 'Delete', doing: 'Delete', done: 'deleted' },
    restore: { name: 'Restore', doing: 'Restore', done: 'restored' },
  },
  /** For bulk changes: the button's text before the count, and what an undo does not restore. */
  bulk: {
    reingest: { verb: 'Re-ingest' },
    approve: { verb: 'Approve', warning: 'Downloads start immediately.' },
    finish: {
      verb: 'Mark complete:',
      warning: 'Their torrents are removed from Transmission; approve again to get them back.',
    },
    delete: { verb: 'Delete', warning: 'Torrents and downloaded data are removed for good.' },
    restore: { verb: 'Restore' },
  },
  bulkStatuses: {
    title: 'Set statuses',
    titleOf: (items: string) => `Set the statuses of ${items}`,
    chosen: (words: string[]) => `Set statuses: ${words.join(', ')}`,
    verb: 'Set the statuses of',
    asIs: 'no change',
    preview: 'Preview',
    nothing: 'Choose at least one status.',
    fresh: 'Setting ingested also clears error and rejection.',
  },
  approvedAlready: 'approved; Transmission already had the torrent',
  outcome: (name: string, what: string) => `${name}: ${what}.`,
  refused: (doing: string, reason: string) => `${doing}: ${reason}`,
  notDone: (doing: string, name: string) => `${doing} failed: ${name}`,
  busy: (name: string, doing: string) =>
    `${name}: ${doing} not done because an earlier change is still being saved. Try again in a moment.`,
  tooLate: (name: string) => `${name}: not undone because it has changed since.`,
  undoing: 'Undo',
  undone: (changes: string) => (changes === '' ? 'undone' : `undone: ${changes}`),
  torrentDeleted: 'The torrent and its data were removed from Transmission for good.',
  torrentRemoved: 'The torrent was removed from Transmission; the files stay.',
  torrentMayRemain: (warning: string) => `The torrent may still be in Transmission: ${warning}`,
  conflict: (changes: string[], actor: string) =>
    `${actor} changed this item${
      changes.length > 0 ? ` (${changes.join('; ')})` : ''
    }. Your change was not saved. The item now shows the newer state: check it and try again.`,
  mayBeDone: (message: string) => `${message} It may have been done; trying again does not do it twice.`,
  unread: (message: string) => `Done, but the new state could not be loaded: ${message} Refresh to see it.`,

  questions: {
    approve: {
      title: 'Approve and download?',
      text: 'The download starts immediately. Undo removes the torrent again.',
    },
    finish: {
      title: 'Mark complete?',
      text: 'The torrent is removed from Transmission; Undo adds it again. The files stay.',
    },
    delete: {
      title: 'Delete item and downloaded data?',
      text: 'You can restore the item. Its torrent and downloaded data are removed for good.',
    },
  },
  close: 'Close',

  searchLabel: 'Search by title, hash or IMDb id',
  shortcuts: {
    errors: 'Errors',
    toApprove: 'To approve',
    downloads: 'Downloads',
  },
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
  deletedChoices: { exclude: 'Hidden', only: 'Only deleted', include: 'Included' },
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
  allItems: (count: number) => plural(count, { one: 'media item', other: 'media items' }),
  copyHash: (hash: string) => `Copy hash ${hash}`,
  hash: 'Hash',
  actionsOf: (name: string) => `Actions for ${name}`,
  edit: 'Edit',
  actionOn: (action: string, name: string) => `${action} ${name}`,

  firstUse: {
    title: 'No media yet',
    text: 'The pipeline adds a row for each release it finds. Start a fresh database without --empty to try the console with a demo catalogue.',
  },
  noMatch: (filter: string, isFiltered: boolean) => ({
    title: isFiltered ? 'Nothing matches these filters' : 'Nothing matches',
    text: `No ${filter}.`,
  }),
  noErrors: { title: 'No errors', text: 'No item of the pipeline is in error.' },

  nothingToUndo: 'Nothing to undo in Media',
  keys: {
    next: 'Next item',
    previous: 'Previous item',
    open: 'Open details',
    select: 'Select or deselect',
    reingest: 'Re-ingest',
    approve: 'Approve',
    finish: 'Mark complete',
    delete: 'Delete or restore',
    undo: 'Undo',
    search: 'Search',
    errors: 'Show errors only, or all',
    view: 'Switch between table and board',
    refresh: 'Refresh',
  },
  itemKeys: 'Items',
  detailsKeys: 'Details',
  neighbours: { previous: 'Previous', next: 'Next' },
  placeInList: (position: string, total: string) => `${position} of ${total} in this list`,
  leftList: 'No longer in this list',
  placeOnBoard: (position: string, loaded: string) => `${position} of ${loaded} on this board`,

  board: 'Pipeline',
  columnOf: (name: string, count: string) => `${name}: ${count}`,
  columnEmpty: 'None',
  more: (count: string) => `Show ${count} more`,
  moreFailed: (message: string) => `More items could not be loaded. ${message}`,
  retry: 'Try again',

  progress: {
    percent: (percent: string) => `${percent} %`,
    rate: (rate: string) => `${rate}/s`,
    left: (time: string) => `${time} left`,
    starting: 'starting',
    waiting: 'waiting for data',
    stalled: 'stalled',
    label: (name: string) => `Download of ${name}`,
    notConfigured: 'No download progress: Transmission is not configured.',
    unreachable: (detail: string) => `Download progress is unknown. ${detail}`,
    torrentError: (message: string) => `Transmission error: ${message}`,
  },

  details: {
    title: 'Media item',
    notFound: 'No such media item',
    notFoundText: (hash: string) => `No item has the hash ${hash}. It may have been removed from the database.`,
    notAHash: (text: string) => `"${text}" is not a valid hash (40 hex digits).`,
    failed: 'The item could not be loaded',
    request: (id: string) => `Request ${id}`,
    deletedNote: 'Restoring does not bring back the torrent or its downloaded data.',
    errorUnknown: 'No error message was recorded.',
    loading: 'Loading details',
    unsaved: 'Nothing to save: no status has changed.',
    statuses: 'Statuses',
    recordOnly:
      'Saving changes the record alone: it starts no download and moves no file. Approve starts the download; the pipeline goes on from the status it finds.',
    groups: {
      release: 'Release',
      places: 'Paths and links',
      ids: 'Ids',
      times: 'Timestamps',
      title: 'Title',
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
    openTraining: 'Open in Training',
    noTitle: 'Not matched to a film yet.',
    titleNotLabelled: 'Its title is not in the training set.',
    titleFailed: 'Label and probability',
  },

  legendNames: {
    statuses: 'Pipeline status',
    rejections: 'Rejection',
    others: 'Other marks',
    errorMeaning: 'the pipeline failed here; the details show the error',
    approve:
      'Approve works in every status before downloading, for items with a link, if Transmission is set up. "To approve" lists those that wait for it.',
    deletedMeaning: 'soft-deleted; it can be restored',
    tones:
      'Colours repeat the icon and the word: blue is in progress, green done, yellow held, red rejected or failed.',
  },
} as const;
