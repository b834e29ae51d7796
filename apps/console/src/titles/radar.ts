/** The geometry and the texts of the ratings radar. Lengths are in units of the plot: the best rating is at 100. */

type Metric = {
  field: 'rt_score' | 'metascore' | 'imdb_rating' | 'imdb_votes' | 'tmdb_rating' | 'tmdb_votes';
  name: string;
  color: string;
  /** The value that reaches the rim. */
  top: number;
  /** How many times larger the stored value is than the one on screen; 1 if not given. */
  times?: number;
  /** Ratings grow evenly; votes by their order of magnitude. */
  scale: 'linear' | 'logarithmic';
};

/** IMDb ratings are stored times ten, and shown as IMDb shows them: 0 to 10. */
export const imdbScale = 10;

/** The divisor of a stored value for display. */
export const scaleOf = (column: string) => (column === 'imdb_rating' ? imdbScale : 1);

/** One axis each, from the top clockwise. */
export const metrics = [
  { field: 'rt_score', name: 'Rotten Tomatoes', color: 'var(--rt-score)', top: 100, scale: 'linear' },
  { field: 'metascore', name: 'Metascore', color: 'var(--metascore)', top: 100, scale: 'linear' },
  {
    field: 'imdb_rating',
    name: 'IMDb rating',
    color: 'var(--imdb-rating)',
    top: 100,
    times: imdbScale,
    scale: 'linear',
  },
  { field: 'imdb_votes', name: 'IMDb votes', color: 'var(--imdb-votes)', top: 1_000_000, scale: 'logarithmic' },
  { field: 'tmdb_rating', name: 'TMDB rating', color: 'var(--tmdb-rating)', top: 10, scale: 'linear' },
  { field: 'tmdb_votes', name: 'TMDB votes', color: 'var(--tmdb-votes)', top: 100_000, scale: 'logarithmic' },
] as const satisfies Metric[];

/** The name of a rating on screen; undefined: no rating. */
export const ratingName = (column: string): string | undefined => metrics.find(({ field }) => field === column)?.name;

/** The six stored ratings; null: no ratings yet, or unknown. */
export type Ratings = { [F in Metric['field']]: number | null };

export const noRatingColor = 'var(--no-rating)';
/** The radius of a wedge without a value: enough to be visible. */
const noRatingRadius = 10;

/** A metric and the direction of its axis, in degrees clockwise from the top. */
export type Axis = { metric: (typeof metrics)[number]; degrees: number };

const spread = (shown: readonly Axis['metric'][]): Axis[] =>
  shown.map((metric, index) => ({ metric, degrees: (index * 360) / shown.length }));

/** One axis for each metric. */
const allAxes = spread(metrics);

/** Fewer axes have no shape. */
const fewestAxes = 3;

/** The axes of the metrics that have a value, evenly spread; none if they are too few for a shape. */
export function knownAxes(ratings: Ratings): Axis[] {
  const known = metrics.filter(({ field }) => ratings[field] !== null);
  return known.length < fewestAxes ? [] : spread(known);
}

const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });

/** A stored value on its axis, 0-100. */
export function scaleRating({ scale, top }: Pick<Metric, 'scale' | 'top'>, value: number): number {
  const share = scale === 'linear' ? value / top : Math.log10(Math.max(value, 1)) / Math.log10(top);
  return 100 * Math.min(1, Math.max(0, share));
}

/** Where the straight line between the points of two axes, this angle apart, crosses the ray midway between them. */
export function midpointRadius(r1: number, r2: number, degrees = 60): number {
  return r1 + r2 === 0 ? 0 : (2 * Math.cos((degrees * Math.PI) / 360) * r1 * r2) / (r1 + r2);
}

/** The point at a radius and an angle, in degrees clockwise from the top. */
export function pointAt(radius: number, degrees: number): [x: number, y: number] {
  const angle = (degrees * Math.PI) / 180;
  const round = (length: number) => Math.round(length * 100) / 100 + 0;
  return [round(radius * Math.sin(angle)), round(-radius * Math.cos(angle))];
}

/** The wedge of each axis as the points of a polygon: the centre, a midpoint, its own point, the other midpoint. */
export function wedgesOf(
  ratings: Ratings,
  axes: readonly Axis[] = allAxes,
): { metric: Metric; known: boolean; points: string }[] {
  const step = 360 / axes.length;
  const radii = axes.map(({ metric }) => {
    const value = ratings[metric.field];
    return value === null ? noRatingRadius : scaleRating(metric, value);
  });
  return axes.map(({ metric, degrees }, axis) => {
    const radius = radii[axis] as number;
    const before = radii.at(axis - 1) as number;
    const after = radii[(axis + 1) % radii.length] as number;
    const points = [
      [0, 0],
      pointAt(midpointRadius(before, radius, step), degrees - step / 2),
      pointAt(radius, degrees),
      pointAt(midpointRadius(radius, after, step), degrees + step / 2),
    ];
    return { metric, known: ratings[metric.field] !== null, points: points.join(' ') };
  });
}

/** The axis nearest to a point relative to the centre, by its position; y grows downwards. */
export function axisAt(x: number, y: number, count: number = metrics.length): number {
  const degrees = (Math.atan2(x, -y) * 180) / Math.PI;
  return (Math.round((degrees * count) / 360) + count) % count;
}

/** Rims at the half and the whole, and the axes, as one path. */
function gridOf(axes: readonly Axis[]): string {
  const rim = (radius: number) => `M${axes.map(({ degrees }) => pointAt(radius, degrees)).join('L')}Z`;
  return [rim(50), rim(100), ...axes.map(({ degrees }) => `M0,0L${pointAt(100, degrees)}`)].join('');
}

const gridPath = gridOf(allAxes);

/** What a radar draws: all axes, or those that have a value. */
export const plotOf = (ratings: Ratings, isKnownOnly: boolean) => {
  const axes = isKnownOnly ? knownAxes(ratings) : allAxes;
  return { axes, grid: axes === allAxes ? gridPath : gridOf(axes), wedges: wedgesOf(ratings, axes) };
};

/** A stored value in words: `87 of 100`, `12,345`, `no data`. */
export function formatRating(
  { scale, top, times = 1 }: Pick<Metric, 'scale' | 'top' | 'times'>,
  value: number | null,
): string {
  if (value === null) return 'no data';
  return scale === 'linear' ? `${numbers.format(value / times)} of ${top / times}` : numbers.format(value);
}

/** The ratings in one sentence, for screen readers. */
export function describeRatings(ratings: Ratings): string {
  return metrics.map((metric) => `${metric.name} ${formatRating(metric, ratings[metric.field])}`).join(', ');
}
