import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { alter, hold, intercept, refuse, requests } from '#test/api.ts';
import { allSent, at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

let opened = 0;
/** The review of a filter of its own that every title matches: a tab goes on with a filter where it was left. */
async function open(query = '') {
  opened += 1;
  const page = openPage(`/training?release_year_min=${1800 + opened}${query}`, { product });
  await shownId();
  return page;
}

type User = ReturnType<typeof openPage>['user'];

const idOnScreen = () => document.querySelector<HTMLElement>('article[data-imdb-id]')?.dataset.imdbId;
const shownId = () =>
  waitFor(() => {
    const id = idOnScreen();
    if (!id) throw new Error('No title is on screen.');
    return id;
  });
const isShown = (id: string) => waitFor(() => expect(idOnScreen()).toBe(id));
/** Presses a key until the title on screen is another; gives the one that was decided. */
async function press(user: User, key: string): Promise<string> {
  const before = await shownId();
  await user.keyboard(key);
  await waitFor(() => expect(idOnScreen()).not.toBe(before));
  return before;
}

const hasDone = (count: number) =>
  waitFor(() => expect(screen.getByTestId('progress').textContent).toMatch(new RegExp(`^${count} done`)));

type Flags = { label: string | null; human_labeled: boolean; reviewed: boolean | null; anomalous: boolean };
async function flags(id: string): Promise<Flags | undefined> {
  const rows = await product.query<Flags>(
    'SELECT label, human_labeled, reviewed, anomalous FROM atp.training WHERE imdb_id = $1',
    [id],
  );
  return rows[0];
}
const untouched = { label: null, human_labeled: false, reviewed: false };
const eventsOf = (id: string) =>
  product.query<{ decision_ms: number; shown: object }>(
    'SELECT decision_ms, shown FROM console.label_event WHERE imdb_id = $1 ORDER BY event_id',
    [id],
  );

const diskFull = { status: 500, error: 'Database error', message: 'The disk is full.' };
const alertSays = (text: string | RegExp) =>
  waitFor(() =>
    expect(screen.getAllByRole('alert').map(({ textContent }) => textContent)).toContainEqual(
      typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text),
    ),
  );

// The first one: Home shows the latest session of anyone.
it('has the figures of Home, the median decision and what is left of the backlog; its pace is that of three decisions here', async () => {
  // Another device of the same user has decided before; in the same session for the API.
  await product.query(`INSERT INTO console.label_event (imdb_id, actor, action, before, after, decision_ms, at)
    SELECT imdb_id, 'anonymous', 'would_watch', '{"label": null, "human_labeled": false, "anomalous": false, "reviewed": true}',
      '{"label": "would_watch", "human_labeled": true, "anomalous": false, "reviewed": true}', 400000, now()
    FROM (SELECT imdb_id FROM atp.training WHERE reviewed ORDER BY imdb_id LIMIT 2) AS titles`);
  const before = openPage('/training', { product });
  await press(before.user, 'w');
  await press(before.user, 'n');
  await hasDone(2);
  await allSent();
  expect(screen.queryByText(/^median decision|^about .+ left$/)).toBeNull();
  await press(before.user, 'w');
  await allSent();
  const median = (await screen.findByText(/^median decision /)).textContent?.replace('median decision ', '');
  await screen.findByText(/^about .+ left$/);
  const left = screen.getByTestId('progress').textContent?.match(/([\d,]+) left$/)?.[1];
  await screen.findByRole('button', { name: `Backlog (${left})` });
  openPage('/', { product });
  const session = (await screen.findByText('Median decision')).closest('section') as HTMLElement;
  expect(session.textContent).toContain(`Median decision${median}`);
  expect(session.textContent).not.toContain('an hour');
  await waitFor(() => expect(document.querySelector('main')?.textContent).toContain(`${left} `));
});

