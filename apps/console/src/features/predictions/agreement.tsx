import { type AgreementPeriod, agreementPeriods } from '@at/contracts/predictions';
import { NativeSelect, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { scaleLinear } from '@visx/scale';
import { queryClient } from '#api/query-client.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { formatShare } from '#titles/confusion-matrix.tsx';
import { formatThreshold } from '#titles/verdict.ts';
import { Chart, ChartTable } from '#ui/chart.tsx';
import { sayCountedAt } from '#ui/counted-at.ts';
import { formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { agreementOf } from './agreement-query.ts';
import chart from './chart.module.css';
import { chartTexts } from './charts.texts.ts';
import styles from './predictions.module.css';
import { predictionTexts } from './texts.ts';
import type { PredictionsView } from './view.ts';

const texts = chartTexts.agreement;

const dates = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const nameOf = ({ from }: AgreementPeriod) => dates.format(new Date(`${from}T00:00:00Z`));

const shareOf = (agreed: number, decisions: number) => (decisions === 0 ? null : agreed / decisions);

const height = 240;
const sides = { left: 40, right: 20, top: 12, bottom: 28 };

/** The shares of the periods with decisions as points, which a line joins. */
function Line({ points, kind }: { points: { x: number; y: number; count: number }[]; kind: 'all' | 'blind' }) {
  const most = Math.max(...points.map(({ count }) => count));
  return (
    <g data-kind={kind}>
      <polyline
        className={kind === 'all' ? chart.line : chart.reference}
        points={points.map(({ x, y }) => `${x},${y}`).join(' ')}
      />
      {points.map(({ x, y, count }) => (
        <circle
          key={x}
          className={kind === 'all' ? chart.dot : chart.point}
          cx={x}
          cy={y}
          r={2 + 5 * Math.sqrt(count / most)}
        />
      ))}
    </g>
  );
}

/** How often people decided as the model says, over time. */
export function Agreement({ view, onChange }: { view: PredictionsView; onChange: ChangeView<PredictionsView> }) {
  const { data, error, refetch } = useQuery(agreementOf(view), queryClient);
  if (!data) {
    return error ? (
      <div className={styles.card}>
        <LoadFailure what={predictionTexts.notLoaded.agreement} error={error} retry={() => void refetch()} />
      </div>
    ) : (
      <Skeleton height={height} radius="md" role="status" aria-label={texts.reading} />
    );
  }
  const { data: periods, threshold } = data.agreement;
  const [decisions, agreed] = [
    periods.reduce((sum, period) => sum + period.decisions, 0),
    periods.reduce((sum, period) => sum + period.agreed, 0),
  ];
  const [first, last] = [periods[0], periods.at(-1)] as [AgreementPeriod, AgreementPeriod];
  const [from, to] = [nameOf(first), nameOf(last)];
  return (
    <section className={styles.card} aria-label={texts.name}>
      <div className={styles.head}>
        <h3 className={chart.name}>{texts.name}</h3>
        <NativeSelect
          size="xs"
          aria-label={texts.period}
          value={view.period}
          onChange={({ currentTarget: { value } }) =>
            onChange({ period: value as PredictionsView['period'], rows: view.rows })
          }
          data={agreementPeriods.map((value) => ({ value, label: texts.periods[value] }))}
        />
      </div>
      {decisions === 0 ? (
        <Text size="sm">{texts.empty}</Text>
      ) : (
        <>
          <Chart
            name={texts.name}
            description={texts.description(from, to, formatInteger(decisions), formatShare(shareOf(agreed, decisions)))}
            height={height}
          >
            {(width) => {
              const [right, bottom] = [width - sides.right, height - sides.bottom];
              const x = scaleLinear<number>({
                domain: [0, Math.max(1, periods.length - 1)],
                range: [sides.left, right],
              });
              const y = scaleLinear<number>({ domain: [0, 1], range: [bottom, sides.top] });
              const pointsOf = (read: (period: AgreementPeriod) => [agreed: number, decisions: number]) =>
                periods.flatMap((period, index) => {
                  const [count, total] = read(period);
                  return total === 0 ? [] : [{ x: x(index), y: y(count / total), count: total }];
                });
              const blind = pointsOf(({ blind_agreed, blind_decisions }) => [blind_agreed, blind_decisions]);
              return (
                <>
                  {[0, 0.25, 0.5, 0.75, 1].map((share) => (
                    <g key={share}>
                      <line className={chart.grid} x1={sides.left} x2={right} y1={y(share)} y2={y(share)} />
                      <text x={sides.left - 6} y={y(share) + 4} textAnchor="end">
                        {formatShare(share)}
                      </text>
                    </g>
                  ))}
                  <text x={sides.left} y={height - 8}>
                    {from}
                  </text>
                  <text x={right} y={height - 8} textAnchor="end">
                    {to}
                  </text>
                  {blind.length > 0 && <Line points={blind} kind="blind" />}
                  <Line points={pointsOf((period) => [period.agreed, period.decisions])} kind="all" />
                </>
              );
            }}
          </Chart>
          <p className={chart.note}>
            {texts.about(formatThreshold(threshold))} {texts.reads} {sayCountedAt(data.countedAt)}
          </p>
          <ChartTable
            open
            columns={[...texts.columns]}
            rows={periods
              .filter((period) => period.decisions > 0)
              .toReversed()
              .map((period) => [
                nameOf(period),
                formatInteger(period.decisions),
                formatShare(shareOf(period.agreed, period.decisions)),
                formatInteger(period.blind_decisions),
                formatShare(shareOf(period.blind_agreed, period.blind_decisions)),
              ])}
          />
        </>
      )}
    </section>
  );
}
