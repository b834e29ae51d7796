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

/** The six stored ratings; null: no ratings yet, or unknown. */
export type Ratings = { [F in Metric['field']]: number | null };

export const noRatingColor = 'var(--no-rating)';
/** The radius of a wedge without a value: enough to be visible. */
const noRatingRadius = 10;
const step = 60;

const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });

/** A stored value on its axis, 0-100. */
export function scaleRating({ scale, top }: Pick<Metric, 'scale' | 'top'>, value: number): number {
  const share = scale === 'linear' ? value / top : Math.log10(Math.max(value, 1)) / Math.log10(top);
  return 100 * Math.min(1, Math.max(0, share));
}

/** Where the straight line between the points of two neighbouring axes crosses the ray midway between them. */
export function midpointRadius(r1: number, r2: number): number {
  return r1 + r2 === 0 ? 0 : (Math.sqrt(3) * r1 * r2) / (r1 + r2);
}

/** The point at a radius and an angle, in degrees clockwise from the top. */
export function pointAt(radius: number, degrees: number): [x: number, y: number] {
  const angle = (degrees * Math.PI) / 180;
  const round = (length: number) => Math.round(length * 100) / 100 + 0;
  return [round(radius * Math.sin(angle)), round(-radius * Math.cos(angle))];
}

/** The wedge of each metric as the points of a polygon: the centre, a midpoint, its own point, the other midpoint. */
export function wedgesOf(ratings: Ratings): { metric: Metric; known: boolean; points: string }[] {
  const radii = metrics.map((metric) => {
    const value = ratings[metric.field];
    return value === null ? noRatingRadius : scaleRating(metric, value);
  });
  return metrics.map((metric, axis) => {
    const radius = radii[axis] as number;
    const before = radii.at(axis - 1) as number;
    const after = radii[(axis + 1) % radii.length] as number;
    const degrees = axis * step;
    const points = [
      [0, 0],
      pointAt(midpointRadius(before, radius), degrees - step / 2),
      pointAt(radius, degrees),
      pointAt(midpointRadius(radius, after), degrees + step / 2),
    ];
    return { metric, known: ratings[metric.field] !== null, points: points.join(' ') };
  });
}

/** The axis nearest to a point relative to the centre; y grows downwards. */
export function axisAt(x: number, y: number): number {
  const degrees = (Math.atan2(x, -y) * 180) / Math.PI;
  return (Math.round(degrees / step) + metrics.length) % metrics.length;
}

const hexagon = (radius: number) => `M${metrics.map((_metric, axis) => pointAt(radius, axis * step)).join('L')}Z`;

/** Rims at the half and the whole, and the six axes, as one path. */
export const gridPath = [
  hexagon(50),
  hexagon(100),
  ...metrics.map((_metric, axis) => `M0,0L${pointAt(100, axis * step)}`),
].join('');

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
