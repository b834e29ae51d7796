const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?/;

/**
 * Whether the calendar has the date and the day has the time, as PostgreSQL reads them: `24:00` is the next midnight, and a
 * minute may have a leap second. Text of another form is true: a pattern refuses it.
 */
export function isInCalendar(text: string): boolean {
  const match = form.exec(text);
  if (!match) return true;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // The years 0 to 99 of `Date.UTC` are those of 1900; a cycle of the calendar has 400.
  const date = new Date(Date.UTC(year + 400, month - 1, day));
  const isDate = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const isMidnight = hour === 24 && minute === 0 && second === 0 && Number(match[7] ?? 0) === 0;
  return isDate && minute < 60 && second <= 60 && (hour < 24 || isMidnight);
}
