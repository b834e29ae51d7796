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
