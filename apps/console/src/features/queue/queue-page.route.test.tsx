import { fireEvent, screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { queueLabels } from '#state/queue-labels.ts';
import { requests } from '#test/api.ts';
import { at, openPage, reload } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { insertRun } from '#test/sample-runs.ts';

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
  within(failed as HTMLElement).getByRole('button', { name: 'Retry: XYZ-1' });
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
  const { user } = open();
  await user.selectOptions(await screen.findByLabelText('Status'), 'Status: failed');
  await at('/queue?status=error');
  await screen.findByText('1–1 of 1, files, failed');
  await user.selectOptions(screen.getByLabelText('Failure'), 'Failure: code not known');
  await at('/queue?status=error&error_code=code_unknown');
  await screen.findByText('1–1 of 1, files, failed, code not known');
  await user.selectOptions(screen.getByLabelText('Failure'), 'Failure: disk full');
  await screen.findByText('There are no files, failed, disk full.');
  await user.click(screen.getAllByRole('button', { name: 'Clear all filters' })[0] as HTMLElement);
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

it('Home counts the files that need someone, and leads to exactly as many', async () => {
  await product.insertQueueItem({ movie_code: 'ABC-7', status: 'error' });
  await product.insertQueueItem({ movie_code: 'ABC-8', status: 'completed' });
  await insertRun(product, { outcome: 'failed', error: { type: 'Error', message: 'The disk is full.' } });
  const { click } = openPage('/', { product });
  await screen.findByText('failed file needs you');
  // The bar of a phone has it too, and behind "More" a run that failed.
  const counts = () =>
    [...document.querySelectorAll('nav a[href="/queue"] [data-count]')].map((one) => one.getAttribute('data-count'));
  await waitFor(() => expect(counts()).toEqual(['1', '1']));
  const more = screen.getByRole('button', { name: 'More' });
  await waitFor(() => expect(more.getAttribute('aria-description')).toMatch(/^1/));
  await click('link', 'Show failures');
  await at('/queue?waits=false');
  await screen.findByText('1–1 of 1, files, failed and needing you');
});

it('Home, the tiles and the causes say how many of the failed files need a person', async () => {
  await product.insertQueueItem({ movie_code: 'ABC-1', status: 'error', error_message: 'The disk is full.' });
  await product.insertQueueItem({ movie_code: 'ABC-2', status: 'processing' });
  await product.query(
    `UPDATE console.step SET error = '{"type": "Error", "message": "The disk is full."}' WHERE outcome IS NULL AND started_at IS NOT NULL`,
  );
  await product.query(`UPDATE console.job SET state = 'retry', start_after = now() + interval '5 minutes'`);
  const { click } = openPage('/', { product });
  await screen.findByText('of 2 failed files needs you');
  await click('link', 'Show failures');
  await at('/queue?waits=false');
  const stats = within(await screen.findByRole('navigation', { name: 'Files by status' }));
  expect((await stats.findByRole('link', { current: true })).textContent).toBe('1 of 2 failed needs you');
  within(screen.getByRole('region', { name: 'Failures' })).getByText('1 will be retried without you');
  await click('link', 'The disk is full.');
  await screen.findByText('1–2 of 2, files, with the same failure');
  await click('link', '2 Failed');
  await screen.findByText(/^1–2 of 2, files, failed/);
});

it('what the two names are called is a setting', async () => {
  await product.insertQueueItem({ movie_code: 'ABC-7' });
  onTestFinished(() => queueLabels.set({ code: '', performer: '' }));
  const { user } = openPage('/settings', { product });
  await user.type(await screen.findByLabelText('Instead of "Code"'), 'Number');
  await user.click(screen.getAllByRole('link', { name: 'Queue' })[0] as HTMLElement);
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
  ).toEqual([expect.stringMatching(/^2Such as: No metadata for ABC-2/), expect.stringMatching(/^1The disk is full\./)]);
  await click('link', /^Such as: No metadata/);
  await screen.findByText('1–2 of 2, files, with the same failure');
  await click('link', /^Such as: No metadata/);
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
  await click('button', 'Older file', drawer);
  await screen.findByRole('dialog', { name: 'ABC-1' });
  await click('button', 'Newer file', drawer);
  await click('button', 'Newer file', await screen.findByRole('dialog', { name: 'ABC-2' }));
  const newest = await screen.findByRole('dialog', { name: 'ABC-3' });
  expect(within(newest).getByRole('button', { name: 'Newer file' }).matches(':disabled')).toBe(true);
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
  await screen.findByText(/^Last 24 hours: 1 completed, 0 with a failure \(0 %\)/);
  await click('button', 'History');
  await screen.findByRole('heading', { name: 'By hour, last 24 hours' });
  const [hours] = screen.getAllByRole('table').slice(0, 1);
  expect(within(hours as HTMLElement).getAllByRole('row')).toHaveLength(25);
  reload();
  await screen.findByRole('heading', { name: 'By day, last 30 days' });
});

