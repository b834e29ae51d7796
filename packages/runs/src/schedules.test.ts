import { expect, onTestFinished, test, vi } from 'vitest';
import { JobQueue } from './job-queue.ts';
import { walk } from './schedules.ts';

// It opens no connection for this.
const calendar = new JobQueue(
  { connection: 'postgres://nobody@localhost/none' },
  { supervises: false, onError: () => {} },
);

/** The times at which a schedule fires, looked at every five minutes from a time to another one. */
async function firing(cron: string, timeZone: string, from: string, until: string): Promise<string[]> {
  const [first] = calendar.timesOf(cron, timeZone, new Date(from), 1) as [Date];
  const fired: string[] = [];
  let slot = first;
  for (let now = new Date(from); now <= new Date(until); now = new Date(now.getTime() + 300_000)) {
    if (slot > now) continue;
    const { latest, next } = await walk(calendar, { cron, timeZone }, slot, now);
    fired.push(latest.toISOString().slice(5, 16));
    slot = next;
  }
  return fired;
}

const berlin = (cron: string, from: string, until: string) =>
  firing(cron, 'Europe/Berlin', `${from}T20:00:00Z`, `${until}T20:00:00Z`);

test('a daily time is fired once on the nights when the clock changes', async () => {
  expect(await berlin('30 2 * * *', '2026-10-23', '2026-10-26')).toEqual(['10-24T00:30', '10-25T00:30', '10-26T01:30']);
  expect(await berlin('30 2 * * *', '2027-03-26', '2027-03-29')).toEqual(['03-27T01:30', '03-28T01:30', '03-29T00:30']);
});

test('an hourly time is fired each hour on these nights', async () => {
  expect(await berlin('15 * * * *', '2026-10-24', '2026-10-25')).toHaveLength(24);
  expect(await berlin('15 * * * *', '2027-03-27', '2027-03-28')).toHaveLength(24);
});

test('times that were missed are fired as the latest of them', async () => {
  const at = (text: string) => new Date(`${text}Z`);
  const hourly = { cron: '0 * * * *', timeZone: 'UTC' };
  expect(await walk(calendar, hourly, at('2026-01-01T00:00'), at('2026-11-29T12:34'))).toEqual({
    latest: at('2026-11-29T12:00'),
    next: at('2026-11-29T13:00'),
  });
});

test('a machine that stalls for seconds stops no schedule', async () => {
  let now = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
    now += 2_000;
    return now;
  });
  onTestFinished(() => clock.mockRestore());
  const at = (time: string) => new Date(`2026-11-29T${time}Z`);
  const hourly = { cron: '0 * * * *', timeZone: 'UTC' };
  expect(await walk(calendar, hourly, at('01:00'), at('12:34'))).toEqual({ latest: at('12:00'), next: at('13:00') });
});
