import {
  approveMedia,
  exportMedia,
  finishMedia,
  getMedia,
  getMediaStats,
  getTransmission,
  listMedia,
  listMediaErrors,
  type MediaRow,
  restoreMedia,
  softDeleteMedia,
  updatePipeline,
} from '@at/contracts/media';
import { listMediaHistory, undoMedia } from '@at/contracts/media-history';
import { nothingRemoved } from '@at/contracts/patch-reply';
import { type Example, exampleOf, problem } from './example.ts';
import { exportExample, pageExample, titleFactsExample } from './training.ts';

const hash = 'd6f3a0c1e2b4958677a8b9c0d1e2f3a4b5c6d7e8';

const row: MediaRow = {
  hash,
  media_type: 'movie',
  media_title: 'The Matrix',
  season: null,
  episode: null,
  release_year: 1999,
  pipeline_status: 'downloaded',
  error_status: false,
  error_condition: null,
  rejection_status: 'accepted',
  rejection_reason: null,
  parent_path: '/library/movies',
  target_path: 'The Matrix (1999)',
  original_title: 'The Matrix (1999) [1080p] [WEBRip] [x265]',
  original_path: '/downloads/complete/The Matrix (1999)',
  original_link: `magnet:?xt=urn:btih:${hash}`,
  rss_source: 'yts.mx',
  uploader: null,
  imdb_id: 'tt0133093',
  tmdb_id: 603,
  resolution: '1080p',
  video_codec: 'x265',
  upload_type: 'WEBRip',
  audio_codec: null,
  ...titleFactsExample,
  created_at: '2025-05-21T02:27:51.094287Z',
  updated_at: '2025-05-21T08:44:32.459000Z',
};

const deletedAt = '2025-06-02T19:40:12.500000Z';
const deleted = problem(409, 'Media deleted', `Media has been deleted: ${hash}`);
const done = { success: true, hash, event_id: 61, ...nothingRemoved } as const;

export const mediaExamples: Example[] = [
  exampleOf(listMedia, { reply: { data: [row], pagination: pageExample('/media/', 593) } }),
  exampleOf(exportMedia, { reply: exportExample([row], `hash,media_title\n${hash},The Matrix\n`) }),
  exampleOf(getMedia, { reply: { ...row, deleted_at: null } }),
  exampleOf(getMediaStats, {
    reply: {
      total: 593,
      deleted: 12,
      pipeline_status: {
        ingested: 41,
        paused: 16,
        parsed: 26,
        rejected: 196,
        file_accepted: 26,
        metadata_collected: 30,
        media_accepted: 16,
        downloading: 23,
        downloaded: 10,
        transferred: 8,
        complete: 201,
      },
      rejection_status: { unfiltered: 81, accepted: 287, rejected: 196, override: 29 },
      error_status: { true: 42, false: 551 },
      to_approve: 12,
      media_type: { movie: 531, tv_show: 16, tv_season: 16, unknown: 14, tv_episode_pack: 16 },
      oldest_created_at: '2024-10-18T03:39:38.459000Z',
      newest_created_at: '2025-06-02T09:17:11.459000Z',
      newest_updated_at: '2025-06-02T09:22:56.720761Z',
    },
  }),
  exampleOf(updatePipeline, {
    body: { hash, pipeline_status: 'ingested' },
    reply: {
      ...done,
      message: 'Media pipeline status updated successfully',
      updated_fields: { pipeline_status: 'ingested' },
    },
    problems: {
      400: problem(400, 'No fields to update', 'At least one field must be provided for update'),
      409: deleted,
    },
  }),
  exampleOf(approveMedia, {
    body: {},
    reply: {
      ...done,
      message: 'Media entry approved and sent to Transmission for download',
      torrent_added: true,
    },
    problems: {
      400: problem(400, 'Invalid request', 'Media entry has no torrent link (original_link)'),
      409: deleted,
    },
  }),
  exampleOf(finishMedia, {
    body: {},
    reply: {
      ...done,
      message: 'Media entry marked as complete and removed from Transmission',
      torrent_removed: true,
    },
    problems: { 409: deleted },
  }),
  exampleOf(softDeleteMedia, {
    body: {},
    reply: {
      ...done,
      message: 'Media soft deleted successfully',
      torrent_removed: false,
      torrent_warning: 'Transmission is not configured. Set REAR_DIFF_TRANSMISSION_HOST to its host.',
    },
    problems: { 409: problem(409, 'Media already deleted', `Media already deleted at: ${deletedAt}`) },
  }),
  exampleOf(restoreMedia, {
    body: {},
    reply: {
      ...done,
      message: 'Media restored successfully',
      rejection_status: 'override',
      rejection_reason: null,
      not_restored: ['The torrent and its data are not restored; approve the item to download it again.'],
    },
    problems: { 409: problem(409, 'Media not deleted', `Media is not deleted: ${hash}`) },
  }),
  exampleOf(undoMedia, {
    body: { event_id: 61 },
    reply: {
      success: true,
      message: 'Media action undone',
      hash,
      event_id: 62,
      restored: {
        pipeline_status: 'parsed',
        error_status: true,
        error_condition: 'TMDB did not answer within 30 s',
        rejection_status: 'unfiltered',
        rejection_reason: null,
        deleted_at: null,
      },
      torrent_removed: false,
      torrent_restored: false,
      not_restored: [],
    },
    problems: {
      409: problem(409, 'Cannot undo', `Event 58 is not the latest of ${hash} that can be undone; event 61 is.`, {
        latest_event_id: 61,
      }),
    },
  }),
  exampleOf(listMediaErrors, {
    reply: {
      data: [
        {
          cause: 'metadata search: no result for …',
          count: 12,
          example: 'metadata search: no result for "The Matrix"',
          newest_updated_at: row.updated_at,
        },
      ],
      total: 1,
    },
  }),
  exampleOf(listMediaHistory, {
    reply: {
      data: [
        {
          kind: 'action',
          at: row.updated_at,
          actor: 'alice',
          action: 'finish',
          changes: [{ field: 'pipeline_status', from: 'transferred', to: 'complete' }],
          event_id: 61,
          undoes: null,
          undone_by: null,
          operation_id: null,
          probability: null,
          torrents: 0,
          files: 0,
        },
      ],
    },
  }),
  exampleOf(getTransmission, {
    reply: {
      configured: true,
      reachable: true,
      detail: null,
      data: [
        {
          hash,
          name: 'The Matrix (1999)',
          status: 'downloading',
          percent: 41.5,
          size: 2_147_483_648,
          rate_download: 3_145_728,
          rate_upload: 131_072,
          eta: 399,
          error: null,
        },
      ],
    },
  }),
];
