import type { FlagValues, LabelDay, LabelEvent, TrainingSession } from '@at/contracts/labels';
import { nothingRemoved } from '@at/contracts/patch-reply';
import type { Problem } from '@at/contracts/problem';
import type { TrainingList, TrainingRow } from '@at/contracts/training';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type CallOptions, insertTitles, startTestApp, type TestApp, type Title } from '#test/test-app.ts';
import { findLabelDays } from './queries.ts';

let app: TestApp;
let made = 0;

/** A title of its own for each test, so that none depends on another. */
async function newTitle(title: Title = {}): Promise<string> {
  made += 1;
  const imdb_id = `tt${1_000_000 + made}`;
  await insertTitles(app.db, [{ imdb_id, reviewed: null, ...title }]);
  return imdb_id;
}

type Written = Problem & { event_id: number | null; updated_fields: object; restored: FlagValues };
const patch = (path: string, body?: object | string, headers: Record<string, string> = {}) =>
  app.call<Written>('PATCH', `/training/${path}`, { ...(body === undefined ? {} : { body }), headers });
const undo = (id: string, event_id: unknown, options: CallOptions = {}) =>
  app.call<Written>('POST', `/training/${id}/undo`, { body: { event_id } as object, ...options });

const row = async (id: string) => (await app.call<TrainingRow>('GET', `/training/${id}`)).body;
const flags = async (id: string) => {
  const { label, human_labeled, anomalous, reviewed } = await row(id);
  return { label, human_labeled, anomalous, reviewed };
};
const events = (id: string) =>
  app.db.selectFrom('console.label_event').selectAll().where('imdb_id', '=', id).orderBy('event_id').execute();
const history = async (id: string) =>
  (await app.call<{ data: LabelEvent[] }>('GET', `/training/${id}/history`)).body.data;

const blank: FlagValues = { label: null, human_labeled: false, anomalous: false, reviewed: null };
const watch = {
  label: 'would_watch' as const,
  human_labeled: true,
  anomalous: false,
  reviewed: true,
} satisfies FlagValues;
const notWatch = { ...watch, label: 'would_not_watch' as const } satisfies FlagValues;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe('what each endpoint sets and says', () => {
  test('PATCH /label sets the label, human_labeled and reviewed', async () => {
    const id = await newTitle();
    const { status, body } = await patch(`${id}/label`, { imdb_id: id, label: 'would_watch' });
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'Label updated successfully',
      event_id: expect.any(Number),
      ...nothingRemoved,
    });
    expect(await flags(id)).toEqual(watch);
  });

  test('PATCH /label sets all three also when the label is unchanged', async () => {
    const id = await newTitle({ label: 'would_not_watch' });
    await patch(`${id}/label`, { imdb_id: id, label: 'would_not_watch' });
    expect(await flags(id)).toEqual(notWatch);
  });

  test('PATCH /reviewed sets reviewed and nothing else', async () => {
    const id = await newTitle({ label: 'would_watch' });
    const { body } = await patch(`${id}/reviewed`, { imdb_id: id });
    expect(body).toEqual({
      success: true,
      message: 'Reviewed status updated successfully',
      event_id: expect.any(Number),
      ...nothingRemoved,
    });
    expect(await flags(id)).toEqual({ ...blank, label: 'would_watch', reviewed: true });
  });

  test('PATCH sets the fields it is given and repeats them', async () => {
    const id = await newTitle();
    const { body } = await patch(id, { imdb_id: id, anomalous: true, reviewed: false });
    expect(body).toEqual({
      success: true,
      message: 'Training data updated successfully',
      updated_fields: { anomalous: true, reviewed: false },
      event_id: expect.any(Number),
      ...nothingRemoved,
    });
    expect(await flags(id)).toEqual({ ...blank, anomalous: true, reviewed: false });
  });

  test('a label in PATCH sets human_labeled and reviewed, and overrides their values in the body', async () => {
    const id = await newTitle();
    const asked = { imdb_id: id, label: 'would_watch', human_labeled: false, reviewed: false, anomalous: true };
    const { body } = await patch(id, asked);
    expect(body.updated_fields).toEqual({ label: 'would_watch', human_labeled: true, reviewed: true, anomalous: true });
    expect(await flags(id)).toEqual({ ...watch, anomalous: true });
  });

  test('human_labeled and reviewed alone can be cleared', async () => {
    const id = await newTitle({ ...watch });
    await patch(id, { imdb_id: id, human_labeled: false, reviewed: false });
    expect(await flags(id)).toEqual({ ...watch, human_labeled: false, reviewed: false });
  });

  test('PATCH /would_watch needs no body', async () => {
    const id = await newTitle({ label: 'would_not_watch' });
    expect((await patch(`${id}/would_watch`)).body).toEqual({
      success: true,
      message: 'Training data updated successfully',
      updated_fields: { label: 'would_watch', human_labeled: true, reviewed: true },
      event_id: expect.any(Number),
      ...nothingRemoved,
    });
    expect(await flags(id)).toEqual(watch);
  });

  test('PATCH /would_not_watch says what became of files and torrent', async () => {
    const id = await newTitle();
    expect((await patch(`${id}/would_not_watch`)).body).toEqual({
      success: true,
      message: 'Training data updated successfully',
      updated_fields: { label: 'would_not_watch', human_labeled: true, reviewed: true },
      event_id: expect.any(Number),
      error: null,
      file_deleted: false,
      file_deletion_warning: `No media found with IMDB ID: ${id}`,
      torrent_removed: false,
    });
    expect(await flags(id)).toEqual(notWatch);
  });
});

