import { MantineProvider } from '@mantine/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { formatInteger } from '#ui/format.ts';
import {
  axisAt,
  describeRatings,
  formatRating,
  knownAxes,
  metrics,
  midpointRadius,
  pointAt,
  type Ratings,
  scaleRating,
  wedgesOf,
} from './radar.ts';
import { Radar } from './radar.tsx';

const full: Ratings = {
  rt_score: 87,
  metascore: 71,
  imdb_rating: 72.5,
  imdb_votes: 1_234_567,
  tmdb_rating: 7.321,
  tmdb_votes: 1000,
};
const unknown: Ratings = {
  rt_score: null,
  metascore: null,
  imdb_rating: null,
  imdb_votes: null,
  tmdb_rating: null,
  tmdb_votes: null,
};

const scaled = (field: keyof Ratings, value: number) => {
  const metric = metrics.find((one) => one.field === field);
  if (!metric) throw new Error(`no metric ${field}`);
  return scaleRating(metric, value);
};

const pointsOf = (ratings: Ratings, axis: number) =>
  wedgesOf(ratings)
    [axis]?.points.split(' ')
    .map((point) => point.split(',').map(Number));

describe('the scale', () => {
  it.each(['rt_score', 'metascore', 'imdb_rating'] as const)('takes %s as it is', (field) => {
    expect([0, 43.5, 100].map((value) => scaled(field, value))).toEqual([0, 43.5, 100]);
  });

  it('takes the TMDB rating times ten', () => {
    expect(scaled('tmdb_rating', 7.3)).toBeCloseTo(73);
    expect(scaled('tmdb_rating', 10)).toBe(100);
  });

  it('takes votes by their order of magnitude, a million on IMDb and a hundred thousand on TMDB at the rim', () => {
    expect(scaled('imdb_votes', 1000)).toBeCloseTo(50);
    expect(scaled('imdb_votes', 1_000_000)).toBe(100);
    expect(scaled('tmdb_votes', 1000)).toBeCloseTo(60);
    expect(scaled('tmdb_votes', 100_000)).toBe(100);
  });

  it('puts no votes and one vote at the centre, and never passes the rim', () => {
    expect([scaled('imdb_votes', 0), scaled('imdb_votes', 1)]).toEqual([0, 0]);
    expect(scaled('imdb_votes', 30_000_000)).toBe(100);
    expect(scaled('tmdb_rating', 12)).toBe(100);
  });
});

describe('the wedges', () => {
  it.each([
    [100, 100],
    [80, 20],
    [10, 95],
    [50, 0],
  ])('meet on the straight line between axis points at %d and %d', (r1, r2) => {
    const [x1, y1] = pointAt(r1, 0);
    const [x2, y2] = pointAt(r2, 60);
    const [x, y] = pointAt(midpointRadius(r1, r2), 30);
    const besideTheLine = ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / Math.hypot(x2 - x1, y2 - y1);
    expect(Math.abs(besideTheLine)).toBeLessThan(0.02);
  });

  it.each([3, 4, 5])('meet on that line with %d axes too', (count) => {
    const axes = metrics.slice(0, count).map((metric, index) => ({ metric, degrees: (index * 360) / count }));
    for (const { points } of wedgesOf({ ...full, imdb_rating: 40, tmdb_rating: 9 }, axes)) {
      expect(points.split(' ')).toHaveLength(4);
    }
    const [x1, y1] = pointAt(80, 0);
    const [x2, y2] = pointAt(30, 360 / count);
    const [x, y] = pointAt(midpointRadius(80, 30, 360 / count), 180 / count);
    const besideTheLine = ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / Math.hypot(x2 - x1, y2 - y1);
    expect(Math.abs(besideTheLine)).toBeLessThan(0.02);
  });

  it('meet in the centre if both ratings are 0', () => {
    expect(midpointRadius(0, 0)).toBe(0);
  });

  it('are on six axes at 60 degree steps, clockwise from the top', () => {
    const ratings: Ratings = { ...full, imdb_votes: 1_000_000, tmdb_votes: 100_000, tmdb_rating: 10 };
    const tips = wedgesOf({ ...ratings, rt_score: 100, metascore: 100, imdb_rating: 100 }).map(
      ({ points }) => points.split(' ')[2],
    );
    expect(tips).toEqual(['0,-100', '86.6,-50', '86.6,50', '0,100', '-86.6,50', '-86.6,-50']);
    expect(wedgesOf(full).map(({ metric }) => metric.field)).toEqual(Object.keys(full));
  });

  it('go from the centre over the midpoint to the own point and back over the other midpoint', () => {
    const points = pointsOf({ ...unknown, rt_score: 90, metascore: 30, tmdb_votes: 0 }, 0);
    expect(points).toEqual([[0, 0], [0, 0], [0, -90], pointAt(midpointRadius(90, 30), 30)]);
  });

  it('share each midpoint with the neighbour, also the last with the first', () => {
    for (let axis = 0; axis < 6; axis += 1) {
      expect(pointsOf(full, axis)?.[3]).toEqual(pointsOf(full, (axis + 1) % 6)?.[1]);
    }
  });

  it('without a value reach a tenth and are marked unknown; 0 is a value', () => {
    const wedges = wedgesOf({ ...unknown, metascore: 0 });
    expect(wedges.map(({ known }) => known)).toEqual([false, true, false, false, false, false]);
    expect(wedges[0]?.points.split(' ')[2]).toBe('0,-10');
    expect(wedges[1]?.points.split(' ')[2]).toBe('0,0');
  });
});

