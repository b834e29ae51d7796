import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { EmptyBody, endpoint } from './endpoint.ts';
import { exportOf } from './export.ts';
import {
  AcceptedWord,
  CommaList,
  CountsByWord,
  DateTime,
  ExactNumber,
  Nullable,
  Pagination,
  pageParameters,
  StringEnum,
  searchDescription,
  sortParameters,
  Text,
  Word,
} from './paging.ts';
import { patchMembers } from './patch-reply.ts';
import { problems } from './problem.ts';
import { CalendarTime, ExactTime, ImdbId, Timestamp, titleFacts } from './training.ts';
import { mediaTypes, pipelineStatuses, rejectionStatuses, rssSources } from './vocabulary.ts';

export const tag = { name: 'media', description: 'Releases that the pipeline handles, and their torrents' };
const tags = [tag.name];
const NullableText = Nullable(Type.String());
const NullableInteger = Nullable(Type.Integer());

/** A torrent's info-hash in a request, in any case; rows have it in lower case. */
export const Hash = Type.String({
  pattern: '^[0-9a-fA-F]{40}$',
  description: "The torrent's info-hash: 40 hexadecimal digits",
  examples: ['d6f3a0c1e2b4958677a8b9c0d1e2f3a4b5c6d7e8'],
});
export const mediaParams = Type.Object({ hash: Hash });

export const MediaRow = Type.Object(
  {
    hash: Type.String({ description: "The torrent's info-hash, in lower case" }),
    media_type: Word(mediaTypes),
    media_title: NullableText,
    season: NullableInteger,
    episode: NullableInteger,
    release_year: NullableInteger,
    pipeline_status: Word(pipelineStatuses),
    error_status: Type.Boolean(),
    error_condition: NullableText,
    rejection_status: Word(rejectionStatuses),
    rejection_reason: NullableText,
    parent_path: NullableText,
    target_path: NullableText,
    original_title: Type.String({ description: 'The raw name of the release' }),
    original_path: NullableText,
    original_link: Nullable(Type.String(), { description: 'Magnet or torrent link' }),
    rss_source: Nullable(Word(rssSources)),
    uploader: NullableText,
    imdb_id: Nullable(ImdbId),
    tmdb_id: NullableInteger,
    resolution: NullableText,
    video_codec: NullableText,
    upload_type: NullableText,
    audio_codec: NullableText,
    // From the title with the same IMDb id; null without one.
    ...titleFacts,
    created_at: CalendarTime,
    updated_at: ExactTime,
    deleted_at: Type.Optional(Nullable(ExactTime, { description: 'null: active' })),
  },
  {
    $id: 'MediaRow',
    description: "A release that the pipeline handles, with its title's facts; in lists deleted_at appears on request",
  },
);
export type MediaRow = Static<typeof MediaRow>;

/** The fields of a media item that its actions change. */
export const MediaState = Type.Object(
  {
    pipeline_status: Word(pipelineStatuses),
    error_status: Type.Boolean(),
    error_condition: Nullable(Type.String()),
    rejection_status: Word(rejectionStatuses),
    rejection_reason: Nullable(Type.String()),
    deleted_at: Nullable(ExactTime),
  },
  { $id: 'MediaState', description: 'The fields of a media item that actions change' },
);
export type MediaState = Static<typeof MediaState>;

export const mediaSorts = ['created_at', 'updated_at', 'release_year', 'media_title', 'imdb_rating'] as const;
export type MediaSort = (typeof mediaSorts)[number];
export const mediaDefaultSort = { sort_by: 'created_at', sort_order: 'desc' } as const;

const PipelineStatus = AcceptedWord(pipelineStatuses, 'atp.media.pipeline_status');
const RejectionStatus = AcceptedWord(rejectionStatuses, 'atp.media.rejection_status');

