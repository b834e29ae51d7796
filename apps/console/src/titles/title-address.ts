import { demoImdbIds } from '@at/contracts/vocabulary';
/** The list of all titles; the backlog has only those to review. */
export const titleList = '/training?view=list&media_type=all&reviewed=all';
/** Of all movies. */
export const movieList = '/training?view=list&reviewed=all';
export const titleAddress = (imdbId: string) => `${titleList}&q=${encodeURIComponent(imdbId)}`;

const numberOf = (imdbId: string) => Number(imdbId.slice(2));

/** Ids of the demo catalogue are invented. */
function isInvented(imdbId: string): boolean {
  const number = numberOf(imdbId);
  return number >= numberOf(demoImdbIds.first) && number <= numberOf(demoImdbIds.last);
}

/** The page of the title on IMDb; undefined for the demo catalogue, whose ids IMDb does not use. */
export function imdbUrl(imdbId: string): string | undefined {
  return isInvented(imdbId) ? undefined : `https://www.imdb.com/title/${encodeURIComponent(imdbId)}/`;
}

type TmdbTitle = { imdb_id: string | null; tmdb_id: number | null; media_type: string };

/** The page of the title on TMDB; undefined where the id or what it is an id of is unknown. */
export function tmdbUrl({ imdb_id, tmdb_id, media_type }: TmdbTitle): string | undefined {
  const kind = /^(movie|tv)(_|$)/.exec(media_type)?.[1];
  if (tmdb_id === null || kind === undefined || (imdb_id !== null && isInvented(imdb_id))) return undefined;
  return `https://www.themoviedb.org/${kind}/${tmdb_id}`;
}
