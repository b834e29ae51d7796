import { afterEach, expect, it } from 'vitest';
import { midnightBefore } from './today.ts';

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

it.each([
  ['Europe/Berlin', '2026-07-01T22:30:00Z', '2026-07-01T22:00:00.000Z'],
  ['Europe/Berlin', '2026-07-01T21:30:00Z', '2026-06-30T22:00:00.000Z'],
  ['America/New_York', '2026-01-05T04:59:00Z', '2026-01-04T05:00:00.000Z'],
  // The day on which clocks are set forward began in winter time.
  ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z'],
  ['UTC', '2026-03-29T00:00:00Z', '2026-03-29T00:00:00.000Z'],
])('in %s the day of %s began at %s', (place, moment, midnight) => {
  process.env.TZ = place;
  expect(midnightBefore(new Date(moment))).toBe(midnight);
});