describe('the event of a write', () => {
  test('holds the flags before and after, who, how long and what was shown', async () => {
    const id = await newTitle();
    const shown = { view: 'review', blind: true, probability: 0.25, label: null };
    const { body } = await patch(`${id}/would_watch`, { decision_ms: 1234, shown }, { 'x-actor': ' Anna ' });
    expect(await events(id)).toMatchObject([
      {
        event_id: body.event_id,
        action: 'would_watch',
        actor: 'Anna',
        actor_verified: false,
        before: blank,
        after: watch,
        decision_ms: 1234,
        shown,
        undoes: null,
      },
    ]);
  });

  test('names its action', async () => {
    const id = await newTitle();
    await patch(`${id}/label`, { imdb_id: id, label: 'would_watch' });
    await patch(id, { imdb_id: id, reviewed: false });
    await patch(`${id}/reviewed`, { imdb_id: id });
    await patch(`${id}/would_not_watch`);
    await patch(`${id}/would_watch`);
    expect((await events(id)).map(({ action }) => action)).toEqual([
      'label',
      'update',
      'reviewed',
      'would_not_watch',
      'would_watch',
    ]);
  });

  test('is not written when nothing changed, and updated_at stays', async () => {
    const id = await newTitle({ ...watch, updated_at: '2020-02-02T02:02:02.000002Z' });
    const writes = [
      await patch(`${id}/would_watch`),
      await patch(`${id}/label`, { imdb_id: id, label: 'would_watch' }),
      await patch(`${id}/reviewed`, { imdb_id: id }),
      await patch(id, { imdb_id: id, anomalous: false }),
    ];
    for (const { status, body, headers } of writes) {
      expect(status).toBe(200);
      expect(body.event_id).toBe(null);
      expect(headers.etag).toBe('"2020-02-02T02:02:02.000002Z"');
    }
    expect(await events(id)).toEqual([]);
    expect((await row(id)).updated_at).toBe('2020-02-02T02:02:02.000002Z');
  });

  test('null and false are different: setting reviewed to false writes an event', async () => {
    const id = await newTitle();
    expect((await patch(id, { imdb_id: id, reviewed: false })).body.event_id).toEqual(expect.any(Number));
    expect((await patch(id, { imdb_id: id, reviewed: false })).body.event_id).toBe(null);
  });

  test('an actor without a name is anonymous, one too long is cut', async () => {
    const id = await newTitle();
    await patch(`${id}/would_watch`);
    await patch(`${id}/would_not_watch`, undefined, { 'x-actor': '   ' });
    await patch(`${id}/would_watch`, undefined, { 'x-actor': 'x'.repeat(5000) });
    expect((await events(id)).map(({ actor }) => actor)).toEqual(['anonymous', 'anonymous', 'x'.repeat(100)]);
  });

  test('another column of the title is never touched', async () => {
    const id = await newTitle({ budget: 7, genre: ['Drama'], overview: 'As it was' });
    const { label: _l, human_labeled: _h, reviewed: _r, updated_at: _u, ...before } = await row(id);
    await patch(`${id}/would_watch`);
    expect(await row(id)).toMatchObject(before);
  });
});

