import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSilentServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import {
  closedPort,
  type Daemon,
  magnetOf,
  pausing,
  randomHash,
  shareFile,
  startTransmission,
} from '@at/adapters/test/transmission-daemon';
import { openTransmission, type Transmission } from '@at/adapters/transmission';
import type { MediaRow, TransmissionState } from '@at/contracts/media';
import { nothingRemoved } from '@at/contracts/patch-reply';
import type { Problem } from '@at/contracts/problem';
import { insertIntent } from '@at/domain/intents/queries';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Deps } from '#deps.ts';
import { SharedCounts } from '#lists/shared-counts.ts';
import { insertMedia, type MediaItem } from '#test/sample-media.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { hasten, startWorker } from '#test/worker.ts';

let daemon: Daemon;
let transmission: Transmission;
let app: TestApp;
/** The same database, without Transmission. */
let alone: TestApp;
let worker: ReturnType<typeof startWorker>;

beforeAll(async () => {
  daemon = await startTransmission();
  transmission = openTransmission(daemon.settings);
  app = await startTestApp({ config: daemon.environment });
  alone = await startBeside({});
  worker = startWorker(app.config);
});
afterAll(async () => {
  await worker.stop();
  await alone.close();
  await app.close();
  await daemon.stop();
});

/** An item of its own for each test. */
async function newItem(item: MediaItem = {}): Promise<string> {
  const hash = randomHash();
  await insertMedia(app.db, [{ hash, original_link: magnetOf(hash), ...item }]);
  return hash;
}

type Written = Problem & {
  hash: string;
  torrent_removed: boolean;
  torrent_warning?: string;
  torrent_added: boolean;
  updated_fields: object;
  not_restored: string[];
  rejection_status: string;
  rejection_reason: string | null;
};
const act = (hash: string, action: string, headers: Record<string, string> = {}, by = app) =>
  by.call<Written>('PATCH', `/media/${hash}/${action}`, { headers });
const pipeline = (hash: string, body: object, headers: Record<string, string> = {}) =>
  app.call<Written>('PATCH', `/media/${hash}/pipeline`, { body: { hash, ...body }, headers });
const row = async (hash: string) => (await app.call<MediaRow>('GET', `/media/${hash}`)).body;
const isThere = async (hash: string) => (await transmission.list([hash])).length > 0;

/** Another API over the same database. */
const startBeside = (config: Record<string, string>, deps: (made: Deps) => Partial<Deps> = () => ({})) =>
  startTestApp({ database: app.config.database as string, config, deps });

const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

/** The API over the same database with another Transmission. */
async function withTransmissionAt(port: number, timeout = 5_000): Promise<TestApp> {
  const other = await startBeside(
    { ...daemon.environment, REAR_DIFF_TRANSMISSION_PORT: String(port) },
    ({ config: { transmission } }) => ({ transmission: openTransmission(transmission, { timeout }) }),
  );
  onTestFinished(() => other.close());
  return other;
}

