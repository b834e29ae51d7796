import { type ModelRun, type RunMetric, runMetrics } from '@at/contracts/mlflow';
import { Link } from 'react-router';
import { DataTable, type TableColumn } from '#lists/data-table.tsx';
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
  const columns: TableColumn<ModelRun>[] = [
    {
      id: 'run',
      name: texts.run,
      heading: true,
      block: 'name',
      wrap: true,
      show: (run) =>
        run === shown ? (
          <b aria-current="true">{nameOf(run)}</b>
        ) : (
          <Link to={runAddress(run, undefined)}>{nameOf(run)}</Link>
        ),
    },
    {
      id: 'started',
      name: modelTexts.run.started,
      label: modelTexts.run.started,
      show: (run) => <RelativeTime at={run.started_at} />,
    },
    ...measures.map((name): TableColumn<ModelRun> => {
      const label = modelTexts.measures.names[name];
      const show = ({ metrics }: ModelRun) => (metrics[name] === null ? none : formatMeasure(metrics[name]));
      return { id: name, name: label, label, show };
    }),
    {
      id: 'compare',
      name: texts.compare,
      block: 'end',
      show: (run) =>
        run === shown ? (
          texts.shown
        ) : run === against ? (
          <Link to={runAddress(shown, undefined)} aria-label={texts.endCompare(nameOf(run))}>
            {texts.end}
          </Link>
        ) : (
          <Link to={runAddress(shown, run)} aria-label={texts.compareWith(nameOf(run))}>
            {texts.compare}
          </Link>
        ),
    },
  ];
  return (
    <section className={`${styles.wide} ${styles.list}`} aria-labelledby="runs">
      <h2 id="runs">{texts.title}</h2>
      <DataTable
        label={texts.table}
        rows={runs}
        keyOf={({ run_id }) => run_id}
        columns={columns}
        attributesOf={(run) => ({ 'data-shown': run === shown || undefined })}
      />
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
      <table className={styles.runs} aria-labelledby="comparison">
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
