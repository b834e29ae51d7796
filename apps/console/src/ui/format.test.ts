import { afterEach, expect, it } from 'vitest';
import { formatMoment, formatRelative, isolate, someone, timeZone } from './format.ts';

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

it('a time beyond 9999 is a date; one that no calendar of a browser has is a dash, with the text of the API behind it', () => {
  timeZone.set('UTC');
  const now = new Date('2000-01-01T00:00:00Z');
  expect(formatRelative('10000-01-01T00:00:00.500000Z', now)).toMatch(/^in 7.?999 yr$/);
  expect(formatMoment('10000-01-01T00:00:00.500000Z')).toContain('10000');
  for (const at of ['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '294276-12-31T23:59:59.999999Z']) {
    expect([formatRelative(at, now), formatMoment(at)]).toEqual(['—', at]);
  }
});

it('a sentence names who made a change, unless the actor has no name', () => {
  expect(someone('anna')).toBe(isolate('anna'));
  for (const actor of ['anonymous', null, undefined]) expect(someone(actor)).toBe('Another window or program');
  expect(someone('database')).toBe('Another program');
});