describe('pipeline', () => {
  test('sets what it is given, repeats it and leaves the rest', async () => {
    const hash = await newItem({ media_title: 'As it was' });
    const { status, body, headers } = await pipeline(hash, { pipeline_status: 'parsed', error_status: true });
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'Media pipeline status updated successfully',
      hash,
      event_id: expect.any(Number),
      updated_fields: { pipeline_status: 'parsed', error_status: true },
      ...nothingRemoved,
    });
    const found = await row(hash);
    expect(found).toMatchObject({
      pipeline_status: 'parsed',
      error_status: true,
      rejection_status: 'unfiltered',
      media_title: 'As it was',
    });
    expect(headers.etag).toBe(`"${found.updated_at}"`);
  });

  test('keeps the rules that the database has of its own', async () => {
    const hash = await newItem({
      pipeline_status: 'rejected',
      rejection_status: 'rejected',
      rejection_reason: 'probability 0.2',
      error_status: true,
      error_condition: 'timeout',
    });
    await pipeline(hash, { pipeline_status: 'ingested' });
    expect(await row(hash)).toMatchObject({
      rejection_status: 'unfiltered',
      rejection_reason: null,
      error_status: false,
      error_condition: null,
    });
  });

  test('a hash in any case is the same hash', async () => {
    const hash = await newItem();
    const { status, body } = await pipeline(hash.toUpperCase(), { rejection_status: 'override' });
    expect([status, body.hash]).toEqual([200, hash]);
  });

  test('what is wrong with the body is 400 in the words callers match, or 422 by name', async () => {
    const hash = await newItem();
    const other = randomHash();
    const mismatch = await app.call<Problem>('PATCH', `/media/${hash}/pipeline`, {
      body: { hash: other, pipeline_status: 'parsed' },
    });
    expect([mismatch.status, mismatch.body.message]).toEqual([400, 'Hash in URL path must match hash in request body']);
    const empty = await pipeline(hash, {});
    expect(empty.status).toBe(400);
    expect(empty.body).toMatchObject({
      error: 'No fields to update',
      message: 'At least one field must be provided for update',
    });
    for (const [member, pointer] of [
      [{ pipeline_status: 'done' }, '/pipeline_status'],
      [{ pipeline_status: null }, '/pipeline_status'],
      [{ error_status: 'true' }, '/error_status'],
      [{ error_status: 1 }, '/error_status'],
      [{ rejection_status: 'a\0b' }, '/rejection_status'],
      [{ deleted_at: 'now' }, '/deleted_at'],
      [{ error_status: true, hash: 5 }, '/hash'],
    ] as const) {
      const { status, body } = await pipeline(hash, member);
      expect(status).toBe(422);
      expect(body.errors?.map((error) => error.pointer)).toContain(pointer);
    }
    expect(await row(hash)).toMatchObject({ pipeline_status: 'ingested', error_status: false });
  });
});

