import type { OmdbSettings } from './omdb.ts';
import type { TmdbKind, TmdbSettings } from './tmdb.ts';

/** Where the facts of titles come from, for films and for shows; null: not configured. */
export type MetadataSources = Record<TmdbKind, { tmdb: TmdbSettings | null; omdb: OmdbSettings | null }>;
