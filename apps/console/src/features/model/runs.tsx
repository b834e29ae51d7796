import { type ModelRun, type RunMetric, runMetrics } from '@at/contracts/mlflow';
import { Link } from 'react-router';
import { cells } from '#titles/label-badges.tsx';
import { formatInteger, none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { formatMeasure, measures } from './measures.ts';
import styles from './model.module.css';
import { modelTexts } from './texts.ts';

const texts = modelTexts.runs;

const nameOf = ({ run_name, run_id }: ModelRun) => run_name ?? run_id;

/** The address of the page with a run, and with another one beside it. */
export function runAddress({ run_id }: ModelRun, against: ModelRun | undefined): string {
  const parameters = { run: run_id, ...(against && { against: against.run_id }) };
  return `?${new URLSearchParams(parameters)}`;
}

/** The finished runs with their measures: one is shown on the page, another may stand beside it. */
export function Runs({ runs, shown, against }: { runs: ModelRun[]; shown: ModelRun; against: ModelRun | undefined }) {
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-labelledby="runs">
      <h2 id="runs">{texts.title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard */}
      <section className={styles.scroll} tabIndex={0} aria-label={texts.table}>
        <table className={styles.runs} aria-labelledby="runs">
          <thead>
            <tr>
              <th scope="col">{texts.run}</th>
              <th scope="col">{modelTexts.run.started}</th>
              {measures.map((name) => (
                <th key={name} scope="col">
                  {modelTexts.measures.names[name]}
                </th>
              ))}
              <th scope="col">{texts.compare}</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.run_id} data-shown={run === shown || undefined}>
                <th scope="row">
                  {run === shown ? (
                    <b aria-current="true">{nameOf(run)}</b>
                  ) : (
                    <Link to={runAddress(run, undefined)}>{nameOf(run)}</Link>
                  )}
                </th>
                <td>
                  <RelativeTime at={run.started_at} />
                </td>
                {measures.map((name) => (
                  <td key={name}>{run.metrics[name] === null ? none : formatMeasure(run.metrics[name])}</td>
                ))}
                <td>
                  {run === shown ? (
                    texts.shown
                  ) : run === against ? (
                    <Link to={runAddress(shown, undefined)} aria-label={texts.endCompare(nameOf(run))}>
                      {texts.end}
                    </Link>
                  ) : (
                    <Link to={runAddress(shown, run)} aria-label={texts.compareWith(nameOf(run))}>
                      {texts.compare}
                    </Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

const counts = { true_positives: 'tp', false_positives: 'fp', true_negatives: 'tn', false_negatives: 'fn' } as const;
const isCount = (metric: RunMetric): metric is keyof typeof counts => metric in counts;

const signed = (digits: number) =>
  new Intl.NumberFormat(undefined, {
    signDisplay: 'exceptZero',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
const differences = { count: signed(0), measure: signed(3) };

function formatMetric(metric: RunMetric, value: number | null): string {
  if (value === null) return none;
  return isCount(metric) ? formatInteger(value) : formatMeasure(value);
}

function metricName(metric: RunMetric): string {
  return isCount(metric) ? `${cells[counts[metric]].name}s` : modelTexts.measures.names[metric];
}

/** Two runs side by side. */
export function Comparison({ shown, against }: { shown: ModelRun; against: ModelRun }) {
  const order = [...measures, ...runMetrics.filter(isCount)];
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-labelledby="comparison">
      <h2 id="comparison">{texts.comparison(nameOf(shown), nameOf(against))}</h2>
      <table className={`${styles.runs} ${styles.compared}`} aria-labelledby="comparison">
        <thead>
          <tr>
            <td />
            <th scope="col">{nameOf(shown)}</th>
            <th scope="col">{nameOf(against)}</th>
            <th scope="col">{texts.difference}</th>
          </tr>
        </thead>
        <tbody>
          {order.map((metric) => {
            const [own, other] = [shown.metrics[metric], against.metrics[metric]];
            return (
              <tr key={metric}>
                <th scope="row">{metricName(metric)}</th>
                <td>{formatMetric(metric, own)}</td>
                <td>{formatMetric(metric, other)}</td>
                <td>
                  {own === null || other === null
                    ? none
                    : differences[isCount(metric) ? 'count' : 'measure'].format(own - other)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
