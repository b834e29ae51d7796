import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { exportOf } from './export.ts';
import { CommaList, Moment, Nullable, Pagination, pageParameters, SortOrder, Text, Words } from './paging.ts';
import { problems } from './problem.ts';
import { Counts, ImdbId, Timestamp, titleFacts } from './training.ts';
import { mediaTypes, pipelineStatuses, rejectionStatuses, rssSources } from './vocabulary.ts';

const tags = ['media'];
const NullableText = Nullable(Type.String());
const NullableInteger = Nullable(Type.Integer());

/** A torrent's info-hash as callers spell it; rows have it in lower case. */
export const Hash = Type.String({
  pattern: '^[0-9a-fA-F]{40}$',
  description: "The torrent's info-hash: 40 hexadecimal digits",
  examples: ['d6f3a0c1e2b4958677a8b9c0d1e2f3a4b5c6d7e8'],
});
const mediaParams = Type.Object({ hash: Hash });

export const MediaRow = Type.Object(
  {
    hash: Type.String({ description: "The torrent's info-hash, in lower case" }),
    media_type: Words(mediaTypes),
    media_title: NullableText,
    season: NullableInteger,
    episode: NullableInteger,
    release_year: NullableInteger,
    pipeline_status: Words(pipelineStatuses),
    error_status: Type.Boolean(),
    error_condition: NullableText,
    rejection_status: Words(rejectionStatuses),
    rejection_reason: NullableText,
    parent_path: NullableText,
    target_path: NullableText,
    original_title: Type.String({ description: 'The raw name of the release' }),
    original_path: NullableText,
    original_link: Nullable(Type.String(), { description: 'Magnet or torrent link' }),
    rss_source: Nullable(Words(rssSources)),
    uploader: NullableText,
    imdb_id: Nullable(ImdbId),
    tmdb_id: NullableInteger,
    resolution: NullableText,
    video_codec: NullableText,
    upload_type: NullableText,
    audio_codec: NullableText,
    // From the labelled set by IMDb id; null where there is no such title.
    ...titleFacts,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Type.Optional(Nullable(Timestamp, { description: 'null: active' })),
  },
  {
    $id: 'MediaRow',
    description: "A release that the pipeline handles, with its title's facts; deleted_at in lists only when asked for",
  },
);
export type MediaRow = Static<typeof MediaRow>;

export const mediaSorts = ['created_at', 'updated_at', 'release_year', 'media_title', 'imdb_rating'] as const;
export type MediaSort = (typeof mediaSorts)[number];

export const mediaFilters = {
  media_type: Type.Optional(Words(mediaTypes)),
  pipeline_status: CommaList(Words(pipelineStatuses), { description: 'One status, a comma list or repeated: any of' }),
  rejection_status: Type.Optional(Words(rejectionStatuses)),
  error_status: Type.Optional(Type.Boolean({ description: 'true/false, 1/0, yes/no, on/off in any case' })),
  deleted: Type.Optional(
    Words(['exclude', 'only', 'include'], {
      default: 'exclude',
      description: 'Soft-deleted items; with only and include every row says deleted_at',
    }),
  ),
  imdb_id: CommaList(Text({ description: 'An IMDb id', maxLength: 20 }), { description: 'One id or a comma list' }),
  hash: CommaList(Text({ description: 'An info-hash', maxLength: 40 }), { description: 'One hash or a comma list' }),
  media_title: Type.Optional(Text({ description: 'Part of the title, in any case' })),
  q: Type.Optional(
    Text({
      description:
        'Part of the title (one or two characters: its start), or the start of an IMDb id, or of a hash (6 or more)',
    }),
  ),
  rss_source: CommaList(Words(rssSources), { description: 'Any of these sources' }),
  resolution: CommaList(Text({ description: 'A resolution', maxLength: 10 }), {
    description: 'Any of these resolutions, such as 1080p',
  }),
  release_year_min: Type.Optional(
    Type.Number({ description: 'release_year at least; items without one are left out' }),
  ),
  release_year_max: Type.Optional(Type.Number({ description: 'release_year at most; items without one are left out' })),
  updated_at_min: Type.Optional(Moment({ description: 'updated_at at this moment or later' })),
} satisfies TProperties;

export const MediaQuery = Type.Object({
  ...mediaFilters,
  sort_by: Type.Optional(Words(mediaSorts, { description: 'Default created_at. Rows without a value come last' })),
  sort_order: SortOrder,
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
    description: 'Active ones, unless deleted= says otherwise.',
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
    summary: 'One media item, also a soft-deleted one',
    description: 'Its ETag is updated_at, for the If-Match of a write.',
    tags,
    params: mediaParams,
    response: { 200: MediaRow, ...problems(404) },
  },
});