describe('what is refused, in the words callers match', () => {
  test('a title that is not there is 404', async () => {
    const id = 'tt9999999';
    const refusals = [
      await patch(`${id}/would_watch`),
      await patch(`${id}/would_not_watch`),
      await patch(`${id}/label`, { imdb_id: id, label: 'would_watch' }),
      await patch(`${id}/reviewed`, { imdb_id: id }),
      await patch(id, { imdb_id: id, anomalous: true }),
      await patch(`${id}/would_watch`, undefined, { 'if-match': '"2020-02-02T02:02:02.000002Z"' }),
      await undo(id, 1),
      await app.call<Written>('GET', `/training/${id}/history`),
      await app.call<Written>('GET', `/training/${id}`),
    ];
    for (const { status, body } of refusals) {
      expect(status).toBe(404);
      expect(body).toMatchObject({
        success: false,
        error: 'Training data not found',
        message: 'No training data found with IMDB ID: tt9999999',
      });
    }
  });

  test('a bad label is 400 on /label and 422 on the general PATCH', async () => {
    const id = await newTitle();
    for (const label of ['maybe', '', 'Would_watch', 'would_watch ', 'none']) {
      const { status, body } = await patch(`${id}/label`, { imdb_id: id, label });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        error: 'Invalid request',
        message: 'Label must be one of: would_watch, would_not_watch',
      });
      const general = await patch(id, { imdb_id: id, label });
      expect(general.status).toBe(422);
      expect(general.body.errors).toMatchObject([{ in: 'body', pointer: '/label' }]);
    }
    expect(await events(id)).toEqual([]);
  });

  test('ids that differ are 400', async () => {
    const id = await newTitle();
    const other = { imdb_id: 'tt7654321' };
    for (const [path, body] of [
      [`${id}/label`, { ...other, label: 'would_watch' }],
      [`${id}/reviewed`, other],
      [id, { ...other, reviewed: true }],
    ] as const) {
      const refused = await patch(path, body);
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({
        error: 'IMDB ID mismatch',
        message: 'Path IMDB ID and body IMDB ID do not match',
      });
    }
    expect(await flags(id)).toEqual(blank);
  });

  test('no field to update is 400', async () => {
    const id = await newTitle();
    for (const body of [{ imdb_id: id }, { imdb_id: id, decision_ms: 5, shown: {} }]) {
      const refused = await patch(id, body);
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({
        error: 'No fields to update',
        message: 'At least one field must be provided for update',
      });
    }
  });

  test.each([
    [{ labell: 'would_watch' }, '/labell'],
    [{ reviewed: null }, '/reviewed'],
    [{ reviewed: 'true' }, '/reviewed'],
    [{ reviewed: 1 }, '/reviewed'],
    [{ human_labeled: 0 }, '/human_labeled'],
    [{ anomalous: [] }, '/anomalous'],
    [{ label: null }, '/label'],
    [{ reviewed: true, decision_ms: -1 }, '/decision_ms'],
    [{ reviewed: true, decision_ms: 1.5 }, '/decision_ms'],
    [{ reviewed: true, decision_ms: 2_147_483_648 }, '/decision_ms'],
    [{ reviewed: true, decision_ms: '12' }, '/decision_ms'],
    [{ reviewed: true, shown: { colour: 'red' } }, '/shown/colour'],
    [{ reviewed: true, shown: { blind: 'no' } }, '/shown/blind'],
    [{ reviewed: true, shown: { probability: 1.1 } }, '/shown/probability'],
    [{ reviewed: true, updated_at: 'now' }, '/updated_at'],
    [{ reviewed: true, human_labeled: null, nonsense: 1 }, '/nonsense'],
  ])('a body that does not fit is 422 and named: %j', async (members, pointer) => {
    const id = await newTitle();
    const { status, body } = await patch(id, { imdb_id: id, ...members });
    expect(status).toBe(422);
    expect(body.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(body.errors?.every((error) => error.in === 'body')).toBe(true);
    expect(await flags(id)).toEqual(blank);
  });

  test('a missing member is named', async () => {
    const id = await newTitle();
    for (const [path, body, pointer] of [
      [`${id}/label`, { imdb_id: id }, '/label'],
      [`${id}/label`, { label: 'would_watch' }, '/imdb_id'],
      [`${id}/reviewed`, {}, '/imdb_id'],
      [id, { reviewed: true }, '/imdb_id'],
    ] as const) {
      const refused = await patch(path, body);
      expect(refused.status).toBe(422);
      expect(refused.body.errors).toMatchObject([{ pointer, message: 'is required' }]);
    }
  });

  test('an unknown member on an action route is 422 and named', async () => {
    const id = await newTitle();
    const { status, body } = await patch(`${id}/would_watch`, { label: 'would_not_watch' });
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: '/label', message: 'is not a known member' }]);
    expect(await flags(id)).toEqual(blank);
  });
});

