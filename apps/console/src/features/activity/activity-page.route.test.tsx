import type { Operation, OperationRequest } from '@at/contracts/bulk';
import { fireEvent, screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { nodeFetch } from '#test/api.ts';
import { at, openPage, reload } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { stopAtNoon } from '#test/stop-at-noon.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const open = (query = '') => openPage(`/activity${query}`, { product });
const dialog = async () => within(await screen.findByRole('dialog'));
const heading = (name: string) => screen.findByRole('heading', { name });

async function send<Reply>(path: string, body?: object): Promise<Reply> {
  const headers = { 'x-actor': 'Anna', ...(body && { 'content-type': 'application/json' }) };
  const response = await nodeFetch(`${product.url}/rear-diff${path}`, {
    method: 'POST',
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Reply;
}

async function preview(request: OperationRequest): Promise<string> {
  const { operation } = await send<{ operation: Operation }>('/operations', request);
  return operation.operation_id;
}

async function stuck(count: number): Promise<string[]> {
  const query = 'SELECT hash FROM atp.media WHERE error_status AND deleted_at IS NULL ORDER BY hash LIMIT $1';
  return (await product.query<{ hash: string }>(query, [count])).map(({ hash }) => hash);
}

it('a bulk change that does not exist is reported beside the list', async () => {
  const { click } = open('/0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59?tab=operations');
  await (await dialog()).findByText(/No operation has the id/);
  await click('button', 'Close');
  await heading('No bulk changes yet');
});

it('a bulk change that never ran is listed only on demand', async () => {
  await preview({ subject: 'media', action: 'delete', ids: await stuck(3) });
  const { user } = open('?tab=operations');
  await heading('No bulk changes yet');
  await user.selectOptions(await screen.findByLabelText('State'), 'never');
  await screen.findByText('Delete: 3 media items');
});

it('a bulk change of another user is found, shown item by item, and undone', async () => {
  const hashes = await stuck(4);
  const id = await preview({ subject: 'media', action: 'reingest', ids: hashes });
  await product.query('UPDATE atp.media SET uploader = $2 WHERE hash = $1', [hashes[0], 'Another']);
  await send(`/operations/${id}/run`);
  const { user, click } = open();
  await screen.findByText(/^1–\d+ of \d+, changes/);
  await user.keyboard('v');
  const found = await screen.findByText('Re-ingest: 4 media items');
  const entry = found.closest('li') as HTMLElement;
  await within(entry).findByText('3 done, 1 skipped: edited since');
  within(entry).getByText('Anna');
  await user.click(within(entry).getByRole('link'));
  await at(`/activity/${id}?tab=operations`);
  const items = async () => within(await (await dialog()).findByRole('list', { name: 'Items' }));
  await waitFor(async () => expect((await items()).getAllByRole('listitem')).toHaveLength(4));
  await (await items()).findAllByText(/error status: yes → no/);
  await user.selectOptions((await dialog()).getByLabelText('Result'), 'conflict');
  await waitFor(async () => expect((await items()).getAllByRole('listitem')).toHaveLength(1));
  reload();
  await waitFor(async () => expect((await items()).getAllByRole('listitem')).toHaveLength(1));
  await (await items()).findByText(/skipped: edited since/);

  await click('button', 'Undo', await screen.findByRole('dialog'));
  await click('button', 'Undo for 3 media items');
  await waitFor(() => expect(screen.getAllByText(/^3 restored$/).length).toBeGreaterThan(0));
  const [left] = await product.query('SELECT count(*)::integer FROM atp.media WHERE error_status AND hash = ANY($1)', [
    hashes,
  ]);
  expect(left).toEqual({ count: 4 });

  // The details show that it was undone, and lead to the change that undid it.
  await user.click(
    within(screen.getAllByRole('dialog').at(-1) as HTMLElement)
      .getAllByText('Close')
      .at(-1) as HTMLElement,
  );
  await (await dialog()).findByText('undone');
  expect((await dialog()).queryByRole('button', { name: 'Undo' })).toBeNull();
  await click('link', 'this bulk change', await screen.findByRole('dialog'));
  await heading('Re-ingest undone: 3 media items');

  // The list of changes says so too; it is searched by the name of a release.
  const [release] = await product.query<{ name: string }>(
    'SELECT original_title AS name FROM atp.media WHERE hash = $1',
    [hashes[1]],
  );
  const changes = open(`?q=${encodeURIComponent(release?.name as string)}`);
  await screen.findByText(/^1–\d+ of \d+, changes, matching/);
  const [undo, change] = [...document.querySelectorAll('ol ol li')].map(({ textContent }) => textContent);
  expect(undo).not.toContain('(undone later)');
  expect(change).toContain('(undone later), in a bulk change');
  await changes.user.type(screen.getByRole('searchbox'), ' and no other words');
  await heading('Nothing matches');
  await changes.click('button', 'Clear the search');
  await at('/activity');
});

it('what happened today is one click, of changes and of bulk changes; the list says since when it is recorded', async () => {
  const noon = stopAtNoon();
  // What is minutes old may be of yesterday. No trigger keeps events as they are.
  const moved = ['event.at', 'label_event.at', 'media_event.at', 'operation.started_at'].map((name) => {
    const [table, column] = name.split('.');
    return `UPDATE console.${table} SET ${column} = to_timestamp(${noon / 1000}) WHERE ${column} IS NOT NULL`;
  });
  await product.query(['SET LOCAL session_replication_role = replica', ...moved].join(';'));
  const { user, click } = open();
  await click('button', 'Today');
  await at('/activity?day=today');
  await screen.findByText(/^1–\d+ of \d+, changes, today$/);
  await screen.findByText(/^recorded since/);
  await user.keyboard('v');
  await at('/activity?tab=operations&day=today');
  await screen.findByText('Re-ingest: 4 media items');
  await user.selectOptions(await screen.findByLabelText('When'), 'yesterday');
  await heading('Nothing matches');
  await screen.findByText('There are no bulk changes, yesterday.');
  await click('button', 'Today');
  await screen.findByText('Re-ingest: 4 media items');
  await user.keyboard('v');
  await at('/activity?day=today');
  await screen.findByText(/^Changes are recorded since /);
  screen.getByRole('option', { name: 'When: today' });
  await user.selectOptions(await screen.findByLabelText('When'), 'yesterday');
  await at('/activity?day=yesterday');
  await heading('Nothing matches');
  await user.selectOptions(await screen.findByLabelText('When'), 'dates');
  const today = new Intl.DateTimeFormat('sv', { dateStyle: 'short' }).format(new Date());
  fireEvent.input(await screen.findByLabelText('From'), { target: { value: today } });
  fireEvent.input(await screen.findByLabelText('To'), { target: { value: today } });
  await at(`/activity?day=dates&from=${today}&to=${today}`);
  await screen.findByText(/^1–\d+ of \d+, changes, /);
  await click('button', 'Clear all filters');
  await at('/activity');
});

it('what happened to files is listed: one entry for what workers did to several, with a link to each; a code finds it', async () => {
  const act = (actor: string, payload: object) =>
    product.query(
      "INSERT INTO console.event (type, actor, imdb_ids, hashes, payload) VALUES ('queue.changed', $1, '{}', '{}', $2)",
      [actor, JSON.stringify(payload)],
    );
  await act('worker', { action: 'completed', item_id: 901, name: 'LUM-901' });
  await act('worker', { action: 'failed', item_id: 903, name: 'LUM-903', error: 'The provider does not know it.' });
  await act('worker', { action: 'completed', item_id: 902, name: 'LUM-902' });
  await act('Anna', { action: 'retry', verified: false, item_id: 903, name: 'LUM-903' });
  await act('Anna', { action: 'delete', verified: false, item_id: 904, name: 'LUM-904' });
  // A change of a row alone is not listed.
  await act('database', { operation: 'update' });
  const { user, click } = open('?type=queue.changed');
  await screen.findByText('1–5 of 5, acts on files and runs');
  const entries = () =>
    [...document.querySelectorAll('ol ol li > span:first-child')].map(({ textContent }) => textContent);
  expect(entries().toSorted()).toEqual([
    'failed to process LUM-903: The provider does not know it.',
    'put 2 files into the library (LUM-902, LUM-901)',
    'removed LUM-904 from the queue',
    'retried LUM-903',
  ]);
  expect(screen.queryByRole('link', { name: 'LUM-904' })).toBeNull();
  await user.type(screen.getByRole('searchbox'), 'lum-902');
  await waitFor(() => expect(entries()).toEqual(['put LUM-902 into the library']));
  await click('link', 'LUM-902');
  await at('/queue/902');
});

it('a run that moved files is an entry with its undo, which a run carries out', async () => {
  const run = crypto.randomUUID();
  await product.query(
    `INSERT INTO console.run (id, task, params, trigger, requested_by) VALUES ('${run}', 'files.sort', '{}', 'manual', 'Ada')`,
  );
  await product.query(`WITH root AS (
      INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('inbox', '/inbox', gen_random_uuid(), 0) RETURNING id
    ), directory AS (INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id)
    INSERT INTO console.move (companions, run_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode, state, ended_at)
    SELECT gen_random_uuid(), '${run}', id, 'a', id, convert_to('b' || n, 'UTF8'), 1, 1, 1, 'done', now()
    FROM directory, generate_series(1, 1200) n`);
  await product.query(`UPDATE console.run SET outcome = 'completed', finished_at = now() WHERE id = '${run}'`);
  const { click } = open('?type=queue.changed');
  const link = await screen.findByRole('link', { name: '1,200 files' });
  expect(link.closest('span')?.textContent).toBe('moved 1,200 files into the archive');
  await click('button', 'Undo the change of 1,200 files');
  await screen.findByText(/1,200 files.*: moving back/);
  const undos = await product.query("SELECT params ->> 'run' AS run FROM console.run WHERE task = 'files.undo'");
  expect(undos).toEqual([{ run }]);
});

it('changes are grouped by session, with old and new values, and each that nothing followed is undone', async () => {
  const own = await startProduct();
  onTestFinished(async () => void (await own.close()));
  const patch = async (path: string, actor: string) => {
    const headers = { 'content-type': 'application/json', 'x-actor': actor };
    const reply = await nodeFetch(`${own.url}/rear-diff${path}`, { method: 'PATCH', headers, body: '{}' });
    expect(reply.status).toBe(200);
  };
  const [title] = await own.query<{ imdb_id: string; media_title: string }>(
    "SELECT imdb_id, media_title FROM atp.training WHERE label = 'would_not_watch' ORDER BY imdb_id LIMIT 1",
  );
  const [item] = await own.query<{ hash: string; name: string }>(
    `SELECT hash, media_title AS name FROM atp.media
     WHERE pipeline_status = 'downloaded' AND deleted_at IS NULL ORDER BY hash LIMIT 1`,
  );
  await patch(`/training/${title?.imdb_id}/would_watch`, 'Ada');
  await patch(`/media/${item?.hash}/soft_delete`, 'Bob');
  await patch(`/media/${item?.hash}/restore`, 'Bob');
  await patch(`/media/${item?.hash}/finish`, 'Bob');
  // Long before, in a session of its own.
  await own.query(`INSERT INTO console.label_event (imdb_id, actor, action, before, after, at)
    SELECT imdb_id, actor, action, before, after, at - interval '31 minutes' FROM console.label_event`);
  const { click } = openPage('/activity', { product: own });
  await screen.findByText(`Undo`, { selector: `[aria-label="Undo the change of ${item?.name}"] *` });
  const sessions = [...document.querySelectorAll('h2')].map(({ textContent }) => textContent ?? '');
  expect(sessions.flatMap((text) => /^(Ada|Bob).* (\d items?)/.exec(text)?.slice(1).join(': ') ?? [])).toEqual([
    'Bob: 1 item',
    'Ada: 1 item',
    'Ada: 1 item',
  ]);
  await screen.findByText(/pipeline status: downloaded → complete/);
  await screen.findAllByText(/Label: would not watch → would watch/);
  // Only the latest of each.
  expect(screen.getAllByRole('button', { name: /^Undo the change of/ })).toHaveLength(2);

  await click('button', `Undo the change of ${item?.name}`);
  await screen.findByText(`Undid the change of \u2068${item?.name}\u2069 (pipeline status: complete → downloaded).`);
  await click('button', `Undo the change of ${title?.media_title}`);
  await screen.findByText(
    `Undid the change of \u2068${title?.media_title}\u2069 (label: would watch → would not watch).`,
  );
  expect(
    await own.query(
      'SELECT label, pipeline_status FROM atp.training, atp.media WHERE training.imdb_id = $1 AND hash = $2',
      [title?.imdb_id, item?.hash],
    ),
  ).toEqual([{ label: 'would_not_watch', pipeline_status: 'downloaded' }]);
  // What is left is the change before: the item was restored.
  await waitFor(() => expect(screen.getAllByRole('button', { name: /^Undo the change of/ })).toHaveLength(1));
  await screen.findAllByText(/\(undone later\)/);
});
