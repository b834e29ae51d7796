/** The used part of an entry in the `movies` data set. */
export type SourceFilm = {
  Title: string | number | null;
  'Release Date': string;
  'Production Budget': number | null;
  'Worldwide Gross': number | null;
  'Running Time min': number | null;
  'Major Genre': string | null;
  'Creative Type': string | null;
  'Rotten Tomatoes Rating': number | null;
  'IMDB Rating': number | null;
  'IMDB Votes': number | null;
};

/** A film in the units of `atp.training`: money in US dollars, runtime in minutes, both ratings 0-100. */
export type Film = {
  media_title: string;
  release_year: number;
  budget: number;
  revenue: number;
  runtime: number | null;
  genre: string[];
  rt_score: number;
  imdb_rating: number;
  imdb_votes: number;
};

/** The data set is from 2011 and reads two-digit years as 20xx. */
const newestYear = 2011;

/** Year of a date such as `Feb 08 2015`, which stands for 1915. */
export function releaseYear(date: string): number {
  const year = Number(date.slice(-4));
  return year > newestYear ? year - 100 : year;
}

const majorGenres: Readonly<Record<string, readonly string[]>> = {
  Action: ['Action'],
  Adventure: ['Adventure'],
  'Black Comedy': ['Comedy'],
  Comedy: ['Comedy'],
  'Concert/Performance': ['Music'],
  Documentary: ['Documentary'],
  Drama: ['Drama'],
  Horror: ['Horror'],
  Musical: ['Music'],
  'Romantic Comedy': ['Romance', 'Comedy'],
  'Thriller/Suspense': ['Thriller'],
  Western: ['Western'],
};

/** The two creative types that are also TMDB genres. */
const creativeGenres: readonly string[] = ['Fantasy', 'Science Fiction'];

/** TMDB's genre names. Throws for an unknown major genre. */
export function tmdbGenres(majorGenre: string, creativeType: string | null): string[] {
  const genres = majorGenres[majorGenre];
  if (!genres) throw new Error(`No TMDB genre is known for "${majorGenre}"; add it to majorGenres in films.ts.`);
  return creativeType !== null && creativeGenres.includes(creativeType) ? [...genres, creativeType] : [...genres];
}

/** Ratings with fewer votes are not representative. */
const fewestVotes = 500;

/** The film, or undefined if the entry lacks data that the model or the console needs. */
function toFilm(source: SourceFilm): Film | undefined {
  const { Title: title, 'Major Genre': majorGenre, 'IMDB Rating': rating, 'IMDB Votes': votes } = source;
  const { 'Production Budget': budget, 'Worldwide Gross': gross, 'Rotten Tomatoes Rating': rtScore } = source;
  if (title === null || majorGenre === null || rating === null || votes === null || rtScore === null) return undefined;
  if (votes < fewestVotes) return undefined;
  // A gross of 0 means unreported.
  if (!budget || !gross) return undefined;
  return {
    // Nine titles are numbers: 300, 2012, 1776 ...
    media_title: String(title),
    release_year: releaseYear(source['Release Date']),
    budget,
    revenue: gross,
    runtime: source['Running Time min'],
    genre: tmdbGenres(majorGenre, source['Creative Type']),
    rt_score: rtScore,
    imdb_rating: Math.round(rating * 10),
    imdb_votes: votes,
  };
}

/**
 * The films with enough data, in the order of the data set, one per title and year. If films share title and number of
 * votes (a film and its remake), the data set has the figures of one film for both, so neither is used.
 */
export function selectFilms(source: readonly SourceFilm[]): Film[] {
  const figures = (film: SourceFilm) => `${String(film.Title).toLowerCase()}|${film['IMDB Votes']}`;
  const sharing = Map.groupBy(
    source.filter((film) => film['IMDB Votes'] !== null),
    figures,
  );
  const films = new Map<string, Film>();
  for (const entry of source) {
    if ((sharing.get(figures(entry))?.length ?? 0) > 1) continue;
    const film = toFilm(entry);
    const key = film && `${film.media_title.toLowerCase()}|${film.release_year}`;
    if (film && key && !films.has(key)) films.set(key, film);
  }
  return [...films.values()];
}