export const mediaFilters = {
  media_type: Type.Optional(AcceptedWord(mediaTypes, 'atp.media.media_type')),
  pipeline_status: CommaList(PipelineStatus, {
    description: 'Any of these statuses: a comma list or a repeated parameter',
  }),
  rejection_status: Type.Optional(RejectionStatus),
  error_status: Type.Optional(Type.Boolean({ description: 'true/false, 1/0, yes/no, on/off in any case' })),
  deleted: Type.Optional(
    StringEnum(['exclude', 'only', 'include'], {
      default: 'exclude',
      description: 'Soft-deleted items; only and include add deleted_at to every row',
    }),
  ),
  imdb_id: CommaList(Text({ description: 'An IMDb id', maxLength: 20 }), { description: 'One id or a comma list' }),
  hash: CommaList(Text({ description: 'An info-hash', maxLength: 40 }), { description: 'One hash or a comma list' }),
  cause: Type.Optional(
    Text({
      description:
        'Items in error for this cause, as in GET /media/errors: the error condition without what differs; among the ' +
        'newest 10,000 errors',
      maxLength: 300,
    }),
  ),
  media_title: Type.Optional(Text({ description: 'Part of the title, case-insensitive' })),
  q: Type.Optional(
    Text({
      description: `${searchDescription('title or of the name of the release')}, or the start of an IMDb id, or of a hash (6 or more)`,
    }),
  ),
  rss_source: CommaList(AcceptedWord(rssSources, 'atp.media.rss_source'), { description: 'Any of these sources' }),
  resolution: CommaList(Text({ description: 'A resolution', maxLength: 10 }), {
    description: 'Any of these resolutions, such as 1080p',
  }),
  release_year_min: Type.Optional(ExactNumber({ description: 'Minimum release_year; excludes items without one' })),
  release_year_max: Type.Optional(ExactNumber({ description: 'Maximum release_year; excludes items without one' })),
  updated_at_min: Type.Optional(DateTime({ description: 'updated_at at this time or later' })),
  changed_at_min: Type.Optional(
    DateTime({ description: 'The same, but a change that was undone does not count as a change' }),
  ),
} satisfies TProperties;

export const MediaQuery = Type.Object({
  ...mediaFilters,
  ...sortParameters(mediaSorts, mediaDefaultSort),
  ...pageParameters,
});
export type MediaQuery = Static<typeof MediaQuery>;

export const MediaList = Type.Object({ data: Type.Array(MediaRow), pagination: Pagination });
export type MediaList = Static<typeof MediaList>;

export const listMedia = endpoint({
  method: 'GET',
  url: '/media/',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listMedia',
    summary: 'Releases that the pipeline handles',
    description: 'Active items, unless deleted= includes others.',
    tags,
    querystring: MediaQuery,
    response: { 200: MediaList, ...problems() },
  },
});

export const exportMedia = exportOf(listMedia, { operationId: 'exportMedia', summary: 'Media items as a file' });

export const getMedia = endpoint({
  method: 'GET',
  url: '/media/:hash',
  config: { role: 'viewer', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'getMedia',
    summary: 'One media item, active or soft-deleted',
    description: 'Its ETag is updated_at, for the If-Match of a write.',
    tags,
    params: mediaParams,
    response: { 200: MediaRow, ...problems(404) },
  },
});

export const MediaStats = Type.Object(
  {
    total: Type.Integer({ description: 'Active items; all counts below cover these' }),
    deleted: Type.Integer({ description: 'Soft-deleted items' }),
    pipeline_status: CountsByWord(pipelineStatuses),
    rejection_status: CountsByWord(rejectionStatuses),
    error_status: CountsByWord(['true', 'false']),
    media_type: CountsByWord(mediaTypes),
    to_approve: Type.Integer({
      description: 'Items that wait for an approval: paused or metadata_collected, without an error',
    }),
    oldest_created_at: Nullable(Timestamp),
    newest_created_at: Nullable(Timestamp),
    newest_updated_at: Nullable(Timestamp),
  },
  { $id: 'MediaStats' },
);
export type MediaStats = Static<typeof MediaStats>;

export const getMediaStats = endpoint({
  method: 'GET',
  url: '/media/stats',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getMediaStats',
    summary: 'Counts by status, rejection, error and type',
    description: 'At most one second old, never older than your own writes; the header Age has the age.',
    tags,
    response: { 200: MediaStats, ...problems() },
  },
});

/** The cause of errors without an error condition. */
export const noCause = 'none';

export const ErrorCause = Type.Object(
  {
    cause: Type.String({
      description: `For the filter cause: the error condition with … for its numbers, names in quotes, ids, hashes, URLs and paths; ${noCause}: there is no condition`,
    }),
    count: Type.Integer(),
    example: NullableText,
    newest_updated_at: Nullable(Timestamp),
  },
  { $id: 'ErrorCause', description: 'Active items in error for the same cause' },
);
export type ErrorCause = Static<typeof ErrorCause>;

export const listMediaErrors = endpoint({
  method: 'GET',
  url: '/media/errors',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listMediaErrors',
    summary: 'Items in error by cause',
    description:
      'The most frequent causes first, at most 100, counted over the newest 10,000 errors. Items of a cause: ' +
      '/media/?cause=. At most one second old, never older than your own writes; the header Age has the age.',
    tags,
    response: {
      200: Type.Object({
        data: Type.Array(ErrorCause),
        total: Type.Integer({ description: 'Number of causes, also beyond 100' }),
      }),
      ...problems(),
    },
  },
});