describe('approve', () => {
  test('accepts the item and hands the torrent to Transmission', async () => {
    const hash = await newItem({
      pipeline_status: 'rejected',
      rejection_status: 'rejected',
      rejection_reason: 'probability 0.2',
      error_status: true,
      error_condition: 'timeout',
    });
    const { status, body, headers } = await act(hash, 'approve');
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'Media entry approved and sent to Transmission for download',
      hash,
      event_id: expect.any(Number),
      torrent_added: true,
      ...nothingRemoved,
    });
    const found = await row(hash);
    expect(found).toMatchObject({
      pipeline_status: 'media_accepted',
      rejection_status: 'accepted',
      rejection_reason: null,
      error_status: false,
      error_condition: null,
    });
    expect(headers.etag).toBe(`"${found.updated_at}"`);
    expect(await isThere(hash)).toBe(true);
  });

  test('says that the torrent was there already', async () => {
    const hash = await newItem();
    await transmission.add(magnetOf(hash));
    const { body } = await act(hash, 'approve');
    expect(body).toMatchObject({
      message: 'Media entry approved (torrent already in Transmission)',
      torrent_added: false,
    });
    expect(await row(hash)).toMatchObject({ pipeline_status: 'media_accepted' });
  });

  test.each([null, '', ' ', '/etc/passwd', 'javascript:alert(1)', 'file:///etc/passwd'])(
    'without a torrent link (%j) it is 400 and nothing changes',
    async (original_link) => {
      const hash = await newItem({ original_link });
      const { status, body } = await act(hash, 'approve');
      expect([status, body.message]).toEqual([400, 'Media entry has no torrent link (original_link)']);
      expect(await row(hash)).toMatchObject({ pipeline_status: 'ingested', rejection_status: 'unfiltered' });
    },
  );

  test('is 502 and changes nothing when Transmission refuses, is not there, or is not configured', async () => {
    const hash = await newItem({ original_link: 'magnet:?xt=urn:btih:short' });
    const before = await row(hash);
    const stopped = await withTransmissionAt(closedPort);
    const wrong = await startBeside({
      ...daemon.environment,
      REAR_DIFF_TRANSMISSION_PASSWORD: 'hunter2-of-mine',
    });
    onTestFinished(() => wrong.close());
    for (const [by, says] of [
      [app, /^Transmission refused: .* Nothing was changed here\.$/],
      [stopped, /cannot be reached .* Nothing was changed here\.$/],
      [wrong, /refuses the user or password/],
      [alone, /REAR_DIFF_TRANSMISSION_HOST/],
    ] as const) {
      const { status, body, text } = await act(hash, 'approve', {}, by);
      expect(status).toBe(502);
      expect(body.error).toBe('Transmission error');
      expect(body.message).toMatch(says);
      expect(text).not.toContain('hunter2');
    }
    expect(await row(hash)).toEqual(before);
  });

  test('gives up on a hanging daemon after the timeout, and holds no lock while it waits', async () => {
    const silent = createSilentServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const hanging = await withTransmissionAt((silent.address() as AddressInfo).port, 2_000);
    const hash = await newItem();
    let hasEnded = false;
    const waiting = act(hash, 'approve', {}, hanging).finally(() => {
      hasEnded = true;
    });
    await once(silent, 'connection');
    expect((await pipeline(hash, { pipeline_status: 'parsed' })).status).toBe(200);
    expect((await hanging.call('GET', '/media/')).status).toBe(200);
    expect(hasEnded).toBe(false);
    const { status, body } = await waiting;
    expect(status).toBe(502);
    expect(body.message).toMatch(/did not respond within 2 s\. Check it\. Nothing was changed here\.$/);
    expect(await row(hash)).toMatchObject({ pipeline_status: 'parsed', rejection_status: 'unfiltered' });
  });

  /** A Transmission in front of the real one that runs `afterReply` once it has added a torrent. */
  async function interposed(afterReply: () => Promise<unknown>, timeout = 5_000): Promise<TestApp> {
    const proxy = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { authorization = '', 'x-transmission-session-id': session = '' } = request.headers;
      const body = Buffer.concat(chunks).toString();
      const answer = await fetch(`http://127.0.0.1:${daemon.settings.port}/transmission/rpc`, {
        method: 'POST',
        headers: { authorization, 'x-transmission-session-id': String(session) },
        body,
      });
      const text = await answer.text();
      if (answer.ok && body.includes('torrent-add')) await afterReply();
      const id = answer.headers.get('x-transmission-session-id');
      response.writeHead(answer.status, id ? { 'x-transmission-session-id': id } : {}).end(text);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => void proxy.close());
    return withTransmissionAt((proxy.address() as AddressInfo).port, timeout);
  }

  test('when the reply to adding does not come, says that it may still be added, and removes it later', async () => {
    const hash = await newItem();
    const by = await interposed(() => new Promise(() => {}), 500);
    const { status, body } = await act(hash, 'approve', {}, by);
    expect([status, body.message]).toEqual([502, expect.stringMatching(/It may still add the torrent\.$/)]);
    expect(await isThere(hash)).toBe(true);
    await isRemoved(hash);
    expect(await row(hash)).toMatchObject({ pipeline_status: 'ingested', rejection_status: 'unfiltered' });
  });

  test.each([
    ['magnet', 'ingested', false],
    ['http', 'ingested', false],
    ['magnet', 'media_accepted', true],
  ] as const)(
    'begun by a process that was killed, with a %s link: in an item that is %s its torrent stays: %j',
    async (kind, pipeline_status, stays) => {
      const shared = await shareFile(daemon, `killed-${randomHash()}.mkv`);
      onTestFinished(shared.close);
      const hash = kind === 'http' ? randomHash() : shared.hash;
      const link = kind === 'http' ? shared.link.replace(/[^/]+$/, 'film.torrent') : magnetOf(hash);
      await insertMedia(app.db, [{ hash, original_link: link, pipeline_status }]);
      await transmission.add(link);
      await insertIntent(app.db, 'approve', { hash, owner: 1, plan: { link, present: [] } });
      const open = () => app.db.selectFrom('console.intent').select('hash').where('hash', '=', hash).execute();
      await expect.poll(open).toEqual([]);
      expect(await isThere(shared.hash)).toBe(stays);
    },
  );

  test('a torrent whose hash neither the row nor the link names is removed with the item', async () => {
    const shared = await shareFile(daemon, `unnamed-${randomHash()}.mkv`);
    onTestFinished(shared.close);
    const hash = await newItem({ original_link: shared.link.replace(/[^/]+$/, 'film.torrent') });
    expect((await act(hash, 'approve')).body.torrent_added).toBe(true);
    expect(await isThere(shared.hash)).toBe(true);
    expect((await act(hash, 'soft_delete')).body.torrent_removed).toBe(true);
    expect(await isThere(shared.hash)).toBe(false);
  });

  test('takes the torrent out again when the item was deleted in the meantime', async () => {
    const hash = await newItem();
    const by = await interposed(() =>
      sql`update atp.media set deleted_at = now() where hash = ${hash}`.execute(app.db),
    );
    const { status, body } = await act(hash, 'approve', {}, by);
    expect([status, body.message]).toEqual([409, `Media has been deleted: ${hash}`]);
    expect(await isThere(hash)).toBe(false);
  });

  test('takes the torrent out again when the item was changed in the meantime', async () => {
    const hash = await newItem();
    const by = await interposed(() => pipeline(hash, { pipeline_status: 'parsed' }));
    const { status } = await act(hash, 'approve', { 'if-match': `"${(await row(hash)).updated_at}"` }, by);
    expect(status).toBe(412);
    expect(await isThere(hash)).toBe(false);
    expect(await row(hash)).toMatchObject({ pipeline_status: 'parsed', rejection_status: 'unfiltered' });
  });

  test('takes the torrent out again when the database fails', async () => {
    const hash = await newItem();
    await sql
      .raw(`create or replace function atp.fail_of_test() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create trigger fail_of_test before update on atp.media for each row when (old.hash = '${hash}') execute function atp.fail_of_test()`)
      .execute(app.db);
    onTestFinished(async () => {
      await sql`drop trigger fail_of_test on atp.media`.execute(app.db);
    });
    const { status, body } = await act(hash, 'approve');
    expect([status, body.error]).toEqual([500, 'Database error']);
    expect(await isThere(hash)).toBe(false);
  });

  test('is done by an API that stops, and no worker takes it for interrupted', async () => {
    const { slow, reached, release } = pausing(transmission, 'add', 'before');
    const stopping = await startBeside(daemon.environment, () => ({ transmission: slow }));
    onTestFinished(() => stopping.close());
    onTestFinished(() => release());
    const isAlive = async () =>
      (await sql`select from pg_locks where locktype = 'advisory' and objid = ${stopping.owner}`.execute(app.db)).rows
        .length > 0;
    const hash = await newItem();
    const reply = act(hash, 'approve', {}, stopping);
    await reached;
    const stopped = stopping.stop();
    const connects = () =>
      fetch(`http://127.0.0.1:${stopping.port}/`).then(
        () => true,
        () => false,
      );
    await expect.poll(connects).toBe(false);
    expect(await isAlive()).toBe(true);
    release();
    expect((await reply).status).toBe(200);
    // Sooner than the time for which an idle connection is kept.
    expect(await Promise.race([stopped, setTimeout(20_000, 'late')])).toBeUndefined();
    expect([await isAlive(), await isThere(hash)]).toEqual([false, true]);
  });

  test('keeps a torrent that Transmission already had, even if the write fails', async () => {
    const hash = await newItem();
    await transmission.add(magnetOf(hash));
    const by = await interposed(() =>
      sql`update atp.media set deleted_at = now() where hash = ${hash}`.execute(app.db),
    );
    expect((await act(hash, 'approve', {}, by)).status).toBe(409);
    expect(await isThere(hash)).toBe(true);
  });

  test('of many approvals at once all succeed, and the torrent is there once', async () => {
    const hash = await newItem();
    const replies = await Promise.all(Array.from({ length: 16 }, () => act(hash, 'approve')));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(replies.filter(({ body }) => body.torrent_added)).toHaveLength(1);
    expect(await isThere(hash)).toBe(true);
  });

  test('of many approvals with the same If-Match one wins, and its torrent stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const hash = await newItem();
      const etag = `"${(await row(hash)).updated_at}"`;
      const replies = await Promise.all(Array.from({ length: 8 }, () => act(hash, 'approve', { 'if-match': etag })));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(replies.filter(({ status }) => status === 412)).toHaveLength(7);
      expect(await isThere(hash)).toBe(true);
    }
  });
});