describe('pointing', () => {
  it('finds the axis of the sextant pointed at', () => {
    const around = [0, 60, 120, 180, 240, 300].map((degrees) => axisAt(...pointAt(40, degrees)));
    expect(around).toEqual([0, 1, 2, 3, 4, 5]);
    expect([-29, 29, 31].map((degrees) => axisAt(...pointAt(40, degrees)))).toEqual([0, 0, 1]);
  });
});

describe('the description', () => {
  it('names every metric with its raw value, votes with thousands separators', () => {
    expect(describeRatings({ ...full, metascore: null, imdb_rating: 72, tmdb_rating: 7 })).toBe(
      'Rotten Tomatoes 87 of 100, Metascore no data, IMDb rating 7.2 of 10, ' +
        `IMDb votes ${formatInteger(1_234_567)}, TMDB rating 7 of 10, TMDB votes ${formatInteger(1000)}`,
    );
    expect(formatInteger(1_234_567)).not.toBe('1234567');
  });

  it('distinguishes 0 from no data', () => {
    expect(formatRating({ scale: 'linear', top: 100 }, 0)).toBe('0 of 100');
    expect(formatRating({ scale: 'logarithmic', top: 100 }, 0)).toBe('0');
    expect(formatRating({ scale: 'linear', top: 100 }, null)).toBe('no data');
  });
});

describe('Radar', () => {
  const draw = (ratings: Ratings, labels = false) =>
    renderToStaticMarkup(
      <MantineProvider>
        <Radar title={ratings} labels={labels} />
      </MantineProvider>,
    );

  it('is one image and one tab stop with all six ratings in its name', () => {
    const html = draw(full);
    expect(html).toContain(`role="img" aria-label="Ratings: ${describeRatings(full)}" tabindex="0"`);
    expect(html.match(/tabindex/g)).toHaveLength(1);
  });

  it('draws each metric in its own colour, and grey without a value', () => {
    const colours = [...draw({ ...full, metascore: null }).matchAll(/<polygon[^>]*color:([^"]+)"/g)].map(
      ([, colour]) => colour,
    );
    expect(colours).toEqual(metrics.map(({ field, color }) => (field === 'metascore' ? 'var(--no-rating)' : color)));
    expect(new Set(colours).size).toBe(6);
  });

  it('shows name and value at each axis with `labels`, and no axis without a value', () => {
    expect(draw(full)).not.toContain('<text');
    const html = draw({ ...full, metascore: null }, true);
    expect([html.match(/<text/g)?.length, html.match(/<polygon/g)?.length]).toEqual([5, 5]);
    expect(html).not.toContain('no data</tspan>');
    expect(html).not.toContain('var(--no-rating)');
    // The sentence for screen readers still names it.
    expect(html).toContain('Metascore no data');
  });

  it('with `labels` spreads the axes evenly, and needs three for a shape', () => {
    const three = { ...unknown, rt_score: 100, imdb_rating: 100, imdb_votes: 1_000_000 };
    const degrees = knownAxes(three).map((axis) => axis.degrees);
    expect(degrees).toEqual([0, 120, 240]);
    expect(draw({ ...three, imdb_votes: null }, true)).not.toContain('<svg');
  });
});