const done = {
  success: Type.Literal(true),
  message: Type.String(),
  hash: Type.String(),
  event_id: Nullable(Type.Integer(), { description: 'The event, for undo; null: nothing changed' }),
  ...patchMembers,
};
const torrent = {
  torrent_warning: Type.Optional(Type.String({ description: 'Why the request to Transmission failed' })),
} satisfies TProperties;

function mediaAction<const P extends string, const B extends TSchema, const R extends TProperties>(
  operationId: string,
  path: P,
  texts: { summary: string; description: string },
  body: B,
  reply: R,
  ...upstreamErrors: 502[]
) {
  return endpoint({
    method: 'PATCH',
    url: `/media/:hash/${path}`,
    config: { role: path === 'soft_delete' ? 'admin' : 'operator', replyHeaders: ['ETag'] },
    schema: {
      operationId,
      ...texts,
      tags,
      params: mediaParams,
      body,
      response: { 200: Type.Object({ ...done, ...reply }), ...problems(404, 409, 412, ...upstreamErrors) },
    },
  });
}

/** The pipeline fields that a change may set. */
export const pipelineFields = {
  pipeline_status: Type.Optional(PipelineStatus),
  error_status: Type.Optional(Type.Boolean()),
  rejection_status: Type.Optional(RejectionStatus),
} satisfies TProperties;

export const updatePipeline = mediaAction(
  'updatePipeline',
  'pipeline',
  {
    summary: 'Change status, error or rejection of an item',
    description:
      'At least one of the three. A trigger in the database clears rejection and error when the status becomes ingested.',
  },
  Type.Object({ hash: Hash, ...pipelineFields }, { additionalProperties: false }),
  { updated_fields: Type.Object(pipelineFields) },
);

export const approveMedia = mediaAction(
  'approveMedia',
  'approve',
  {
    summary: 'Accept an item and let Transmission download it',
    description:
      'Adds the torrent first. When Transmission refuses it or is unreachable, the reply is 502 and nothing changes; ' +
      'when writing the row fails, the new torrent is removed again.',
  },
  EmptyBody,
  { torrent_added: Type.Boolean({ description: 'false: Transmission already had it' }) },
  502,
);

export const finishMedia = mediaAction(
  'finishMedia',
  'finish',
  {
    summary: 'Mark an item as complete and remove its torrent from Transmission',
    description: 'Keeps the data of the torrent. Completes the item even when Transmission is unreachable.',
  },
  EmptyBody,
  torrent,
);

export const softDeleteMedia = mediaAction(
  'softDeleteMedia',
  'soft_delete',
  {
    summary: 'Soft-delete an item',
    description: 'Removes its torrent with the data. Deletes the item even when Transmission is unreachable.',
  },
  EmptyBody,
  torrent,
);

export const restoreMedia = mediaAction(
  'restoreMedia',
  'restore',
  {
    summary: 'Restore a soft-deleted item',
    description: 'Restores the old rejection if this API deleted the item; removed data is lost.',
  },
  EmptyBody,
  {
    rejection_status: Word(rejectionStatuses),
    rejection_reason: NullableText,
    not_restored: Type.Array(Type.String(), { description: 'What could not be restored, one sentence each' }),
  },
);

export const Torrent = Type.Object(
  {
    hash: Type.String(),
    name: Type.String(),
    status: StringEnum([
      'stopped',
      'waiting to check',
      'checking',
      'queued',
      'downloading',
      'waiting to seed',
      'seeding',
    ]),
    percent: Type.Number({ description: '0-100' }),
    size: Type.Number({ description: 'Bytes; 0 until Transmission has the metadata' }),
    rate_download: Type.Number({ description: 'Bytes per second' }),
    rate_upload: Type.Number({ description: 'Bytes per second' }),
    eta: Nullable(Type.Integer(), { description: 'Seconds; null: unknown' }),
    error: Nullable(Type.String(), { description: 'Error text from Transmission' }),
  },
  { $id: 'Torrent' },
);
export type Torrent = Static<typeof Torrent>;

export const TransmissionState = Type.Object(
  {
    configured: Type.Boolean(),
    reachable: Type.Boolean(),
    detail: Nullable(Type.String(), { description: 'Why there is no data, and what to do; null: no problem' }),
    data: Type.Array(Torrent, { description: 'Torrents of media items' }),
  },
  { $id: 'TransmissionState' },
);
export type TransmissionState = Static<typeof TransmissionState>;

export const getTransmission = endpoint({
  method: 'GET',
  url: '/transmission',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getTransmission',
    summary: "Transmission's state of the torrents of media items",
    description: 'At most a second old. An unreachable daemon is a 200 with reachable: false.',
    tags,
    response: { 200: TransmissionState, ...problems() },
  },
});
