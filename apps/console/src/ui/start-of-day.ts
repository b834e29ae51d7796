const day = 86_400_000;

/** The start of a moment's day in a zone, as an ISO timestamp. */
export function startOfDay(moment: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  /** The local time there, as if it were in UTC. */
  const clock = (instant: number) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour, minute, second } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  // In whole seconds, like the parts.
  const now = Math.floor(moment.getTime() / 1000) * 1000;
  const today = Math.floor(clock(now) / day) * day;
  // The UTC offset may have changed since midnight: try those around this day and use the earliest instant.
  const midnights = [now - day, now, now + day]
    .map((near) => today - (clock(near) - near))
    .filter((instant) => clock(instant) >= today);
  return new Date(Math.min(...midnights)).toISOString();
}

/** The start of a date, as `2026-11-29`, in a zone, as an ISO timestamp. */
export function startOfDate(date: string, timeZone: string): string {
  // Noon in UTC is that date or a neighbour of it everywhere; half a day around it finds the right one.
  const noon = Date.parse(`${date}T12:00:00Z`);
  const near = [noon, noon - day / 2, noon + day / 2].map((moment) => startOfDay(new Date(moment), timeZone));
  const local = new Intl.DateTimeFormat('en-CA', { timeZone });
  // A zone that changed its side of the date line has left one out.
  return near.find((start) => local.format(new Date(start)) === date) ?? (near[0] as string);
}

/** The start of the day after the one that begins at `start`: days have 23 to 25 hours. */
export const startOfNextDay = (start: string, timeZone: string) =>
  startOfDay(new Date(Date.parse(start) + 1.5 * day), timeZone);
