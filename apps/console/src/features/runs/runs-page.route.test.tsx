import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { requests } from '#test/api.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { insertRun } from '#test/sample-runs.ts';
import { stopAtNoon } from '#test/stop-at-noon.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});
beforeEach(() => product.query('TRUNCATE console.run, console.job CASCADE'));

const open = (query = '') => openPage(`/runs${query}`, { product });
const rows = async () =>
  within(await screen.findByRole('table', { name: 'Runs' }))
    .getAllByRole('row')
    .slice(1);
const texts = async () => (await rows()).map((row) => row.textContent);

it('without runs the page says what would appear', async () => {
  open();
  await screen.findByRole('heading', { name: 'No runs yet' });
  await screen.findByText(/such as refreshing metadata or emptying the trash/);
});

it('a run is listed with its task, state, title, starter, duration and progress, or with why it failed', async () => {
  const [title] = await product.query<{ imdb_id: string; media_title: string }>(
    'SELECT imdb_id, media_title FROM atp.training ORDER BY imdb_id LIMIT 1',
  );
  const progress = { done: 1200, total: 5000, unit: 'titles' };
  await insertRun(product, { subject: ['title', title?.imdb_id ?? ''], progress, age: 1 });
  await insertRun(product, { task: 'media.trash_purge', requested_by: null, outcome: 'completed', age: 5 });
  const error = { type: 'Error', message: 'TMDB did not answer <b>' };
  await insertRun(product, { subject: ['titles', 'without facts'], outcome: 'failed', error, age: 90 });
  await insertRun(product, { task: 'media.unknown', subject: ['disc', 'a/b.mkv'], outcome: 'cancelled', age: 91 });
  open();
  const [running, purge, failed, other] = await rows();
  expect(running?.textContent).toMatch(/^Refresh metadatarunning.+Anna1 min(ute)?\.? ago.*1,200 of 5,000 titles$/);
  const link = within(running as HTMLElement).getByRole('link', { name: title?.media_title as string });
  expect(link.getAttribute('href')).toBe(`/training?view=list&media_type=all&reviewed=all&q=${title?.imdb_id}`);
  expect(purge?.textContent).toMatch(/^Empty the trashdone—Schedule media.trash_purge5 min.+—$/);
  expect(failed?.textContent).toMatch(
    /^Refresh metadatafailedAll titles without factsAnna.+1 h 30 minTMDB did not answer <b>$/,
  );
  expect(other?.textContent).toMatch(/^media.unknowndonecancelleddisc a\/b.mkv/);
});

it('a run of a media item has its name, also when it is deleted, and leads to it', async () => {
  const [item] = await product.query<{ hash: string; media_title: string }>(
    `UPDATE atp.media SET deleted_at = now() WHERE hash = (SELECT min(hash) FROM atp.media WHERE media_title <> '')
     RETURNING hash, media_title`,
  );
  const { hash = '', media_title = '' } = item ?? {};
  const error = { type: 'Obstacle', message: 'Transmission cannot be reached.' };
  await insertRun(product, { task: 'media.torrent', subject: ['media', hash], error });
  open('?subject_type=media');
  const [run] = await rows();
  expect(run?.textContent).toMatch(/^Finish a change in Transmission.+Transmission cannot be reached\.$/);
  const link = within(run as HTMLElement).getByRole('link', { name: media_title });
  expect(link.getAttribute('href')).toBe(`/media/${hash}`);
  await product.query(`UPDATE atp.media SET deleted_at = NULL WHERE hash = '${hash}'`);
});

it('the list is filtered by words, state, task, trigger, subject, time and requester, each in the address', async () => {
  // What is minutes old may be of yesterday.
  const toNoon = Math.round((Date.now() - stopAtNoon()) / 60_000);
  await insertRun(product, { outcome: 'failed', subject: ['title', 'tt0000001'], age: toNoon });
  await insertRun(product, {
    outcome: 'timeout',
    requested_by: 'Bea',
    subject: ['title', 'tt0000002'],
    age: 60 * 24 * 3,
  });
  await insertRun(product, { task: 'media.trash_purge', requested_by: null, outcome: 'completed' });
  const { user, click } = open();
  await user.selectOptions(await screen.findByLabelText('State'), 'State: failed');
  await at('/runs?state=failed%2Ctimeout');
  await screen.findByText('1–2 of 2, runs, failed');
  await user.selectOptions(screen.getByLabelText('When'), 'today');
  await at('/runs?state=failed%2Ctimeout&day=today');
  await screen.findByText('1–1 of 1, runs, failed, today');
  expect(await texts()).toEqual([expect.stringContaining('tt0000001')]);
  await click('button', 'Clear all filters');
  await at('/runs');
  await user.type(screen.getByLabelText('Search task, subject, actor or message'), 'BEA');
  await at('/runs?q=BEA');
  expect(await texts()).toEqual([expect.stringContaining('tt0000002')]);
  await user.clear(screen.getByLabelText('Search task, subject, actor or message'));
  await at('/runs');
  await user.selectOptions(screen.getByLabelText('Started by'), 'cron');
  await at('/runs?trigger=cron');
  await screen.findByText('1–1 of 1, runs, started by a schedule');
  await user.selectOptions(screen.getByLabelText('Task'), 'training.rerun_metadata');
  await at('/runs?task=training.rerun_metadata&trigger=cron');
  await screen.findByText('There are no runs, Refresh metadata, started by a schedule.');
  // In the bar, and where the rows would be.
  await user.click(screen.getAllByRole('button', { name: 'Clear all filters' })[1] as HTMLElement);
  await at('/runs');
  await user.selectOptions(screen.getByLabelText('Of'), 'title');
  await at('/runs?subject_type=title');
  await user.type(screen.getByLabelText('Id of the subject (in full)'), 'tt0000002');
  await at('/runs?subject_type=title&subject_id=tt0000002');
  expect(await texts()).toEqual([expect.stringContaining('Bea')]);
  await user.type(screen.getByLabelText('Requested by (full name)'), 'Anna');
  await screen.findByRole('heading', { name: 'Nothing matches' });
  expect(requests.findLast((request) => request.includes('/api/runs?'))).toContain('requested_by=Anna');
});