describe('an answer', () => {
  it.each([
    ['Cyrillic', 'ц', 'т'],
    ['Greek', 'ς', 'ν'],
  ])('is W and N on a %s keyboard too', async (_script, watch, not) => {
    await open();
    const decided: string[] = [];
    for (const init of [
      { key: watch, code: 'KeyW' },
      { key: not, code: 'KeyN' },
    ]) {
      decided.push(await shownId());
      document.body.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true }));
      await waitFor(() => expect(idOnScreen()).not.toBe(decided.at(-1)));
    }
    await allSent();
    const labels = await Promise.all(decided.map(flags));
    expect(labels.map((one) => one?.label)).toEqual(['would_watch', 'would_not_watch']);
  });

  it('waits for no reply: ten titles are answered while none has come, and all are saved', async () => {
    const { user } = await open();
    const send = hold(/\/would_(not_)?watch$/);
    const decided: string[] = [];
    for (let count = 0; count < 10; count += 1) decided.push(await press(user, count % 2 ? 'w' : 'n'));
    expect(new Set(decided).size).toBe(10);
    send();
    await allSent();
    for (const [index, id] of decided.entries()) {
      expect(await flags(id)).toMatchObject({ label: index % 2 ? 'would_watch' : 'would_not_watch' });
    }
  });

  it('of another person is reported and not overwritten, also without a live update', async () => {
    const { user } = await open();
    const id = await shownId();
    const response = await fetch(`/rear-diff/training/${id}/would_not_watch`, {
      method: 'PATCH',
      headers: { 'x-actor': 'anna' },
    });
    expect(response.status).toBe(200);
    await press(user, 'w');
    await screen.findByText(/anna.* changed ".*" to would not watch/);
    expect(await flags(id)).toMatchObject({ label: 'would_not_watch' });
  });

  it('is saved although the metadata of the title has changed', async () => {
    const { user } = await open();
    const id = await shownId();
    await product.query("UPDATE atp.training SET overview = 'Refreshed.' WHERE imdb_id = $1", [id]);
    await press(user, 'w');
    await allSent();
    expect(await flags(id)).toMatchObject({ label: 'would_watch' });
  });

  it('can be undone after it was sent while another filter was on screen', async () => {
    const { user } = await open();
    const send = hold(/would_watch$/);
    const id = await press(user, 'w');
    await user.selectOptions(screen.getByLabelText('Order'), 'oldest');
    await waitFor(() => expect(location.search).toContain('order=oldest'));
    await hasDone(0);
    send();
    await allSent();
    expect(await flags(id)).toMatchObject({ label: 'would_watch' });
    history.back();
    await hasDone(1);
    (document.activeElement as HTMLElement).blur();
    await user.keyboard('u');
    await isShown(id);
    await allSent();
    expect(await flags(id)).toMatchObject(untouched);
  });

  it('can be undone when it arrived although its reply was lost', async () => {
    const { user } = await open();
    const recover = intercept(/would_watch$/, async (send) => {
      await send();
      throw new TypeError('fetch failed');
    });
    const id = await press(user, 'w');
    await screen.findByText('1 unsent');
    await user.keyboard('u');
    await isShown(id);
    recover();
    await allSent();
    expect(await flags(id)).toMatchObject(untouched);
  });

  it('that was not saved is reported on any page, leaves its address alone, and comes back on the card', async () => {
    const { user } = openPage('/training', { product });
    const { promise: held, resolve: answer } = Promise.withResolvers<void>();
    intercept(/would_watch$/, async () => {
      await held;
      return Response.json({ ...diskFull, instance: 'r1' }, { status: 500 });
    });
    const id = await press(user, 'w');
    await user.click((await screen.findAllByRole('link', { name: 'Home' }))[0] as HTMLElement);
    await at('/');
    answer();
    await alertSays('The disk is full.');
    expect(location.search).toBe('');
    await user.click((await screen.findAllByRole('link', { name: 'Training' }))[0] as HTMLElement);
    await isShown(id);
  });

  it('is not taken from a key that was meant for the card before the one that comes back', async () => {
    const { user } = await open();
    const id = await shownId();
    const before = await eventsOf(id);
    refuse(/would_watch$/, diskFull);
    // No time passes between the card and the key, however long the card takes to render.
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now);
    onTestFinished(() => clock.mockRestore());
    const pressed = new Promise<void>((resolve) => {
      new MutationObserver((_changes, observer) => {
        if (!document.querySelector('article [role="alert"]')) return;
        observer.disconnect();
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }));
        resolve();
      }).observe(document.body, { childList: true, subtree: true });
    });
    await user.keyboard('w');
    await screen.findByText('Answer not saved');
    await pressed;
    clock.mockRestore();
    await allSent();
    expect(await shownId()).toBe(id);
    expect(await eventsOf(id)).toEqual(before);
  });

  it('counts as its time only what the page was visible', async () => {
    const now = performance.now.bind(performance);
    let skew = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + skew);
    const isHidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(false);
    onTestFinished(() => {
      clock.mockRestore();
      isHidden.mockRestore();
    });
    const { user } = await open();
    const afterAnHour = (hidden: boolean) => {
      skew += 3_600_000;
      isHidden.mockReturnValue(hidden);
      document.dispatchEvent(new Event('visibilitychange'));
    };
    afterAnHour(true);
    // A title that comes on screen while nobody looks.
    await press(user, 's');
    afterAnHour(false);
    const id = await press(user, 'w');
    await allSent();
    const [event] = await eventsOf(id);
    expect(event?.decision_ms).toBeLessThan(60_000);
  });

  it('says what beside the label could not be done and what could not come back, where files are removed', async () => {
    alter(/\/meta$/, (meta) => ({ ...meta, configured: { ...(meta.configured as object), files: true } }));
    alter(/would_not_watch$/, (reply) => ({ ...reply, file_deletion_warning: 'The disk is not mounted.' }));
    alter(/\/undo$/, (reply) => ({ ...reply, not_restored: ['The file was gone from the trash.'] }));
    const { user } = await open();
    await screen.findByRole('button', { name: /^Would not watch\s*and remove its files/ });
    await press(user, 'n');
    await screen.findByText(/The disk is not mounted\./);
    await user.keyboard('u');
    await screen.findByText(/The file was gone from the trash\./);
    await allSent();
  });
});

