import type { LabelDay } from '@at/contracts/labels';
import { expect, it, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://console.test/')));

import { describeBacklog } from './label-days.tsx';

const days = (...backlogs: number[]) =>
  backlogs.map((backlog, index) => ({ day: `2026-01-${index + 10}`, labels: 0, backlog }) as LabelDay);

it('a backlog that is larger than two weeks ago is compared with then', () => {
  expect(describeBacklog(days(100, 150, 136))).toBe('136 to review, 36 more than 2 days ago');
  expect(describeBacklog(days(136, 150, 136))).toBe('136 to review, as many as 2 days ago');
  expect(describeBacklog(days(...Array(20).fill(7), 8))).toBe('8 to review, 1 more than 14 days ago');
});

it('a backlog that shrinks has a day when it is empty', () => {
  expect(describeBacklog(days(30, 20))).toBe('Backlog empty in about 2 days at the pace of the last 14 days');
  expect(describeBacklog(days(30, 0))).toBe('Nothing is left to review');
});
