/** Enumerations that the database, the API and the console share. */

/** One of the known words, or another that the database holds: its owner may add some. */
export type WordOf<Known extends string> = Known | (string & {});

export const mediaTypes = ['movie', 'tv_show', 'tv_season', 'unknown', 'tv_episode_pack'] as const;
export type MediaType = (typeof mediaTypes)[number];

export const labels = ['would_watch', 'would_not_watch'] as const;
export type Label = (typeof labels)[number];

export const pipelineStatuses = [
  'ingested',
  'paused',
  'parsed',
  'rejected',
  'file_accepted',
  'metadata_collected',
  'media_accepted',
  'downloading',
  'downloaded',
  'transferred',
  'complete',
] as const;
export type PipelineStatus = (typeof pipelineStatuses)[number];

/** The statuses in which an item without an error waits until a person approves it. */
export const approvalStatuses: readonly string[] = ['paused', 'metadata_collected'];

export const rejectionStatuses = ['unfiltered', 'accepted', 'rejected', 'override'] as const;
export type RejectionStatus = (typeof rejectionStatuses)[number];

export const rssSources = ['yts.mx', 'episodefeed.com'] as const;

export const cmValues = ['tp', 'tn', 'fp', 'fn'] as const;
export type CmValue = (typeof cmValues)[number];

/** The flags of a title that people set. */
export const flags = ['label', 'human_labeled', 'anomalous', 'reviewed'] as const;
export type Flag = (typeof flags)[number];

export const labelActions = ['label', 'reviewed', 'update', 'would_watch', 'would_not_watch', 'undo'] as const;
export type LabelAction = (typeof labelActions)[number];

/** Actions on media items. */
export const mediaActions = ['pipeline', 'reingest', 'approve', 'finish', 'delete', 'restore', 'undo'] as const;
export type MediaAction = (typeof mediaActions)[number];

/** Changes of what the console lists. */
export const changeTypes = ['title.changed', 'prediction.changed', 'media.changed'] as const;
/** Types of the event stream. */
export const eventTypes = [...changeTypes, 'run.changed', 'queue.changed', 'batch.changed'] as const;
export type EventType = (typeof eventTypes)[number];

export const eventOperations = ['insert', 'update', 'delete'] as const;

/** States of a batch of files, in the order of its way. */
export const batchStatuses = ['PENDING', 'SYNCING', 'SYNCED', 'SORTING', 'SORTED', 'CLEANED', 'ERROR'] as const;
export type BatchStatus = (typeof batchStatuses)[number];

/** States of a file in a batch. LEFT: it stayed where it was, or went back. */
export const batchFileStates = ['PLANNED', 'BATCHED', 'SYNCED', 'SORTED', 'DUPLICATE', 'ERROR', 'LEFT'] as const;
export type BatchFileState = (typeof batchFileStates)[number];

/** Which files go into a batch first: the first path, the oldest, or the largest. */
export const batchOrders = ['path', 'captured', 'largest'] as const;
export type BatchOrder = (typeof batchOrders)[number];

/** Why a file can be in no batch, by its path. */
export const nameRefusals = ['not_utf8', 'name_too_long', 'never_synced'] as const;
export type NameRefusal = (typeof nameRefusals)[number];

/** Why files are in no batch. */
export const batchSkipReasons = [...nameRefusals, 'not_ready', 'too_large'] as const;
export type BatchSkipReason = (typeof batchSkipReasons)[number];

/** Why there is no new batch. */
export const batchLacks = ['nothing_to_do', 'blocked', 'all_too_large'] as const;
export type BatchLack = (typeof batchLacks)[number];

/** How changes by other clients are detected: by triggers at once, or by polling every two seconds. */
export const liveModes = ['trigger', 'polling'] as const;
export type LiveMode = (typeof liveModes)[number];

/** Why a run cannot be continued: its state, a later run has completed what failed, it was continued too often, or another run does the same. */
export const retryRefusals = ['state', 'repaired', 'spent', 'overtaken'] as const;
export type RetryRefusal = (typeof retryRefusals)[number];

/** Why a step of a run failed, for programs: a code keeps its meaning when the words of its message change. */
export const failureCodes = [
  'code_missing',
  'code_unknown',
  'metadata_missing',
  'not_in_library',
  'item_removed',
  'file_gone',
  'file_changed',
  'file_outside',
  'file_in_trash',
  'file_busy',
  'place_taken',
  'folders_nested',
  'server_lacks_file',
  'server_differs',
  'unreachable',
  'limited',
  'refused',
  'unusable',
  'disk_full',
  'disk_unavailable',
  'disk_refused',
  'workers_lost',
  'incomplete',
  'timeout',
  'cancelled',
  'unexpected',
] as const;
export type FailureCode = (typeof failureCodes)[number];

