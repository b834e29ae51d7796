import type { MediaSort } from '@at/contracts/media';
import type { Served } from '#lists/served.ts';

/** Without the deleted items. Quick pages skip an offset, and are counted, without reading the titles. */
export const served: Served<MediaSort> = {
  filters: [
    '',
    'media_type=movie',
    'pipeline_status=complete',
    'pipeline_status=parsed',
    'pipeline_status=downloading',
    'pipeline_status=media_accepted,downloading,downloaded',
    'rejection_status=accepted',
    'error_status=true',
    'error_status=false',
    'rejection_status=rejected&updated_at_min=2025-05-21T00:00:00Z',
    'rejection_status=rejected&changed_at_min=2025-05-21T00:00:00Z',
    'error_status=true&cause=timeout',
    'media_type=movie&pipeline_status=complete',
    'release_year_min=1990&release_year_max=1999',
    'resolution=1080p',
    'imdb_id=tt10000005,tt10000009',
    'hash=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'media_title=12345',
    'q=12345',
    'q=release.12345',
    'q=ha',
    'q=tt10012',
    'q=tt10012345',
    'q=facade',
    'q=c4ca4238a0',
  ],
  orders: [
    'sort_by=created_at&sort_order=desc',
    'sort_by=created_at&sort_order=asc',
    'sort_by=updated_at&sort_order=desc',
    'sort_by=updated_at&sort_order=asc',
    'sort_by=media_title&sort_order=asc',
    'sort_by=media_title&sort_order=desc',
  ],
  quick: [
    { filters: [], orders: ['created_at', 'updated_at'] },
    { filters: ['pipeline_status'], orders: ['updated_at'] },
    { filters: ['error_status=true'], orders: ['updated_at'] },
  ],
};
