import { type Daemon, startTransmission } from '@at/adapters/test/transmission-daemon';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { list, type Row } from './lists.ts';
import { isOwn, mayWrite, need, openServer, type Server } from './server.ts';

type Written = Problem & { updated_fields: Row; hash: string; torrent_removed: boolean; torrent_warning?: string };

let daemon: Daemon | undefined;
/** Without Transmission, if it is the suite's own. */
let server: Server;
/** With Transmission; used only if it is the suite's own. */
let connected: Server;
beforeAll(async () => {
  server = await openServer();
  connected = server;
  if (!isOwn) return;
  daemon = await startTransmission();
  connected = await openServer({ environment: daemon.environment });
});
afterAll(async () => {
  await server.close();
  if (connected !== server) await connected.close();
  await daemon?.stop();
});

/** The members of a PATCH reply that removed nothing, as in the original. */
const nothing = { error: null, file_deleted: null, file_deletion_warning: null, torrent_removed: null };

const act = (by: Server, hash: string, action: string, body?: object) =>
  by.ask<Written>('PATCH', `/media/${hash}/${action}`, body ? { body } : {});
const itemOf = async (by: Server, hash: string) => (await by.get<Row>(`/media/${hash}`)).body;

/** An item that fits and that no test has had yet. */
const taken = new Set<unknown>();
async function take(context: TestContext, by: Server, query: string, fits: (row: Row) => boolean = () => true) {
  const { data } = await list(by, '/media/', `limit=1000&${query}`);
  const row = need(
    context,
    data.find((one) => fits(one) && !taken.has(one.hash)),
    `media item that fits ${query || 'any'}`,
  );
  taken.add(row.hash);
  return row as Row & { hash: string };
}
const hasLink = ({ original_link }: Row) => original_link !== null;

describe.runIf(mayWrite)('PATCH /media/{hash}/pipeline', () => {
  // Values that no trigger changes, so that a second write restores them.
  const plain = ({ pipeline_status, rejection_status, rejection_reason, error_condition }: Row) =>
    pipeline_status !== 'ingested' && rejection_status !== 'rejected' && !rejection_reason && !error_condition;

  test('changes what is named of status, error and rejection, and answers with it as updated_fields', async (context) => {
    const before = await take(context, server, 'error_status=false', plain);
    const { hash, pipeline_status, error_status, rejection_status } = before;
    const change = { pipeline_status: pipeline_status === 'paused' ? 'parsed' : 'paused' };
    const { status, body } = await act(server, hash, 'pipeline', { hash, ...change });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      message: 'Media pipeline status updated successfully',
      updated_fields: change,
      ...nothing,
    });
    const after = await itemOf(server, hash);
    expect(after).toEqual({ ...before, ...change, deleted_at: null, updated_at: after.updated_at });
    const back = await act(server, hash, 'pipeline', { hash, pipeline_status, error_status, rejection_status });
    expect(back.status).toBe(200);
    expect(await itemOf(server, hash)).toMatchObject({ pipeline_status, error_status, rejection_status });
  });
});

describe.runIf(isOwn)('PATCH /media/{hash}/approve', () => {
  test('accepts the item and gives its link to Transmission', async (context) => {
    const { hash } = await take(context, connected, 'pipeline_status=parsed', hasLink);
    const { status, body } = await act(connected, hash, 'approve');
    expect([status, body.message]).toEqual([200, 'Media entry approved and sent to Transmission for download']);
    expect(body).toMatchObject({ success: true, hash, ...nothing });
    const accepted = { pipeline_status: 'media_accepted', rejection_status: 'accepted', error_status: false };
    expect(await itemOf(connected, hash)).toMatchObject(accepted);
    const again = await act(connected, hash, 'approve');
    expect([again.status, again.body.message]).toEqual([200, 'Media entry approved (torrent already in Transmission)']);
  });
  test('without a Transmission it is 502, names the variable to set, and changes nothing', async (context) => {
    const before = await take(context, server, '', hasLink);
    const { status, body } = await act(server, before.hash, 'approve');
    expect(status).toBe(502);
    expect(body.message).toContain('Transmission');
    expect(body.message).toContain('REAR_DIFF_TRANSMISSION_HOST');
    expect(await itemOf(server, before.hash)).toMatchObject(before);
  });
  test('without a link it is 400', async (context) => {
    const { hash } = await take(context, connected, '', (row) => !hasLink(row));
    const { status, body } = await act(connected, hash, 'approve');
    expect([status, body.message]).toEqual([400, 'Media entry has no torrent link (original_link)']);
  });
});

describe.runIf(isOwn)('PATCH /media/{hash}/finish', () => {
  test('completes the item and takes its torrent out of Transmission', async (context) => {
    const { hash } = await take(context, connected, '', hasLink);
    await act(connected, hash, 'approve');
    const { status, body } = await act(connected, hash, 'finish');
    expect([status, body.message]).toEqual([200, 'Media entry marked as complete and removed from Transmission']);
    expect(body).toMatchObject({ success: true, hash, ...nothing, torrent_removed: true });
    expect(await itemOf(connected, hash)).toMatchObject({ pipeline_status: 'complete' });
  });
  test('without a Transmission it completes the item all the same, and says why no torrent was removed', async (context) => {
    const { hash } = await take(context, server, 'pipeline_status=parsed');
    const { status, body } = await act(server, hash, 'finish');
    expect([status, body.message]).toEqual([200, 'Media entry marked as complete']);
    expect(body).toMatchObject({ success: true, hash, torrent_removed: false, torrent_warning: expect.any(String) });
    expect(await itemOf(server, hash)).toMatchObject({ pipeline_status: 'complete' });
  });
});

describe.runIf(isOwn)('PATCH /media/{hash}/soft_delete', () => {
  test('deletes the item, and its torrent from Transmission', async (context) => {
    const { hash } = await take(context, connected, '', hasLink);
    await act(connected, hash, 'approve');
    const { status, body } = await act(connected, hash, 'soft_delete');
    expect([status, body.message]).toEqual([200, 'Media soft deleted successfully (also removed from Transmission)']);
    expect(body).toMatchObject({ success: true, hash, ...nothing, torrent_removed: true });
    const gone = { deleted_at: expect.any(String), rejection_status: 'rejected', rejection_reason: 'user deletion' };
    expect(await itemOf(connected, hash)).toMatchObject(gone);
    expect((await list(connected, '/media/', `hash=${hash}`)).data).toEqual([]);
  });
  test('without a Transmission it deletes the item all the same', async (context) => {
    const { hash } = await take(context, server, '');
    const { status, body } = await act(server, hash, 'soft_delete');
    expect([status, body.message]).toEqual([200, 'Media soft deleted successfully']);
    expect(body).toMatchObject({ torrent_removed: false, torrent_warning: expect.any(String) });
  });
  test('of a deleted item it is 409 and says since when', async (context) => {
    const { hash, deleted_at } = await take(context, server, 'deleted=only');
    const { status, body } = await act(server, hash, 'soft_delete');
    expect([status, body.message]).toEqual([409, `Media already deleted at: ${deleted_at}`]);
  });
});

test.runIf(isOwn).each(['pipeline', 'approve', 'finish'])(
  'PATCH /media/{hash}/%s of a deleted item is 409',
  async (action) => {
    const [row] = (await list(server, '/media/', 'deleted=only&limit=1')).data;
    const hash = row?.hash as string;
    const { status, body } = await act(
      server,
      hash,
      action,
      action === 'pipeline' ? { hash, error_status: false } : undefined,
    );
    expect([status, body.message]).toEqual([409, `Media has been deleted: ${hash}`]);
  },
);
