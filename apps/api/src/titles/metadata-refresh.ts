/** Why no metadata can be refreshed; null: it can. Read by `/meta`, so that clients do not offer it, and by the route. */
export const metadataRefusal = 'Metadata refresh is not available yet';