describe('the card', () => {
  it('marks a title as anomalous and undoes that after its answer', async () => {
    const { user } = await open('&order=uncertain');
    const id = await shownId();
    await user.keyboard('a');
    // It marks the card: it is not one of the answers.
    await within(screen.getByRole('article')).findByRole('button', { name: /^Anomalous/, pressed: true });
    await press(user, 'w');
    await user.keyboard('uu');
    await isShown(id);
    await screen.findByRole('button', { name: /^Anomalous/, pressed: false });
    await allSent();
    expect(await flags(id)).toMatchObject({ anomalous: false, reviewed: false });
  });

  it('takes a mark off again that was not saved, and says why', async () => {
    const { user } = await open();
    refuse(/\/training\/tt\d+$/, diskFull);
    await user.keyboard('a');
    await alertSays('The disk is full.');
    await screen.findByRole('button', { name: /^Anomalous/, pressed: false });
  });

  it('in blind mode shows nothing that tells the prediction or the label until the answer, also in the record', async () => {
    const [labelled, next] = await product.query<{ imdb_id: string }>(
      `SELECT imdb_id FROM atp.training JOIN atp.prediction USING (imdb_id)
       WHERE label = 'would_watch' AND NOT reviewed ORDER BY imdb_id LIMIT 2`,
    );
    const id = labelled?.imdb_id as string;
    const { user } = openPage(`/training?order=likely&label=would_watch&probability_min=0.1&q=${id}`, { product });
    await isShown(id);
    const card = () => document.querySelector('article')?.textContent ?? '';
    expect(card()).toMatch(/%.*would watch/);
    await screen.findByRole('button', { name: /^Would watch/, pressed: true });
    await user.keyboard('d');
    await screen.findByText(/^Recorded cell/);
    await user.keyboard('b');
    // No filter and no order tells it either.
    await at(`/training?q=${id}`);
    await screen.findByText('Prediction hidden until you answer');
    await waitFor(() =>
      expect(card().replaceAll(/Would (not )?watch$/g, '')).not.toMatch(/%|model|true pos|false neg/),
    );
    expect(screen.queryByRole('button', { name: /^Would/, pressed: true })).toBeNull();
    const orders = [...screen.getByLabelText<HTMLSelectElement>('Order').options].map(({ value }) => value);
    expect(orders).toEqual(['newest', 'oldest', 'waiting', 'random']);
    await user.click(screen.getByRole('button', { name: /^Filters/ }));
    const panel = await screen.findByRole('region', { name: 'Filters' });
    expect(panel.textContent).toContain('Genre');
    expect(panel.textContent).not.toMatch(/Label|Probability/);
    (document.activeElement as HTMLElement).blur();
    await user.keyboard('n');
    await screen.findByText(/\(model \d+%\)/);
    await allSent();
    const [event] = await eventsOf(id);
    expect(event?.shown).toEqual({ view: 'review', blind: true, probability: null });
    // A link that would tell it leads to the same titles without it.
    openPage(`/training?order=disagree&q=${next?.imdb_id}`, { product });
    await at(`/training?q=${next?.imdb_id}`);
    await isShown(next?.imdb_id as string);
    await user.keyboard('b');
    await screen.findByText(/^model would/);
  });

  it('undoes the latest change in the history of its details, which nobody else made', async () => {
    const { user, click } = await open('&reviewed=all&order=oldest');
    const id = await shownId();
    const before = await flags(id);
    await user.keyboard('d');
    const details = await screen.findByRole('region', { name: 'Details' });
    await user.keyboard('a');
    await screen.findByRole('button', { name: /^Anomalous/, pressed: true });
    await click('button', 'Undo', details);
    await screen.findByRole('button', { name: /^Anomalous/, pressed: false });
    await allSent();
    expect(await flags(id)).toEqual(before);

    const label = await fetch(`/rear-diff/training/${id}/would_not_watch`, { method: 'PATCH' });
    expect(label.status).toBe(200);
    await click('button', 'Refresh');
    await screen.findByRole('button', { name: /^Would not watch/, pressed: true });
    await click('button', 'Undo', details);
    await waitFor(() => expect(screen.queryByRole('button', { name: /^Would not watch/, pressed: true })).toBeNull());
    await allSent();
    expect(await flags(id)).toEqual(before);
    expect(screen.queryByText('Changed elsewhere')).toBeNull();
    expect(await shownId()).toBe(id);
  });

  it('says what was undone, and which values came back', async () => {
    const { user } = await open();
    const name = async () => (await screen.findByRole('heading', { level: 2 })).querySelector('bdi')?.textContent;
    const title = await name();
    // Tests before this one may have left it on.
    if (screen.queryByRole('button', { name: /^Blind/, pressed: true })) await user.keyboard('b');
    await product.query("UPDATE atp.training SET label = 'would_not_watch' WHERE imdb_id = $1", [await shownId()]);
    await user.click(screen.getByRole('button', { name: 'Refresh' }));
    await screen.findByRole('button', { name: /^Would not watch/, pressed: true });
    await press(user, 'w');
    await user.keyboard('u');
    const isSaid = (text: string) =>
      waitFor(() => expect(screen.getAllByRole('status').map(({ textContent }) => textContent)).toContain(text));
    await isSaid(`Undid would watch on ${title} (label: would watch → would not watch)`);
    await user.keyboard('au');
    await isSaid(`Undid anomalous on ${title} (anomalous: yes → no)`);
    await press(user, 's');
    await user.keyboard('u');
    await isSaid(`Undid skip on ${title}`);
    // The label stays hidden in blind mode.
    await user.keyboard('b');
    await press(user, 'w');
    await user.keyboard('u');
    await isSaid(`Undid would watch on ${title}`);
    await user.keyboard('b');
    await allSent();
  });

  it('stays through a refresh that the API does not answer', async () => {
    const { click, user } = await open();
    await press(user, 's');
    const id = await shownId();
    const recover = refuse(/./, 'unreachable');
    await click('button', 'Refresh');
    await alertSays('The API cannot be reached');
    expect(await shownId()).toBe(id);
    recover();
    await click('button', 'Retry now');
    await waitFor(() => expect(screen.queryByText('The API cannot be reached', { exact: false })).toBeNull());
    expect(await shownId()).toBe(id);
    await screen.findByText('1 skipped');
  });
});

