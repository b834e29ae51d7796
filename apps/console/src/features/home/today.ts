const day = 86_400_000;

/** The midnight with which the day of a moment began in a zone, as the API takes it. */
export function midnightBefore(moment: Date, timeZone: string): string {
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
  /** What clocks show there, as if it were in UTC. */
  const clock = (instant: number) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour, minute, second } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  // Whole seconds, as the clock has them.
  const now = Math.floor(moment.getTime() / 1000) * 1000;
  const today = Math.floor(clock(now) / day) * day;
  // Clocks may have been set since: of the differences around this day, the one that gives the first instant of it.
  const beginnings = [now - day, now, now + day]
    .map((near) => today - (clock(near) - near))
    .filter((instant) => clock(instant) >= today);
  return new Date(Math.min(...beginnings)).toISOString();
}