describe('conditional writes', () => {
  const old = '2020-02-02T02:02:02.000002Z';

  test('the ETag of a read lets exactly one write through, and the reply’s the next', async () => {
    const id = await newTitle();
    const first = (await app.call('GET', `/training/${id}`)).headers.etag as string;
    const written = await patch(`${id}/would_watch`, undefined, { 'if-match': first });
    expect(written.status).toBe(200);
    expect(written.headers.etag).toBe(`"${(await row(id)).updated_at}"`);
    const next = await patch(`${id}/would_not_watch`, undefined, { 'if-match': written.headers.etag as string });
    expect(next.status).toBe(200);
    const undone = await undo(id, next.body.event_id, { headers: { 'if-match': next.headers.etag as string } });
    expect(undone.status).toBe(200);
    expect(undone.headers.etag).toBe(`"${(await row(id)).updated_at}"`);
  });

  test.each([
    ['a version that has passed', '"2020-01-01T00:00:00.000000Z"'],
    ['a weak tag, even of the present version', `W/"${old}"`],
    ['several, none of them present', '"2020-01-01T00:00:00.000000Z", "2021-01-01T00:00:00.000000Z"'],
    ['rubbish', 'rubbish'],
    ['the version without quotes', old],
    ['a tag of another kind', '"abc"'],
    ['nothing', ''],
    ['a time that no calendar has', '"2025-99-99T99:99:99.000000Z"'],
    ['a year that no calendar has', '"0000-01-01T00:00:00.000000Z"'],
    ['SQL', `"'; drop table atp.training; --"`],
  ])('%s is stale: 412, and nothing is changed', async (_what, tag) => {
    const id = await newTitle({ updated_at: old });
    for (const { status, headers } of [
      await patch(`${id}/would_watch`, undefined, { 'if-match': tag }),
      await patch(id, { imdb_id: id, anomalous: true }, { 'if-match': tag }),
      await undo(id, 1, { headers: { 'if-match': tag } }),
    ]) {
      expect(status).toBe(412);
      expect(headers.etag).toBe(`"${old}"`);
    }
    expect(await flags(id)).toEqual(blank);
    expect(await events(id)).toEqual([]);
    expect((await row(id)).updated_at).toBe(old);
  });

  test.each([
    ['the present version', `"${old}"`],
    ['one of several', `"2020-01-01T00:00:00.000000Z", W/"x", "${old}"`],
    ['any', '*'],
    ['any, with blanks', ' * '],
  ])('%s lets the write through', async (_what, tag) => {
    const id = await newTitle({ updated_at: old });
    expect((await patch(`${id}/would_watch`, undefined, { 'if-match': tag })).status).toBe(200);
    expect(await flags(id)).toEqual(watch);
  });

  test('a write that would change nothing is refused too when it is stale', async () => {
    const id = await newTitle({ ...watch, updated_at: old });
    const stale = { 'if-match': '"2019-01-01T00:00:00.000000Z"' };
    expect((await patch(`${id}/would_watch`, undefined, stale)).status).toBe(412);
  });
});