/** Lets the worker try all that waits, until it has removed the torrent. */
const isRemoved = (hash: string) =>
  expect
    .poll(async () => {
      await hasten(app.db);
      return isThere(hash);
    })
    .toBe(false);

describe('a torrent that could not be removed', () => {
  const whileStopped = async (action: 'finish' | 'soft_delete') => {
    const hash = await newItem({ pipeline_status: 'downloaded' });
    await transmission.add(magnetOf(hash));
    const { body } = await act(hash, action, {}, await withTransmissionAt(closedPort));
    expect(body).toMatchObject({
      torrent_removed: false,
      torrent_warning: expect.stringContaining('cannot be reached'),
    });
    return hash;
  };

  test.each(['finish', 'soft_delete'] as const)('after %s is removed when Transmission is back', async (action) => {
    const hash = await whileStopped(action);
    await isRemoved(hash);
  });

  test('stays if the item was restored or approved before', async () => {
    const restored = await whileStopped('soft_delete');
    await act(restored, 'restore');
    const approved = await whileStopped('finish');
    await act(approved, 'approve');
    expect(
      await app.db.selectFrom('console.intent').select('hash').where('hash', 'in', [restored, approved]).execute(),
    ).toEqual([]);
    for (const hash of [restored, approved]) expect(await isThere(hash)).toBe(true);
  });

  test.each([
    ['magnet', (hash: string) => magnetOf(hash)],
    ['magnet in base32', (hash: string) => `magnet:?xt=urn:btih:${toBase32(hash)}`],
    ['http', (hash: string) => `https://host/torrent/${hash}`],
  ])(
    'with one hash in the row and another in its %s link: both go, or the warning names the other',
    async (_, linkOf) => {
      for (const action of ['finish', 'soft_delete']) {
        const other = randomHash();
        const hash = await newItem({ original_link: linkOf(other) });
        for (const one of [hash, other]) await transmission.add(magnetOf(one));
        expect((await act(hash, action)).body.torrent_removed).toBe(true);
        for (const one of [hash, other]) expect(await isThere(one)).toBe(false);
      }
      const other = randomHash();
      const hash = await newItem({ original_link: linkOf(other) });
      const stubborn: Transmission = {
        ...transmission,
        present: async () => [hash, other],
        remove: async () => [hash],
      };
      const by = await startBeside(daemon.environment, () => ({ transmission: stubborn }));
      onTestFinished(() => by.close());
      const { torrent_warning } = (await act(hash, 'finish', {}, by)).body;
      expect(torrent_warning).toBe(`Transmission still has the torrent ${other}.`);
    },
  );
});