/** Roles of keys, lowest first; each includes the ones before it. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** TMDB's genre names for films and shows. */
export const genres = [
  'Action',
  'Action & Adventure',
  'Adventure',
  'Animation',
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Family',
  'Fantasy',
  'History',
  'Horror',
  'Kids',
  'Music',
  'Mystery',
  'News',
  'Reality',
  'Romance',
  'Sci-Fi & Fantasy',
  'Science Fiction',
  'Soap',
  'Talk',
  'Thriller',
  'TV Movie',
  'War',
  'War & Politics',
  'Western',
] as const;

/** The id range of the demo catalogue, far beyond the ids that IMDb has assigned. */
export const demoImdbIds = { first: 'tt99000001', last: 'tt99099999' } as const;

/** The states of runs and of their steps. The views run_state and step_state derive them. */
export const runStates = [
  'pending',
  'held',
  'queued',
  'running',
  'retrying',
  'stopping',
  'lost',
  'completed',
  'skipped',
  'failed',
  'cancelled',
  'timeout',
] as const;
export type RunState = (typeof runStates)[number];

/** What starts runs. */
export const runTriggers = ['manual', 'cron', 'webhook', 'event'] as const;

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

/** Where an item of the queue is. The view queue_item_state derives it. */
export const queueStatuses = ['pending', 'processing', 'moved', 'emby_pending', 'completed', 'error'] as const;
export type QueueStatus = (typeof queueStatuses)[number];

/** What is recorded of files of the queue, and of runs, in the list of activity; most are paths of what was asked for. */
export const fileActions = [
  'found',
  'completed',
  'failed',
  'retry',
  'reprocess-metadata',
  'extract-code',
  'set-code',
  'fetch-metadata',
  'rename-file',
  'update-emby',
  'full-retry',
  'delete',
  'delete-file',
  'restore',
  'retry-many',
  'refresh-many',
  'cleanup',
  'run-retry',
  'run-cancel',
  'run-approve',
  'runs-retry',
  'runs-cancel',
  'start-scan',
  'start-pipeline',
  'start-sync',
  'make-batch',
  'undo-batch',
  'start-sort',
  'confirm-device-cleaned',
  'start-cleanup',
  'undo-moves',
  'keep-duplicate',
  'restore-duplicate',
  'make-roots',
  'accept-root',
  'moved',
  'copied',
  'removed',
  'moved-back',
] as const;
export type FileAction = (typeof fileActions)[number];

/** What runs and their steps do. */
export const taskNames = [
  'media.download_watch',
  'media.trash_purge',
  'media.torrent',
  'media.files',
  'maintenance.cleanup',
  'training.rerun_metadata',
  'bulk.apply',
  'item.process',
  'item.extract',
  'item.metadata',
  'item.move',
  'item.publish',
  'item.remove_file',
  'item.restore_file',
  'queue.retry_many',
  'queue.refresh_many',
  'queue.cleanup',
  'queue.take_back_moves',
  'files.run',
  'files.step',
  'files.scan',
  'files.restore_duplicate',
  'files.batch',
  'files.undo_batch',
  'files.settle_batches',
  'files.sync',
  'files.sort',
  'files.undo',
  'files.undo_run',
  'files.cleanup',
] as const;
export type TaskName = (typeof taskNames)[number];

/** The steps of a run of the file pipeline, in their order. */
export const pipelineSteps = ['scan', 'batch', 'sync', 'sort', 'cleanup'] as const;
export type PipelineStep = (typeof pipelineSteps)[number];

/** The configured folders of the file pipeline that are roots, in the order in which files pass them. */
export const placeNames = ['source', 'duplicates', 'batch', 'sorted', 'quarantine'] as const;
export type PlaceName = (typeof placeNames)[number];

/** Where a file of the file pipeline is. */
export const fileStatuses = [
  'NEW',
  'UNIQUE',
  'DUPLICATE',
  'BATCHED',
  'SYNCED',
  'SORTED',
  'ARCHIVED',
  'ERROR',
  'MISSING',
] as const;
export type FileStatus = (typeof fileStatuses)[number];

/** What a file is, by its name. */
export const fileKinds = ['photo', 'raw', 'video', 'sidecar', 'other'] as const;
export type FileKind = (typeof fileKinds)[number];
/** Those that a thumbnail can be made of. */
export const picturedKinds = ['photo', 'raw'] as const satisfies FileKind[];

/** What a worker does with an item of the queue, in this order. */
export const queueSteps = ['extract', 'metadata', 'move', 'publish'] as const;
export type QueueStep = (typeof queueSteps)[number];
