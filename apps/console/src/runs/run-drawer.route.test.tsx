import type { MetadataOutput } from '@at/contracts/training';
import { MantineProvider } from '@mantine/core';
import { screen, waitFor, within } from '@testing-library/dom';
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router';
import { beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { requests } from '#test/api.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { insertRun } from '#test/sample-runs.ts';
import { RunDrawer } from './run-drawer.tsx';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});
beforeEach(() => product.query('TRUNCATE console.run CASCADE'));

const drawer = async () => within(await screen.findByRole('dialog'));

it('a run opens from the list with its error first, is retried, and closes to the list', async () => {
  const error = { type: 'MetadataError', message: '<img src=x> TMDB is gone', stack: 'at refresh (tmdb.ts:1)' };
  const { id } = await insertRun(product, { outcome: 'failed', error, subject: ['titles', 'without facts'] });
  const { click } = openPage('/runs', { product });
  await click('link', 'Refresh metadata');
  await at(`/runs?run=${id}`);
  const { findByText, findAllByText, findByRole } = await drawer();
  await findByText('<img src=x> TMDB is gone');
  await findByText('Attempt 1');
  await click('button', 'Retry', await screen.findByRole('dialog'));
  await findByRole('button', { name: 'Cancel' });
  await findAllByText('waiting');
  expect(await product.query('SELECT outcome FROM console.run')).toEqual([{ outcome: null }]);
  await click('button', 'Close');
  await at('/runs');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

it('an error that no attempt has, such as that of a lost worker, is above the attempts', async () => {
  const error = { type: 'Error', message: 'The worker is gone' };
  const { id, step } = await insertRun(product, { outcome: 'failed', error });
  await product.query('UPDATE console.step_attempt SET error = NULL WHERE step_id = $1', [step]);
  openPage(`/runs?run=${id}`, { product });
  const steps = await (await drawer()).findByRole('list', { name: 'Steps' });
  expect(steps.textContent).toMatch(/The worker is gone.*Attempt 1/);
});

it('a retry that needs an admin is disabled for an operator', async () => {
  const keys = 'olaf:operator:secret-of-olaf-1234,ann:admin:secret-of-ann-1234';
  const own = await startProduct({ environment: { API_KEYS: keys } });
  onTestFinished(async () => void (await own.close()));
  const { id } = await insertRun(own, { task: 'bulk.apply', outcome: 'cancelled' });
  openPage(`/runs?run=${id}`, { product: own, key: 'secret-of-olaf-1234' });
  const retry = await (await drawer()).findByRole('button', { name: 'Retry' });
  await waitFor(() => expect(retry.getAttribute('aria-disabled')).toBe('true'));
});

it('a drawer that loads after it was closed asks for nothing', async () => {
  openPage('/runs', { product });
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  onTestFinished(() => root.unmount());
  root.render(
    <MantineProvider env="test">
      <MemoryRouter>
        <RunDrawer id={null} />
      </MemoryRouter>
    </MantineProvider>,
  );
  await screen.findByRole('heading', { name: 'No runs yet' });
  expect(requests.filter((request) => /\/api\/runs\/(\?|$)/.test(request))).toEqual([]);
});

it('each error is below the number of its attempt, and the time of work is apart from the time of waiting', async () => {
  const error = { type: 'Error', message: 'The disk is full' };
  const { id, step } = await insertRun(product, { outcome: 'failed', error, age: 20 });
  await product.query(
    `UPDATE console.step_attempt SET finished_at = started_at + interval '78 milliseconds', error = '{"type": "Error", "message": "No space"}'`,
  );
  await product.query(
    `INSERT INTO console.step_attempt (job_id, retry_count, step_id, worker_id, started_at, finished_at, outcome, error)
     VALUES (gen_random_uuid(), 0, $1, gen_random_uuid(), now() - interval '206 milliseconds', now(), 'failed',
       '{"type": "Error", "message": "The disk is full"}')`,
    [step],
  );
  openPage(`/runs?run=${id}`, { product });
  const { findByRole, findByText } = await drawer();
  const steps = await findByRole('list', { name: 'Steps' });
  expect(steps.textContent).toMatch(
    /^Refresh metadata failed 284 ms.*Attempt 2.*The disk is full.*Attempt 1.*No space$/,
  );
  await findByText(/^284 ms of work, (19|20) min.* waiting$/);
});

it('a failed run that a later one has repaired says so with its link, and offers no retry', async () => {
  const error = { type: 'Error', message: 'No code' };
  const of = { task: 'item.process', subject: ['queue_item', '9'] as [string, string] };
  const failed = await insertRun(product, { ...of, outcome: 'failed', error, age: 5 });
  const later = await insertRun(product, { ...of, outcome: 'completed', age: 1 });
  const { click } = openPage(`/runs?run=${failed.id}`, { product });
  const { findByRole, queryByRole } = await drawer();
  await findByRole('link', { name: 'Repaired by a later run' });
  expect(queryByRole('button', { name: 'Retry' })).toBeNull();
  await click('link', 'Repaired by a later run', await screen.findByRole('dialog'));
  await at(`/runs?run=${later.id}`);
});

it('a run that was continued as often as a run may be has a disabled retry with the reason', async () => {
  const { id } = await insertRun(product, { outcome: 'failed' });
  await product.query('UPDATE console.run SET retries = 50 WHERE id = $1', [id]);
  const { user } = openPage(`/runs?run=${id}`, { product });
  const { findByRole } = await drawer();
  const button = await findByRole('button', { name: 'Retry' });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  await user.click(button);
  await screen.findAllByText(
    /^It was continued as often as a run may be\. Start a new run instead; one .+ starts by itself\.$/,
  );
});

it('a step that was skipped says so, and not that it is done', async () => {
  const { id } = await insertRun(product, { task: 'item.process', outcome: 'failed' });
  await product.query(
    `INSERT INTO console.step (run_id, task, params, queue, outcome, finished_at, ref, position)
    VALUES ($1, 'item.publish', '{}', 'network', 'skipped', now(), 'publish', 1)`,
    [id],
  );
  openPage(`/runs?run=${id}`, { product });
  const { findByText } = await drawer();
  const step = (await findByText('Publish')).closest('summary');
  expect(step?.textContent).toMatch(/^Publish not run/);
  await findByText('An earlier step did not complete, so this one was not run.');
});

it('the address opens a run on any page, which is followed while it goes on, and cancelled', async () => {
  const { id } = await insertRun(product, { progress: { done: 3, total: 8, unit: 'titles' } });
  const { click } = openPage(`/migrations?run=${id}`, { product });
  const { findByText, findAllByText, findByRole } = await drawer();
  await findByText('3 of 8 titles');
  await product.query(`UPDATE console.step SET progress = '{"done": 4, "total": 8, "unit": "titles"}'`);
  await findByText('4 of 8 titles');
  await click('button', 'Cancel', await screen.findByRole('dialog'));
  await findAllByText('stopping');
  expect((await findByRole('button', { name: 'Cancel' })).getAttribute('aria-disabled')).toBe('true');
  await click('button', 'Close');
  await at('/migrations');
});

it('what a refresh of metadata changed is a list of titles, beside the input and the output as JSON', async () => {
  const [title] = await product.query<{ imdb_id: string; media_title: string }>(
    'SELECT imdb_id, media_title FROM atp.training ORDER BY imdb_id LIMIT 1',
  );
  const { imdb_id, media_title } = title as { imdb_id: string; media_title: string };
  const changes = [{ column: 'imdb_rating', from: null, to: 71 }];
  const output: MetadataOutput = {
    changed: 1,
    unchanged: 0,
    unknown: 0,
    failed: 0,
    sources: [],
    titles: [{ imdb_id, changes, notes: ['OMDb does not know it.'] }],
  };
  const { id } = await insertRun(product, { outcome: 'completed', params: { titles: [imdb_id] }, output });
  openPage(`/runs?run=${id}&run_tab=data`, { product });
  const { findByRole } = await drawer();
  const list = within(await findByRole('list', { name: 'Titles' }));
  await list.findByRole('link', { name: media_title });
  list.getByText('imdb rating: — → 71');
  list.getByText('OMDb does not know it.');
  expect((await findByRole('region', { name: 'Input' })).textContent).toContain(`"${imdb_id}"`);
  expect((await findByRole('region', { name: 'Output' })).textContent).toContain('"changed": 1');
});

it('a run that does not exist says so; a viewer learns why nothing can be cancelled', async () => {
  openPage('/runs?run=0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59', { product });
  await (await drawer()).findByText(/No run has the id/);
  const guarded = await startProduct({ environment: { API_KEYS: 'vera:viewer:the-secret-of-vera' } });
  onTestFinished(() => guarded.close().then(() => {}));
  const { id } = await insertRun(guarded);
  openPage(`/runs?run=${id}`, { product: guarded, key: 'the-secret-of-vera' });
  await waitFor(() => {
    const button = screen.getByRole('button', { name: 'Cancel' });
    expect(button.getAttribute('aria-disabled')).toBe('true');
  });
});

it('a step that waits for an approval is approved in the drawer', async () => {
  const { id } = await insertRun(product);
  await product.query(
    `UPDATE console.step SET ref = 'move', needs_approval = true, job_id = NULL, started_at = NULL WHERE run_id = $1`,
    [id],
  );
  const { click } = openPage(`/runs?run=${id}`, { product });
  await click('button', 'Approve move', await screen.findByRole('dialog'));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Approve move' })).toBeNull());
  expect(await product.query('SELECT approved_at IS NOT NULL AS approved FROM console.step')).toEqual([
    { approved: true },
  ]);
});

it('the tab Log has its place in the address', async () => {
  const { id } = await insertRun(product, { outcome: 'completed' });
  const { click } = openPage(`/runs?run=${id}`, { product });
  await click('radio', 'Log');
  await (await drawer()).findByText(/No lines yet/);
  expect(location.search).toBe(`?run=${id}&run_tab=log`);
});

it('what a run of all steps has moved is undone from its drawer', async () => {
  const [run, child] = [crypto.randomUUID(), crypto.randomUUID()];
  await product.query(
    `INSERT INTO console.run (id, task, params, trigger, requested_by, outcome, finished_at)
     SELECT id::uuid, task, '{}', 'manual', 'Ada', 'completed', now() FROM (VALUES ($1, 'files.run'), ($2, 'files.sort')) v (id, task)`,
    [run, child],
  );
  await product.query(
    `INSERT INTO console.step (run_id, task, params, queue, ref, outcome, output, finished_at)
     VALUES ($1, 'files.step', '{}', 'network', 'sort', 'completed', $2, now())`,
    [run, JSON.stringify({ result: 'completed', message: null, runs: [], started: [child] })],
  );
  await product.query(`WITH root AS (
      INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('inbox', '/inbox', gen_random_uuid(), 0) RETURNING id
    ), directory AS (INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id)
    INSERT INTO console.move (companions, run_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode, state, ended_at)
    SELECT gen_random_uuid(), '${child}', id, 'a', id, 'b', 1, 1, 1, 'done', now() FROM directory`);
  const { click } = openPage(`/runs?run=${run}`, { product });
  await click('button', 'Undo', await screen.findByRole('dialog'));
  await screen.findByText(/are being moved back/);
  expect(await product.query("SELECT params ->> 'run' AS run FROM console.run WHERE task = 'files.undo_run'")).toEqual([
    { run },
  ]);
  await product.query("UPDATE console.move SET state = 'undone'");
  openPage(`/runs?run=${run}`, { product });
  await (await drawer()).findByText('Undone');
});
