import type { FileHistory, PipelineFile } from '@at/contracts/files';
import type { Pagination } from '@at/contracts/paging';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ template: 'plain' });
  await sql`
    with root as (
      insert into console.file_root (name, path, marker, marker_inode)
      values ('Inbox', '/in', gen_random_uuid(), 1), ('Archive', '/out', gen_random_uuid(), 2) returning id
    ) insert into console.file_directory (root_id, name) select id, '' from root order by id
  `.execute(app.db);
  await sql`insert into console.file_directory (root_id, parent_id, name) values (1, 1, 'a b')`.execute(app.db);
  // 1 is kept and was sorted, 2 is its duplicate with a name that is not UTF-8, 3 a live photo of 4; 5 is gone, and so is its place.
  await sql`
    insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, status_before, sha256, duplicate_of,
      group_id, error, captured_at, captured_from) values
      (2, 'one.jpg', 500, 1748000000123456789, 0, 1, 'photo', 'SORTED', null, sha256('x'), null, null, null, '2025-05-20 20:02:11', 'DateTimeOriginal'),
      (3, '\\xff2e4a5047', 500, 0, 0, 2, 'photo', 'DUPLICATE', null, sha256('x'), 1, null, null, null, null),
      (3, 'IMG.MOV', 90, 0, 0, 3, 'video', 'UNIQUE', null, null, null, 4, null, null, null),
      (3, 'IMG.HEIC', 70, 0, 0, 4, 'photo', 'UNIQUE', null, null, null, null, null, null, null),
      (null, null, 1, 0, 0, 5, 'other', 'MISSING', 'NEW', null, null, null, null, null, null),
      (3, '<b>50%_.xmp', 1, 0, 0, 6, 'sidecar', 'ERROR', null, null, null, null, 'No permission.', null, null)
  `.execute(app.db);
  await sql`
    insert into console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode, state, ended_at, reason)
    values (gen_random_uuid(), 1, 3, 'one.jpg', 2, 'one.jpg', 500, 0, 1, 'done', now(), null),
      (gen_random_uuid(), 1, 1, 'one.jpg', 3, 'one.jpg', 500, 0, 1, 'given_up', now(), 'It has changed.')
  `.execute(app.db);
});
afterAll(() => app.close());

type Files = { data: PipelineFile[]; pagination: Pagination };
const list = async (query = '') => (await app.call<Files>('GET', `//api/files${query}`)).body;
const ids = async (query: string) => (await list(query)).data.map(({ id }) => id);

test('each file is listed where it is, with bytes as text', async () => {
  const { data, pagination } = await list();
  expect(pagination).toMatchObject({ total: 6, has_more: false });
  expect(data.map(({ path }) => path)).toEqual([
    'a b/<b>50%_.xmp',
    null,
    'a b/IMG.HEIC',
    'a b/IMG.MOV',
    'a b/\\377.JPG',
    'one.jpg',
  ]);
  expect(data.at(-1)).toMatchObject({
    root: 'Archive',
    name: 'one.jpg',
    status: 'SORTED',
    modified_at: '2025-05-23T11:33:20.123456Z',
    captured_at: '2025-05-20T20:02:11',
    captured_from: 'DateTimeOriginal',
  });
  expect(data[1]).toMatchObject({ root: null, root_id: null, name: null, status: 'MISSING' });
  expect(data[0]).toMatchObject({ name: '<b>50%_.xmp', error: 'No permission.' });
});

test.each<[string, number[]]>([
  ['?status=UNIQUE', [4, 3]],
  ['?status=ERROR,MISSING,UNIQUE', [6, 5, 4, 3]],
  ['?status=UNIQUE,UNIQUE&sort_order=asc', [3, 4]],
  ['?kind=video,sidecar', [6, 3]],
  ['?root=2', [1]],
  ['?root=1&status=DUPLICATE,ERROR', [6, 2]],
  ['?search=img', [4, 3]],
  ['?search=%25_', [6]],
  ['?search=.jpg', [2, 1]],
  ['?id=6,1', [6, 1]],
  ['?sort_by=size', [2, 1, 3, 4, 6, 5]],
  ['?sort_by=size&sort_order=asc&status=DUPLICATE,SORTED,UNIQUE', [4, 3, 1, 2]],
])('%s', async (query, expected) => {
  expect(await ids(query)).toEqual(expected);
});

test.each(['', '&status=UNIQUE,SORTED,DUPLICATE,ERROR,MISSING', '&sort_by=size'])(
  'pages behind cursors have each file once: %s',
  async (query) => {
    const all = await ids(`?limit=100${query}`);
    const seen: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const at: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { data, pagination }: Files = await list(`?limit=2${query}${at}`);
      seen.push(...data.map(({ id }) => id));
      cursor = pagination.next_cursor;
    }
    expect(seen).toEqual(all);
  },
);

test('the history of a file has its moves, companions, and what it is a duplicate of', async () => {
  const history = async (id: number) => (await app.call<FileHistory>('GET', `//api/files/${id}/history`)).body;
  expect(await history(1)).toMatchObject({
    file: { id: 1, path: 'one.jpg' },
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    companions: [],
    kept: null,
    batches: [],
    moves: [
      {
        id: 2,
        state: 'given_up',
        reason: 'It has changed.',
        from_root: 'Inbox',
        from_path: 'one.jpg',
        to_path: 'a b/one.jpg',
      },
      {
        id: 1,
        action: 'move',
        state: 'done',
        from_path: 'a b/one.jpg',
        to_root: 'Archive',
        is_undo: false,
        run_id: null,
      },
    ],
  });
  expect(await history(2)).toMatchObject({ kept: { id: 1, root: 'Archive', path: 'one.jpg' } });
  expect(await history(3)).toMatchObject({
    companions: [{ id: 4, name: 'a b/IMG.HEIC', status: 'UNIQUE' }],
    sha256: null,
  });
  expect(await history(5)).toMatchObject({ file: { path: null }, companions: [] });
  expect(await app.call('GET', '//api/files/99/history')).toMatchObject({ status: 404 });
});

test('the list is exported as it is filtered', async () => {
  const { text } = await app.call('GET', '//api/files/export?format=csv&status=SORTED,ERROR');
  const lines = text.trim().split(/\r?\n/);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('id,root_id,root,name,path,size,kind,status');
});
