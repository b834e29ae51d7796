import { useElementSize } from '@mantine/hooks';
import type { ReactNode } from 'react';
import styles from './chart.module.css';
import { uiTexts as texts } from './texts.ts';

/** A drawing in the available width, with a description for screen readers; without a height it is a square. */
export function Chart({
  name,
  description,
  height,
  children,
}: {
  name: string;
  description: string;
  height?: number;
  children: (width: number) => ReactNode;
}) {
  const { ref, width } = useElementSize();
  return (
    <div
      ref={ref}
      className={styles.chart}
      data-square={height === undefined || undefined}
      style={height === undefined ? undefined : { height }}
    >
      {width > 0 && (
        <svg width={width} height={height ?? width} role="img" aria-label={`${name}. ${description}`}>
          {children(width)}
        </svg>
      )}
    </div>
  );
}

/** The numbers of a chart; `open` if there is room for them. */
export function ChartTable({ columns, rows, open = false }: { columns: string[]; rows: string[][]; open?: boolean }) {
  return (
    <details className={styles.numbers} open={open}>
      <summary>{texts.asTable}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard */}
      <section className={styles.scroll} tabIndex={0} aria-label={texts.asTable}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([first, ...others]) => (
              <tr key={first}>
                <th scope="row">{first}</th>
                {others.map((value, index) => (
                  <td key={columns[index + 1]}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
