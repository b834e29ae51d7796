/** The list of all titles; the backlog has only those to review. */
export const titleList = '/training?view=list&media_type=all&reviewed=all';
export const titleAddress = (imdbId: string) => `${titleList}&q=${encodeURIComponent(imdbId)}`;
