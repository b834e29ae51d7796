import type { ModelArtifact } from '@at/contracts/mlflow';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatInteger } from '#ui/format.ts';
import { featureName } from './features.ts';
import styles from './model.module.css';
import { modelTexts } from './texts.ts';

type Importances = ModelArtifact['feature_importance'];

const inUse = (importance: Importances) =>
  Object.entries(importance)
    .filter(([, value]) => value > 0)
    .sort(([, left], [, right]) => right - left);

export function Structure({
  metadata: { total_trees, exported_trees, feature_count },
  importance,
}: {
  metadata: ModelArtifact['metadata'];
  importance: Importances;
}) {
  const { structure } = modelTexts;
  const facts: [name: string, count: number][] = [
    [structure.trees, total_trees],
    [structure.exported, exported_trees],
    [structure.features, feature_count],
    [structure.used, inUse(importance).length],
  ];
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-labelledby="structure">
      <h2 id="structure">{structure.title}</h2>
      <Facts look="strip">
        {facts.map(([name, count]) => (
          <Fact key={name} name={name}>
            <span className={styles.count}>{formatInteger(count)}</span>
          </Fact>
        ))}
      </Facts>
    </section>
  );
}

/** How many features are shown at first. */
const atFirst = 20;
const percents = new Intl.NumberFormat(undefined, {
  style: 'percent',
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});

export function Importance({ importance }: { importance: Importances }) {
  const texts = modelTexts.importance;
  const [all, setAll] = useState(false);
  const features = inUse(importance);
  const leftOut = Object.keys(importance).length - features.length;
  const top = features[0]?.[1] ?? 1;
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-labelledby="importance">
      <h2 id="importance">{texts.title}</h2>
      {features.length === 0 && <p>{texts.none}</p>}
      {features.length > 0 && (
        <table className={styles.importance} aria-label={texts.caption}>
          <thead>
            <tr>
              <th scope="col">{texts.rank}</th>
              <th scope="col">{texts.feature}</th>
              <th scope="col">{texts.share}</th>
            </tr>
          </thead>
          <tbody>
            {(all ? features : features.slice(0, atFirst)).map(([name, value], index) => (
              <tr key={name}>
                <td>{formatInteger(index + 1)}</td>
                <th scope="row">
                  <bdi title={name}>{featureName(name)}</bdi>
                </th>
                <td>
                  <span className={styles.bar} style={{ width: `${(value / top) * 100}%` }} aria-hidden />
                  <span>{percents.format(value)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className={styles.below}>
        {features.length > atFirst && (
          <Button variant="default" size="xs" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? texts.fewer : texts.all(formatInteger(features.length))}
          </Button>
        )}
        {leftOut > 0 && <span>{texts.leftOut(leftOut, formatInteger(leftOut))}</span>}
      </div>
    </section>
  );
}
