/** The closed sets of words that the database, the wire and the screen share. */

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

export const rejectionStatuses = ['unfiltered', 'accepted', 'rejected', 'override'] as const;
export type RejectionStatus = (typeof rejectionStatuses)[number];

export const rssSources = ['yts.mx', 'episodefeed.com'] as const;

export const cmValues = ['tp', 'tn', 'fp', 'fn'] as const;
export type CmValue = (typeof cmValues)[number];

/** The four facts about a title that people decide. */
export const flags = ['label', 'human_labeled', 'anomalous', 'reviewed'] as const;
export type Flag = (typeof flags)[number];

export const labelActions = ['label', 'reviewed', 'update', 'would_watch', 'would_not_watch', 'undo'] as const;
export type LabelAction = (typeof labelActions)[number];

/** What is done with media items. */
export const mediaActions = ['pipeline', 'reingest', 'approve', 'finish', 'delete', 'restore', 'undo'] as const;
export type MediaAction = (typeof mediaActions)[number];

/** What the stream of events tells of. */
export const eventTypes = ['title.changed', 'prediction.changed', 'media.changed'] as const;
export type EventType = (typeof eventTypes)[number];

export const eventOperations = ['insert', 'update', 'delete'] as const;

/** How changes that others make are noticed: by triggers, at once, or by looking every two seconds. */
export const liveModes = ['trigger', 'polling'] as const;
export type LiveMode = (typeof liveModes)[number];

/** What the holder of a key may do; each may also do what those before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** TMDB's genre names, for films and for shows. */
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

/** Every title of the demo catalogue has an id from `first` to `last`, far beyond those that IMDb has given out. */
export const demoImdbIds = { first: 'tt99000001', last: 'tt99099999' } as const;
