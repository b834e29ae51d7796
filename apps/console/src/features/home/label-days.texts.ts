import { plural } from '#ui/plural.ts';

/** Texts of the labels per day. Numbers and days come formatted. */
export const labelDaysTexts = {
  emptyIn: (days: number, shown: string) =>
    `Backlog empty in about ${shown} ${plural(days, { one: 'day', other: 'days' })} at the pace of the last 14 days`,
  empty: 'Nothing is left to review',
  compared: (left: string, more: number, shown: string, days: number) =>
    `${left} to review, ${more === 0 ? 'as many as' : `${shown} ${more > 0 ? 'more' : 'fewer'} than`} ${days} ${plural(days, { one: 'day', other: 'days' })} ago`,
  day: (day: string, labels: string, left: string) => `${day}: ${labels} movies labelled, ${left} to review`,
  labels: (most: string) => `movies labelled, up to ${most} a day`,
  noLabels: 'no movies labelled',
  left: 'movies to review',
  leftUpTo: (most: string) => `movies to review, up to ${most}`,
  span: (from: string, to: string) => `${from} to ${to}`,
  columns: ['Day', 'Movies labelled', 'Movies to review'],
} as const;
