import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { disk } from '@at/adapters/disk';
import { markerName, purgeTrash } from '@at/adapters/file-trash';
import {
  closedPort,
  type Daemon,
  magnetOf,
  randomHash,
  shareFile,
  startTransmission,
} from '@at/adapters/test/transmission-daemon';
import { openTransmission, type Transmission } from '@at/adapters/transmission';
import { withLabelRule } from '@at/contracts/label-rule';
import type { FlagValues } from '@at/contracts/labels';
import type { Problem } from '@at/contracts/problem';
import { insertIntent } from '@at/domain/intents/queries';
import { linksOf } from '@at/domain/media/torrents';
import { findPurgeable } from '@at/domain/titles/queries';
import { purgeableIn, removeFiles } from '@at/domain/titles/releases';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '#config.ts';
import { insertMedia, type MediaItem } from '#test/sample-media.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';
import { hasten, startWorker } from '#test/worker.ts';

/** What goes with would_not_watch, and what its undo brings back. */

let daemon: Daemon;
let transmission: Transmission;
let home: string;
let roots: Record<string, string>;
let app: TestApp;
let worker: ReturnType<typeof startWorker>;
let made = 0;

beforeAll(async () => {
  daemon = await startTransmission();
  transmission = openTransmission(daemon.settings);
  home = await mkdtemp(join(tmpdir(), 'at-releases-'));
  roots = {
    REAR_DIFF_FILE_DELETION_ENABLED: 'True',
    REAR_DIFF_MEDIA_CACHE_PATH: `${home}/cache/`,
    REAR_DIFF_MEDIA_LIBRARY_PATH_MOVIES: `${home}/movies/`,
    REAR_DIFF_MEDIA_LIBRARY_PATH_TV: `${home}/tv`,
  };
  for (const root of ['cache', 'movies', 'tv']) await put(join(home, root, markerName), '');
  app = await startTestApp({ config: { ...daemon.environment, ...roots } });
  worker = startWorker(app.config);
});
afterAll(async () => {
  await worker.stop();
  await app.close();
  await daemon.stop();
  await rm(home, { recursive: true, force: true });
});

async function put(path: string, content = 'the film'): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** A title with a media item whose film lies in the library. */
async function newTitle(item: MediaItem = {}): Promise<{ id: string; hash: string; film: string; name: string }> {
  made += 1;
  const id = `tt${2_000_000 + made}`;
  const name = `Film ${made}`;
  const hash = randomHash();
  await insertTitles(app.db, [{ imdb_id: id }]);
  await insertMedia(app.db, [
    {
      hash,
      imdb_id: id,
      original_link: magnetOf(hash),
      parent_path: `${home}/movies`,
      target_path: name,
      ...item,
    },
  ]);
  const film = await put(join(home, 'movies', name, 'film.mkv'));
  return { id, hash, film, name };
}

type Written = Problem & {
  event_id: number;
  file_deleted: boolean;
  file_deletion_warning?: string;
  torrent_removed: boolean;
  restored: FlagValues;
  files_restored: boolean;
  torrent_restored: boolean;
  not_restored: string[];
};
const refuse = async (id: string, by = app) => {
  const { status, body } = await by.call<Written>('PATCH', `/training/${id}/would_not_watch`);
  expect(status).toBe(200);
  return body;
};
const undo = async (id: string, event_id: number, by = app) => {
  const { status, body } = await by.call<Written>('POST', `/training/${id}/undo`, { body: { event_id } });
  expect(status).toBe(200);
  return body;
};
const labelOf = async (id: string) => {
  const { label } = (await app.call<FlagValues>('GET', `/training/${id}`)).body;
  return label;
};
const weekAgo = () => sql`update console.media_removal set at = at - interval '8 days'`.execute(app.db);
/** The trash entries of a title's files that a purge may delete in a week. */
const purgeable = async (id: string) => {
  await weekAgo();
  const { rows } = await sql<{ entry: string }>`
    select distinct file ->> 'entry' as entry
    from console.label_event e join console.media_removal r on r.event_id = e.event_id, jsonb_array_elements(r.trashed) as file
    where e.imdb_id = ${id}
  `.execute(app.db);
  return findPurgeable(
    app.db,
    rows.map(({ entry }) => entry),
  );
};
const isThere = async (hash: string) => (await transmission.list([hash])).length > 0;

