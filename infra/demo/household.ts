import type { Film } from './films.ts';
import { crossValidate, type Features, fitLogisticRegression } from './model.ts';
import { type Random, seededRandom } from './random.ts';

/** A row of `atp.training`; times are seconds before the load. */
export type Title = { imdb_id: string; media_type: 'movie' } & Film & {
    label: 'would_watch' | 'would_not_watch' | null;
    human_labeled: boolean;
    anomalous: boolean;
    reviewed: boolean;
    created_at: number;
    updated_at: number;
  };

const hour = 3_600;
const day = 24 * hour;

/** The age of the model's last run; newer titles have no prediction. */
export const modelRunAt = 20 * hour;
/** `prediction` is 1 from this probability on. */
export const predictionThreshold = 0.5;
/** The pipeline accepts releases from this probability on: it prefers extra downloads to missed films. */
export const operatingThreshold = 0.35;
export const folds = 10;
const ridge = 3;

const unlabelledTitles = 30;
const proposedTitles = 120;
/** Of the proposals each third one was corrected or kept by hand, and waits for its review: people do not repeat the model. */
const handLabelledEvery = 3;
const confirmedTitles = 300;
const anomalousTitles = 40;

const fondness: Readonly<Record<string, number>> = {
  Action: 0.4,
  Adventure: 0.8,
  Comedy: 0.2,
  Documentary: 0.6,
  Drama: -0.4,
  Fantasy: 0.6,
  Horror: -2.2,
  Music: -1.6,
  Romance: -1.8,
  'Science Fiction': 1.8,
  Thriller: 1.2,
  Western: -0.8,
};

/**
 * The household's taste in logits: the probability of "would watch" is 1 / (1 + exp(-taste)). Ratings, genre, fame and age
 * are additive; the last three terms are not, so a linear model cannot reproduce them.
 */
export function taste(film: Film): number {
  const isHorror = film.genre.includes('Horror');
  return (
    -1 +
    1.6 * ((film.imdb_rating - 65) / 10) +
    0.7 * ((film.rt_score - 55) / 25) +
    (Math.log10(film.imdb_votes) - 4) +
    0.3 * ((film.release_year - 1995) / 10) +
    film.genre.reduce((sum, genre) => sum + (fondness[genre] ?? 0), 0) +
    (isHorror && film.rt_score >= 80 ? 3 : 0) +
    (film.release_year < 1970 && film.imdb_rating < 80 ? -2 : 0) +
    (film.runtime !== null && film.runtime > 150 ? -2 : 0)
  );
}

const modelGenres = Object.keys(fondness);

const modelNumbers = [
  'release_year',
  'budget',
  'revenue',
  'runtime',
  'rt_score',
  'imdb_rating',
  'imdb_votes',
] as const satisfies (keyof Film)[];
const logarithmic: readonly string[] = ['budget', 'revenue', 'imdb_votes'];

export const featureNames: readonly string[] = [
  ...modelNumbers,
  ...modelGenres.map((genre) => `genre_${genre.toLowerCase().replaceAll(' ', '_')}`),
];

/** The features of a film: seven numbers, then 0/1 per genre. */
export const valuesOf = (film: Film): Features => [
  ...modelNumbers.map((name) => film[name]),
  ...modelGenres.map((genre) => Number(film.genre.includes(genre))),
];

/** The same with logarithms, for the regression. */
const featuresOf = (film: Film): Features =>
  valuesOf(film).map((value, i) =>
    value !== null && logarithmic.includes(featureNames[i] as string) ? Math.log10(value) : value,
  );

const roundProbability = (probability: number) => Math.round(probability * 10_000) / 10_000;

/** The regression of reviewed titles. */
export function fitRegression(titles: readonly (Film & Pick<Title, 'label'>)[]) {
  return fitLogisticRegression(titles.map(featuresOf), titles.map(isLiked), ridge);
}

const isLiked = ({ label }: Pick<Title, 'label'>) => label === 'would_watch';

