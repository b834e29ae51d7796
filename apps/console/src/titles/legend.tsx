import { cmValues, labels } from '@at/contracts/vocabulary';
import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatInteger } from '#ui/format.ts';
import { Country } from './country.tsx';
import { Genre, genreIcons } from './genre.tsx';
import { AnomalousBadge, CellBadge, cells, LabelBadge } from './label-badges.tsx';
import styles from './legend.module.css';
import { metrics, noRatingColor } from './radar.ts';
import { Swatch } from './radar.tsx';
import { titleTexts } from './texts.ts';
import { formatThreshold, useOperatingThreshold } from './verdict.ts';

function Part({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <section>
      <Title order={3}>{name}</Title>
      {note && (
        <Text size="xs" c="dimmed" mt={2}>
          {note}
        </Text>
      )}
      {children}
    </section>
  );
}

const reach = (metric: (typeof metrics)[number]) =>
  metric.scale === 'linear' ? `0 to ${metric.top}` : `1 to ${formatInteger(metric.top)} on a logarithmic scale`;

/** The meaning of icons, colours and badges. */
export function Legend() {
  const threshold = useOperatingThreshold();
  const cellsNote =
    threshold === undefined ? titleTexts.legend.cellsUnknown : titleTexts.legend.cells(formatThreshold(threshold));
  return (
    <div className={styles.legend}>
      <Part name="Labels">
        <ul className={styles.rows}>
          {[...labels, null].map((label) => (
            <li key={label ?? 'none'}>
              <LabelBadge label={label} />
            </li>
          ))}
          <li>
            <AnomalousBadge /> <span className={styles.meaning}>{titleTexts.legend.anomalous}</span>
          </li>
        </ul>
      </Part>
      <Part name="Cells" note={cellsNote}>
        <ul className={styles.rows}>
          {cmValues.map((cell) => (
            <li key={cell}>
              <CellBadge cell={cell} /> <span className={styles.meaning}>{cells[cell].meaning}</span>
            </li>
          ))}
        </ul>
      </Part>
      <Part name="Radar" note="Six ratings, each its own wedge; the longer, the better or the better known.">
        <ul className={styles.rows}>
          {metrics.map((metric) => (
            <li key={metric.field}>
              <span className={styles.metric}>
                <Swatch color={metric.color} /> {metric.name}
              </span>{' '}
              <span className={styles.meaning}>{reach(metric)}</span>
            </li>
          ))}
          <li>
            <span className={styles.metric}>
              <Swatch color={noRatingColor} /> {titleTexts.legend.noData}
            </span>{' '}
            <span className={styles.meaning}>{titleTexts.legend.noDataLooks}</span>
          </li>
        </ul>
      </Part>
      <Part name="Genres">
        <ul className={styles.columns}>
          {[...genreIcons.keys(), 'any other'].map((name) => (
            <li key={name}>
              <Genre name={name} />
            </li>
          ))}
        </ul>
      </Part>
      <Part
        name="Countries"
        note="Where the title comes from: two-letter code and name, with the flag where there is one. Former countries keep their name."
      >
        <div className={styles.example}>
          <Country code="DK" />
        </div>
      </Part>
    </div>
  );
}
