type Curve = { name: string; values: number[] };

const width = 960;
const height = 540;
const plot = { left: 70, right: 640, top: 30, bottom: 490 };
const colours = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#997300', '#17becf', '#e377c2', '#505050'];

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** An SVG chart of milliseconds over sizes with logarithmic axes. */
export function drawCurves(sizes: number[], curves: Curve[]): string {
  const all = curves.flatMap(({ values }) => values);
  const powers = (least: number, most: number) => {
    const first = Math.floor(Math.log10(least));
    return Array.from({ length: Math.ceil(Math.log10(most)) - first + 1 }, (_, i) => first + i);
  };
  const steps = powers(Math.min(...all), Math.max(...all));
  const [bottom, top] = [steps[0] as number, steps.at(-1) as number];
  const [first, last] = [Math.log10(Math.min(...sizes)), Math.log10(Math.max(...sizes))];
  const x = (size: number) => plot.left + ((Math.log10(size) - first) / (last - first || 1)) * (plot.right - plot.left);
  const y = (ms: number) => plot.bottom - ((Math.log10(ms) - bottom) / (top - bottom || 1)) * (plot.bottom - plot.top);

  const lines = steps.map((power) => {
    const at = y(10 ** power).toFixed(1);
    return `<path d="M${plot.left} ${at}H${plot.right}" stroke="#ddd"/><text x="${plot.left - 8}" y="${at}" text-anchor="end" dy="4">${10 ** power} ms</text>`;
  });
  const marks = sizes.map(
    (size) =>
      `<text x="${x(size).toFixed(1)}" y="${plot.bottom + 20}" text-anchor="middle">${size.toLocaleString('en')}</text>`,
  );
  // Labels are in the order of the curves' ends without overlap; a thin line connects each to its curve.
  const ends = curves
    .map(({ name, values }, i) => ({ name, values, colour: colours[i % colours.length] as string }))
    .toSorted((a, b) => (b.values.at(-1) as number) - (a.values.at(-1) as number));
  const gap = (plot.bottom - plot.top) / Math.max(1, ends.length - 1);
  const drawn = ends.map(({ name, values, colour }, i) => {
    const points = values.map((ms, k) => `${x(sizes[k] as number).toFixed(1)} ${y(ms).toFixed(1)}`);
    const at = (plot.top + i * gap).toFixed(1);
    const value = (values.at(-1) as number).toFixed(2);
    return (
      `<path d="M${points.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>` +
      `<path d="M${points.at(-1)}L${plot.right + 34} ${at}" stroke="${colour}" stroke-width="0.7" fill="none"/>` +
      `<text x="${plot.right + 38}" y="${at}" dy="4" fill="${colour}">${value} ms ${escaped(name)}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>p50 of one user over the number of titles</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${[...lines, ...marks, ...drawn].join('\n')}
</svg>
`;
}