it('a button shows only what is stuck', async () => {
  await insertRun(product, { subject: ['title', 'tt0000001'] });
  const { job } = await insertRun(product, { subject: ['title', 'tt0000002'] });
  await product.query('DELETE FROM console.job WHERE id = $1', [job]);
  const { click } = open();
  await click('button', 'Stuck');
  await at('/runs?stuck=true');
  await screen.findByText(/^1–1 of 1, runs, stuck/);
  expect(await texts()).toEqual([expect.stringContaining('tt0000002')]);
});

it('the list is filtered by how long workers took', async () => {
  for (const age of [5, 11]) await insertRun(product, { subject: ['title', `tt${age}`], outcome: 'completed', age });
  const { user } = open();
  await user.selectOptions(await screen.findByLabelText('Work'), '10m');
  await at('/runs?work=10m');
  await screen.findByText('1–1 of 1, runs, at least 10 minutes of work');
  expect(await texts()).toEqual([expect.stringContaining('tt11')]);
});

it('words of another version in the address are ignored, or shown where they may match', async () => {
  await insertRun(product, { task: 'files.hash', outcome: 'completed' });
  open('?state=sleeping,completed&task=files.hash&trigger=x&cursor=broken');
  await waitFor(async () => expect(await texts()).toHaveLength(1));
  expect((screen.getByLabelText('Task') as HTMLSelectElement).selectedOptions[0]?.text).toBe('Task: files.hash');
  expect((screen.getByLabelText('State') as HTMLSelectElement).selectedOptions[0]?.text).toBe('State: completed');
});

it('a page leads to the next one and back', async () => {
  for (let age = 0; age < 51; age += 1) await insertRun(product, { outcome: 'completed', age });
  const { click } = open();
  await screen.findByText('Latest 50 runs');
  await click('button', /^Next/);
  await screen.findByText('51–51 of 51, runs');
  await click('button', /Previous$/);
  await at('/runs');
  expect(await texts()).toHaveLength(50);
});

it('Home names the runs that failed since yesterday and were not retried, and leads to exactly these', async () => {
  const toNoon = Math.round((Date.now() - stopAtNoon()) / 60_000);
  const day = 60 * 24;
  await insertRun(product, { outcome: 'failed', subject: ['title', 'tt0000001'], age: toNoon });
  await insertRun(product, { outcome: 'timeout', subject: ['title', 'tt0000002'], age: toNoon + day });
  await insertRun(product, { outcome: 'failed', subject: ['title', 'tt0000003'], age: toNoon + 3 * day });
  await insertRun(product, { outcome: 'completed', age: 0 });
  // Named by file in Queue.
  await insertRun(product, { task: 'item.process', outcome: 'failed', age: 0 });
  const { user } = openPage('/', { product });
  const link = await screen.findByRole('link', { name: /Show failed runs/ });
  expect(link.closest('li')?.textContent).toMatch(/2 runs failed since yesterday/);
  await user.click(link);
  await screen.findByText(/^1–2 of 2, runs, failed, \d+ tasks, not repaired since, from /);
  expect(await texts()).toEqual([expect.stringContaining('tt0000002'), expect.stringContaining('tt0000001')]);
});

it('failures of one cause are a group: it opens as a filter, one is retried, then the rest', async () => {
  const error = (n: number) => ({ type: 'Error', message: `TMDB did not answer within ${n} s` });
  for (const n of [1, 2, 3])
    await insertRun(product, { subject: ['title', `tt000000${n}`], outcome: 'failed', error: error(n), age: n });
  await insertRun(product, { task: 'media.trash_purge', outcome: 'timeout', age: 1 });
  const { click } = open();
  const failures = await screen.findByRole('region', { name: 'Failures of the last 7 days' });
  expect(
    within(failures)
      .getAllByRole('listitem')
      .map((one) => one.textContent),
  ).toEqual([
    '3Refresh metadata: TMDB did not answer within 1 sRetry oneRetry all 3',
    '1Empty the trash: It failed without a message.Retry',
  ]);
  await click('link', /TMDB did not answer/, failures);
  await screen.findByText('1–3 of 3, runs, that failed for one cause');
  await click('button', /^Retry one/);
  await click('button', /^Retry all 2/);
  await screen.findByText('2 runs continue');
  expect(await product.query('SELECT subject_id, outcome FROM console.run ORDER BY 1')).toEqual([
    { subject_id: 'tt0000001', outcome: null },
    { subject_id: 'tt0000002', outcome: null },
    { subject_id: 'tt0000003', outcome: null },
    { subject_id: null, outcome: 'timeout' },
  ]);
});

