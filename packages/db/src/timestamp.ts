// One spelling of a time, in TypeScript and in SQL, so that a version read in one way equals the same version read in another.

const pattern = /^(\d{4,6}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?$/;

/**
 * `2025-05-21 02:27:51.09+00` (DateStyle ISO, TimeZone UTC) as `2025-05-21T02:27:51.090000Z`. `Date` would lose the
 * microseconds, which ETags need. Other text stays unchanged: `infinity`, `0044-03-15 12:00:00+00 BC`.
 */
export function timestampFromText(text: string): string {
  const match = pattern.exec(text);
  return match ? `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(6, '0')}Z` : text;
}

/** Whether the time has a date in the calendar, by the text that `timestampFromText` made of it. */
export const isCalendarTime = (text: string) => /^\d{4,6}-\d\d-\d\dT/.test(text);

/** SQL: whether the time has a date in the calendar. */
export const hasCalendarTime = (time: string) => `(${time} >= '0001-01-01 00:00:00+00' and ${time} < 'infinity')`;

/** SQL: the text that `timestampFromText` makes of the time; null for null. */
export const timestampText = (time: string) =>
  `case when ${hasCalendarTime(time)} then to_char(${time}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') else ${time}::text end`;