describe('undo', () => {
  test('undoes any number of events, one after the other, down to the nulls', async () => {
    const id = await newTitle();
    const states: FlagValues[] = [await flags(id)];
    const written: (number | null)[] = [];
    for (const [path, body] of [
      [`${id}/would_watch`],
      [id, { imdb_id: id, anomalous: true }],
      [`${id}/would_not_watch`],
      [id, { imdb_id: id, human_labeled: false, reviewed: false }],
      [`${id}/label`, { imdb_id: id, label: 'would_watch' }],
    ] as const) {
      written.push((await patch(path, body)).body.event_id);
      states.push(await flags(id));
    }
    for (let i = written.length - 1; i >= 0; i -= 1) {
      const { status, body } = await undo(id, written[i]);
      expect(status).toBe(200);
      expect(body.message).toBe('Label event undone');
      expect(body.restored).toEqual(states[i]);
      expect(await flags(id)).toEqual(states[i]);
    }
    expect(await flags(id)).toEqual(blank);
    const stored = await events(id);
    expect(stored.slice(5).map(({ action, undoes }) => [action, undoes])).toEqual(
      written.toReversed().map((event_id) => ['undo', event_id]),
    );
    expect((await undo(id, written[0])).body.latest_event_id).toBe(null);
  });

  test('writes who, how long and what was shown', async () => {
    const id = await newTitle();
    const { event_id } = (await patch(`${id}/would_watch`)).body;
    const body = { event_id, decision_ms: 9, shown: { view: 'list' } };
    const undone = await app.call<Written>('POST', `/training/${id}/undo`, { body, headers: { 'x-actor': 'Ben' } });
    expect((await events(id)).at(-1)).toMatchObject({
      event_id: undone.body.event_id,
      action: 'undo',
      actor: 'Ben',
      decision_ms: 9,
      shown: { view: 'list' },
      before: watch,
      after: blank,
      undoes: event_id,
    });
  });

  test('a repeat is 409 and names the event that could be undone', async () => {
    const id = await newTitle();
    const first = (await patch(`${id}/would_watch`)).body.event_id;
    const second = (await patch(`${id}/would_not_watch`)).body.event_id;
    expect((await undo(id, second)).status).toBe(200);
    const repeated = await undo(id, second);
    expect(repeated.status).toBe(409);
    expect(repeated.body.latest_event_id).toBe(first);
    expect(await flags(id)).toEqual(watch);
  });

  test('an event that is not the latest is 409', async () => {
    const id = await newTitle();
    const first = (await patch(`${id}/would_watch`)).body.event_id;
    const second = (await patch(`${id}/would_not_watch`)).body.event_id;
    const refused = await undo(id, first);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ error: 'Cannot undo', latest_event_id: second });
    expect(await flags(id)).toEqual(notWatch);
  });

  test('after a change by another client it is 409 and nothing is changed', async () => {
    const id = await newTitle();
    const { event_id } = (await patch(`${id}/would_watch`)).body;
    await app.db.updateTable('atp.training').set({ label: 'would_not_watch' }).where('imdb_id', '=', id).execute();
    const refused = await undo(id, event_id);
    expect(refused.status).toBe(409);
    expect(refused.body.latest_event_id).toBe(null);
    expect(await flags(id)).toEqual(notWatch);
    // Once the flags stand again as the event left them, it can be undone.
    await app.db.updateTable('atp.training').set({ label: 'would_watch' }).where('imdb_id', '=', id).execute();
    expect((await undo(id, event_id)).status).toBe(200);
  });

  test('a change of another column by another client does not matter', async () => {
    const id = await newTitle();
    const { event_id } = (await patch(`${id}/would_watch`)).body;
    await app.db.updateTable('atp.training').set({ budget: 5 }).where('imdb_id', '=', id).execute();
    expect((await undo(id, event_id)).status).toBe(200);
    expect(await row(id)).toMatchObject({ ...blank, budget: 5 });
  });

  test('an event of another title is 409, and neither changes', async () => {
    const [one, other] = [await newTitle(), await newTitle()];
    const { event_id } = (await patch(`${one}/would_watch`)).body;
    const refused = await undo(other, event_id);
    expect(refused.status).toBe(409);
    expect(refused.body.latest_event_id).toBe(null);
    expect(await flags(one)).toEqual(watch);
    expect(await flags(other)).toEqual(blank);
  });

  test('an undo cannot be undone', async () => {
    const id = await newTitle();
    const { event_id } = (await patch(`${id}/would_watch`)).body;
    const undone = (await undo(id, event_id)).body.event_id;
    expect((await undo(id, undone)).status).toBe(409);
  });

  test.each([undefined, null, '1', 0, -1, 1.5, 2 ** 53, {}])('event_id %j is 422 and named', async (event_id) => {
    const id = await newTitle();
    const { status, body } = await undo(id, event_id);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'body', pointer: '/event_id' }]);
  });
});

describe('history', () => {
  test('is empty before the first event', async () => {
    expect(await history(await newTitle({ ...watch }))).toEqual([]);
  });

  test('lists changes of people and of others, newest first', async () => {
    const id = await newTitle();
    const first = (await patch(`${id}/would_watch`, { decision_ms: 700 }, { 'x-actor': 'Anna' })).body.event_id;
    await app.db.updateTable('atp.training').set({ anomalous: true }).where('imdb_id', '=', id).execute();
    const second = (await patch(`${id}/would_not_watch`, undefined, { 'x-actor': 'Ben' })).body.event_id;
    const third = (await undo(id, second)).body.event_id;
    await app.db.updateTable('atp.training').set({ reviewed: null }).where('imdb_id', '=', id).execute();

    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const outside = { event_id: null, at: null, actor: 'database', actor_verified: true, action: 'outside' };
    expect(await history(id)).toMatchObject([
      { ...outside, changes: [{ field: 'reviewed', from: true, to: null }] },
      { event_id: third, at, actor: 'anonymous', action: 'undo', undoes: second, undone_by: null },
      { event_id: second, at, actor: 'Ben', action: 'would_not_watch', undone_by: third, undoes: null },
      { ...outside, changes: [{ field: 'anomalous', from: false, to: true }] },
      { event_id: first, at, actor: 'Anna', action: 'would_watch', decision_ms: 700, undone_by: null },
    ]);
  });
});

