import { expect, it } from 'vitest';
import { startOfDate, startOfDay, startOfNextDay } from './start-of-day.ts';

it.each([
  ['Europe/Berlin', '2026-07-01T22:30:00Z', '2026-07-01T22:00:00.000Z'],
  ['Europe/Berlin', '2026-07-01T21:59:59.999Z', '2026-06-30T22:00:00.000Z'],
  ['America/New_York', '2026-01-05T04:59:00Z', '2026-01-04T05:00:00.000Z'],
  ['Asia/Kathmandu', '2026-01-05T18:15:00Z', '2026-01-05T18:15:00.000Z'],
  ['UTC', '2026-03-29T00:00:00Z', '2026-03-29T00:00:00.000Z'],
  // The UTC offset changes during the day: it began with the old one.
  ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z'],
  // Clocks go forward at midnight: the day began at one.
  ['America/Santiago', '2025-09-07T12:00:00Z', '2025-09-07T04:00:00.000Z'],
  // Clocks go back at midnight: the evening before came twice.
  ['America/Santiago', '2026-04-05T12:00:00Z', '2026-04-05T04:00:00.000Z'],
])('in %s the day of %s began at %s', (zone, moment, midnight) => {
  expect(startOfDay(new Date(moment), zone)).toBe(midnight);
});

it.each([
  ['Pacific/Kiritimati', '2026-11-29', '2026-11-28T10:00:00.000Z', '2026-11-29T10:00:00.000Z'],
  ['Pacific/Niue', '2026-11-29', '2026-11-29T11:00:00.000Z', '2026-11-30T11:00:00.000Z'],
  // Days of 23 and of 25 hours.
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
])('in %s %s began at %s and the next day at %s', (zone, date, start, next) => {
  expect(startOfDate(date, zone)).toBe(start);
  expect(startOfNextDay(start, zone)).toBe(next);
});