it('the backlog is cleared after skipped and new titles, a filter when nothing of it is left', async () => {
  await product.query(`UPDATE atp.training SET reviewed = true WHERE imdb_id NOT IN
    (SELECT imdb_id FROM atp.training WHERE NOT reviewed ORDER BY updated_at DESC LIMIT 3)`);
  const { click, user } = openPage('/training', { product });
  await press(user, 's');
  await press(user, 'w');
  await user.keyboard('n');
  await screen.findByText('Only skipped titles left');
  await click('button', 'Review it now');
  await shownId();
  const [added] = await product.query<{ imdb_id: string }>(
    `UPDATE atp.training SET reviewed = false WHERE imdb_id = (SELECT min(imdb_id) FROM atp.training
       WHERE label IS NOT NULL AND reviewed AND media_type = 'movie'
         AND imdb_id NOT IN (SELECT imdb_id FROM console.label_event)) RETURNING imdb_id`,
  );
  const id = added?.imdb_id as string;
  await press(user, 'w');
  await isShown(id);
  await user.keyboard('w');
  await screen.findByText('Backlog cleared');
  await allSent();

  await product.query('UPDATE atp.training SET reviewed = false WHERE imdb_id = $1', [id]);
  const filtered = openPage(`/training?anomalous=false&q=${id}`, { product });
  await isShown(id);
  await filtered.user.keyboard('w');
  await screen.findByText('Nothing left in this filter');
  await allSent();
  await filtered.click('button', 'Back to the backlog');
  await screen.findByText('Backlog cleared');
});

