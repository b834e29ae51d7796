import type { AgreementPeriod } from '@at/contracts/predictions';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

type Reply = { threshold: number; by: string; data: AgreementPeriod[] };
const agreement = async (query = '') => (await app.call<Reply>('GET', `/prediction/agreement?${query}`)).body;

/** An answer of the review, written by the API and then dated back; returns its event. */
async function decide(number: number, label: 'would_watch' | 'would_not_watch', shown: object): Promise<number> {
  const imdb_id = `tt${1_000_000 + number}`;
  await insertTitles(app.db, [{ imdb_id, reviewed: null }]);
  const { body } = await app.call<{ event_id: number }>('PATCH', `/training/${imdb_id}/${label}`, { body: { shown } });
  return body.event_id;
}

async function dateBack(event: number, interval: string): Promise<void> {
  await sql`alter table console.label_event disable trigger label_event_append_only`.execute(app.db);
  await sql`update console.label_event set at = at - ${interval}::interval where event_id = ${event}`.execute(app.db);
  await sql`alter table console.label_event enable trigger label_event_append_only`.execute(app.db);
}

test('decisions are counted by period, against what the model said at the threshold when they were made', async () => {
  await decide(1, 'would_watch', { probability: 0.4 });
  await decide(2, 'would_watch', { probability: 0.1, blind: true });
  await decide(3, 'would_not_watch', { probability: 0.9, blind: false });
  await decide(4, 'would_not_watch', { probability: 0.2, blind: true });
  // Without a probability there is nothing to agree with.
  await decide(5, 'would_watch', { view: 'review' });
  await decide(6, 'would_watch', { probability: null });
  // An undone decision does not count, and a mark is none.
  const undone = await decide(7, 'would_watch', { probability: 0.9 });
  await app.call('POST', '/training/tt1000007/undo', { body: { event_id: undone } });
  await app.call('PATCH', '/training/tt1000001', {
    body: { imdb_id: 'tt1000001', anomalous: true, shown: { probability: 0.4 } },
  });
  const old = await decide(8, 'would_watch', { probability: 1 });
  await dateBack(old, '14 days');

  const { data, ...asked } = await agreement();
  expect(asked).toEqual({ threshold: 0.35, by: 'week' });
  expect(data).toHaveLength(26);
  expect(data.at(-1)).toMatchObject({ decisions: 4, agreed: 2, blind_decisions: 2, blind_agreed: 1 });
  expect(data.at(-3)).toMatchObject({ decisions: 1, agreed: 1, blind_decisions: 0, blind_agreed: 0 });
  expect(data.at(-2)).toMatchObject({ decisions: 0, agreed: 0 });
  expect(new Date(data.at(-1)?.from as string).getUTCDay()).toBe(1);

  expect((await agreement('threshold=0.5')).data.at(-1)).toMatchObject({ decisions: 4, agreed: 1 });
  const days = await agreement('by=day&periods=3');
  expect(days.data.map(({ decisions }) => decisions)).toEqual([0, 0, 4]);
  expect((await agreement('by=month&periods=2')).data.at(-1)?.from).toMatch(/-01$/);
});

test('an unknown period is refused', async () => {
  expect((await app.call('GET', '/prediction/agreement?by=year')).status).toBe(422);
});
