import { createHash } from 'node:crypto';
import { mediaTypes, pipelineStatuses, rejectionStatuses } from '@at/contracts/vocabulary';
import type { AtpMedia } from '@at/db/schema';
import type { Insertable } from 'kysely';
import type { Deps } from '#deps.ts';

export type MediaItem = Partial<Insertable<AtpMedia>>;

/** The hash of sample `i`. */
export const sampleHash = (i: number) => createHash('sha1').update(`item ${i}`).digest('hex');

const pick = <T>(items: readonly T[], i: number): T => items[i % items.length] as T;

/** Media items with duplicates and nulls in every sort key, and text that means something to LIKE. */
export const sampleMedia: MediaItem[] = Array.from({ length: 45 }, (_, i) => ({
  hash: sampleHash(i),
  media_type: pick(mediaTypes, i >> 1),
  media_title: pick(
    ['The Matrix', null, '100% Wolf', 'snake_case', 'back\\slash', 'Ärger', 'Up', 'Facade', "O'Brien", 'matrix'],
    i,
  ),
  release_year: pick([1990, 1991, null, 1992, 1993, 1994, 1995], i),
  pipeline_status: pick(pipelineStatuses, i),
  error_status: i % 4 === 0,
  error_condition: i % 4 === 0 ? 'timeout' : null,
  rejection_status: pick(rejectionStatuses, i >> 2),
  rejection_reason: (i >> 2) % 4 === 2 ? 'probability 0.2 below threshold 0.35' : null,
  original_title: `Release.${i}.1080p-GROUP`,
  rss_source: pick(['yts.mx', 'episodefeed.com', null] as const, i),
  imdb_id: pick([null, 'tt1000001', 'tt1000002', 'tt1000009', 'tt1000010', 'tt9999999', 'tt99999998'], i),
  resolution: pick(['1080p', '720p', null, '2160p'], i),
  created_at: `2025-0${1 + (i % 3)}-01T00:00:00.00000${i % 4}Z`,
  updated_at: `2025-06-0${1 + (i % 5)}T12:00:00Z`,
  deleted_at: i % 6 === 5 ? '2025-07-01T00:00:00Z' : null,
}));

/** Inserts media items; what one does not say is made up the same way every time. */
export async function insertMedia(db: Deps['db'], items: MediaItem[]): Promise<void> {
  await db
    .insertInto('atp.media')
    .values(
      items.map((item) => ({
        hash: sampleHash(0),
        media_type: 'movie' as const,
        original_title: 'A.Film.2001.1080p',
        ...item,
      })),
    )
    .execute();
}