function toBase32(hash: string): string {
  const bits = [...hash].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  return (bits.match(/.{5}/g) as string[])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('');
}

describe('finish', () => {
  test('completes the item and removes the torrent, not its data', async () => {
    const shared = await shareFile(daemon, `finished-${randomHash()}.mkv`);
    onTestFinished(shared.close);
    await insertMedia(app.db, [{ hash: shared.hash, original_link: shared.link, pipeline_status: 'transferred' }]);
    await transmission.add(shared.link);
    const { status, body } = await act(shared.hash, 'finish');
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'Media entry marked as complete and removed from Transmission',
      hash: shared.hash,
      event_id: expect.any(Number),
      ...nothingRemoved,
      torrent_removed: true,
    });
    expect(await row(shared.hash)).toMatchObject({ pipeline_status: 'complete' });
    expect(await isThere(shared.hash)).toBe(false);
    expect(existsSync(shared.file)).toBe(true);
  });

  test('is complete also where Transmission has no such torrent, and says so by leaving it out', async () => {
    const { body } = await act(await newItem(), 'finish');
    expect(body).toMatchObject({ message: 'Media entry marked as complete', torrent_removed: false });
    expect(body.torrent_warning).toBeUndefined();
  });
});

describe('soft delete and restore', () => {
  test('deletes the item, its torrent, known by the hash of its link, and the data', async () => {
    const shared = await shareFile(daemon, `deleted-${randomHash()}.mkv`);
    onTestFinished(shared.close);
    const hash = await newItem({ original_link: shared.link });
    await transmission.add(shared.link);
    const { status, body } = await act(hash, 'soft_delete', { 'x-actor': 'Anna' });
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'Media soft deleted successfully (also removed from Transmission)',
      hash,
      event_id: expect.any(Number),
      ...nothingRemoved,
      torrent_removed: true,
    });
    const found = await row(hash);
    expect(found).toMatchObject({
      deleted_at: timestamp,
      rejection_status: 'rejected',
      rejection_reason: 'user deletion',
    });
    expect(await isThere(shared.hash)).toBe(false);
    await expect.poll(() => existsSync(shared.file)).toBe(false);
    const memory = await app.db.selectFrom('console.media_deletion').selectAll().where('hash', '=', hash).execute();
    expect(memory).toEqual([
      {
        hash,
        deleted_at: found.deleted_at,
        rejection_status: 'unfiltered',
        rejection_reason: null,
        actor: 'Anna',
        actor_verified: false,
      },
    ]);
    const again = await act(hash, 'soft_delete');
    expect([again.status, again.body.message]).toEqual([409, `Media already deleted at: ${found.deleted_at}`]);
  });

  test.each([
    ['rejected', 'probability 0.2 below threshold 0.35'],
    ['accepted', null],
    ['unfiltered', null],
    ['override', null],
  ] as const)('restore brings back that it was %s (%s)', async (rejection_status, rejection_reason) => {
    const hash = await newItem({ rejection_status, rejection_reason, pipeline_status: 'parsed' });
    await act(hash, 'soft_delete');
    const { status, body, headers } = await act(hash, 'restore');
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'Media restored successfully',
      hash,
      event_id: expect.any(Number),
      rejection_status,
      rejection_reason,
      not_restored: [expect.stringContaining('are not restored')],
      ...nothingRemoved,
    });
    const found = await row(hash);
    expect(found).toMatchObject({ deleted_at: null, rejection_status, rejection_reason, pipeline_status: 'parsed' });
    expect(headers.etag).toBe(`"${found.updated_at}"`);
    const again = await act(hash, 'restore');
    expect([again.status, again.body.message]).toEqual([409, `Media is not deleted: ${hash}`]);
  });

  test('each deletion is remembered for itself', async () => {
    const hash = await newItem({ rejection_status: 'override' });
    await act(hash, 'soft_delete');
    expect((await act(hash, 'restore')).body.rejection_status).toBe('override');
    await pipeline(hash, { rejection_status: 'accepted' });
    await act(hash, 'soft_delete');
    expect((await act(hash, 'restore')).body.rejection_status).toBe('accepted');
  });

  test('an item that another program deleted comes back, and the reply says what is not known', async () => {
    const hash = await newItem({ rejection_status: 'override' });
    await act(hash, 'soft_delete');
    await act(hash, 'restore');
    await sql`update atp.media set deleted_at = now() where hash = ${hash}`.execute(app.db);
    const { status, body } = await act(hash, 'restore');
    expect(status).toBe(200);
    expect(body).toMatchObject({ rejection_status: 'rejected', rejection_reason: 'user deletion' });
    expect(body.not_restored).toHaveLength(2);
    expect(await row(hash)).toMatchObject({ deleted_at: null });
  });

  test('of many deletions at once one succeeds and is remembered once', async () => {
    const hash = await newItem({ rejection_status: 'accepted' });
    const replies = await Promise.all(Array.from({ length: 12 }, () => act(hash, 'soft_delete')));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(11);
    const memory = await app.db.selectFrom('console.media_deletion').selectAll().where('hash', '=', hash).execute();
    expect(memory).toMatchObject([{ rejection_status: 'accepted' }]);
  });

  test('finish and soft delete do their part without Transmission, and say why the torrent was left', async () => {
    const stopped = await withTransmissionAt(closedPort);
    for (const [by, why] of [
      [alone, 'REAR_DIFF_TRANSMISSION_HOST'],
      [stopped, 'cannot be reached'],
    ] as const) {
      const [one, other] = [await newItem(), await newItem()];
      const finished = await act(one, 'finish', {}, by);
      expect(finished.status).toBe(200);
      expect(finished.body).toMatchObject({ message: 'Media entry marked as complete', torrent_removed: false });
      expect(finished.body.torrent_warning).toContain(why);
      const deleted = await act(other, 'soft_delete', {}, by);
      expect(deleted.status).toBe(200);
      expect(deleted.body).toMatchObject({ message: 'Media soft deleted successfully', torrent_removed: false });
      expect(deleted.body.torrent_warning).toContain(why);
      expect(await row(one)).toMatchObject({ pipeline_status: 'complete' });
      expect(await row(other)).toMatchObject({ deleted_at: timestamp });
    }
  });
});

