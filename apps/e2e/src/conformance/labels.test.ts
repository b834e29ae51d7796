import { afterAll, beforeAll, describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import { list, type Row, total } from './lists.ts';
import { isOwn, mayWrite, need, openServer, type Reply, type Server } from './server.ts';

type Written = {
  success: true;
  message: string;
  event_id: number | null;
  updated_fields: Row;
  error: null;
  file_deleted: boolean | null;
  file_deletion_warning: string | null;
  torrent_removed: boolean | null;
};

/** The members of a PATCH reply that removed nothing, as in the original. */
const nothing = { error: null, file_deleted: null, file_deletion_warning: null, torrent_removed: null };

const all = { label: 'would_watch', human_labeled: true, reviewed: true };

let server: Server;
let titles: Row[];
beforeAll(async () => {
  server = await openServer();
  titles = (await list(server, '/training', 'limit=100')).data;
});
afterAll(() => server.close());

const flagsOf = async (id: string) => {
  const { label, human_labeled, anomalous, reviewed } = (await server.get<Row>(`/training/${id}`)).body;
  return { label, human_labeled, anomalous, reviewed };
};

/** Writes, and restores the row when the test has ended. */
async function write(id: string, path: string, body?: object, headers = {}): Promise<Reply<Written>> {
  const reply = await server.ask<Written>('PATCH', `/training/${id}${path}`, {
    headers,
    ...(body ? { body } : {}),
  });
  const event_id = reply.body.event_id ?? null;
  if (event_id !== null) {
    onTestFinished(async () => {
      const undone = await server.ask('POST', `/training/${id}/undo`, { body: { event_id } });
      expect(undone.status, `event ${event_id} of ${id} could not be undone: ${undone.text}`).toBe(200);
    });
  }
  return reply;
}

function titleWith(context: TestContext, fits: (row: Row) => boolean, what: string): string {
  return need(context, titles.find(fits)?.imdb_id as string | undefined, what);
}
const unlabelled = (row: Row) => row.label !== 'would_watch' && row.reviewed !== true;

describe.runIf(mayWrite)('PATCH /training/{imdb_id}/label', () => {
  test('sets label, human_labeled and reviewed', async (context) => {
    const id = titleWith(context, unlabelled, 'title that is not reviewed');
    const { status, body } = await write(id, '/label', { imdb_id: id, label: 'would_watch' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, message: 'Label updated successfully', ...nothing });
    expect(await flagsOf(id)).toMatchObject(all);
  });
});

describe.runIf(mayWrite)('PATCH /training/{imdb_id}/reviewed', () => {
  test('sets reviewed and nothing else', async (context) => {
    const id = titleWith(context, ({ reviewed }) => reviewed !== true, 'title that is not reviewed');
    const before = await flagsOf(id);
    const { status, body } = await write(id, '/reviewed', { imdb_id: id });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, message: 'Reviewed status updated successfully', ...nothing });
    expect(await flagsOf(id)).toEqual({ ...before, reviewed: true });
  });
});

describe.runIf(mayWrite)('PATCH /training/{imdb_id}', () => {
  test('sets the flags that are named, and answers with them as updated_fields', async (context) => {
    const id = titleWith(context, () => true, 'title');
    const before = await flagsOf(id);
    const change = { anomalous: !before.anomalous, reviewed: before.reviewed !== true };
    const { status, body } = await write(id, '', { imdb_id: id, ...change });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      message: 'Training data updated successfully',
      updated_fields: change,
      ...nothing,
    });
    expect(await flagsOf(id)).toEqual({ ...before, ...change });
  });

  test('a label also sets human_labeled and reviewed to true and ignores the values of the body', async (context) => {
    const id = titleWith(context, unlabelled, 'title that is not reviewed');
    const body = { imdb_id: id, label: 'would_watch', human_labeled: false, reviewed: false };
    const reply = await write(id, '', body);
    expect(reply.body.updated_fields).toEqual(all);
    expect(await flagsOf(id)).toMatchObject(all);
  });

  test('with the ETag of what has changed since, it is 412 and nothing is changed', async (context) => {
    const id = titleWith(context, () => true, 'title');
    const before = await flagsOf(id);
    const stale = { 'if-match': '"2000-01-01T00:00:00.000000Z"' };
    const reply = await write(id, '', { imdb_id: id, anomalous: !before.anomalous }, stale);
    expect(reply.status).toBe(412);
    expect(await flagsOf(id)).toEqual(before);
  });

  test('with the ETag of a list row it is done, and answers with the new one', async (context) => {
    const id = titleWith(context, () => true, 'title');
    const [row] = (await list(server, '/training', `imdb_id=${id}`)).data;
    const change = { imdb_id: id, anomalous: row?.anomalous !== true };
    const { status, headers } = await write(id, '', change, { 'if-match': `"${row?.updated_at}"` });
    expect(status).toBe(200);
    const { headers: now } = await server.get(`/training/${id}`);
    expect(headers.get('etag')).toBe(now.get('etag'));
  });
});

