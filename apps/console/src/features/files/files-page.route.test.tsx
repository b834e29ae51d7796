import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { screen, waitFor, within } from '@testing-library/dom';
import { afterAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { nodeFetch } from '#test/api.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

const base = mkdtempSync(join(tmpdir(), 'at-files-page-'));
afterAll(() => rmSync(base, { recursive: true }));

let product: Product;
let folder: string;
beforeEach(async () => {
  product = await startProduct({ demo: false, works: false });
  folder = mkdtempSync(join(base, 'at-'));
  onTestFinished(async () => {
    await product.close();
  });
});

const send = async (method: string, path: string, body: object) => {
  const headers = { 'content-type': 'application/json', 'x-actor': 'Bob' };
  const response = await nodeFetch(`${product.url}${path}`, { method, body: JSON.stringify(body), headers });
  expect(response.status).toBe(200);
};
const configure = (paths: object) => send('PUT', '/api/config', { paths });
const open = (key?: string) => openPage('/files', { product, ...(key && { key }) });
const row = async (name: string) =>
  within((await screen.findByText(name, { selector: 'dt' })).closest('div') as HTMLElement);
const next = (text: string) => screen.findByRole('heading', { name: `Next: ${text}` });

it('leads from no folders to the first scan, each with one button', async () => {
  const { click, user } = open();
  await next('Set up the folders');
  const choose = await screen.findByRole('link', { name: 'Choose a folder: Inbox' });
  expect(choose.getAttribute('href')).toBe('/files/config');
  (await row('Inbox')).getByText('Not set');

  mkdirSync(join(folder, 'inbox'));
  await configure({ source_dir: join(folder, 'inbox'), sorted_dir: join(folder, 'archive') });
  await click('button', 'Refresh');
  await screen.findByRole('button', { name: 'Set up: Inbox' });
  (await row('Archive')).getByText('Does not exist');
  await click('button', 'Set up: Inbox');
  await screen.findByText('Ready: Inbox');
  await waitFor(async () => (await row('Inbox')).getByText('Ready'));

  await click('button', 'Create: Archive');
  await screen.findByText(/mount it first/);
  await click('button', 'Create and set up');
  await next('Look for new files in the inbox');
  await screen.findByText('No scan yet');
  writeFileSync(join(folder, 'inbox/a.jpg'), 'a');
  await screen.findByRole('button', { name: 'Find new files' });
  await user.keyboard('l');
  await next('Nothing: a step is in progress');
  await screen.findByText('Waiting for a worker');
  const [run] = await product.query<{ id: string }>('SELECT id FROM console.run');
  await click('link', 'Show run');
  await at(`/files?run=${run?.id}`);
});

it('a held folder and a failed scan need a person, who can accept both', async () => {
  await configure({ source_dir: folder });
  await send('POST', '/api/config/roots', {});
  await product.query(`UPDATE console.file_root SET held = 'It is a copy.'`);
  // A move that found its file at neither place.
  await product.query(`
    WITH file AS (
      INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, status_before)
      SELECT id, 'a.jpg', 1, 1, 1, 1, 'photo', 'MISSING', 'UNIQUE' FROM console.file_directory RETURNING id, directory_id
    )
    INSERT INTO console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode,
      action, state, ended_at)
    SELECT gen_random_uuid(), id, directory_id, 'a.jpg', directory_id, 'b.jpg', 1, 1, 1, 'move', 'missing', now() FROM file
  `);
  await product.query(`
    WITH directory AS (
      INSERT INTO console.file_directory (root_id, parent_id, name)
      SELECT root_id, id, given::bytea FROM console.file_directory, unnest(ARRAY['first', 'second']) AS given RETURNING id, name
    )
    INSERT INTO console.batch (name, status, failed_in, reason, file_count, size_bytes, manifest, settings, directory_id, ready_at)
    SELECT convert_from(name, 'UTF8'), CASE name WHEN 'first' THEN 'ERROR' ELSE 'SORTED' END,
      CASE name WHEN 'first' THEN 'SYNCING' END, CASE name WHEN 'first' THEN 'The disk is full.' END, 1, 1, '{"files": []}', '{}', id, now()
    FROM directory`);
  await product.query(`
    INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, batch_id)
    SELECT directory_id, 'a.jpg'::bytea, 1, 1, 1, 2, 'photo', 'ARCHIVED', id FROM console.batch WHERE status = 'SORTED'
    UNION ALL
    SELECT id, 'film.mov'::bytea, 20 * 1024::bigint ^ 3, 1, 1, 3, 'video', 'UNIQUE', null FROM console.file_directory WHERE parent_id IS NULL`);
  const { click } = open();
  const problems = within(await screen.findByRole('region', { name: 'Needs attention' }));
  problems.getByText('Inbox: held');
  const vanished = await problems.findByRole('link', { name: '1 file vanished while it was moved' });
  expect(vanished.getAttribute('href')).toBe('/files/all?status=MISSING');
  const stopped = problems.getByRole('link', { name: 'first has stopped. The disk is full.' });
  expect(stopped.getAttribute('href')).toBe('/files/batches/1');
  problems.getByRole('link', { name: /^second is in the archive as copies/ });
  problems.getByRole('link', { name: /^film\.mov with its companions is larger than a batch may be: 2/ });
  await product.query(
    "DELETE FROM console.file WHERE name IN ('film.mov', 'a.jpg') AND status <> 'MISSING'; DELETE FROM console.batch",
  );
  await screen.findByText('It is a copy.');
  await click('button', 'Accept: Inbox');
  await screen.findByText(/only if it has the files that you expect/);
  await click('button', 'Accept');
  await screen.findByText('Ready: Inbox');
  await next('Look for new files in the inbox');

  await send('POST', '/api/dedup/start', {});
  await product.query(`
    UPDATE console.step SET outcome = 'failed', finished_at = now(),
      error = '{"code": "file_gone", "type": "FinalFailure", "message": "Of 9 files, 8 are gone."}';
    UPDATE console.run SET outcome = 'failed', finished_at = now()`);
  await click('button', 'Refresh');
  await screen.findByText('Last scan failed');
  await click('button', 'Accept that they are missing');
  await screen.findByText(/marked as missing/);
  await click('button', 'Accept that they are missing', await screen.findByRole('dialog'));
  await next('Nothing: a step is in progress');
  expect(
    await product.query(`SELECT params -> 'accept_missing' AS accepted FROM console.run ORDER BY created_at`),
  ).toEqual([{ accepted: null }, { accepted: true }]);
});

it('counts files by the step that they wait for, and shows progress and last runs', async () => {
  await configure({ source_dir: folder });
  await send('POST', '/api/config/roots', {});
  await product.query(`
    INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, error)
    SELECT d.id, convert_to(n || '.jpg', 'utf8'), 1000000, 0, 0, n, 'photo',
      CASE WHEN n = 1 THEN 'ERROR' WHEN n < 4 THEN 'NEW' ELSE 'UNIQUE' END, CASE WHEN n = 1 THEN 'no date' END
    FROM console.file_directory d, generate_series(1, 12) n`);
  await send('POST', '/api/dedup/start', {});
  await product.query(`
    UPDATE console.step SET progress = '{"done": 250000000, "total": 1000000000, "unit": "bytes", "message": "Reading files with equal ends",
      "facts": {"files": 3, "total_files": 12, "bytes_per_second": 50000000}}'`);
  open();
  await screen.findByText('Reading files with equal ends');
  await screen.findByText('3 of 12 files · 50 MB/s · about 15.0 s left');
  const steps = within(screen.getByRole('list', { name: 'Steps' }));
  expect(steps.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(
    expect.arrayContaining([expect.stringContaining('9 ready for a batch 9 MB')]),
  );
  within(screen.getByRole('region', { name: 'Needs attention' })).getByText('1 file with an error');
  (await row('Inbox')).getByText(/^12 files, 12 MB · .* free of /);
  const runs = within(await screen.findByRole('region', { name: 'Last runs' }));
  await runs.findByRole('link', { name: 'Find files and duplicates' });
  await runs.findByRole('link', { name: 'Inbox' });
});

it('sorts the batch that is ready, after it said what happens, and shows how far it is', async () => {
  for (const name of ['inbox', 'send/batches', 'archive']) mkdirSync(join(folder, name), { recursive: true });
  await configure({
    source_dir: join(folder, 'inbox'),
    batch_dir: join(folder, 'send/batches'),
    sorted_dir: join(folder, 'archive'),
  });
  await send('POST', '/api/config/roots', {});
  await product.query(`
    WITH top AS (
      SELECT d.id, d.root_id FROM console.file_directory d JOIN console.file_root r ON r.id = d.root_id
      WHERE d.parent_id IS NULL AND convert_from(r.path, 'utf8') LIKE '%/batches'
    ), directory AS (
      INSERT INTO console.file_directory (root_id, parent_id, name) SELECT root_id, id, 'batch_001' FROM top RETURNING id
    ), batch AS (
      INSERT INTO console.batch (name, file_count, size_bytes, manifest, settings, directory_id, ready_at)
      SELECT 'batch_001', 3, 3, '{"files": []}', '{}', id, now() FROM directory RETURNING id
    )
    INSERT INTO console.batch_file (batch_id, position, companions, source, path, size, mtime_ns, state)
    SELECT id, n, n, 'a', n || '.jpg', 1, 1, CASE n WHEN 1 THEN 'SORTED' ELSE 'BATCHED' END FROM batch, generate_series(1, 3) n`);
  const { click } = open();
  await next('Sort the batch into the archive');
  await click('button', 'Sort into the archive');
  const dialog = await screen.findByRole('dialog');
  within(dialog).getByText('batch_001');
  within(dialog).getByText(/Nothing is replaced/);
  await click('button', 'Sort into the archive', dialog);
  await screen.findByText('1 of 3 files sorted');
  screen.getByRole('progressbar', { name: 'Progress of the sorting' });
  await next('Nothing: a step is in progress');

  await product.query(`
    UPDATE console.batch SET status = 'ERROR', failed_in = 'SORTING', reason = '2 of 3 files are not sorted: 2 x No capture date'`);
  await click('button', 'Refresh');
  await screen.findByText('Not all files are sorted');
  await screen.findByText('2 of 3 files are not sorted: 2 x No capture date');
  await screen.findByRole('button', { name: 'Sort again' });

  await next('Look at the stopped batch');
  const [batch] = await product.query<{ id: number }>('SELECT id FROM console.batch');
  const address = `/files/batches/${batch?.id}`;
  const current = screen.getAllByRole('link', { name: 'batch_001' });
  const problems = within(await screen.findByRole('region', { name: 'Needs attention' }));
  for (const link of [...current, await problems.findByRole('link', { name: /^batch_001 has stopped/ })])
    expect(link.getAttribute('href')).toBe(address);
  expect(current.length).toBeGreaterThan(0);
});

it('the last runs name what undoes, and link to the batch; a run that makes a batch has no subject', async () => {
  await product.query(`
    WITH root AS (
      INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('x', '/x', gen_random_uuid(), 1) RETURNING id
    ), directory AS (
      INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id
    )
    INSERT INTO console.batch (name, file_count, size_bytes, manifest, settings, directory_id)
    SELECT 'holiday', 1, 1, '{}', '{}', id FROM directory`);
  const [batch] = await product.query<{ id: number }>('SELECT id FROM console.batch');
  for (const [task, type] of [
    ['files.undo_batch', 'batch'],
    ['files.batch', 'batches'],
  ])
    await product.query(`
      WITH run AS (
        INSERT INTO console.run (id, task, params, trigger, requested_by, subject_type, subject_id, outcome, finished_at)
        VALUES (gen_random_uuid(), '${task}', '{}', 'manual', 'Bob', '${type}', '${batch?.id}', 'completed', now()) RETURNING id
      )
      INSERT INTO console.step (run_id, task, params, queue, outcome, finished_at)
      SELECT id, '${task}', '{}', 'disk', 'completed', now() FROM run`);
  open();
  const runs = within(await screen.findByRole('region', { name: 'Last runs' }));
  const undo = await runs.findByRole('link', { name: 'Undo a batch' });
  expect(undo.nextElementSibling?.getAttribute('href')).toBe(`/files/batches/${batch?.id}`);
  expect(undo.nextElementSibling?.textContent).toBe('holiday');
  const made = runs.getByRole('link', { name: 'Make the next batch' });
  expect(made.nextElementSibling).toBeNull();
  expect(made.parentElement?.textContent?.trim()).toBe('Make the next batch');
});

it('runs all steps after a question, continues one that waits for a person, and says why the last run stopped', async () => {
  for (const name of ['inbox', 'batches']) mkdirSync(join(folder, name));
  await configure({ source_dir: join(folder, 'inbox'), batch_dir: join(folder, 'batches') });
  const { click } = open();
  await waitFor(() =>
    expect(screen.getByRole('button', { name: /^Run all steps/ }).getAttribute('aria-disabled')).toBe('true'),
  );
  await send('POST', '/api/config/roots', {});
  await send('PUT', '/api/config', { workflow: { debug: true } });
  await click('button', 'Refresh');
  await waitFor(() =>
    expect(screen.getByRole('button', { name: /^Run all steps/ }).getAttribute('aria-disabled')).not.toBe('true'),
  );
  await click('button', 'Run all steps');
  await screen.findByText(/^Finds new files, makes a batch/);
  await click('button', 'Run all steps', await screen.findByRole('dialog'));
  await screen.findByText('Running: Find');

  await product.query(
    `UPDATE console.step SET outcome = 'completed', finished_at = now(), output = '{"result": "completed", "message": null, "runs": []}' WHERE ref = 'scan'`,
  );
  await screen.findByText('Waits for you before the step Batch');
  await click('button', 'Continue');
  await screen.findByText('Running: Batch');

  await product.query(`
    UPDATE console.step SET outcome = CASE ref WHEN 'batch' THEN 'failed' ELSE 'skipped' END, finished_at = now(),
      error = CASE ref WHEN 'batch' THEN '{"code": "refused", "type": "FinalFailure", "message": "The disk is not there."}'::jsonb END
    WHERE outcome IS NULL`);
  await product.query(`UPDATE console.run SET outcome = 'failed', finished_at = now() WHERE task = 'files.run'`);
  await screen.findByText('The last run of all steps has stopped');
  await screen.findByText('The disk is not there.');
  await click('button', 'Try again');
  await screen.findByText('Running: Batch');
});

it('says when runs start by themselves, and why not', async () => {
  for (const name of ['inbox', 'batches']) mkdirSync(join(folder, name));
  const paths = { source_dir: join(folder, 'inbox'), batch_dir: join(folder, 'batches') };
  await configure(paths);
  const { click } = open();
  expect((await row('Schedule')).getByText('Off')).toBeTruthy();
  await send('PUT', '/api/config', { schedule: { enabled: true, cron: '0 3 * * *' }, watch: { enabled: true } });
  await click('button', 'Refresh');
  await waitFor(async () => (await row('Schedule')).getByText(/inbox has no marker yet/));
  await send('POST', '/api/config/roots', {});
  await click('button', 'Refresh');
  await waitFor(async () => (await row('Schedule')).getByText('No worker is running. Start one.'));
  await product.query(
    `INSERT INTO console.worker (id, host, pid, version, tasks, queues, seen_at)
     VALUES (gen_random_uuid(), 'a', 1, '0', '{}', '{}', now() + interval '1 hour')`,
  );
  await product.query(`
    INSERT INTO console.file_watch (root_id, seen_at, due_at)
    SELECT id, now() + interval '1 hour', now() + interval '90 minutes' FROM console.file_root WHERE name = 'Inbox'`);
  await click('button', 'Refresh');
  await waitFor(async () => (await row('Schedule')).getByText(/^Next run/));
  (await row('When files arrive')).getByText('in 1 hr');
  await product.query(`UPDATE console.file_watch SET due_at = NULL, problem = 'The system allows no more watches.'`);
  await product.query(`
    INSERT INTO console.run (id, task, params, trigger, schedule, slot, outcome, finished_at)
    VALUES (gen_random_uuid(), 'files.run', '{}', 'cron', 'files.run', now(), 'completed', now())`);
  await click('button', 'Refresh');
  await waitFor(async () => (await row('When files arrive')).getByText('The system allows no more watches.'));
  (await row('Schedule')).getByRole('link', { name: 'Last run' });
});
