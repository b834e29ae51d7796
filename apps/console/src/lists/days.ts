import { ownZone, timeZone } from '#ui/format.ts';
import { startOfDate, startOfDay, startOfNextDay } from '#ui/start-of-day.ts';
import { oneOfOr, search } from './define-view.ts';
import { listsTexts as texts } from './texts.ts';

/** The days that a list shows: fields of a view, and the API's parameters for them. */

const dayFilters = ['today', 'yesterday', 'week', 'dates'] as const;

export type DayView = { day: 'any' | (typeof dayFilters)[number]; from: string; to: string };

const dayLength = 86_400_000;
const isDate = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
const date = () => {
  const field = search(10);
  const read: typeof field.read = (parameters, name, view) => {
    const given = field.read(parameters, name, view);
    return given && isDate(given) ? given : undefined;
  };
  return { ...field, read };
};

export const dayFields = { day: oneOfOr('any', dayFilters), from: date(), to: date() };

/** The start and the end of the chosen days, in the time zone of the settings. */
export function timesOf({ day, from, to }: DayView): { at_min?: string; at_max?: string } {
  const zone = timeZone.get() || ownZone;
  const start = (moment: number) => startOfDay(new Date(moment), zone);
  const today = Date.parse(start(Date.now()));
  // From the middle of the day, because days have 23 to 25 hours.
  const startOf = (days: number) => start(today + dayLength / 2 - days * dayLength);
  if (day === 'today') return { at_min: startOf(0) };
  if (day === 'yesterday') return { at_min: startOf(1), at_max: startOf(0) };
  if (day === 'week') return { at_min: startOf(6) };
  if (day !== 'dates') return {};
  return {
    ...(from && { at_min: startOfDate(from, zone) }),
    ...(to && { at_max: startOfNextDay(startOfDate(to, zone), zone) }),
  };
}

/** Such as `in the last 7 days`. */
export const describeDay = (day: DayView['day'], { from, to }: DayView): string | false => {
  if (day === 'any') return false;
  if (day !== 'dates') return texts.inDays[day];
  return (from || to) !== '' && texts.between(from || undefined, to || undefined);
};