describe('what is refused', () => {
  const actions = ['approve', 'finish', 'soft_delete', 'restore', 'pipeline'];
  const ask = (hash: string, action: string, headers: Record<string, string> = {}) =>
    action === 'pipeline' ? pipeline(hash, { pipeline_status: 'parsed' }, headers) : act(hash, action, headers);

  test.each(actions)('%s of an item that is not there is 404', async (action) => {
    const hash = randomHash();
    const { status, body } = await ask(hash, action);
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: 'Media not found', message: `No media found with hash: ${hash}` });
  });

  test.each(['approve', 'finish', 'pipeline'])('%s of a deleted item is 409 and changes nothing', async (action) => {
    const hash = await newItem();
    await act(hash, 'soft_delete');
    const before = await row(hash);
    const { status, body } = await ask(hash, action);
    expect([status, body.message]).toEqual([409, `Media has been deleted: ${hash}`]);
    expect(await row(hash)).toEqual(before);
    expect(await isThere(hash)).toBe(false);
  });

  test.each(actions)('%s takes If-Match: a stale version is 412, the present one goes through', async (action) => {
    const hash = await newItem();
    if (action === 'restore') await act(hash, 'soft_delete');
    const before = await row(hash);
    for (const tag of ['"2020-01-01T00:00:00.000000Z"', `W/"${before.updated_at}"`, 'rubbish', '']) {
      const { status, headers } = await ask(hash, action, { 'if-match': tag });
      expect(status).toBe(412);
      expect(headers.etag).toBe(`"${before.updated_at}"`);
    }
    expect(await row(hash)).toEqual(before);
    expect(await isThere(hash)).toBe(false);
    const { status, headers } = await ask(hash, action, { 'if-match': `"${before.updated_at}"` });
    expect(status).toBe(200);
    expect(headers.etag).toBe(`"${(await row(hash)).updated_at}"`);
  });

  test.each(actions)('of many at once that build on the same version, one %s is done and recorded', async (action) => {
    const hash = await newItem();
    if (action === 'restore') await act(hash, 'soft_delete');
    const etag = `"${(await row(hash)).updated_at}"`;
    const mediaEvents = () => app.db.selectFrom('console.media_event').selectAll().where('hash', '=', hash).execute();
    const before = await mediaEvents();
    const replies = await Promise.all(Array.from({ length: 8 }, () => ask(hash, action, { 'if-match': etag })));
    const statuses = replies.map(({ status }) => status).toSorted();
    expect(statuses[0]).toBe(200);
    // Either refusal is right: the first write may be seen before the version is compared.
    expect(statuses.slice(1).every((status) => status === 409 || status === 412)).toBe(true);
    expect(await mediaEvents()).toHaveLength(before.length + 1);
  });

  test.each(['approve', 'finish', 'soft_delete', 'restore'])(
    '%s takes an empty body, and refuses members',
    async (action) => {
      const { status, body } = await app.call<Problem>('PATCH', `/media/${randomHash()}/${action}`, {
        body: { hash: 'x' },
      });
      expect(status).toBe(422);
      expect(body.errors).toMatchObject([{ pointer: '/hash', message: 'is not a known member' }]);
      expect((await app.call('PATCH', `/media/${randomHash()}/${action}`, { body: {} })).status).toBe(404);
      expect((await app.call('PATCH', '/media/tt0000001/finish')).status).toBe(422);
    },
  );
});

