/**
 * Orders times in the form of the wire; a longer year is later. A version without a date in the calendar, such as
 * infinity, comes first: the next write replaces it by the present time.
 */
export function compareTimes(left: string, right: string): number {
  const [one, other] = [dateOf(left), dateOf(right)];
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}

const dateOf = (time: string) => (/infinity$| BC$/.test(time) ? '' : time);