// The last one: a dialog that was opened opens again with the next page.
it('a control that does nothing now says why on focus, and so does the list of keys', async () => {
  const { user } = await open('&reviewed=all');
  const refresh = await screen.findByRole('button', { name: /^Refresh metadata/ });
  await waitFor(() => expect(refresh.getAttribute('aria-disabled')).toBe('true'));
  expect(refresh.textContent).toContain('Refresh metadata');
  refresh.focus();
  const reason =
    'Metadata refresh is not configured. Set AT_MOVIE_DETAILS_API_KEY for TMDB or AT_MOVIE_RATINGS_API_KEY for OMDb, or those of AT_TV.';
  await waitFor(() => expect(screen.getByRole('tooltip').textContent).toBe(reason));
  refresh.blur();
  await user.keyboard('?');
  const keys = within(await screen.findByRole('dialog'));
  const cells = (await keys.findAllByRole('cell')).map(({ textContent }) => textContent);
  expect(cells).toEqual(
    expect.arrayContaining([`Refresh metadata${reason}`, 'UndoNothing to undo in this review', 'Skip']),
  );
});

it('no key is taken for an answer while a person types or a dialog is open', async () => {
  const { user } = await open('&reviewed=all');
  const id = await shownId();
  const searchIs = (text: string | null) =>
    waitFor(() => expect(new URLSearchParams(location.search).get('q')).toBe(text));
  await user.keyboard('/');
  await user.keyboard('wn');
  expect(screen.getByRole<HTMLInputElement>('searchbox').value).toBe('wn');
  // The search follows a moment later, and what it finds may be another title.
  await searchIs('wn');
  await user.clear(screen.getByRole('searchbox'));
  await searchIs(null);
  await hasDone(0);
  // The address is there before the card.
  await isShown(id);
  await user.keyboard('{Escape}');
  await user.keyboard('?');
  const dialog = await screen.findByRole('dialog');
  await waitFor(() => expect(dialog.textContent).toContain('Would watch'));
  requests.length = 0;
  await user.keyboard('w');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(await shownId()).toBe(id);
  expect(requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
});