/** The API over the same database, configured otherwise. */
async function configured(config: Record<string, string>): Promise<TestApp> {
  const other = await startTestApp({ database: app.config.database as string, config });
  onTestFinished(() => other.close());
  return other;
}

describe('would_not_watch', () => {
  test('removes files and torrent, and its undo brings both back', async () => {
    const { id, hash, film } = await newTitle();
    await transmission.add(magnetOf(hash));
    const body = await refuse(id);
    expect(body).toEqual({
      success: true,
      message: 'Training data updated successfully',
      updated_fields: { label: 'would_not_watch', human_labeled: true, reviewed: true },
      event_id: expect.any(Number),
      error: null,
      file_deleted: true,
      file_deletion_warning: null,
      torrent_removed: true,
    });
    expect(existsSync(film)).toBe(false);
    expect(await isThere(hash)).toBe(false);

    expect(await undo(id, body.event_id)).toEqual({
      success: true,
      message: 'Label event undone',
      event_id: expect.any(Number),
      restored: { label: null, human_labeled: false, anomalous: false, reviewed: false },
      files_restored: true,
      torrent_restored: true,
      not_restored: [],
    });
    expect(await readFile(film, 'utf8')).toBe('the film');
    expect(await isThere(hash)).toBe(true);
    expect(await labelOf(id)).toBe(null);
  });

  test('keeps the torrent’s data, and knows the torrent by the hash of its link too', async () => {
    const shared = await shareFile(daemon, `kept-${randomHash()}.mkv`);
    onTestFinished(shared.close);
    const { id } = await newTitle({ original_link: shared.link });
    await transmission.add(shared.link);
    const { torrent_removed, event_id } = await refuse(id);
    expect(torrent_removed).toBe(true);
    expect(await isThere(shared.hash)).toBe(false);
    expect(existsSync(shared.file)).toBe(true);
    expect((await undo(id, event_id)).torrent_restored).toBe(true);
    expect(await isThere(shared.hash)).toBe(true);
  });

  test('touches the newest active item of the title alone', async () => {
    const { id, film, name } = await newTitle({ created_at: '2025-03-01T00:00:00Z' });
    const [older, deleted] = [randomHash(), randomHash()];
    const rest = { imdb_id: id, parent_path: `${home}/movies` };
    await insertMedia(app.db, [
      { ...rest, hash: older, target_path: `${name} older`, created_at: '2025-01-01T00:00:00Z' },
      { ...rest, hash: deleted, target_path: `${name} deleted`, deleted_at: '2025-06-01T00:00:00Z' },
    ]);
    const others = [await put(join(home, `movies/${name} older/f`)), await put(join(home, `movies/${name} deleted/f`))];
    await transmission.add(magnetOf(older));
    await transmission.add(magnetOf(deleted));
    expect(await refuse(id)).toMatchObject({ file_deleted: true, torrent_removed: false });
    expect(existsSync(film)).toBe(false);
    for (const path of others) expect(existsSync(path)).toBe(true);
    for (const hash of [older, deleted]) expect(await isThere(hash)).toBe(true);
  });

  test('says why no file was removed, and the label stands', async () => {
    const warning = async (item: MediaItem) => {
      const { id, film } = await newTitle(item);
      const body = await refuse(id);
      expect(body).toMatchObject({ file_deleted: false, torrent_removed: false });
      expect(existsSync(film)).toBe(true);
      expect(await labelOf(id)).toBe('would_not_watch');
      return body.file_deletion_warning;
    };
    const none = 'No path information available in media table';
    expect(await warning({ parent_path: null })).toBe(none);
    expect(await warning({ target_path: null })).toBe(none);
    expect(await warning({ target_path: 'Not there' })).toBe('No files found in any location for: Not there');
    expect(await warning({ target_path: '../movies' })).toBe(
      'Refused to remove ../movies: it is not a path below a directory',
    );
    await insertTitles(app.db, [{ imdb_id: 'tt3000001' }]);
    expect(await refuse('tt3000001')).toMatchObject({
      file_deleted: false,
      file_deletion_warning: 'No media found with IMDB ID: tt3000001',
      torrent_removed: false,
    });
  });

  test('with file deletion off removes the torrent alone', async () => {
    const off = await configured(daemon.environment);
    const { id, hash, film } = await newTitle();
    await transmission.add(magnetOf(hash));
    expect(await refuse(id, off)).toMatchObject({
      file_deleted: false,
      file_deletion_warning: 'File deletion is disabled',
      torrent_removed: true,
    });
    expect(existsSync(film)).toBe(true);
  });

  test.each([true, false])(
    'looks for the item first, then for its path, then whether removal is on (Transmission configured: %j)',
    async (isConfigured) => {
      const off = await configured(isConfigured ? daemon.environment : {});
      const warning = async (id: string) => (await refuse(id, off)).file_deletion_warning;
      made += 1;
      const alone = `tt${2_000_000 + made}`;
      await insertTitles(app.db, [{ imdb_id: alone }]);
      expect(await warning(alone)).toBe(`No media found with IMDB ID: ${alone}`);
      for (const item of [{ parent_path: null }, { target_path: null }]) {
        expect(await warning((await newTitle(item)).id)).toBe('No path information available in media table');
      }
      expect(await warning((await newTitle()).id)).toBe('File deletion is disabled');
    },
  );

  test('when Transmission is stopped, the label stands and the files go', async () => {
    const stopped = await configured({
      ...daemon.environment,
      ...roots,
      REAR_DIFF_TRANSMISSION_PORT: String(closedPort),
    });
    const { id, film } = await newTitle();
    expect(await refuse(id, stopped)).toMatchObject({ file_deleted: true, torrent_removed: false });
    expect(existsSync(film)).toBe(false);
    expect(await labelOf(id)).toBe('would_not_watch');
  });

  test('said again of what is labelled so already, removes what has come since, and one undo brings all back', async () => {
    const { id, hash, film, name } = await newTitle();
    const { event_id } = await refuse(id);
    const late = await put(join(home, 'cache/complete', name, 'late.mkv'));
    await transmission.add(magnetOf(hash));
    expect(await refuse(id)).toMatchObject({ event_id: null, file_deleted: true, torrent_removed: true });
    expect(existsSync(late)).toBe(false);
    expect(await undo(id, event_id)).toMatchObject({ files_restored: true, torrent_restored: true, not_restored: [] });
    for (const path of [film, late]) expect(existsSync(path)).toBe(true);
  });

  test('of two at once one removes, and nothing is lost', async () => {
    const { id, film, hash } = await newTitle();
    await transmission.add(magnetOf(hash));
    const replies = await Promise.all(Array.from({ length: 6 }, () => refuse(id)));
    expect(replies.filter(({ file_deleted }) => file_deleted)).toHaveLength(1);
    const event = replies.find(({ event_id }) => event_id !== null) as Written;
    await undo(id, event.event_id);
    expect(existsSync(film)).toBe(true);
    expect(await isThere(hash)).toBe(true);
  });

  test('with a stale If-Match nothing is removed', async () => {
    const { id, film } = await newTitle();
    const { status } = await app.call('PATCH', `/training/${id}/would_not_watch`, { headers: { 'if-match': '"old"' } });
    expect(status).toBe(412);
    expect(existsSync(film)).toBe(true);
  });

  test('the label stands where the database refuses to store the removal, and its undo still brings the files back', async () => {
    const { id, film } = await newTitle();
    await sql`alter table console.media_removal rename to media_removal_away`.execute(app.db);
    const { file_deleted, file_deletion_warning, event_id } = await refuse(id);
    await sql`alter table console.media_removal_away rename to media_removal`.execute(app.db);
    expect([file_deleted, file_deletion_warning]).toEqual([false, expect.stringContaining('Another attempt follows')]);
    expect(existsSync(film)).toBe(false);
    expect(await labelOf(id)).toBe('would_not_watch');
    expect(await undo(id, event_id)).toMatchObject({ files_restored: true, not_restored: [] });
    expect(existsSync(film)).toBe(true);
  });

  test('in a title that another program labelled, moves the files to the trash, and the purge knows them', async () => {
    const { id, film, name } = await newTitle();
    await app.db
      .updateTable('atp.training')
      .set(withLabelRule({ label: 'would_not_watch' }))
      .where('imdb_id', '=', id)
      .execute();
    expect(await refuse(id)).toMatchObject({ event_id: null, file_deleted: true });
    expect(existsSync(film)).toBe(false);
    const trash = join(home, 'movies/.trash');
    const entries = (await readdir(trash)).filter((entry) => existsSync(join(trash, entry, name)));
    expect(await findPurgeable(app.db, entries)).toEqual([]);
    await weekAgo();
    expect(await findPurgeable(app.db, entries)).toEqual(entries);
  });

  test('files that are deleted for good need the role admin, and the label does not', async () => {
    const keys = { API_KEYS: 'Olga:operator:secret-of-olga-1234,Anna:admin:secret-of-anna-1234' };
    const unlinking = await configured({
      ...daemon.environment,
      ...roots,
      ...keys,
      REAR_DIFF_FILE_DELETION_MODE: 'unlink',
    });
    const { id, film, hash } = await newTitle();
    await transmission.add(magnetOf(hash));
    const as = async (secret: string, title = id) =>
      (
        await unlinking.call<Written>('PATCH', `/training/${title}/would_not_watch`, {
          headers: { 'x-api-key': secret },
        })
      ).body;
    expect(await as('secret-of-olga-1234')).toMatchObject({
      event_id: expect.any(Number),
      file_deleted: false,
      file_deletion_warning: expect.stringContaining('needs the role admin; the key Olga has the role operator'),
      torrent_removed: true,
    });
    expect(existsSync(film)).toBe(true);
    expect(await labelOf(id)).toBe('would_not_watch');
    expect(await as('secret-of-anna-1234')).toMatchObject({ file_deleted: true });
    expect(existsSync(film)).toBe(false);

    // Nor does it forget a file that still has to come back.
    const other = await newTitle();
    const { event_id } = await refuse(other.id);
    await put(other.film, 'another film');
    await undo(other.id, event_id);
    await as('secret-of-olga-1234', other.id);
    await rm(dirname(other.film), { recursive: true });
    await hasten(app.db);
    await expect.poll(() => existsSync(other.film) && readFile(other.film, 'utf8')).toBe('the film');
  });

  test('a process that has lost its intent in the middle of a move takes the move back', async () => {
    const film = await put(join(home, 'movies', 'lost.mkv'));
    const intent = await insertIntent(app.db, 'remove_files', {
      imdb_id: (await newTitle()).id,
      hash: randomHash(),
      owner: app.owner,
      plan: {
        place: { media_type: 'movie', parent_path: `${home}/movies`, target_path: 'lost.mkv' },
        removals: null,
        carried: [],
        for_good: false,
      },
    });
    const { link } = disk;
    onTestFinished(() => void Object.assign(disk, { link }));
    disk.link = async (...paths) => {
      await link(...paths);
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and state = 'idle in transaction' and query like '%console.intent%for update%'
      `.execute(app.db);
    };
    await expect(removeFiles(app.db, app.config.files, intent)).rejects.toThrow();
    disk.link = link;
    expect(await readFile(film, 'utf8')).toBe('the film');
    expect(await removeFiles(app.db, app.config.files, intent)).toEqual({ removed: true, warnings: [] });
    expect(existsSync(film)).toBe(false);
  });

  test('a removal that an operator began with a trash does not delete for good when it is finished without one', async () => {
    const { id, film } = await newTitle();
    const plan = {
      place: { media_type: 'movie' as const, parent_path: `${home}/movies`, target_path: basename(dirname(film)) },
    };
    const intent = await insertIntent(app.db, 'remove_files', {
      imdb_id: id,
      hash: randomHash(),
      // A process that lives: no worker takes the intent over.
      owner: app.owner,
      plan: { ...plan, removals: null, carried: [], for_good: false },
    });
    const unlinking = readConfig({ ...roots, DATABASE_URL: 'postgres://x', REAR_DIFF_FILE_DELETION_MODE: 'unlink' });
    expect(await removeFiles(app.db, unlinking.files, intent)).toEqual({ removed: true, warnings: [] });
    const { trashed } = await app.db
      .selectFrom('console.media_removal')
      .select('trashed')
      .where('hash', '=', intent.hash)
      .executeTakeFirstOrThrow();
    expect(trashed).toMatchObject([{ path: basename(dirname(film)), entry: expect.any(String) }]);
  });
});

describe('what an undo cannot bring back, it says', () => {
  test('files that were deleted at once', async () => {
    const unlinking = await configured({ ...roots, REAR_DIFF_FILE_DELETION_MODE: 'unlink' });
    const { id, film } = await newTitle();
    const { event_id } = await refuse(id, unlinking);
    expect(await undo(id, event_id)).toMatchObject({
      files_restored: false,
      not_restored: [`${dirname(film)} was permanently deleted.`],
    });
  });

  test('files whose place was taken, which stay in the trash and come back when it is free', async () => {
    const { id, film } = await newTitle();
    const { event_id } = await refuse(id);
    await put(film, 'another film');
    const { files_restored, not_restored } = await undo(id, event_id);
    expect([files_restored, not_restored]).toEqual([false, [expect.stringContaining('already exists')]]);
    expect(await readFile(film, 'utf8')).toBe('another film');
    expect(await purgeable(id)).toEqual([]);
    await rm(dirname(film), { recursive: true });
    await hasten(app.db);
    await expect.poll(() => existsSync(film) && readFile(film, 'utf8')).toBe('the film');
  });

  test('files that an undo left in the trash go and come with the next would_not_watch', async () => {
    const { id, film } = await newTitle();
    await put(film, 'the first film');
    const first = await refuse(id);
    await put(film, 'the second film');
    await undo(id, first.event_id);
    const second = await refuse(id);
    expect(second.file_deleted).toBe(true);
    expect(await purgeable(id)).toHaveLength(2);
    expect((await undo(id, second.event_id)).not_restored).toEqual([expect.stringContaining('already exists')]);
    // The first film was in the trash before, and comes back first.
    expect(await readFile(film, 'utf8')).toBe('the first film');
    expect(await purgeable(id)).toEqual([]);
  });

  test('a file that an undo left in the trash has seven days again when it goes again', async () => {
    const { id, film, name } = await newTitle();
    const first = await refuse(id);
    const trash = join(home, 'movies/.trash');
    const [entry] = (await readdir(trash)).filter((one) => existsSync(join(trash, one, name)));
    const old = '2020-01-01T00-00-00.000Z_aaaaaaaa';
    await rename(join(trash, entry as string), join(trash, old));
    await sql`
      update console.media_removal set trashed = jsonb_set(trashed, '{0,entry}', to_jsonb(${old}::text))
      where event_id = ${first.event_id}
    `.execute(app.db);
    await put(film, 'another film');
    await undo(id, first.event_id);
    await rm(dirname(film), { recursive: true });
    const second = await refuse(id);
    const purge = () => purgeTrash(app.config.files, purgeableIn(app.db), () => {});
    await purge();
    expect(await undo(id, second.event_id)).toMatchObject({ files_restored: true, not_restored: [] });
    expect(await readFile(film, 'utf8')).toBe('the film');
  });

  test('a torrent, when Transmission is not there', async () => {
    const { id, hash, film } = await newTitle();
    await transmission.add(magnetOf(hash));
    const { event_id } = await refuse(id);
    const without = await configured(roots);
    expect(await undo(id, event_id, without)).toMatchObject({
      files_restored: true,
      torrent_restored: false,
      not_restored: [expect.stringMatching(/^The torrent was not added again\. .*REAR_DIFF_TRANSMISSION_HOST/)],
    });
    expect(existsSync(film)).toBe(true);
  });

  test('a torrent, which comes back with the undo of the next would_not_watch', async () => {
    const { id, hash } = await newTitle();
    await transmission.add(magnetOf(hash));
    const first = await refuse(id);
    const stopped = await configured({
      ...roots,
      ...daemon.environment,
      REAR_DIFF_TRANSMISSION_PORT: String(closedPort),
    });
    expect(await undo(id, first.event_id, stopped)).toMatchObject({ torrent_restored: false });
    const second = await refuse(id);
    expect(await undo(id, second.event_id)).toMatchObject({ torrent_restored: true, not_restored: [] });
    expect(await isThere(hash)).toBe(true);
  });

  test('a torrent whose media item has been deleted since', async () => {
    const { id, hash } = await newTitle();
    await transmission.add(magnetOf(hash));
    const { event_id } = await refuse(id);
    await app.call('PATCH', `/media/${hash}/soft_delete`);
    const { torrent_restored, not_restored } = await undo(id, event_id);
    expect([torrent_restored, not_restored]).toEqual([false, [expect.stringContaining('has been deleted since')]]);
    expect(await isThere(hash)).toBe(false);
  });

  test('of another label there is nothing to bring back', async () => {
    const { id, film } = await newTitle();
    const { body } = await app.call<Written>('PATCH', `/training/${id}/would_watch`);
    expect(await undo(id, body.event_id)).toMatchObject({
      files_restored: false,
      torrent_restored: false,
      not_restored: [],
    });
    expect(existsSync(film)).toBe(true);
  });
});

test('the purge takes, of old entries, those that a removal names that was not undone', async () => {
  const entryOf = (n: number) => `2020-01-01T00-00-00.000Z_0000000${n}`;
  const { id } = await newTitle();
  const { event_id } = await refuse(id);
  const name = async (n: number, event: number | null) => {
    await put(join(home, 'tv/.trash', entryOf(n), 'Show/episode.mkv'));
    const trashed = JSON.stringify([{ root: 'tv', entry: entryOf(n), path: 'Show' }]);
    await app.db
      .insertInto('console.media_removal')
      .values({ event_id: event, at: '2020-01-01', hash: randomHash(), links: [], trashed, deleted: [] })
      .execute();
  };
  await put(join(home, 'tv/.trash', entryOf(0), 'Show/episode.mkv'));
  await name(1, null);
  const other = await refuse((await newTitle()).id);
  await name(2, other.event_id);
  await name(3, event_id);
  await undo(id, event_id);
  // The undo brought it back; it is there again, as after a failed restore.
  await put(join(home, 'tv/.trash', entryOf(3), 'Show/episode.mkv'));
  const warnings: string[] = [];
  await purgeTrash(app.config.files, purgeableIn(app.db), (warning) => warnings.push(warning));
  expect(await readdir(join(home, 'tv/.trash'))).toEqual([entryOf(0), entryOf(3)]);
  expect(warnings).toEqual([0, 3].map((n) => expect.stringMatching(`${entryOf(n)} stays`)));
});

test('a torrent comes back by its own link where that names it, else by its hash', () => {
  const [one, other] = ['a'.repeat(40), 'b'.repeat(40)];
  expect(linksOf([one], magnetOf(one, 'x'))).toEqual([magnetOf(one, 'x')]);
  expect(linksOf([one], 'https://host/file.torrent')).toEqual(['https://host/file.torrent']);
  expect(linksOf([one, other], magnetOf(other))).toEqual([`magnet:?xt=urn:btih:${one}`, magnetOf(other)]);
  for (const link of [null, '', '/etc/passwd']) expect(linksOf([one], link)).toEqual([`magnet:?xt=urn:btih:${one}`]);
});
