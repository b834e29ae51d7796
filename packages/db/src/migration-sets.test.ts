import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './testing.ts';

// Guarantees of the tables to every client that writes to them.

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase('full');
  client = new pg.Client(database.connectionString);
  await client.connect();
  await client.query(`SET TimeZone = 'UTC'; SET DateStyle = 'ISO'`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const hash = 'a'.repeat(40);

async function readRow<R extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<R> {
  const { rows } = await client.query<R>(sql, values);
  return rows[0] as R;
}

async function readColumn(sql: string): Promise<unknown[]> {
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  return rows.map(([value]) => value);
}

describe('atp.media', () => {
  beforeEach(async () => {
    await client.query('DELETE FROM atp.media');
    await client.query(
      `INSERT INTO atp.media (hash, media_type, original_title, created_at, updated_at)
       VALUES ($1, 'movie', 'A.Film.2001.1080p', '2020-01-01', '2020-01-01')`,
      [hash],
    );
  });

  /** Writes without the triggers under test. */
  const given = async (columns: string) => {
    await client.query('ALTER TABLE atp.media DISABLE TRIGGER USER');
    await client.query(`UPDATE atp.media SET ${columns}`);
    await client.query('ALTER TABLE atp.media ENABLE TRIGGER USER');
  };

  const update = (columns: string) =>
    readRow(
      `UPDATE atp.media SET ${columns}
       RETURNING pipeline_status, error_status, error_condition, rejection_status, rejection_reason`,
    );

  test('starts ingested, unfiltered and without an error', async () => {
    expect(await readRow('SELECT pipeline_status, error_status, rejection_status FROM atp.media')).toEqual({
      pipeline_status: 'ingested',
      error_status: false,
      rejection_status: 'unfiltered',
    });
  });

  test('sets updated_at to the current time at every update', async () => {
    const { age } = await readRow<{ age: string }>(
      `UPDATE atp.media SET updated_at = '2020-01-01' RETURNING abs(extract(epoch FROM now() - updated_at)) AS age`,
    );
    expect(Number(age)).toBe(0);
  });

  test('moving to ingested from another status clears rejection and error', async () => {
    await given(`pipeline_status = 'rejected', rejection_status = 'rejected', rejection_reason = 'probability 0.2',
      error_status = true, error_condition = 'timeout'`);
    expect(await update(`pipeline_status = 'ingested'`)).toEqual({
      pipeline_status: 'ingested',
      error_status: false,
      error_condition: null,
      rejection_status: 'unfiltered',
      rejection_reason: null,
    });
  });

  test('moving to ingested keeps an override', async () => {
    await given(`pipeline_status = 'parsed', rejection_status = 'override', rejection_reason = 'wanted'`);
    expect(await update(`pipeline_status = 'ingested'`)).toMatchObject({
      rejection_status: 'override',
      rejection_reason: null,
    });
  });

  test('staying ingested keeps rejection and error', async () => {
    const state = {
      pipeline_status: 'ingested',
      error_status: true,
      error_condition: 'timeout',
      rejection_status: 'rejected',
      rejection_reason: 'probability 0.2',
    };
    await given(`rejection_status = 'rejected', rejection_reason = 'probability 0.2',
      error_status = true, error_condition = 'timeout'`);
    expect(await update(`pipeline_status = 'ingested', media_title = 'A Film'`)).toEqual(state);
  });

  test('no error has no condition', async () => {
    await given(`error_status = true, error_condition = 'timeout'`);
    expect(await update(`media_title = 'A Film'`)).toMatchObject({ error_condition: 'timeout' });
    expect(await update('error_status = false')).toMatchObject({ error_condition: null });
    expect(await update(`error_condition = 'stray'`)).toMatchObject({ error_condition: null });
  });

  test.each(['unfiltered', 'accepted', 'override'])('%s has no rejection reason', async (status) => {
    await given(`rejection_status = 'rejected', rejection_reason = 'probability 0.2'`);
    expect(await update(`media_title = 'A Film'`)).toMatchObject({ rejection_reason: 'probability 0.2' });
    expect(await update(`rejection_status = '${status}'`)).toMatchObject({ rejection_reason: null });
  });

  test.each([
    ['accepted', null],
    ['override', 'wanted'],
    ['rejected', 'probability 0.2 below threshold 0.35'],
  ])('a soft delete makes it rejected by user deletion, also when it was %s', async (status, reason) => {
    await given(`rejection_status = '${status}', rejection_reason = ${reason ? `'${reason}'` : 'NULL'}`);
    expect(await update('deleted_at = now()')).toMatchObject({
      rejection_status: 'rejected',
      rejection_reason: 'user deletion',
    });
  });

  test('a soft delete in the statement that also accepts still rejects', async () => {
    expect(await update(`deleted_at = now(), rejection_status = 'accepted'`)).toMatchObject({
      rejection_status: 'rejected',
      rejection_reason: 'user deletion',
    });
  });

  test('clearing deleted_at restores nothing else', async () => {
    await given(`rejection_status = 'override'`);
    await update('deleted_at = now()');
    expect(await update('deleted_at = NULL')).toMatchObject({
      rejection_status: 'rejected',
      rejection_reason: 'user deletion',
    });
  });

  test.each([
    ['hash', `'${'A'.repeat(40)}'`],
    ['hash', `'abc'`],
    ['release_year', '1849'],
    ['release_year', '2101'],
    ['imdb_id', `'tt123456'`],
    ['imdb_id', `'nm1234567'`],
    ['tmdb_id', '0'],
  ])('refuses %s %s', async (column, value) => {
    await expect(client.query(`UPDATE atp.media SET ${column} = ${value}`)).rejects.toMatchObject({ code: '23514' });
  });
});

describe('atp.training', () => {
  beforeEach(async () => {
    await client.query('DELETE FROM atp.training');
    await client.query(
      `INSERT INTO atp.training (imdb_id, media_type, media_title, release_year, updated_at)
       VALUES ('tt1234567', 'movie', 'A Film', 2001, '2020-01-01')`,
    );
  });

  test('starts unlabelled and unreviewed', async () => {
    expect(await readRow('SELECT label, human_labeled, anomalous, reviewed FROM atp.training')).toEqual({
      label: null,
      human_labeled: false,
      anomalous: false,
      reviewed: false,
    });
  });

  test('sets updated_at to the current time at every update', async () => {
    const { age } = await readRow<{ age: string }>(
      `UPDATE atp.training SET reviewed = true RETURNING abs(extract(epoch FROM now() - updated_at)) AS age`,
    );
    expect(Number(age)).toBe(0);
  });

  test.each([
    ['imdb_id', `'tt12'`],
    ['tmdb_id', '0'],
    ['release_year', '1849'],
    ['budget', '-1'],
    ['runtime', '-1'],
    ['tmdb_rating', '10.001'],
    ['rt_score', '101'],
    ['metascore', '-1'],
    ['imdb_rating', '100.1'],
    ['imdb_votes', '-1'],
  ])('refuses %s %s', async (column, value) => {
    await expect(client.query(`UPDATE atp.training SET ${column} = ${value}`)).rejects.toMatchObject({ code: '23514' });
  });

  test('has the indexes of production, besides the extras', async () => {
    expect(
      await readColumn(
        `SELECT indexname FROM pg_indexes WHERE schemaname = 'atp' AND indexname !~ '^console_' ORDER BY 1`,
      ),
    ).toEqual([
      'engineered_pkey',
      'idx_media_imdb_id',
      'idx_media_pipeline_status',
      'idx_media_tmdb_id',
      'idx_training_tmdb_id',
      'media_pkey',
      'prediction_pkey',
      'training_pkey',
      'training_tmdb_id_key',
    ]);
  });
});

test('atp.movies has every column of training, then the prediction, then the three timestamps under their own names', async () => {
  const columnsOf = (table: string) =>
    readColumn(`SELECT attname FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum`);
  const training = (await columnsOf('atp.training')).filter((name) => name !== 'created_at' && name !== 'updated_at');
  expect(await columnsOf('atp.movies')).toEqual([
    ...training,
    'prediction',
    'probability',
    'cm_value',
    'training_created_at',
    'training_updated_at',
    'prediction_created_at',
  ]);
});

describe('console.label_event', () => {
  const flags = { label: null, human_labeled: false, anomalous: false, reviewed: false };
  const labelled = { label: 'would_watch', human_labeled: true, anomalous: false, reviewed: true };
  const write = (event: Record<string, unknown> = {}) => {
    const row = { imdb_id: 'tt1234567', actor: 'me', action: 'label', before: flags, after: labelled, ...event };
    return readRow<{ event_id: string; at: string; txid: string; actor_verified: boolean }>(
      `INSERT INTO console.label_event (${Object.keys(row).join(', ')})
       VALUES (${Object.keys(row).map((_, index) => `$${index + 1}`)})
       RETURNING event_id, txid::text, actor_verified, at = now() AS at`,
      Object.values(row),
    );
  };

  test('assigns id, time and transaction to each event', async () => {
    await client.query('BEGIN');
    const first = await write();
    const second = await write();
    const { txid } = await readRow<{ txid: string }>('SELECT pg_current_xact_id()::text AS txid');
    await client.query('COMMIT');
    expect(Number(second.event_id)).toBeGreaterThan(Number(first.event_id));
    expect(first).toMatchObject({ txid, actor_verified: false, at: true });
  });

  test.each([
    ['update', `UPDATE console.label_event SET actor = 'other'`],
    ['update of no row', `UPDATE console.label_event SET actor = 'other' WHERE false`],
    ['delete', 'DELETE FROM console.label_event'],
    ['truncate', 'TRUNCATE console.label_event'],
    [
      'upsert',
      `INSERT INTO console.label_event OVERRIDING SYSTEM VALUE SELECT * FROM console.label_event LIMIT 1
      ON CONFLICT (event_id) DO UPDATE SET actor = 'other'`,
    ],
  ])('refuses %s, also to its owner', async (_, sql) => {
    await write();
    await expect(client.query(sql)).rejects.toThrow(/^console\.label_event is append-only: \w+ is refused$/);
  });

  test.each([
    ['an unknown action', { action: 'delete' }, 'label_event_action_check'],
    [
      'a flag too few',
      { before: { label: null, human_labeled: false, anomalous: false } },
      'label_event_before_holds_the_flags',
    ],
    ['a flag too many', { after: { ...labelled, seen: true } }, 'label_event_after_holds_the_flags'],
    ['a list for flags', { after: JSON.stringify(Object.keys(flags)) }, 'label_event_after_holds_the_flags'],
    ['no object at all', { before: '1' }, 'label_event_before_holds_the_flags'],
    ['nothing changed', { after: flags }, 'label_event_changes_something'],
    ['a negative decision time', { decision_ms: -1 }, 'label_event_decision_ms_check'],
    ['an undo of nothing', { action: 'undo' }, 'label_event_undo_names_its_event'],
    ['an undo of an event that is not there', { action: 'undo', undoes: 1_000_000 }, 'label_event_undoes_fkey'],
  ])('refuses %s', async (_, event, constraint) => {
    await expect(write(event)).rejects.toMatchObject({ constraint });
  });

  test('refuses an explicit id', async () => {
    await expect(write({ event_id: 5 })).rejects.toThrow('cannot insert a non-DEFAULT value into column "event_id"');
  });

  test('accepts one undo of an event and refuses a second', async () => {
    const { event_id: undoes } = await write();
    const undo = { action: 'undo', before: labelled, after: flags, undoes };
    await write(undo);
    await expect(write(undo)).rejects.toMatchObject({ constraint: 'label_event_undoes_key' });
    await expect(write({ undoes })).rejects.toMatchObject({ constraint: 'label_event_undo_names_its_event' });
  });
});

describe('console.media_deletion', () => {
  const remember = (row: Record<string, unknown> = {}) => {
    const whole = { hash, deleted_at: '2025-01-01', rejection_status: 'override', actor: 'me', ...row };
    return client.query(
      `INSERT INTO console.media_deletion (${Object.keys(whole).join(', ')})
       VALUES (${Object.keys(whole).map((_, index) => `$${index + 1}`)})`,
      Object.values(whole),
    );
  };

  test('stores each deletion of an item once', async () => {
    await remember();
    await remember({ deleted_at: '2025-01-02' });
    await expect(remember()).rejects.toMatchObject({ constraint: 'media_deletion_pkey' });
  });

  test('accepts the rejection statuses of atp, also those that its owner adds', async () => {
    const words = await readColumn(`SELECT unnest(enum_range(NULL::atp.rejection_status))::text`);
    for (const [i, rejection_status] of [...words, 'queued'].entries()) {
      await remember({ rejection_status, deleted_at: `2025-02-0${i + 1}` });
    }
  });
});

describe('console.media_event', () => {
  const state = {
    pipeline_status: 'parsed',
    error_status: false,
    error_condition: null,
    rejection_status: 'unfiltered',
    rejection_reason: null,
    deleted_at: null,
  };
  const write = (event: Record<string, unknown> = {}) => {
    const row = {
      hash,
      actor: 'me',
      action: 'finish',
      before: state,
      after: { ...state, error_status: true },
      ...event,
    };
    return client.query(
      `INSERT INTO console.media_event (${Object.keys(row).join(', ')})
       VALUES (${Object.keys(row).map((_, index) => `$${index + 1}`)})`,
      Object.values(row),
    );
  };

  test.each([
    `UPDATE console.media_event SET actor = 'other'`,
    'DELETE FROM console.media_event',
    'TRUNCATE console.media_event',
  ])('is append-only: refuses %s', async (statement) => {
    await write();
    await expect(client.query(statement)).rejects.toThrow(/^console\.media_event is append-only: \w+ is refused$/);
  });

  test.each([
    ['an unknown action', { action: 'soft_delete' }, 'media_event_action_check'],
    ['a state without a part', { before: { ...state, deleted_at: undefined } }, 'media_event_before_holds_the_state'],
    ['nothing changed', { after: state }, 'media_event_changes_something'],
  ])('refuses %s', async (_, event, constraint) => {
    await expect(write(event)).rejects.toMatchObject({ constraint });
  });
});

describe('console.write', () => {
  const write = (row: Record<string, unknown> = {}) => {
    const whole = { actor: 'me', key: 'one', digest: '', outcome: '{}', ...row };
    return client.query(
      `INSERT INTO console.write (${Object.keys(whole).join(', ')})
       VALUES (${Object.keys(whole).map((_, index) => `$${index + 1}`)})`,
      Object.values(whole),
    );
  };

  test('an actor uses a key once', async () => {
    await write();
    await write({ actor: 'other' });
    await write({ key: 'two' });
    await expect(write({ digest: 'another' })).rejects.toMatchObject({ constraint: 'write_pkey' });
  });

  test('what is older than a day is forgotten, as many at once as wanted', async () => {
    for (const key of ['a', 'b', 'c']) await write({ key, at: new Date(Date.now() - 25 * 3_600_000) });
    const forget = () => readColumn('SELECT console.forget_writes(2)');
    expect([await forget(), await forget(), await forget()]).toEqual([[2], [1], [0]]);
    expect(await readColumn(`SELECT key FROM console.write WHERE actor = 'me' ORDER BY key`)).toEqual(['one', 'two']);
  });
});

describe('console.operation', () => {
  const make = (row: Record<string, unknown> = {}) => {
    const whole = { subject: 'media', action: 'finish', actor: 'me', ...row };
    return readRow<{ operation_id: string }>(
      `INSERT INTO console.operation (${Object.keys(whole).join(', ')})
       VALUES (${Object.keys(whole).map((_, index) => `$${index + 1}`)}) RETURNING operation_id`,
      Object.values(whole),
    );
  };

  test.each([
    ['more results than items', { total: 1, done: 2 }],
    ['an unknown state', { state: 'paused' }],
    ['an unknown subject', { subject: 'movies' }],
    ['an unknown action', { action: 'drop' }],
    ['an inverse of nothing', { inverse_of: '00000000-0000-4000-8000-000000000000' }],
  ])('refuses %s', async (_, row) => {
    await expect(make(row)).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
  });

  test('deleting it deletes its items', async () => {
    const { operation_id } = await make();
    const insert = (position: number, result: string) =>
      client.query('INSERT INTO console.operation_item (operation_id, position, key, result) VALUES ($1, $2, $3, $4)', [
        operation_id,
        position,
        hash,
        result,
      ]);
    await insert(1, 'pending');
    await expect(insert(1, 'done')).rejects.toMatchObject({ code: '23505' });
    await expect(insert(2, 'cancelled')).rejects.toMatchObject({ code: '23514' });
    await client.query('DELETE FROM console.operation WHERE operation_id = $1', [operation_id]);
    expect(await readColumn('SELECT key FROM console.operation_item')).toEqual([]);
  });
});

test('console.media_removal accepts only a list of files in the trash', async () => {
  const remove = (trashed: string) =>
    client.query(
      `INSERT INTO console.media_removal (event_id, hash, links, trashed, deleted) VALUES (1, $1, '{}', $2, '{}')`,
      [hash, trashed],
    );
  await remove('[]');
  await expect(remove('{}')).rejects.toMatchObject({ code: '23514' });
});

describe('console.file', () => {
  let top: number;
  let other: number;

  beforeAll(async () => {
    const addRoot = (name: string) =>
      readRow<{ id: number }>(
        `WITH root AS (
           INSERT INTO console.file_root (name, path, marker, marker_inode)
           VALUES ($1, '/photos', gen_random_uuid(), 1) RETURNING id
         )
         INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id`,
        [name],
      );
    top = (await addRoot('inbox')).id;
    other = (await addRoot('archive')).id;
  });
  beforeEach(() => client.query('DELETE FROM console.file'));

  const add = (values: Record<string, unknown>) => {
    const row = {
      directory_id: top,
      name: 'a.jpg',
      size: 1,
      mtime_ns: 1,
      ctime_ns: 1,
      inode: 1,
      kind: 'photo',
      ...values,
    };
    const names = Object.keys(row);
    return readRow<{ id: number; status: string }>(
      `INSERT INTO console.file (${names}) VALUES (${names.map((_, i) => `$${i + 1}`)}) RETURNING id, status`,
      Object.values(row),
    );
  };
  const addDirectory = (values: unknown[]) =>
    readRow<{ id: number }>(
      'INSERT INTO console.file_directory (root_id, parent_id, name) SELECT root_id, $1, $2 FROM console.file_directory WHERE id = $3 RETURNING id',
      values,
    );

  test('a place has one file, a name may be any bytes but a path, and a file begins as NEW', async () => {
    expect(await add({ name: Buffer.from([0xff, 0x0a, 0x41]) })).toMatchObject({ status: 'NEW' });
    await add({});
    await expect(add({})).rejects.toThrow('file_place');
    for (const name of ['', '.', '..', 'a/b', Buffer.from([0x61, 0]), 'x'.repeat(1021)])
      await expect(add({ name })).rejects.toThrow('file_has_a_place');
    await expect(add({ name: null })).rejects.toThrow('file_has_a_place');
  });

  test('only a missing file can be without a place', async () => {
    await expect(add({ directory_id: null, name: null })).rejects.toThrow('file_has_a_place');
    await add({ directory_id: null, name: null, status: 'MISSING', status_before: 'UNIQUE' });
  });

  test('what a status needs is there, and only then', async () => {
    const { id } = await add({});
    const sha256 = Buffer.alloc(32);
    await add({ name: 'b.jpg', status: 'DUPLICATE', duplicate_of: id, sha256 });
    for (const [values, constraint] of [
      [{ status: 'UNKNOWN' }, 'file_has_a_status'],
      [{ status: 'MISSING' }, 'file_missing_had_a_status'],
      [{ status: 'MISSING', status_before: 'MISSING' }, 'file_missing_had_a_status'],
      [{ status_before: 'UNIQUE' }, 'file_missing_had_a_status'],
      [{ status: 'DUPLICATE', sha256 }, 'file_duplicate_has_a_keeper'],
      [{ status: 'DUPLICATE', duplicate_of: id }, 'file_duplicate_has_a_hash'],
      [{ duplicate_of: id }, 'file_duplicate_has_a_keeper'],
      [{ status: 'ERROR' }, 'file_error_has_a_message'],
      [{ error: 'No capture date' }, 'file_error_has_a_message'],
      [{ status: 'BATCHED' }, 'file_on_its_way_has_a_batch'],
      [{ captured_at: '2020-01-01' }, 'file_capture_has_a_source'],
      [{ sha256: Buffer.alloc(20) }, 'file_sha256_check'],
    ] as const)
      await expect(add({ name: 'c.jpg', ...values }), JSON.stringify(values)).rejects.toThrow(constraint);
  });

  test('a directory is of the root of its parent, and takes what is below it along to another root', async () => {
    const { id } = await addDirectory([top, '2024', top]);
    const { id: below } = await addDirectory([id, '05', top]);
    await expect(addDirectory([top, '2024', top])).rejects.toThrow('parent_id_name');
    await expect(addDirectory([top, '2025', other])).rejects.toThrow('file_directory_parent');
    await expect(addDirectory([null, '', top])).rejects.toThrow('file_directory_top');
    for (const name of ['', '..', 'a/b']) await expect(addDirectory([top, name, top])).rejects.toThrow('has_a_name');
    await client.query(
      `UPDATE console.file_directory d SET parent_id = t.id, root_id = t.root_id
       FROM console.file_directory t WHERE t.id = $1 AND d.id = $2`,
      [other, id],
    );
    const roots = `SELECT DISTINCT root_id FROM console.file_directory WHERE id IN (${id}, ${below}, ${other})`;
    expect(await readColumn(roots)).toHaveLength(1);
  });
});

describe('atp-extras', () => {
  // Enough rows that a sequential scan, or a less suitable index, costs more than the right index.
  beforeAll(async () => {
    await client.query(`
      DELETE FROM atp.training; DELETE FROM atp.media;
      INSERT INTO atp.training (imdb_id, media_type, media_title, release_year, reviewed, anomalous, created_at, updated_at)
      SELECT 'tt' || 1000000 + n, 'movie', md5(n::text), 2001, (ARRAY[true, false, NULL])[n % 3 + 1], n % 50 = 0,
        now() - n * interval '1 hour', now() - n % 997 * interval '1 minute'
      FROM generate_series(1, 5000) AS n;
      INSERT INTO atp.prediction (imdb_id, prediction, probability, cm_value, created_at)
      SELECT 'tt' || 1000000 + n, n % 2, n % 1000 / 1000.0, (ARRAY['tp', 'tn', 'fp', 'fn'])[n % 4 + 1],
        now() - n * interval '1 hour'
      FROM generate_series(1, 5000) AS n;
      INSERT INTO atp.media (hash, media_type, media_title, original_title, pipeline_status, error_status, created_at, updated_at)
      SELECT md5(n::text) || '00000000', 'movie', md5(n::text), '',
        (ARRAY['ingested', 'parsed', 'complete'])[n % 3 + 1]::atp.pipeline_status, n % 50 = 0,
        now() - n * interval '1 hour', now() - n % 997 * interval '1 minute'
      FROM generate_series(1, 5000) AS n;
      ANALYZE atp.training, atp.prediction, atp.media`);
  });

  const backlog = `training WHERE media_type = 'movie' AND coalesce(reviewed, false) = false`;
  const active = 'media WHERE deleted_at IS NULL';
  test.each([
    ['training_updated_at', 'training ORDER BY updated_at, imdb_id'],
    ['training_updated_at_desc', 'training ORDER BY updated_at DESC, imdb_id'],
    ['training_created_at', 'training ORDER BY created_at, imdb_id'],
    ['training_created_at_desc', 'training ORDER BY created_at DESC, imdb_id'],
    ['training_backlog_updated_at', `${backlog} ORDER BY updated_at, imdb_id`],
    ['training_backlog_updated_at_desc', `${backlog} ORDER BY updated_at DESC, imdb_id`],
    ['training_backlog_created_at', `${backlog} ORDER BY created_at, imdb_id`],
    ['training_backlog_created_at_desc', `${backlog} ORDER BY created_at DESC, imdb_id`],
    ['training_anomalous', 'training WHERE anomalous ORDER BY updated_at, imdb_id'],
    ['training_anomalous_desc', 'training WHERE anomalous ORDER BY updated_at DESC, imdb_id'],
    ['training_title_words', `training WHERE replace(console.fold(media_title), ' ', '') LIKE '%amelie%'`],
    ['training_title_order(_desc)?', `training WHERE left(console.fold(media_title), 200) COLLATE "C" LIKE 'am%'`],
    ['training_title_order', 'training ORDER BY left(console.fold(media_title), 200) COLLATE "C", imdb_id'],
    ['training_title_order_desc', 'training ORDER BY left(console.fold(media_title), 200) COLLATE "C" DESC, imdb_id'],
    ['training_imdb_id_prefix', `training WHERE imdb_id LIKE 'tt12%'`],
    ['training_random', 'training ORDER BY md5(imdb_id), imdb_id'],
    ['prediction_cell', `prediction WHERE cm_value = 'fp' ORDER BY probability, imdb_id`],
    ['prediction_cell_desc', `prediction WHERE cm_value = 'fp' ORDER BY probability DESC, imdb_id`],
    ['prediction_probability', 'prediction ORDER BY probability, imdb_id'],
    ['prediction_probability_desc', 'prediction ORDER BY probability DESC, imdb_id'],
    ['prediction_created_at', 'prediction ORDER BY created_at, imdb_id'],
    ['prediction_created_at_desc', 'prediction ORDER BY created_at DESC, imdb_id'],
    ['prediction_uncertain', 'prediction ORDER BY abs(probability - 0.5), imdb_id'],
    ['prediction_uncertain', 'prediction ORDER BY abs(probability - 0.5) DESC, imdb_id DESC'],
    ['media_updated_at', `${active} ORDER BY updated_at, hash`],
    ['media_updated_at_desc', `${active} ORDER BY updated_at DESC, hash`],
    ['media_created_at', `${active} ORDER BY created_at, hash`],
    ['media_created_at_desc', `${active} ORDER BY created_at DESC, hash`],
    ['media_status_updated_at', `${active} AND pipeline_status = 'parsed' ORDER BY updated_at, hash`],
    ['media_status_updated_at_desc', `${active} AND pipeline_status = 'parsed' ORDER BY updated_at DESC, hash`],
    ['media_errors', `${active} AND error_status ORDER BY updated_at, hash`],
    ['media_errors_desc', `${active} AND error_status ORDER BY updated_at DESC, hash`],
    [
      'media_title_words',
      `${active} AND (replace(console.fold(media_title), ' ', '') LIKE '%amelie%'
        OR replace(console.fold(original_title), ' ', '') LIKE '%amelie%')`,
    ],
    [
      'media_title_order',
      `${active} AND media_title IS NOT NULL ORDER BY left(console.fold(media_title), 200) COLLATE "C", hash`,
    ],
    [
      'media_title_order_desc',
      `${active} AND media_title IS NOT NULL ORDER BY left(console.fold(media_title), 200) COLLATE "C" DESC, hash`,
    ],
    ['media_untitled', `${active} AND media_title IS NULL ORDER BY hash`],
    ['media_hash_prefix', `media WHERE deleted_at IS NULL AND hash LIKE 'abc%'`],
  ])('%s serves %s', async (index, query) => {
    const found = (await readColumn(`EXPLAIN (COSTS OFF) SELECT * FROM atp.${query} LIMIT 20`)).join('\n');
    expect(found).toMatch(new RegExp(`\\bconsole_${index}\\b`));
    expect(found).not.toMatch(/Sort|Seq Scan/);
  });

  test('have no invalid index and none that the tests above do not use', async () => {
    const { valid, total } = await readRow<{ valid: number; total: number }>(
      `SELECT count(*) FILTER (WHERE indisvalid)::int AS valid, count(*)::int AS total
       FROM pg_index JOIN pg_class ON oid = indexrelid WHERE starts_with(relname, 'console_')`,
    );
    expect([valid, total]).toEqual([35, 35]);
  });
});

describe('console.view and console.setting', () => {
  const view = (owner: string, page: string, name: string) =>
    client.query('INSERT INTO console.view (page, name, query, owner) VALUES ($1, $2, $3, $4)', [
      page,
      name,
      '',
      owner,
    ]);

  test('a name is unique among the views of an owner and page', async () => {
    await view('Anna', 'training', 'Comedies');
    await view('Anna', 'media', 'Comedies');
    await view('Bob', 'training', 'Comedies');
    await expect(view('Anna', 'training', 'Comedies')).rejects.toMatchObject({ constraint: 'view_name_is_unique' });
  });

  test.each(['', 'x'.repeat(101)])('a view has a name of 1 to 100 characters', async (name) => {
    await expect(view('Anna', 'training', name)).rejects.toMatchObject({ code: '23514' });
  });

  test.each(['[]', '"text"', 'null', '1'])('a section of the settings is an object, not %s', async (value) => {
    const insert = client.query(`INSERT INTO console.setting (section, value, actor) VALUES ('review', $1, 'Anna')`, [
      value,
    ]);
    await expect(insert).rejects.toMatchObject({ code: '23514' });
  });

  test('a section has each version once, with an object as its value and a list of changes', async () => {
    const insert = (version: number, value = '{}', changes = '[]') =>
      client.query(
        `INSERT INTO console.setting_version (section, version, value, changes, actor) VALUES ('pipeline', $1, $2, $3, 'Anna')`,
        [version, value, changes],
      );
    await insert(1);
    await insert(2);
    await expect(insert(2)).rejects.toMatchObject({ code: '23505' });
    await expect(insert(3, '[]')).rejects.toMatchObject({ code: '23514' });
    await expect(insert(3, '{}', '{}')).rejects.toMatchObject({ code: '23514' });
  });

  test('a section is unique per owner', async () => {
    const insert = (owner: string) =>
      client.query(`INSERT INTO console.setting (owner, section, value, actor) VALUES ($1, 'review', '{}', 'Anna')`, [
        owner,
      ]);
    await insert('');
    await insert('ann');
    await expect(insert('')).rejects.toMatchObject({ code: '23505' });
  });
});
