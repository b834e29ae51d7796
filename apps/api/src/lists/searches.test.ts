import type { Activity } from '@at/contracts/activity';
import type { DuplicateList } from '@at/contracts/duplicates';
import type { PipelineFile } from '@at/contracts/files';
import type { MediaList } from '@at/contracts/media';
import type { QueueList } from '@at/contracts/queue';
import type { Run } from '@at/contracts/runs';
import type { TrainingList } from '@at/contracts/training';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertFileRoot, insertFiles } from '#test/sample-files.ts';
import { insertQueueItem } from '#test/sample-queue.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

/** Every search that a person types into finds words, however they are typed. */

const text = 'Ame\u0301lie’s Straße: Spider-Man_II – 100% ½';
const other = 'Amber 100 Strass-Spieler, Man';

const found = [
  'AMÉLIE',
  'ame\u0301lies',
  "amelie's strasse",
  'amélie‘s STRASSE',
  'spiderman',
  'spider man ii',
  'Spider\u2010Man',
  'strasse spider_man',
  '100%',
  ' : ',
];
const notFound = ['batman', 'spider-man 3', '$', '100$'];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ template: 'plain' });
  const { db } = app;
  const root = await insertFileRoot(db, 'inbox');
  for (const [i, name] of [text, other].entries()) {
    await insertTitles(db, [{ imdb_id: `tt700000${i}`, media_title: name }]);
    await sql`insert into atp.media (hash, media_type, original_title) values (repeat(${String(i)}, 40), 'movie', ${name})`.execute(
      db,
    );
    await insertQueueItem(db, { movie_code: null, actress: name, file_path: `/watch/${i}` });
    await insertQueueItem(db, { movie_code: `C-${i}`, actress: null, file_path: `/watch/${name}` });
    await sql`insert into console.run (task, params, trigger, subject_type, subject_id)
      values ('test.task', '{}', 'manual', 'file', ${name})`.execute(db);
    await sql`insert into console.event (type, actor, payload)
      values ('queue.changed', 'ann', jsonb_build_object('action', 'retry', 'name', ${name}::text))`.execute(db);
    const [keeper] = await insertFiles(db, root, [{ path: `${i}/${name}`, content: name }]);
    await insertFiles(db, root, [{ path: `${i}/copy`, content: name, duplicate_of: keeper as number }]);
  }
  // Bytes that are no text do not take the list with them.
  await sql`update console.file set name = ${Buffer.from([0xff, 0x41, 0x5c])} where name = 'copy' and id % 2 = 0`.execute(
    db,
  );
});
afterAll(() => app.close());

type Search = { address: (q: string) => string; texts: (body: never) => unknown[] };
const searches: Record<string, Search> = {
  titles: { address: (q) => `/training?q=${q}`, texts: ({ data }: TrainingList) => data.map((row) => row.media_title) },
  'media items': {
    address: (q) => `/media/?q=${q}`,
    texts: ({ data }: MediaList) => data.map((row) => row.original_title),
  },
  queue: {
    address: (q) => `//api/queue?search=${q}`,
    texts: ({ items }: QueueList) => [
      ...new Set(items.map(({ actress, file_path }) => actress ?? file_path.replace('/watch/', ''))),
    ],
  },
  'performers of the queue': {
    address: (q) => `//api/queue?actress=${q}`,
    texts: ({ items }: QueueList) => items.map((item) => item.actress),
  },
  'suggestions of the queue': {
    address: (q) => `//api/queue/suggest?q=${q}`,
    texts: ({ suggestions }: { suggestions: { value: string }[] }) => suggestions.map(({ value }) => value),
  },
  runs: {
    address: (q) => `//api/runs?search=${q}`,
    texts: ({ data }: { data: Run[] }) => data.map((run) => run.subject_id),
  },
  files: {
    address: (q) => `//api/files?search=${q}`,
    texts: ({ data }: { data: PipelineFile[] }) => data.map((file) => file.name),
  },
  duplicates: {
    address: (q) => `//api/duplicates?search=${q}`,
    texts: ({ data }: DuplicateList) => data.map(({ keeper }) => keeper.path.split('/').at(-1)),
  },
  activity: {
    address: (q) => `/activity?q=${q}&actor=ann`,
    texts: ({ data }: { data: Activity[] }) => data.map(({ file }) => file?.name),
  },
};

describe.each(Object.entries(searches))('the search of %s', (_name, { address, texts }) => {
  test.each([...found.map((q) => [q, [text]] as const), ...notFound.map((q) => [q, []] as const)])(
    '%j finds %j',
    async (q, expected) => {
      const { status, body } = await app.call<never>('GET', address(encodeURIComponent(q)));
      expect(status).toBe(200);
      expect(texts(body)).toEqual(expected);
    },
  );
});