/** With everything configured, so that each step can be asked for; no worker does it. */
const environment = {
  POSTERS: 'true',
  QUEUE_WATCH_PATH: '/srv/queue/watch',
  QUEUE_LIBRARY_PATH: '/srv/queue/library',
  QUEUE_UNPROCESSED_PATH: '/srv/queue/unprocessed',
  QUEUE_PROVIDER_URL: 'http://127.0.0.1:9',
  QUEUE_PROVIDER_TOKEN: 'token',
  MEDIA_SERVER_URL: 'http://127.0.0.1:9',
  MEDIA_SERVER_API_KEY: 'key',
  MEDIA_SERVER_PUBLIC_URL: 'https://media.example',
};

it('without its variables each step is "not configured", by their names', async () => {
  await product.insertQueueItem({ movie_code: 'XYZ-1', status: 'error', error_message: 'It broke.' });
  const { click } = open();
  const note = await screen.findByRole('note');
  expect(note.textContent).toMatch(/^Not configured.*QUEUE_WATCH_PATH.*QUEUE_PROVIDER_URL.*MEDIA_SERVER_URL/);
  // Never offered and then refused.
  const retry = await screen.findByRole('button', { name: 'Retry: XYZ-1' });
  await waitFor(() => expect(retry.getAttribute('aria-disabled')).toBe('true'));
  const failures = within(screen.getByRole('region', { name: 'Failures' }));
  expect(failures.getByRole('button', { name: /^Retry/ }).getAttribute('aria-disabled')).toBe('true');
  await click('button', 'Actions for XYZ-1');
  expect((await screen.findByRole('menuitem', { name: /^Fetch metadata/ })).textContent).toBe(
    'Fetch metadataNot configured: set QUEUE_PROVIDER_URL.',
  );
});