describe.runIf(mayWrite)('PATCH /training/{imdb_id}/would_watch', () => {
  test('needs no body; sets label, human_labeled and reviewed, also where they stand already', async (context) => {
    const id = titleWith(context, unlabelled, 'title that is not reviewed');
    for (const _ of ['changes', 'changes nothing']) {
      const { status, body } = await write(id, '/would_watch');
      expect(status).toBe(200);
      expect(body).toMatchObject({
        success: true,
        message: 'Training data updated successfully',
        updated_fields: all,
        ...nothing,
      });
      expect(await flagsOf(id)).toMatchObject(all);
    }
  });

  test.each([
    ['an empty body that says it is JSON', { headers: { 'content-type': 'application/json' }, body: '' }],
    ['an empty object', { body: {} }],
    ['an empty body of another type', { headers: { 'content-type': 'text/plain' }, body: '' }],
    ['an empty object of another type', { headers: { 'content-type': 'text/plain' }, body: '{}' }],
    ['an empty form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' }],
  ])('%s is the same as no body', async (_what, sent) => {
    // The title does not exist: the body was accepted, and there was nothing to write.
    expect((await server.ask('PATCH', '/training/tt00000000/would_watch', sent)).status).toBe(404);
  });
});

describe.runIf(mayWrite)('PATCH /training/{imdb_id}/would_not_watch', () => {
  test('sets the three flags, and reports files and torrent: without a media item, that there is none', async (context) => {
    let id: string | undefined;
    for (const title of titles.filter((row) => row.label !== 'would_not_watch')) {
      if ((await total(server, '/media/', `deleted=include&imdb_id=${title.imdb_id}`)) > 0) continue;
      id = title.imdb_id as string;
      break;
    }
    const title = need(context, id, 'title without a media item that is not labelled would_not_watch');
    const { status, body } = await write(title, '/would_not_watch');
    expect(status).toBe(200);
    const flags = { ...all, label: 'would_not_watch' };
    expect(body).toMatchObject({
      success: true,
      message: 'Training data updated successfully',
      updated_fields: flags,
      error: null,
      file_deleted: false,
      file_deletion_warning: `No media found with IMDB ID: ${title}`,
      torrent_removed: false,
    });
    expect(await flagsOf(title)).toMatchObject(flags);
  });

  test.runIf(isOwn).each([
    ['an item without a path', null, 'No path information available in media table'],
    ['an item with a path, while removal is off', '/films', 'File deletion is disabled'],
  ])('warns in the order of the original: %s', async (_what, path, warning) => {
    const items = (await list(server, '/media/', 'limit=1000')).data;
    const item = items.find((one) => one.parent_path === path && titles.some(({ imdb_id }) => imdb_id === one.imdb_id));
    const { body } = await write(item?.imdb_id as string, '/would_not_watch');
    expect(body).toMatchObject({ file_deleted: false, file_deletion_warning: warning, torrent_removed: false });
  });
});

describe.runIf(mayWrite)('Idempotency-Key', () => {
  const keyed = () => ({ 'idempotency-key': crypto.randomUUID() });

  test('a repeated label has the first reply and one event, also after another change; another body is 422', async (context) => {
    const id = titleWith(context, unlabelled, 'title that is not reviewed');
    const headers = keyed();
    const body = { imdb_id: id, label: 'would_watch' };
    const first = await write(id, '/label', body, headers);
    expect([first.status, first.body.event_id]).toEqual([200, expect.any(Number)]);
    await write(id, '/label', { imdb_id: id, label: 'would_not_watch' });
    const again = await server.ask('PATCH', `/training/${id}/label`, { headers, body });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([200, first.body, first.headers.get('etag')]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await flagsOf(id)).toMatchObject({ label: 'would_not_watch' });
    const other = { imdb_id: id, label: 'would_not_watch' };
    expect((await server.ask('PATCH', `/training/${id}/label`, { headers, body: other })).status).toBe(422);
  });

  test('a repeated undo undoes one event', async (context) => {
    const id = titleWith(context, unlabelled, 'title that is not reviewed');
    const before = await flagsOf(id);
    await server.ask('PATCH', `/training/${id}/would_watch`);
    const written = await server.ask<Written>('PATCH', `/training/${id}`, { body: { imdb_id: id, anomalous: true } });
    const undo = (event_id: number | null, headers = {}) =>
      server.ask<{ latest_event_id: number }>('POST', `/training/${id}/undo`, { headers, body: { event_id } });
    const headers = keyed();
    const first = await undo(written.body.event_id, headers);
    const again = await undo(written.body.event_id, headers);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await flagsOf(id)).toMatchObject({ label: 'would_watch' });
    // Without the key it is another undo, which is refused with the event that can be undone.
    const refused = await undo(written.body.event_id);
    expect(refused.status).toBe(409);
    expect((await undo(refused.body.latest_event_id)).status).toBe(200);
    expect(await flagsOf(id)).toEqual(before);
  });
});