/**
 * The probability of "would watch" for every title, with four decimals. For a reviewed title it comes from a model that has
 * not seen its label (out of fold), for others from the model of all reviewed titles.
 */
export function scoreTitles(titles: readonly (Film & Pick<Title, 'label' | 'reviewed'>)[]): number[] {
  const reviewed = titles.filter((title) => title.reviewed);
  const fit = (rows: readonly Features[], labels: readonly boolean[]) => fitLogisticRegression(rows, labels, ridge);
  const outOfFold = crossValidate(reviewed.map(featuresOf), reviewed.map(isLiked), folds, fit).values();
  const model = fitRegression(reviewed);
  return titles.map((title) =>
    roundProbability(title.reviewed ? (outOfFold.next().value as number) : model(featuresOf(title))),
  );
}

/** An id in the demo range; `number` starts at 1. */
const demoImdbId = (number: number) => `tt99${String(number).padStart(6, '0')}`;

/** Times over a span, one in each of `count` equal parts. */
function spread(random: Random, count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(from + ((i + random.next()) / count) * (to - from)));
}

/**
 * The household's titles with the model's probabilities, newest first: unlabelled and newer than the model's run; with an
 * unconfirmed label from the pipeline or a person; reviewed.
 */
export function labelTitles(films: readonly Film[]): { titles: Title[]; probabilities: number[] } {
  const mood = seededRandom(1);
  const liked = films.map((film) => mood.next() < 1 / (1 + Math.exp(-taste(film))));

  const order = seededRandom(2);
  const arrival = order.shuffle(films.map((_, i) => i));
  const unlabelled = new Set(arrival.slice(0, unlabelledTitles));
  const proposed = new Set(arrival.slice(unlabelledTitles, unlabelledTitles + proposedTitles));
  const reviewed = arrival.slice(unlabelledTitles + proposedTitles);
  const confirmed = new Set(order.shuffle(reviewed).slice(0, confirmedTitles));

  const clock = seededRandom(3);
  const arrivedAt = [
    ...spread(clock, unlabelledTitles, hour, modelRunAt - hour),
    ...spread(clock, proposedTitles, modelRunAt + hour, 30 * day),
    ...spread(clock, reviewed.length, 2 * day, 400 * day),
  ];
  const createdAt = new Map(arrival.map((film, position) => [film, arrivedAt[position] as number]));
  const delay = seededRandom(4);

  const titles = films.map((film, i): Title => {
    const isReviewed = !unlabelled.has(i) && !proposed.has(i);
    const created = createdAt.get(i) as number;
    // Most labels follow within hours, some after weeks, all before the model's last run.
    const patience = Math.min(created - modelRunAt - hour, 45 * day);
    return {
      imdb_id: demoImdbId(i + 1),
      media_type: 'movie',
      ...film,
      label: isReviewed ? (liked[i] ? 'would_watch' : 'would_not_watch') : null,
      human_labeled: isReviewed && !confirmed.has(i),
      anomalous: false,
      reviewed: isReviewed,
      created_at: created,
      updated_at: isReviewed ? created - Math.ceil(patience * delay.next() ** 4) : created,
    };
  });

  const probabilities = scoreTitles(titles);
  const surprise = (i: number) => {
    const title = titles[i] as Title;
    const probability = probabilities[i] as number;
    return title.label === 'would_watch' ? 1 - probability : probability;
  };
  const mostSurprising = titles
    .flatMap((title, i) => (title.human_labeled ? [i] : []))
    .sort((a, b) => surprise(b) - surprise(a))
    .slice(0, anomalousTitles);
  for (const i of mostSurprising) (titles[i] as Title).anomalous = true;
  for (const [position, i] of [...proposed].entries()) {
    const title = titles[i] as Title;
    const letThrough = (probabilities[i] as number) >= operatingThreshold;
    title.human_labeled = position % handLabelledEvery === 0;
    title.label = (title.human_labeled ? liked[i] : letThrough) ? 'would_watch' : 'would_not_watch';
  }
  return { titles, probabilities };
}
