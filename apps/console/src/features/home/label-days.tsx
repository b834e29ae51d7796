import type { LabelDay } from '@at/contracts/labels';
import { Link } from 'react-router';
import { useKnownBacklog } from '#titles/known-backlog.ts';
import { movieList } from '#titles/title-address.ts';
import { formatInteger, ownZone, timeZone } from '#ui/format.ts';
import { startOfDate, startOfNextDay } from '#ui/start-of-day.ts';
import { uiTexts } from '#ui/texts.ts';
import styles from './label-days.module.css';
import { labelDaysTexts as texts } from './label-days.texts.ts';

/** The days that the pace is taken from. */
const paceDays = 14;

/** Days until the backlog is empty at the pace of the last days; undefined: it does not shrink, or is empty. */
function daysLeft(days: readonly LabelDay[]): number | undefined {
  const recent = days.slice(-paceDays - 1);
  const [first, last] = [recent.at(0), recent.at(-1)];
  if (!first || !last || recent.length < 2) return undefined;
  const aDay = (first.backlog - last.backlog) / (recent.length - 1);
  return aDay > 0 && last.backlog > 0 ? Math.ceil(last.backlog / aDay) : undefined;
}

const monthDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const nameOf = (day: string) => monthDay.format(new Date(`${day}T00:00:00Z`));

/** The movies that were decided on a day of the user's time zone. */
function addressOf(day: string): string {
  const zone = timeZone.get() || ownZone;
  const from = startOfDate(day, zone);
  // The last microsecond of the day, as the API's bounds are inclusive.
  const to = new Date(Date.parse(startOfNextDay(from, zone)) - 1).toISOString().replace('Z', '999Z');
  const decided = { decided_at_min: from, decided_at_max: to, decided_undone: 'false', decided_in_bulk: 'true' };
  return `${movieList}&${new URLSearchParams(decided)}`;
}

/** Today's backlog as every other place shows it. */
function useDays(days: readonly LabelDay[]): readonly LabelDay[] {
  const backlog = useKnownBacklog();
  return days.map((day, index) => (backlog !== undefined && index === days.length - 1 ? { ...day, backlog } : day));
}

/** When the backlog will be empty, or how it compares with the first of the last days. */
export function describeBacklog(days: readonly LabelDay[]): string {
  const recent = days.slice(-paceDays - 1);
  const left = recent.at(-1)?.backlog ?? 0;
  if (left === 0) return texts.empty;
  const inDays = daysLeft(days);
  if (inDays !== undefined) return texts.emptyIn(inDays, formatInteger(inDays));
  const more = left - (recent[0]?.backlog ?? left);
  return texts.compared(formatInteger(left), more, formatInteger(Math.abs(more)), recent.length - 1);
}

/** How many movies were labelled each day, and what was left of the backlog. */
export function LabelDays({ days: loaded }: { days: readonly LabelDay[] }) {
  const days = useDays(loaded);
  const mostLabels = Math.max(...days.map(({ labels }) => labels));
  const mostLeft = Math.max(...days.map(({ backlog }) => backlog));
  const today = days.at(-1);
  const points = days
    .map(({ backlog }, index) => `${index + 0.5},${100 - (backlog / (mostLeft || 1)) * 100}`)
    .join(' ');
  return (
    <>
      <p>{describeBacklog(days)}</p>
      <div className={styles.plot} aria-hidden="true">
        {days.map(({ day, labels, backlog }) => (
          <span
            key={day}
            className={styles.day}
            title={texts.day(nameOf(day), formatInteger(labels), formatInteger(backlog))}
          >
            <span style={{ height: `${(labels / (mostLabels || 1)) * 100}%` }} />
          </span>
        ))}
        <svg viewBox={`0 0 ${days.length} 100`} preserveAspectRatio="none">
          <title>{texts.left}</title>
          <polyline points={points} />
        </svg>
      </div>
      <p className={styles.legend}>
        <span data-kind="labels">{mostLabels > 0 ? texts.labels(formatInteger(mostLabels)) : texts.noLabels}</span>
        {mostLeft > 0 && <span data-kind="left">{texts.leftUpTo(formatInteger(mostLeft))}</span>}
        <span>{today && days[0] ? texts.span(nameOf(days[0].day), nameOf(today.day)) : null}</span>
      </p>
      <details className={styles.numbers}>
        <summary>{uiTexts.asTable}</summary>
        <table>
          <thead>
            <tr>
              {texts.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map(({ day, labels, backlog }) => (
              <tr key={day}>
                <th scope="row">{nameOf(day)}</th>
                <td>{labels > 0 ? <Link to={addressOf(day)}>{formatInteger(labels)}</Link> : formatInteger(labels)}</td>
                <td>{formatInteger(backlog)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