describe('sessions', () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

  /** Events of one actor, each on a title of its own, `minutes` ago; an undo undoes the event before it. Returns the last title. */
  async function work(
    actor: string,
    steps: { ago: number; ms?: number; undo?: boolean; operation?: string }[],
  ): Promise<string> {
    let imdb_id = '';
    let last = 0;
    for (const { ago, ms = null, undo = false, operation = null } of steps) {
      if (!undo) imdb_id = await newTitle();
      const { event_id } = await app.db
        .insertInto('console.label_event')
        .values({
          imdb_id,
          actor,
          at: minutesAgo(ago),
          action: undo ? 'undo' : 'would_watch',
          before: JSON.stringify(undo ? watch : blank),
          after: JSON.stringify(undo ? blank : watch),
          decision_ms: ms,
          undoes: undo ? last : null,
          operation_id: operation,
        })
        .returning('event_id')
        .executeTakeFirstOrThrow();
      last = event_id;
    }
    return imdb_id;
  }
  const sessionsOf = async (actor: string) => {
    const { body } = await app.call<{ data: TrainingSession[] }>('GET', '/training/sessions?limit=1000');
    return body.data.filter((session) => session.actor === actor);
  };

  test('30 minutes without an event end a session, less do not', async () => {
    await work('gap', [{ ago: 200 }, { ago: 171 }, { ago: 142 }, { ago: 112 }, { ago: 111 }]);
    const sessions = await sessionsOf('gap');
    expect(sessions.map(({ decisions }) => decisions)).toEqual([2, 3]);
    expect(sessions.every(({ started_at, ended_at }) => started_at <= ended_at)).toBe(true);
    expect((sessions[0]?.started_at ?? '') > (sessions[1]?.ended_at ?? '')).toBe(true);
  });

  test('the speed is that of the median decision; a pause changes neither', async () => {
    await work('speed', [{ ago: 60, ms: 1000 }, { ago: 50, ms: 3000 }, { ago: 40, ms: 2000 }, { ago: 30 }]);
    const speed = { undone: 0, median_decision_ms: 2000, labels_per_hour: 1800 };
    expect(await sessionsOf('speed')).toMatchObject([{ decisions: 4, ...speed }]);
    await work('speed', [{ ago: 5, ms: 25 * 60_000 }]);
    expect(await sessionsOf('speed')).toMatchObject([{ decisions: 5, ...speed }]);
  });

  test('without the time of decisions the speed is that of the times between them, without pauses', async () => {
    await work('lister', [{ ago: 60 }, { ago: 59 }, { ago: 57 }, { ago: 32 }, { ago: 31 }]);
    const [session] = await sessionsOf('lister');
    expect(session).toMatchObject({ decisions: 5, median_decision_ms: null });
    expect(session?.labels_per_hour).toBeCloseTo(60, 0);
  });

  test('an undone event is no decision, nor is the undo', async () => {
    await work('undoer', [
      { ago: 20, ms: 10 },
      { ago: 19, ms: 20, undo: true },
      { ago: 18, ms: 30 },
    ]);
    expect(await sessionsOf('undoer')).toMatchObject([
      { decisions: 1, undone: 1, labels_per_hour: null, median_decision_ms: 20 },
    ]);
  });

  test('decisions are titles, however often each was answered; a flag without a label is none', async () => {
    const imdb_id = await newTitle();
    const events: [before: object, after: object][] = [
      [blank, watch],
      [watch, { ...watch, label: 'would_not_watch' }],
      [{ ...watch, label: 'would_not_watch' }, watch],
    ];
    const flagged: typeof events = [[blank, { ...blank, anomalous: true }]];
    const insert = async (id: string, pairs: typeof events) => {
      for (const [before, after] of pairs) {
        const values = { imdb_id: id, actor: 'again', action: 'update', before: JSON.stringify(before) };
        await app.db
          .insertInto('console.label_event')
          .values({ ...values, after: JSON.stringify(after) })
          .execute();
      }
    };
    await insert(imdb_id, events);
    await insert(await newTitle(), flagged);
    expect(await sessionsOf('again')).toMatchObject([{ decisions: 1, undone: 0 }]);
  });

  test('a session of one decision has no speed, and no median without decision_ms', async () => {
    await work('single', [{ ago: 5 }]);
    expect(await sessionsOf('single')).toMatchObject([
      { decisions: 1, labels_per_hour: null, median_decision_ms: null },
    ]);
  });

  test('each person has sessions of their own', async () => {
    await work('one of two', [{ ago: 90 }, { ago: 70 }]);
    await work('two of two', [{ ago: 80 }]);
    expect(await sessionsOf('one of two')).toHaveLength(1);
    expect(await sessionsOf('two of two')).toHaveLength(1);
  });

  test('what is older than 90 days is left out', async () => {
    await work('long ago', [{ ago: 60 * 24 * 91 }]);
    expect(await sessionsOf('long ago')).toEqual([]);
  });

  test('events of the same moment stay in one session', async () => {
    await work('same', [{ ago: 300 }]);
    const at = minutesAgo(200);
    const values = {
      actor: 'same',
      at,
      action: 'update',
      before: JSON.stringify(blank),
      after: JSON.stringify(watch),
    };
    await app.db
      .insertInto('console.label_event')
      .values(await Promise.all(Array.from({ length: 9 }, async () => ({ ...values, imdb_id: await newTitle() }))))
      .execute();
    expect((await sessionsOf('same')).map(({ decisions }) => decisions)).toEqual([9, 1]);
  });

  test('the titles of one are found by who decided and when, undone or not or both, and in bulk', async () => {
    const titlesOf = async (query: Record<string, string>) => {
      const path = `/training?count=exact&${new URLSearchParams(query)}`;
      const { data, pagination } = (await app.call<TrainingList>('GET', path)).body;
      expect(pagination.total).toBe(data.length);
      return data.map(({ imdb_id }) => imdb_id).toSorted();
    };
    const operation = '00000000-0000-4000-8000-000000000000';
    const [first, undone, later] = [
      await work('finder', [{ ago: 200 }]),
      await work('finder', [{ ago: 199 }, { ago: 198, undo: true }]),
      await work('finder', [{ ago: 60 }]),
    ];
    const [elsewhere, inBulk] = [
      await work('not finder', [{ ago: 199 }]),
      await work('finder', [{ ago: 199, operation }]),
    ];
    const [, { started_at, ended_at }] = (await sessionsOf('finder')) as [TrainingSession, TrainingSession];
    const session = { decided_at_min: started_at, decided_at_max: ended_at };
    expect(await titlesOf({ decided_by: 'finder', ...session })).toEqual([first, undone].toSorted());
    expect(await titlesOf({ decided_by: 'finder', decided_at_min: ended_at })).toEqual([undone, later].toSorted());
    expect(await titlesOf({ decided_by: 'finder' })).toEqual([first, undone, later].toSorted());
    expect(await titlesOf({ decided_by: 'find' })).toEqual([]);
    const by = { decided_by: 'finder' };
    expect(await titlesOf({ ...by, decided_undone: 'false' })).toEqual([first, later].toSorted());
    expect(await titlesOf({ ...by, decided_undone: 'true' })).toEqual([undone]);
    expect(await titlesOf({ ...by, decided_in_bulk: 'true' })).toEqual([first, undone, later, inBulk].toSorted());
    expect(await titlesOf({ ...by, decided_undone: 'false', decided_in_bulk: 'true' })).toEqual(
      [first, later, inBulk].toSorted(),
    );
    expect(await titlesOf(session)).toContain(elsewhere);
  });

  test('the newest come first, up to the limit', async () => {
    const { body } = await app.call<{ data: TrainingSession[] }>('GET', '/training/sessions?limit=3');
    expect(body.data).toHaveLength(3);
    const started = body.data.map(({ started_at }) => started_at);
    expect(started).toEqual(started.toSorted().toReversed());
  });
});

