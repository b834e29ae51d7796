import type { ModelRun } from '@at/contracts/mlflow';
import { ActionIcon } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { Link } from 'react-router';
import { ConfusionMatrix } from '#titles/confusion-matrix.tsx';
import { copyText } from '#ui/copy-text.ts';
import { formatDuration, none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import { formatMeasure, measures } from './measures.ts';
import { MeasuresRadar } from './measures-radar.tsx';
import styles from './model.module.css';
import { modelTexts } from './texts.ts';

/** What a training says of itself: which one it is, and how good it was. */

export function Run({ run: { run_id, run_name, experiment_id, started_at, ended_at } }: { run: ModelRun }) {
  const { run } = modelTexts;
  const took = started_at && ended_at ? Date.parse(ended_at) - Date.parse(started_at) : null;
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-label={run.title}>
      <h2 className={styles.name}>{run_name ?? run.unnamed}</h2>
      <dl className={styles.strip}>
        <div>
          <dt>{run.status}</dt>
          <dd>
            <Status tone="good">{run.finished}</Status>
          </dd>
        </div>
        <div>
          <dt>{run.started}</dt>
          <dd>
            <RelativeTime at={started_at} />
          </dd>
        </div>
        <div>
          <dt>{run.took}</dt>
          <dd>{took === null || took < 0 ? none : formatDuration(took)}</dd>
        </div>
        <div>
          <dt>{run.experiment}</dt>
          <dd>{experiment_id}</dd>
        </div>
        <div>
          <dt>{run.id}</dt>
          <dd className={styles.id}>
            <code>{run_id}</code>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={run.copyId}
              onClick={() => void copyText(run_id, run.id)}
            >
              <IconCopy size={15} stroke={1.8} />
            </ActionIcon>
          </dd>
        </div>
      </dl>
    </section>
  );
}

type Metrics = ModelRun['metrics'];

export function RunMatrix({ metrics }: { metrics: Metrics }) {
  const { matrix } = modelTexts;
  return (
    <section className={styles.card} aria-labelledby="matrix">
      <h2 id="matrix">{matrix.title}</h2>
      {/* As high as its content: it would fill what it stands in. */}
      <div>
        <ConfusionMatrix
          caption={matrix.caption}
          counts={{
            tp: metrics.true_positives,
            fn: metrics.false_negatives,
            fp: metrics.false_positives,
            tn: metrics.true_negatives,
          }}
        />
      </div>
      <p className={styles.note}>
        {matrix.note} <Link to="/predictions">{matrix.link}</Link>.
      </p>
    </section>
  );
}

export function RunMeasures({ metrics }: { metrics: Metrics }) {
  const texts = modelTexts.measures;
  return (
    <section className={styles.card} aria-labelledby="measures">
      <h2 id="measures">{texts.title}</h2>
      <div className={styles.measures}>
        <MeasuresRadar values={metrics} />
        <dl>
          {measures.map((name) => (
            <div key={name}>
              <dt>
                {texts.names[name]} <span>{texts.meanings[name]}</span>
              </dt>
              <dd data-none={metrics[name] === null || undefined}>{formatMeasure(metrics[name])}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}