export const MediaStats = Type.Object(
  {
    total: Type.Integer({ description: 'Active items; what follows counts these' }),
    deleted: Type.Integer({ description: 'Soft-deleted items' }),
    pipeline_status: Counts(pipelineStatuses),
    rejection_status: Counts(rejectionStatuses),
    error_status: Counts(['true', 'false'] as const),
    media_type: Counts(mediaTypes),
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
    description: 'Computed at most a second ago, and never before your own last write; the header Age says when.',
    tags,
    response: { 200: MediaStats, ...problems() },
  },
});

const Nothing = Type.Object({}, { additionalProperties: false });
const done = { success: Type.Literal(true), message: Type.String(), hash: Type.String() };
const torrent = {
  torrent_removed: Type.Boolean({ description: 'Transmission had the torrent, and has it no more' }),
  torrent_warning: Type.Optional(Type.String({ description: 'Why Transmission could not be asked' })),
} satisfies TProperties;

function mediaAction<const P extends string, const B extends TSchema, const R extends TProperties>(
  operationId: string,
  path: P,
  texts: { summary: string; description: string },
  body: B,
  reply: R,
  ...refused: 502[]
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
      response: { 200: Type.Object({ ...done, ...reply }), ...problems(404, 409, 412, 413, 415, ...refused) },
    },
  });
}

/** What the pipeline knows of an item, as a change sets it: what it names. */
export const pipelineFields = {
  pipeline_status: Type.Optional(Words(pipelineStatuses)),
  error_status: Type.Optional(Type.Boolean()),
  rejection_status: Type.Optional(Words(rejectionStatuses)),
} satisfies TProperties;

export const updatePipeline = mediaAction(
  'updatePipeline',
  'pipeline',
  {
    summary: 'Change status, error or rejection of an item',
    description:
      'At least one of the three. The database has rules of its own: moving to ingested clears rejection and error.',
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
      'Transmission is asked first. When it refuses or cannot be reached the answer is 502 and nothing has changed; ' +
      'when the row cannot be written, a torrent just added is taken out again.',
  },
  Nothing,
  { torrent_added: Type.Boolean({ description: 'false: Transmission had it already' }) },
  502,
);

export const finishMedia = mediaAction(
  'finishMedia',
  'finish',
  {
    summary: 'Mark an item as complete and take its torrent out of Transmission',
    description: 'The data is kept. The item is complete also when Transmission cannot be asked.',
  },
  Nothing,
  torrent,
);

export const softDeleteMedia = mediaAction(
  'softDeleteMedia',
  'soft_delete',
  {
    summary: 'Delete an item so that it can be restored',
    description:
      'Its torrent and the data of it are removed. The item is deleted also when Transmission cannot be asked.',
  },
  Nothing,
  torrent,
);

export const restoreMedia = mediaAction(
  'restoreMedia',
  'restore',
  {
    summary: 'Take a soft delete back',
    description: 'The rejection from before comes back where the deletion was made here; removed data does not.',
  },
  Nothing,
  {
    rejection_status: Words(rejectionStatuses),
    rejection_reason: NullableText,
    not_restored: Type.Array(Type.String(), { description: 'What did not come back, one sentence each' }),
  },
);

export const Torrent = Type.Object(
  {
    hash: Type.String(),
    name: Type.String(),
    status: Words(['stopped', 'waiting to check', 'checking', 'queued', 'downloading', 'waiting to seed', 'seeding']),
    percent: Type.Number({ description: '0-100' }),
    size: Type.Number({ description: 'Bytes; 0 until the torrent is known' }),
    rate_download: Type.Number({ description: 'Bytes per second' }),
    rate_upload: Type.Number({ description: 'Bytes per second' }),
    eta: Nullable(Type.Integer(), { description: 'Seconds; null: unknown' }),
    error: Nullable(Type.String(), { description: "Transmission's own words" }),
  },
  { $id: 'Torrent' },
);
export type Torrent = Static<typeof Torrent>;

export const TransmissionState = Type.Object(
  {
    configured: Type.Boolean(),
    reachable: Type.Boolean(),
    detail: Nullable(Type.String(), { description: 'Why there is nothing to see, and what to do; null: all is well' }),
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
    summary: 'What Transmission does with the torrents of media items',
    description: 'At most a second old. A daemon that is away is an answer, not an error.',
    tags,
    response: { 200: TransmissionState, ...problems() },
  },
});
