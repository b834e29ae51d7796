import type { ModelRun } from '@at/contracts/mlflow';
import { Link } from 'react-router';
import { ConfusionMatrix } from '#titles/confusion-matrix.tsx';
import { Copyable } from '#ui/copyable.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatDuration, none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import { formatMeasure, measures } from './measures.ts';
import { MeasuresRadar } from './measures-radar.tsx';
import styles from './model.module.css';
import { modelTexts } from './texts.ts';

export function Run({ run: { run_id, run_name, experiment_id, started_at, ended_at, demo } }: { run: ModelRun }) {
  const { run } = modelTexts;
  const took = started_at && ended_at ? Date.parse(ended_at) - Date.parse(started_at) : null;
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-label={run.title}>
      <h2 className={styles.name}>{run_name ?? run.unnamed}</h2>
      <Facts look="strip">
        <Fact name={run.status}>
          <Status tone="good">{run.finished}</Status>
        </Fact>
        <Fact name={run.started}>
          <RelativeTime at={started_at} />
        </Fact>
        <Fact name={run.took}>{took === null || took < 0 ? none : formatDuration(took)}</Fact>
        <Fact name={run.experiment}>{experiment_id}</Fact>
        <Fact name={run.id}>
          <Copyable value={run_id} what={run.id} />
        </Fact>
      </Facts>
      {demo && (
        <p className={styles.note}>
          {modelTexts.demo.note} {started_at === null && modelTexts.demo.times}
        </p>
      )}
    </section>
  );
}

type Metrics = ModelRun['metrics'];

export function RunMatrix({ metrics }: { metrics: Metrics }) {
  const { matrix } = modelTexts;
  return (
    <section className={styles.card} aria-labelledby="matrix">
      <h2 id="matrix">{matrix.title}</h2>
      {/* Otherwise it would fill the card. */}
      <div>
        <ConfusionMatrix
          caption={matrix.caption}
          linkTo={(cell) => `/predictions?cell=${cell}`}
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
