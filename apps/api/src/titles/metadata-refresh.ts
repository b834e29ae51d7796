/** Why no metadata can be refreshed; null: it can. Read by `/meta`, so that clients do not offer it, and by the routes. */
export const metadataRefusal = (isConfigured: boolean): string | null =>
  isConfigured
    ? null
    : 'Metadata refresh is not configured. Set AT_MOVIE_DETAILS_API_KEY for TMDB or AT_MOVIE_RATINGS_API_KEY for OMDb, or those of AT_TV.';
