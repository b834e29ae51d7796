import type { ReplyOf } from '@at/contracts/endpoint';
import type { getQueueHistory, QueuePeriod } from '@at/contracts/queue-status';
import { AxisBottom, AxisLeft, AxisRight } from '@visx/axis';
import { scaleLinear } from '@visx/scale';
import { LinePath } from '@visx/shape';
import { Chart, ChartTable } from '#ui/chart.tsx';
import { formatDuration, formatInteger, none, ownZone, timeZone } from '#ui/format.ts';
import { colors } from './colors.ts';
import { overviewTexts as texts } from './overview.texts.ts';
import styles from './queue.module.css';

const height = 190;
/** Width of a label of the time below the chart, with the space to the next one. */
const label = 62;
const sides = { left: 30, right: 48, top: 8, bottom: 24 };

/** Completed and failed as bars, the average time as a line. */
function History({
  name,
  periods,
  nameOf,
}: {
  name: string;
  periods: readonly QueuePeriod[];
  nameOf: (at: string) => string;
}) {
  const most = Math.max(1, ...periods.map(({ done, failed }) => done + failed));
  const longest = Math.max(1, ...periods.map(({ average_seconds }) => average_seconds ?? 0));
  const sum = (key: 'done' | 'failed') => formatInteger(periods.reduce((total, period) => total + period[key], 0));
  return (
    <section>
      <h3 className={styles.name}>{name}</h3>
      <Chart name={name} description={texts.described(sum('done'), sum('failed'))} height={height}>
        {(width) => {
          const bottom = height - sides.bottom;
          const x = scaleLinear<number>({ domain: [0, periods.length], range: [sides.left, width - sides.right] });
          const y = scaleLinear<number>({ domain: [0, most], range: [bottom, sides.top], nice: true });
          const time = scaleLinear<number>({ domain: [0, longest], range: [bottom, sides.top], nice: true });
          const ticks = Math.max(1, Math.min(6, Math.floor((width - sides.left - sides.right) / label)));
          const bar = Math.max(1, x(1) - x(0) - 2);
          const averages = periods.flatMap(({ average_seconds }, index) =>
            average_seconds === null ? [] : [{ x: x(index + 0.5), y: time(average_seconds) }],
          );
          return (
            <g>
              {periods.map(({ at, done, failed }, index) => (
                <g key={at}>
                  <title>{`${nameOf(at)}: ${texts.described(formatInteger(done), formatInteger(failed))}`}</title>
                  <rect fill={colors.done} x={x(index) + 1} width={bar} y={y(done)} height={bottom - y(done)} />
                  <rect
                    fill={colors.failed}
                    x={x(index) + 1}
                    width={bar}
                    y={y(done + failed)}
                    height={y(done) - y(done + failed)}
                  />
                </g>
              ))}
              <LinePath
                data={averages}
                x={(point) => point.x}
                y={(point) => point.y}
                fill="none"
                stroke={colors.average}
              />
              {averages.map((point) => (
                <circle key={point.x} cx={point.x} cy={point.y} r={2.5} fill={colors.average} />
              ))}
              <AxisBottom
                scale={x}
                top={bottom}
                tickValues={periods.flatMap((_period, index) =>
                  index % Math.ceil(periods.length / ticks) === 0 ? [index] : [],
                )}
                tickFormat={(index) => nameOf(periods[Number(index)]?.at ?? '')}
                hideAxisLine
                hideTicks
              />
              <AxisLeft
                scale={y}
                left={sides.left}
                tickValues={y.ticks(4).filter(Number.isInteger)}
                tickFormat={(value) => formatInteger(Number(value))}
                hideAxisLine
                hideTicks
              />
              <AxisRight
                scale={time}
                left={width - sides.right}
                numTicks={4}
                tickFormat={(value) => formatDuration(Number(value) * 1000)}
                hideAxisLine
                hideTicks
              />
            </g>
          );
        }}
      </Chart>
      <ChartTable
        columns={[texts.at, texts.done, texts.failed, texts.average]}
        rows={periods
          .map(({ at, done, failed, average_seconds }) => [
            nameOf(at),
            formatInteger(done),
            formatInteger(failed),
            average_seconds === null ? none : formatDuration(average_seconds * 1000),
          ])
          .toReversed()}
      />
    </section>
  );
}

/** What the queue did, by hour and by day, in the user's time zone. */
export function HistoryCharts({ history }: { history: ReplyOf<typeof getQueueHistory> }) {
  const zone = timeZone.get() || ownZone;
  const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZone: zone });
  // Days begin at midnight UTC.
  const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  return (
    <>
      <p className={styles.day}>
        {(['done', 'failed', 'average'] as const).map((kind) => (
          <span key={kind}>
            <i className={styles.key} style={{ background: colors[kind] }} /> {texts[kind]}
          </span>
        ))}
      </p>
      <div className={styles.charts}>
        <History name={texts.hourly} periods={history.hourly} nameOf={(at) => hour.format(new Date(at))} />
        <History name={texts.daily} periods={history.daily} nameOf={(at) => day.format(new Date(at))} />
      </div>
    </>
  );
}