describe('days', () => {
  const flagsWith = (reviewed: boolean) =>
    JSON.stringify({ label: reviewed ? 'would_watch' : null, human_labeled: reviewed, anomalous: false, reviewed });
  // One where midnight does not come while a test runs.
  const zone = Math.abs(new Date().getUTCHours() - 11) < 2 ? 'Asia/Tokyo' : 'Pacific/Auckland';
  type Reply = { data: LabelDay[] };
  const days = async (on: TestApp, query = '') =>
    (await on.call<Reply>('GET', `/training/days?days=5&time_zone=${zone}${query}`)).body.data;

  /** A moment of a day in the zone: `back` days before today, at `hour`. */
  const at = (back: number, hour: number) =>
    sql<string>`(date_trunc('day', now() at time zone ${zone}) - ${back} * interval '1 day' + ${hour} * interval '1 hour')
      at time zone ${zone}`;

  type Step = { back: number; hour?: number; reviewed: boolean; undoes?: boolean; bulk?: boolean };
  async function title(
    on: TestApp,
    created: number,
    reviewed: boolean,
    steps: Step[],
    media_type: Title['media_type'] = 'movie',
  ) {
    const imdb_id = `tt${String(++number).padStart(7, '0')}`;
    await insertTitles(on.db, [{ imdb_id, media_type, reviewed }]);
    await sql`update atp.training set created_at = ${at(created, 1)} where imdb_id = ${imdb_id}`.execute(on.db);
    let last: number | null = null;
    for (const step of steps) {
      const undoes: number | null = step.undoes ? last : null;
      const { rows }: { rows: { event_id: number }[] } = await sql<{ event_id: number }>`
        insert into console.label_event (imdb_id, actor, action, before, after, at, undoes, operation_id)
        values (${imdb_id}, 'Anna', ${undoes === null ? 'label' : 'undo'}, ${flagsWith(!step.reviewed)}, ${flagsWith(step.reviewed)},
          ${at(step.back, step.hour ?? 12)}, ${undoes}, ${step.bulk ? '0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59' : null})
        returning event_id`.execute(on.db);
      last = rows[0]?.event_id ?? null;
    }
  }
  let number = 0;

  test('the backlog of each day is what had no review at its end, and labels are decisions that stand', async () => {
    const own = await startTestApp();
    onTestFinished(() => own.close());
    // Waits for a review since long ago.
    await title(own, 40, false, []);
    // Reviewed three days ago; late in the evening of the zone, which is another day in UTC.
    await title(own, 40, true, [{ back: 3, hour: 23, reviewed: true, bulk: true }]);
    // Came two days ago, reviewed yesterday.
    await title(own, 2, true, [{ back: 1, hour: 0, reviewed: true }]);
    // Reviewed three days ago, undone yesterday.
    await title(own, 40, false, [
      { back: 3, reviewed: true },
      { back: 1, reviewed: false, undoes: true },
    ]);
    // Reviewed, undone by other means, and reviewed again, on one day each.
    await title(own, 40, true, [
      { back: 3, reviewed: true },
      { back: 2, reviewed: false },
      { back: 1, reviewed: true },
    ]);
    // Reviewed by a client that writes to the table: when is unknown.
    await title(own, 40, true, []);
    await title(own, 1, false, [], 'tv_show');
    expect(await days(own, '&media_type=movie')).toMatchObject([
      { labels: 0, in_bulk: 0, backlog: 4 },
      { labels: 2, in_bulk: 1, backlog: 1 },
      { labels: 1, in_bulk: 0, backlog: 3 },
      { labels: 2, in_bulk: 0, backlog: 2 },
      { labels: 0, in_bulk: 0, backlog: 2 },
    ]);
    expect((await days(own)).map(({ backlog }) => backlog)).toEqual([4, 1, 3, 3, 3]);
    const { rows } = await sql<{ today: string }>`select (now() at time zone ${zone})::date::text as today`.execute(
      own.db,
    );
    expect((await days(own)).at(-1)?.day).toBe(rows[0]?.today);
  });

  test.each(['Middle/Earth', 'UTC+3', '+05:30', 'nonsense5', "INTERVAL '1 day'"])(
    'a time zone without a name, %s, is refused',
    async (zone) => {
      const path = `/training/days?time_zone=${encodeURIComponent(zone)}`;
      const { status, body } = await app.call<{ message: string }>('GET', path);
      expect([status, body.message]).toEqual([
        422,
        `There is no time zone "${zone}". Use an IANA name, such as Europe/Berlin.`,
      ]);
    },
  );

  test('a day that begins with a repeated hour has both, and deleted titles count on no day', async () => {
    const own = await startTestApp();
    onTestFinished(() => own.close());
    await title(own, 40, true, []);
    const [{ imdb_id } = { imdb_id: '' }] = (
      await sql<{ imdb_id: string }>`select imdb_id from atp.training`.execute(own.db)
    ).rows;
    // As in Havana, the clocks go back from one to midnight, here three days ago: 03:30 UTC is in the first of the two hours.
    const day = new Date(Date.now() - 3 * 86_400_000);
    const inYear = Math.floor((day.getTime() - Date.UTC(day.getUTCFullYear(), 0)) / 86_400_000);
    const rule = `AAA4BBB,${(inYear + 200) % 365}/0,${inYear}/1`;
    const at = `${day.toISOString().slice(0, 10)}T03:30:00Z`;
    for (const id of [imdb_id, 'tt9999999']) {
      await sql`insert into console.label_event (imdb_id, actor, action, before, after, at)
        values (${id}, 'Anna', 'label', ${flagsWith(false)}, ${flagsWith(true)}, ${at})`.execute(own.db);
    }
    const found = await findLabelDays(own.db, { days: 10, time_zone: rule, media_type: undefined });
    const index = found.findIndex(({ labels }) => labels > 0);
    expect(found[index]).toMatchObject({ day: at.slice(0, 10), labels: 1 });
    // The same where the list begins with that day.
    const [first] = await findLabelDays(own.db, { days: 10 - index, time_zone: rule, media_type: undefined });
    expect(first).toMatchObject({ day: at.slice(0, 10), labels: 1 });
  });
});