describe('GET /transmission', () => {
  test('shows the torrents of media items, and no others', async () => {
    const hash = await newItem();
    const stranger = randomHash();
    await transmission.add(magnetOf(stranger));
    await act(hash, 'approve');
    const { status, body } = await app.call<TransmissionState>('GET', '/transmission');
    expect(status).toBe(200);
    expect(body).toMatchObject({ configured: true, reachable: true, detail: null });
    const shown = body.data.map((torrent) => torrent.hash);
    expect(shown).toContain(hash);
    expect(shown).not.toContain(stranger);
  });

  test('is requested once for many readers', async () => {
    let asked = 0;
    const counting = await startBeside({}, () => ({
      // Its clock stands still, so that all requests share an answer on a slow machine too.
      counts: new SharedCounts(() => 0),
      transmission: {
        ...transmission,
        list: () => {
          asked += 1;
          return transmission.list();
        },
      },
    }));
    onTestFinished(() => counting.close());
    const replies = await Promise.all(Array.from({ length: 20 }, () => counting.call('GET', '/transmission')));
    expect(asked).toBe(1);
    for (const { headers } of replies) expect(headers.age).toBe('0');
  });

  test('without Transmission says what is so, and is no error', async () => {
    const state = async (by: TestApp) => (await by.call<TransmissionState>('GET', '/transmission')).body;
    expect(await state(alone)).toEqual({
      configured: false,
      reachable: false,
      detail: expect.stringContaining('REAR_DIFF_TRANSMISSION_HOST'),
      data: [],
    });
    expect(await state(await withTransmissionAt(closedPort))).toEqual({
      configured: true,
      reachable: false,
      detail: expect.stringContaining('cannot be reached'),
      data: [],
    });
  });
});
