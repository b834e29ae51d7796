import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { requests } from '#test/api.ts';
import { at, openPage, reload } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});
beforeEach(() => product.query('TRUNCATE console.queue_item, console.run CASCADE'));

const open = (query = '') => openPage(`/queue${query}`, { product });
const rows = async () =>
  within(await screen.findByRole('table', { name: 'Queue' }))
    .getAllByRole('row')
    .slice(1);
const texts = async () => (await rows()).map((row) => row.textContent);

it('an empty queue says how a file gets in', async () => {
  open();
  await screen.findByRole('heading', { name: 'The queue is empty' });
  await screen.findByText(/\.mp4, \.mkv, \.avi or \.wmv/);
});

it('an item is listed with its code, file, performer, status, steps and failure', async () => {
  const hostile = '<img src=x onerror=alert(1)>';
  await product.insertQueueItem({ movie_code: 'ABC-7', status: 'completed', created_at: '2025-05-04T00:00:00Z' });
  await product.insertQueueItem({
    movie_code: 'XYZ-1',
    actress: hostile,
    file_path: `/watch/${hostile}.mkv`,
    status: 'error',
    error_message: `${hostile} is not known.`,
    created_at: '2025-05-03T00:00:00Z',
    metadata_json: null,
  });
  await product.insertQueueItem({
    movie_code: null,
    metadata_json: null,
    file_path: '/watch/holiday.mkv',
    status: 'pending',
    created_at: '2025-05-02T00:00:00Z',
  });
  open();
  const [completed, failed, pending] = await rows();
  expect(completed?.textContent).toMatch(/ABC-7.*\.mkvAnn MillerCompleted/);
  within(completed as HTMLElement).getByRole('img', { name: 'Done: Read code, Metadata, Move, Publish' });
  expect(failed?.textContent).toContain(`XYZ-1${hostile}.mkv${hostile}Failed`);
  expect(failed?.textContent).toContain(`${hostile} is not known.`);
  within(failed as HTMLElement).getByRole('img', { name: 'Done: Read code; failed: Metadata' });
  // Without a code its file stands for it.
  expect(pending?.textContent).toMatch(/holiday\.mkvAnn MillerWaitingnot started/);
  await screen.findByText('1–3 of 3, files');
});

it('the list is filtered by status, code, performer and words, each in the address', async () => {
  await product.insertQueueItem({ movie_code: 'ABC-7', actress: 'Zoë', status: 'completed' });
  await product.insertQueueItem({ movie_code: 'XYZ-1', actress: 'Ann', status: 'error' });
  await product.insertQueueItem({ movie_code: 'XYZ-2', actress: 'Zoë', status: 'moved' });
  const { user, click } = open();
  await user.selectOptions(await screen.findByLabelText('Status'), 'Status: failed');
  await at('/queue?status=error');
  await screen.findByText('1–1 of 1, files, failed');
  await click('button', 'Clear all filters');
  await at('/queue');
  await user.type(screen.getByLabelText('Performer'), 'zo');
  await at('/queue?actress=zo');
  await waitFor(async () =>
    expect(await texts()).toEqual([expect.stringMatching(/XYZ-2/), expect.stringMatching(/ABC-7/)]),
  );
  // Suggestions of the field alone, each with how many files have it.
  await waitFor(() =>
    expect([...document.querySelectorAll('option')].map((option) => option.getAttribute('label'))).toContain(
      'Zoë, 2 files',
    ),
  );
  await user.type(screen.getByLabelText('Code'), 'xyz');
  await at('/queue?movie_code=xyz&actress=zo');
  await waitFor(async () => expect(await texts()).toEqual([expect.stringMatching(/XYZ-2/)]));
  await user.type(screen.getByLabelText('Search code, performer or path'), 'nothing like it');
  await screen.findByRole('heading', { name: 'Nothing matches' });
  expect(requests.some((request) => request.includes('search=nothing+like+it'))).toBe(true);
});

it('a page has 50 items and leads to the next one and back', async () => {
  for (let index = 0; index < 51; index += 1) await product.insertQueueItem({ status: 'pending' });
  const { click } = open();
  await screen.findByText('1–50 of 51, files');
  await click('button', /^Next/);
  await at('/queue?page=2');
  await screen.findByText('51–51 of 51, files');
  await click('button', /Previous$/);
  await at('/queue');
});

it('what the two names are called is a setting', async () => {
  await product.insertQueueItem({ movie_code: 'ABC-7' });
  const { user, click } = openPage('/settings', { product });
  await user.type(await screen.findByLabelText('Instead of "Code"'), 'Number');
  await click('link', 'Queue');
  await screen.findByRole('columnheader', { name: 'Number' });
  screen.getByRole('columnheader', { name: 'Performer' });
  screen.getByLabelText('Search number, performer or path');
});