describe('with everything configured', () => {
  let configured: Product;
  beforeAll(async () => {
    configured = await startProduct({ environment });
    return () => configured.close();
  });
  beforeEach(() => configured.query('TRUNCATE console.queue_item, console.run CASCADE'));
  const show = (query = '') => openPage(`/queue${query}`, { product: configured });
  const statusOf = async (id: number) =>
    (await configured.query<{ status: string }>('SELECT status FROM console.queue_item_state WHERE id = $1', [id]))[0]
      ?.status;

  it('a failed file is retried from its row; one that is being processed says why it cannot', async () => {
    const { id } = await configured.insertQueueItem({
      movie_code: 'XYZ-1',
      status: 'error',
      error_message: 'It broke.',
    });
    await configured.insertQueueItem({ movie_code: 'XYZ-2', status: 'processing' });
    const { click } = show();
    await click('button', 'Retry: XYZ-1');
    await waitFor(async () => expect(await statusOf(id)).not.toBe('error'));
    await click('button', 'Actions for XYZ-2');
    const item = await screen.findByRole('menuitem', { name: /^Process from the start/ });
    expect(item.textContent).toMatch(/The item is being processed/);
    expect(item.matches(':disabled, [data-disabled]')).toBe(true);
  });

  it('a file whose move was interrupted says why its row stays, and can be removed with the file', async () => {
    await configured.insertQueueItem({ movie_code: 'XYZ-1', status: 'error', has_move: true });
    const { click } = show();
    await click('button', 'Actions for XYZ-1');
    const item = await screen.findByRole('menuitem', { name: /^Remove from the queue/ });
    expect(item.textContent).toMatch(/A move of the file was interrupted/);
    expect(item.matches(':disabled, [data-disabled]')).toBe(true);
    const withFile = screen.getByRole('menuitem', { name: /^Move the file to the trash/ });
    expect(withFile.matches(':disabled, [data-disabled]')).toBe(false);
  });

  it('a code is set by hand in the details, and the steps after it start', async () => {
    const { id } = await configured.insertQueueItem({
      movie_code: null,
      metadata_json: null,
      file_path: '/srv/queue/unprocessed/holiday.mkv',
      status: 'pending',
    });
    const { user, click } = show(`?item=${id}`);
    const drawer = await screen.findByRole('dialog', { name: 'holiday.mkv' });
    const { getByRole, findByLabelText } = within(drawer);
    const set = getByRole('button', { name: 'Set the code' });
    expect(set.getAttribute('aria-disabled')).toBe('true');
    await user.type(await findByLabelText('Code, set by hand'), 'abc123');
    expect(set.getAttribute('aria-disabled')).toBe('true');
    await user.clear(await findByLabelText('Code, set by hand'));
    await user.type(await findByLabelText('Code, set by hand'), 'abc-123');
    await click('button', 'Set the code', drawer);
    await screen.findByRole('dialog', { name: 'ABC-123' });
    expect(await configured.query('SELECT movie_code FROM console.queue_item WHERE id = $1', [id])).toEqual([
      { movie_code: 'ABC-123' },
    ]);
  });

  it('a code that was set by hand is undone in the details', async () => {
    const { id } = await configured.insertQueueItem({ movie_code: 'XYZ-1', status: 'completed' });
    await configured.query(`UPDATE console.queue_item SET code_given_by = 'ann' WHERE id = $1`, [id]);
    const { click } = show(`?item=${id}`);
    const drawer = await screen.findByRole('dialog', { name: 'XYZ-1' });
    await within(drawer).findByText('Code set by ann.');
    await click('button', 'Take it from the file name again', drawer);
    await waitFor(async () =>
      expect(
        await configured.query('SELECT movie_code, code_given_by FROM console.queue_item WHERE id = $1', [id]),
      ).toEqual([{ movie_code: null, code_given_by: null }]),
    );
  });

  it('the watch folder is named where the queue is empty, and above the list', async () => {
    show();
    await screen.findByRole('heading', { name: 'The queue is empty' });
    await screen.findByText('/srv/queue/watch');
    screen.getByRole('button', { name: 'Copy Watch folder' });
    await configured.insertQueueItem({ status: 'completed' });
    reload();
    await screen.findByRole('table', { name: 'Queue' });
    await screen.findByText('/srv/queue/watch');
  });

  it('a file that waits for its next attempt offers every action', async () => {
    const { id } = await configured.insertQueueItem({ movie_code: 'XYZ-1', status: 'processing' });
    await configured.query(
      `UPDATE console.step SET error = '{"type": "Error", "message": "The provider is away."}' WHERE outcome IS NULL AND started_at IS NOT NULL`,
    );
    await configured.query(`UPDATE console.job SET state = 'retry', start_after = now() + interval '5 minutes'`);
    const { click } = show();
    await click('button', 'Actions for XYZ-1');
    const item = await screen.findByRole('menuitem', { name: /^Process from the start/ });
    expect(item.textContent).toBe('Process from the start');
    await click('menuitem', 'Process from the start');
    await waitFor(async () =>
      expect(
        await configured.query('SELECT outcome FROM console.run WHERE subject_id = $1 ORDER BY created_at', [
          String(id),
        ]),
      ).toEqual([{ outcome: 'cancelled' }, { outcome: null }]),
    );
  });

  it('a failure without a code begins with the field for it, which warns of another file with the same code', async () => {
    const code = {
      error_message: 'The name of the file has no code. Set the code by hand.',
    } as const;
    const facts = { movie_code: null, metadata_json: null, file_path: '/srv/queue/unprocessed/holiday.mkv' };
    await configured.insertQueueItem({ movie_code: 'ABC-123', status: 'completed' });
    await configured.insertQueueItem({ ...facts, ...code, status: 'error' });
    await configured.query("UPDATE console.queue_item SET failed_step = 'extract' WHERE movie_code IS NULL");
    const { user, click } = show();
    const failures = within(await screen.findByRole('region', { name: 'Failures' }));
    // A retry would fail again.
    expect(failures.getAllByRole('button').map(({ textContent }) => textContent)).toEqual(['Set the code']);
    await click('button', 'Set the code: holiday.mkv');
    const drawer = await screen.findByRole('dialog', { name: 'holiday.mkv' });
    const { findByLabelText, findByRole, findByText, getByText, queryByText } = within(drawer);
    const field = await findByLabelText('Code, set by hand');
    await waitFor(() => expect(document.activeElement).toBe(field));
    getByText('Set its code. The steps after it start at once.');
    getByText('Moved to');
    const buttons = within(drawer).getAllByRole('button');
    const place = (name: string) => buttons.findIndex(({ textContent }) => textContent === name);
    expect(place('Set the code')).toBeLessThan(place('Retry'));
    expect(buttons.find(({ textContent }) => textContent === 'Set the code')?.dataset.variant).toBe('filled');
    await user.type(field, 'abc');
    expect(within(drawer).getAllByText(/^Such as ABC-123/)).toHaveLength(1);
    expect(queryByText(/Another file/)).toBeNull();
    await user.type(field, '-123');
    await findByText('Another file has this code:');
    await findByRole('link', { name: /\.mkv$/ });
    // Typed and sent at once, it is not set before the warning.
    await configured.insertQueueItem({ movie_code: 'ABC-124', status: 'completed' });
    await user.clear(field);
    await user.type(field, 'abc-124{Enter}');
    await findByText('Another file has this code:');
    expect(queryByText('ABC-124')).toBeNull();
    await user.type(field, '{Enter}');
    await screen.findByRole('dialog', { name: 'ABC-124' });
    // It stays when the code is set.
    await waitFor(() => expect((field as HTMLInputElement).value).toBe(''));
    getByText('Another file has this code:');
  });

  it('failures of several files name what they have in common, and lead to these files', async () => {
    for (const movie_code of ['LUM-103', 'NOSUCH-1'])
      await configured.insertQueueItem({
        movie_code,
        status: 'error',
        error_message: `The provider does not know ${movie_code}.`,
      });
    await configured.query(`UPDATE console.queue_item SET error_code = 'code_unknown'`);
    await configured.insertQueueItem({ movie_code: 'ABC-1', status: 'completed' });
    const { click } = show();
    const failures = within(await screen.findByRole('region', { name: 'Failures' }));
    failures.getByRole('link', { name: 'Code not known' });
    expect(failures.queryByText(/LUM-103|NOSUCH-1/)).toBeNull();
    await click('button', /^Show the files: .*Code not known/);
    await waitFor(async () => expect(await rows()).toHaveLength(2));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('a step that fails while it is waited for says why, with a link to its run', async () => {
    await configured.insertQueueItem({ movie_code: 'XYZ-1', status: 'error' });
    show();
    const { notifyError } = await import('#ui/notify.tsx');
    await screen.findByRole('table', { name: 'Queue' });
    notifyError('Not retried', new Error('It is unknown. GET /api/runs/5ea7140f has its steps and attempts.'));
    const alert = within(await screen.findByRole('alert'));
    alert.getByText(/^It is unknown\./);
    expect(alert.queryByText(/GET/)).toBeNull();
    expect(alert.getByRole('link', { name: 'Open the run' }).getAttribute('href')).toBe('/runs/5ea7140f');
  });

  it('a retry says what came of it, in the details and in a message', async () => {
    const { id, run } = await configured.insertQueueItem({ movie_code: 'XYZ-1', status: 'error' });
    const { click } = show(`?item=${id}`);
    const drawer = await screen.findByRole('dialog', { name: 'XYZ-1' });
    await click('button', 'Retry', drawer);
    await waitFor(async () => expect(await statusOf(id)).not.toBe('error'));
    // As its worker does.
    await configured.query(
      `UPDATE console.step SET outcome = 'failed', finished_at = now(), error = '{"type": "Error", "message": "Still unknown."}'
       WHERE run_id = $1 AND ref = 'metadata'`,
      [run],
    );
    await configured.query("UPDATE console.run SET outcome = 'failed', finished_at = now() WHERE id = $1", [run]);
    await screen.findByText(/XYZ-1.*: Failed again: Still unknown\./);
    await within(drawer).findByText('Failed again: Metadata');
  });

  it('"Fresh" is remembered, and goes with requests for metadata', async () => {
    const { id } = await configured.insertQueueItem({ movie_code: 'XYZ-1', status: 'completed' });
    const { click } = show();
    await click('checkbox', /^Fresh/);
    reload();
    await waitFor(() => expect(screen.getByRole('checkbox', { name: /^Fresh/ }).matches(':checked')).toBe(true));
    await click('button', 'Actions for XYZ-1');
    await click('menuitem', 'Refresh metadata and publish');
    await waitFor(async () =>
      expect(
        await configured.query(
          `SELECT s.ref, s.params ->> 'fresh' AS fresh FROM console.step s JOIN console.run r ON r.id = s.run_id
           WHERE r.subject_id = $1 AND r.requested_by <> 'watcher' AND s.ref = 'metadata'`,
          [String(id)],
        ),
      ).toEqual([{ ref: 'metadata', fresh: 'true' }]),
    );
  });

  it('removing asks first, and closes the details of what is gone', async () => {
    const { id } = await configured.insertQueueItem({ movie_code: 'XYZ-1', status: 'completed' });
    const { click } = show(`?item=${id}`);
    const pressEscape = () => fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
    await click('button', 'More actions', await screen.findByRole('dialog', { name: 'XYZ-1' }));
    await screen.findByRole('menuitem', { name: 'Remove from the queue' });
    pressEscape();
    await waitFor(() => expect(screen.queryByRole('menuitem')).toBeNull());
    await click('button', 'More actions', await screen.findByRole('dialog', { name: 'XYZ-1' }));
    await click('menuitem', 'Remove from the queue');
    await screen.findByRole('dialog', { name: 'Remove from the queue?' });
    // The menu or the question alone, not the details below.
    pressEscape();
    await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Remove from the queue?' })).toBeNull());
    expect(await statusOf(id)).toBe('completed');
    await click('button', 'More actions', await screen.findByRole('dialog', { name: 'XYZ-1' }));
    await click('menuitem', 'Remove from the queue');
    await click(
      'button',
      'Remove from the queue',
      await screen.findByRole('dialog', { name: 'Remove from the queue?' }),
    );
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(await statusOf(id)).toBeUndefined();
    await click('button', /^Undo/);
    await screen.findByText(/XYZ-1.* is back in the queue$/);
    expect(await statusOf(id)).toBe('completed');
  });

  it('the cover that metadata name is in the details, from the API; one that cannot be had leaves nothing', async () => {
    const metadata_json = { title: 'A', cover_url: 'https://covers.example/a.jpg' };
    const { id } = await configured.insertQueueItem({ movie_code: 'XYZ-1', metadata_json });
    show(`?item=${id}`);
    const cover = await waitFor(() => {
      const [found] = [...document.querySelectorAll<HTMLImageElement>('[role=dialog] img[src]')];
      expect(found?.src).toMatch(new RegExp(`^http://console\\.test/api/queue/${id}/cover\\?version=[\\w-]{43}$`));
      return found as HTMLImageElement;
    });
    // Its place is kept, so that nothing moves when it comes.
    expect(cover.style.height).toBe('240px');
    cover.dispatchEvent(new Event('error'));
    await waitFor(() => expect(document.querySelector('[role=dialog] img[src]')).toBeNull());
  });

  it('the address of a removed file says so, and brings it back', async () => {
    const { id } = await configured.insertQueueItem({ movie_code: 'XYZ-2', status: 'completed' });
    await configured.query(
      `WITH gone AS (DELETE FROM console.queue_item WHERE id = $1 RETURNING *)
       INSERT INTO console.queue_removal (item_id, item) SELECT id, to_jsonb(gone) FROM gone`,
      [id],
    );
    const { click } = show(`?item=${id}`);
    await screen.findByRole('heading', { name: 'XYZ-2 was removed' });
    await click('button', 'Undo the removal');
    await screen.findByRole('dialog', { name: 'XYZ-2' });
    expect(await statusOf(id)).toBe('completed');
  });

  it('of files with the same failure one is retried, then the rest as one run, which opens', async () => {
    for (const code of ['XYZ-1', 'XYZ-2', 'XYZ-3'])
      await configured.insertQueueItem({
        movie_code: code,
        status: 'error',
        error_message: `No metadata for ${code}.`,
      });
    const { click } = show();
    await click('button', /^Retry one/);
    // Its newest file is retried; the others still need someone.
    await click('button', /^Retry all 2/);
    const drawer = await screen.findByRole('dialog', { name: 'Retry files in the queue' });
    await within(drawer).findAllByText('waiting');
  });

  it('selected files are changed together; many ask first', async () => {
    const ids = [];
    for (let index = 0; index < 21; index += 1)
      ids.push((await configured.insertQueueItem({ movie_code: `XYZ-${index}`, status: 'completed' })).id);
    const { click } = show();
    await click('checkbox', 'Select XYZ-3');
    const bar = await screen.findByRole('region', { name: 'Selection' });
    // None of them has failed.
    expect(within(bar).getByRole('button', { name: 'Retry' }).getAttribute('aria-disabled')).toBe('true');
    await click('checkbox', 'Select all rows on this page');
    await click('button', 'Refresh metadata', bar);
    await click('button', 'Refresh 21 files', await screen.findByRole('dialog', { name: 'Refresh metadata?' }));
    await screen.findByRole('dialog', { name: 'Refresh metadata of the queue' });
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Selection' })).toBeNull());
  });

  it('a cleanup says first how many it removes', async () => {
    await configured.insertQueueItem({ status: 'completed' });
    await configured.insertQueueItem({ status: 'error' });
    const { user, click } = show();
    await click('button', 'Maintenance');
    const dialog = await screen.findByRole('dialog', { name: 'Maintenance of the queue' });
    const { getByLabelText, findByRole } = within(dialog);
    await findByRole('button', { name: 'Remove 1 file' });
    await user.clear(getByLabelText('Not changed for (days)'));
    expect((await findByRole('button', { name: 'Clean up' })).getAttribute('aria-disabled')).toBe('true');
    await user.type(getByLabelText('Not changed for (days)'), '0');
    await click('button', 'Remove 1 file', dialog);
    await screen.findByRole('dialog', { name: 'Clean up the queue' });
  });

  it('health is one line that says which workers do not run', async () => {
    show();
    await screen.findByText('Not running: files, publishing, retries');
    await configured.query(
      `INSERT INTO console.worker (id, host, pid, version, queues, tasks)
       VALUES (gen_random_uuid(), 'box', 1, '1', '{disk,network,short,long}',
         '{item.extract,item.metadata,item.move,item.publish}')`,
    );
    reload();
    await screen.findByText('All workers run');
  });
});

it('a viewer sees everything and learns why nothing can be changed', async () => {
  const guarded = await startProduct({ environment: { API_KEYS: 'vera:viewer:the-secret-of-vera' } });
  onTestFinished(() => guarded.close().then(() => {}));
  await guarded.insertQueueItem({ movie_code: 'XYZ-1', status: 'error' });
  const { click } = openPage('/queue', { product: guarded, key: 'the-secret-of-vera' });
  await click('button', 'Actions for XYZ-1');
  expect((await screen.findByRole('menuitem', { name: /^Remove from the queue/ })).textContent).toMatch(/viewer/);
});