it('selected runs are cancelled or retried together; what was refused is said', async () => {
  await insertRun(product, { subject: ['title', 'tt0000001'], outcome: 'failed', age: 1 });
  await insertRun(product, { subject: ['title', 'tt0000002'], outcome: 'cancelled', age: 2 });
  await insertRun(product, { subject: ['title', 'tt0000003'], outcome: 'completed', age: 3 });
  const { click } = open();
  await rows();
  await click('checkbox', 'Select all rows on this page');
  const bar = await screen.findByRole('region', { name: 'Selection' });
  const cancel = within(bar).getByRole('button', { name: 'Cancel' });
  expect(cancel.getAttribute('aria-disabled')).toBe('true');
  await click('button', 'Retry', bar);
  await screen.findByText('2 runs continue, 1 was refused');
  await screen.findByText('The run is done (completed), so there is nothing to continue.');
  expect(await product.query('SELECT subject_id FROM console.run WHERE outcome IS NULL ORDER BY 1')).toEqual([
    { subject_id: 'tt0000001' },
    { subject_id: 'tt0000002' },
  ]);
});

it('the list is saved as a file with its filter', async () => {
  await insertRun(product, { outcome: 'failed' });
  const { click } = open('?state=failed%2Ctimeout');
  await click('button', 'Export');
  const link = await screen.findByRole('menuitem', { name: /CSV/ });
  expect(new URL(link.getAttribute('href') as string, 'http://localhost').search).toBe(
    '?state=failed%2Ctimeout&sort_by=finished_at&format=csv',
  );
});

it('a run of a file in the queue is named by its code, where it has one', async () => {
  const { id } = await product.insertQueueItem({ movie_code: 'ABC-7' });
  const { id: other } = await product.insertQueueItem({ movie_code: null });
  await insertRun(product, { task: 'item.process', subject: ['queue_item', `${id}`], age: 1 });
  await insertRun(product, { task: 'item.process', subject: ['queue_item', `${other}`], age: 2 });
  open('?task=item.process&state=running%2Cstopping');
  await screen.findByRole('link', { name: 'ABC-7' });
  await screen.findByRole('link', { name: `File ${other} in the queue` });
});

it('is sorted by the time of the start or of the end', async () => {
  await insertRun(product, { subject: ['title', 'tt0000001'], outcome: 'completed', age: 3 });
  await insertRun(product, { subject: ['title', 'tt0000002'], outcome: 'completed', age: 2 });
  await insertRun(product, { subject: ['title', 'tt0000003'], age: 1 });
  await product.query(
    "UPDATE console.run SET finished_at = finished_at + '1 second'::interval WHERE subject_id = 'tt0000001'",
  );
  const { click } = open();
  expect((await texts())[0]).toContain('tt0000003');
  await click('link', 'When');
  await at('/runs?sort_order=asc');
  expect((await texts())[0]).toContain('tt0000001');
  await click('link', 'Ended');
  await at('/runs?sort_by=finished_at');
  expect(await texts()).toEqual([expect.stringContaining('tt0000001'), expect.stringContaining('tt0000002')]);
});

it('what waits for workers is counted, with an estimate of the time it takes', async () => {
  await product.query("INSERT INTO console.job (name) SELECT 'disk' FROM generate_series(1, 20)");
  await product.query("INSERT INTO console.job (name) VALUES ('network')");
  await product.query(
    "INSERT INTO console.job (name, state, completed_on) SELECT 'disk', 'completed', now() FROM generate_series(1, 100)",
  );
  open();
  await screen.findByText('Network: 1 waiting, none ended in the last 10 minutes · Disk: 20 waiting, about 2 min left');
});

it('failed runs say when they ended, and the latest failure is the first', async () => {
  const late = await insertRun(product, { outcome: 'failed', subject: ['title', 'tt0000001'], age: 90 });
  await insertRun(product, { outcome: 'failed', subject: ['title', 'tt0000002'], age: 5 });
  await product.query("UPDATE console.run SET finished_at = now() - interval '4 minutes' WHERE id <> $1", [late.id]);
  open('?state=failed,timeout');
  const [first, second] = await rows();
  expect(first?.textContent).toContain('tt0000001');
  expect(second?.textContent).toContain('tt0000002');
  screen.getByRole('columnheader', { name: 'Ended' });
  expect(requests.some((request) => request.includes('sort_by=finished_at'))).toBe(true);
});