it('above the list stand failures by cause and files by status, each a filter with as many rows', async () => {
  for (const code of ['ABC-1', 'ABC-2'])
    await product.insertQueueItem({ movie_code: code, status: 'error', error_message: `No metadata for ${code}` });
  await product.insertQueueItem({ status: 'error', error_message: 'The disk is full.', failed_step: 'move' });
  await product.insertQueueItem({ status: 'completed' });
  const { click } = open();
  const failures = await screen.findByRole('region', { name: 'Failures' });
  expect(
    within(failures)
      .getAllByRole('listitem')
      .map((item) => item.textContent),
  ).toEqual([expect.stringMatching(/^2No metadata for ABC-2/), expect.stringMatching(/^1The disk is full\./)]);
  await click('link', /^No metadata/);
  await screen.findByText('1–2 of 2, files, with the same failure');
  await click('link', /^No metadata/);
  await at('/queue');
  const stats = within(screen.getByRole('navigation', { name: 'Files by status' }));
  expect(stats.getAllByRole('link').map(({ textContent }) => textContent)).toEqual([
    '0 Waiting',
    '0 Processing',
    '0 Moved',
    '0 Publishing',
    '1 Completed',
    '3 Failed',
    '4 in all',
  ]);
  await click('link', '3 Failed');
  await at('/queue?status=error');
  await screen.findByText('1–3 of 3, files, failed');
});

it('a file opens beside the list with its failure, facts, metadata and runs, and leads to its neighbours', async () => {
  const at3 = { created_at: '2025-05-03T00:00:00Z' };
  await product.insertQueueItem({ movie_code: 'ABC-1', status: 'completed', created_at: '2025-05-01T00:00:00Z' });
  const { id, run } = await product.insertQueueItem({
    movie_code: 'ABC-2',
    file_path: '/watch/abc-2.mkv',
    status: 'error',
    failed_step: 'move',
    error_message: 'The disk is full.',
    metadata_json: { title: '<b>bold</b>', genre: ['Drama', 'Crime'] },
    created_at: '2025-05-02T00:00:00Z',
  });
  await product.insertQueueItem({ movie_code: 'ABC-3', status: 'completed', ...at3 });
  const { click } = open();
  await click('link', 'ABC-2');
  await at(`/queue?item=${id}`);
  const drawer = await screen.findByRole('dialog', { name: 'ABC-2' });
  const { findByText, findByRole, getByText } = within(drawer);
  await findByText('Failed: Move');
  getByText('/watch/abc-2.mkv');
  // Text of others stays text, also in the tree.
  expect(
    within(await findByRole('region', { name: 'Metadata' }))
      .getAllByRole('listitem')
      .map((one) => one.textContent),
  ).toEqual(['genre (2)DramaCrime', 'Drama', 'Crime', 'title <b>bold</b>']);
  await click('radio', 'JSON', drawer);
  expect((await findByRole('region', { name: 'JSON' })).textContent).toContain('"title": "<b>bold</b>"');
  await click('link', 'Metadata, Move, Publish', drawer);
  await at(`/queue?item=${id}&run=${run}`);
  const above = await screen.findByRole('dialog', { name: 'Process a file' });
  await click('button', 'Close', above);
  await at(`/queue?item=${id}`);
  await click('button', 'Next file', drawer);
  await screen.findByRole('dialog', { name: 'ABC-1' });
  await click('button', 'Previous file', drawer);
  await click('button', 'Previous file', await screen.findByRole('dialog', { name: 'ABC-2' }));
  const newest = await screen.findByRole('dialog', { name: 'ABC-3' });
  expect(within(newest).getByRole('button', { name: 'Previous file' }).matches(':disabled')).toBe(true);
  await click('button', 'Close', newest);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

it('an address with a file that is not in the queue says so', async () => {
  open('?item=999999');
  await within(await screen.findByRole('dialog')).findByRole('heading', { name: 'Not in the queue' });
  open('?item=x');
  await within(await screen.findByRole('dialog')).findByRole('heading', { name: 'Not in the queue' });
});

it('the history opens as charts, and is remembered', async () => {
  await product.insertQueueItem({ status: 'completed' });
  await product.query('UPDATE console.step SET finished_at = now()');
  const { click } = open();
  await screen.findByText(/^Last 24 hours: 1 completed, 0 failed/);
  await click('button', 'History');
  await screen.findByRole('heading', { name: 'By hour, last 24 hours' });
  const [hours] = screen.getAllByRole('table').slice(0, 1);
  expect(within(hours as HTMLElement).getAllByRole('row')).toHaveLength(25);
  reload();
  await screen.findByRole('heading', { name: 'By day, last 30 days' });
});
