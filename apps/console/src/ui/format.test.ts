import { afterEach, expect, it } from 'vitest';
import { formatRelative, isolate, someone, timeZone } from './format.ts';

afterEach(() => timeZone.set(''));

it.each([
  ['Pacific/Auckland', '2026-11-29T10:30:00Z', '2 days ago'],
  ['Pacific/Auckland', '2026-11-29T11:30:00Z', 'yesterday'],
  ['UTC', '2026-11-29T10:30:00Z', 'yesterday'],
])('days ago are days of the calendar in the zone: in %s from %s', (zone, at, shown) => {
  timeZone.set(zone);
  // 01:00 on the 1st in Auckland, whose 29th ended at 11:00.
  expect(formatRelative(at, new Date('2026-11-30T12:00:00Z'))).toBe(shown);
});

it('less than a day is hours, also over midnight', () => {
  timeZone.set('UTC');
  expect(formatRelative('2026-11-29T22:00:00Z', new Date('2026-11-30T01:00:00Z'))).toBe('3 hr ago');
});

it('a sentence names who made a change, unless the actor has no name', () => {
  expect(someone('anna')).toBe(isolate('anna'));
  for (const actor of ['anonymous', null, undefined]) expect(someone(actor)).toBe('Another window or program');
  expect(someone('database')).toBe('Another program');
});
