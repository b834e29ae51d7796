import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { alter, hold, nodeFetch, refuse } from '#test/api.ts';
import { openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { stopAtNoon } from '#test/stop-at-noon.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

/** A product that a test may change. */
async function ownProduct(options?: Parameters<typeof startProduct>[0]): Promise<Product> {
  const own = await startProduct(options);
  onTestFinished(async () => void (await own.close()));
  return own;
}

const open = (on = product) => openPage('/', { product: on });
/** A card with its content: the card that holds its place until then is another element. */
const card = (name: string) =>
  waitFor(() => {
    const region = screen.getByRole('region', { name });
    expect(region.querySelector('.mantine-Skeleton-root')).toBeNull();
    return region;
  });
const shown = (value: number) => value.toLocaleString('en-GB');

/** Presses the button and waits for the end of the refresh: one that the end of a test cuts off would disable the button. */
async function refresh(): Promise<void> {
  const button = await screen.findByRole('button', { name: 'Refresh' });
  button.click();
  await waitFor(() => expect(button.dataset.loading).toBeDefined());
  await waitFor(() => expect(button.dataset.loading).toBeUndefined());
}

/** Waits for the links of a card: where each leads and what it shows. */
async function linksOf(region: HTMLElement): Promise<[string | null, string | null][]> {
  const links = await within(region).findAllByRole('link');
  return links.map((link) => [link.getAttribute('href'), link.textContent]);
}

/** How many rows the list at an address says it has, or how many titles a review has left. */
async function rowsBehind(address: string, on: Product): Promise<string> {
  openPage(address, { product: on });
  return waitFor(() => {
    const text = document.querySelector('main')?.textContent ?? '';
    const [, total = /No (?:title|item) matches|Nothing here/.test(text) ? '0' : undefined] =
      /\d–[\d,]+ of ([\d,]+),/.exec(text) ?? /0 done, ([\d,]+) left/.exec(text) ?? [];
    expect(total).toBeDefined();
    return total as string;
  });
}

async function count(on: Product, condition: string): Promise<number> {
  const query = `SELECT count(*)::integer FROM atp.training WHERE ${condition}`;
  return (await on.query<{ count: number }>(query))[0]?.count as number;
}

/** Labels ten titles, one every six seconds, each after four seconds of thought; the last is undone. */
const labelTen = (on: Product) =>
  on.query(`
    WITH labelled AS (
      INSERT INTO console.label_event (imdb_id, actor, action, before, after, decision_ms, at)
      SELECT imdb_id, 'Ada', 'would_watch',
        '{"label": null, "human_labeled": false, "anomalous": false, "reviewed": false}',
        '{"label": "would_watch", "human_labeled": true, "anomalous": false, "reviewed": true}',
        4000, now() - interval '3 hours 30 minutes' + n * interval '6 seconds'
      FROM (SELECT imdb_id, row_number() OVER (ORDER BY imdb_id) AS n FROM atp.training LIMIT 10) AS titles
      RETURNING event_id, imdb_id, before, after, at
    )
    INSERT INTO console.label_event (imdb_id, actor, action, before, after, at, undoes)
    SELECT imdb_id, 'Ada', 'undo', after, before, at, event_id FROM labelled ORDER BY event_id DESC LIMIT 1`);

describe('the numbers', () => {
  it("of backlog and labels are the database's, each a link to its rows", async () => {
    const own = await ownProduct();
    await own.query(`UPDATE atp.training SET media_type = 'tv_show' WHERE imdb_id IN
      (SELECT imdb_id FROM atp.training WHERE NOT coalesce(reviewed, false) ORDER BY created_at LIMIT 3)`);
    const { user } = open(own);
    const unreviewed = 'NOT coalesce(reviewed, false)';
    const backlog = await card('Backlog');
    const links = await linksOf(backlog);
    const oldest = backlog.querySelector('time') as HTMLTimeElement;
    const age = oldest.textContent;
    expect(links).toEqual([
      ['/training', shown(await count(own, `${unreviewed} AND media_type = 'movie'`))],
      ['/training?label=none', shown(await count(own, `${unreviewed} AND media_type = 'movie' AND label IS NULL`))],
      ['/training?media_type=tv_show', '3'],
      ['/training?order=waiting', age],
      ['/training', 'Review'],
    ]);
    const ofOldest = `FROM atp.training WHERE ${unreviewed} AND media_type = 'movie' ORDER BY created_at LIMIT 1`;
    const [first] = await own.query(
      `SELECT imdb_id, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at ${ofOldest}`,
    );
    expect(oldest.dateTime).toBe(first?.at);

    const all = '/training?view=list&media_type=all&reviewed=all';
    expect(await linksOf(await card('Labels'))).toEqual([
      [`${all}&label=would_watch`, shown(await count(own, "label = 'would_watch'"))],
      [`${all}&label=would_not_watch`, shown(await count(own, "label = 'would_not_watch'"))],
      [`${all}&label=none`, shown(await count(own, 'label IS NULL'))],
      [`${all}&anomalous=true`, shown(await count(own, 'anomalous'))],
      [all, shown(await count(own, 'true'))],
    ]);

    // The age of the oldest leads to that title.
    await user.click(oldest);
    const onScreen = (await screen.findByRole('article')).dataset.imdbId;
    const longest = await own.query(
      `SELECT created_at = (SELECT created_at ${ofOldest}) AS oldest FROM atp.training WHERE imdb_id = $1`,
      [onScreen],
    );
    expect(longest).toEqual([{ oldest: true }]);
  });

  it('of the last labelling session lead to its titles; without a session the card says so', async () => {
    const own = await ownProduct();
    const { user } = open(own);
    const session = await card('Last labelling session');
    await within(session).findByText('No labels in the last 90 days.');
    await labelTen(own);
    await refresh();
    await waitFor(() => expect(session.textContent).toContain('9 decisions, and 1 undone'));
    for (const fact of ['Median decision4.0 s', 'Last decision3 hr ago', 'Duration54.0 s', 'Ada']) {
      expect(session.textContent).toContain(fact);
    }
    // Each figure leads to the titles it was made of.
    const links = await linksOf(session);
    expect(links).toHaveLength(5);
    expect(new Set(links.map(([target]) => target)).size).toBe(2);
    await user.click(within(session).getByRole('link', { name: '9' }));
    await screen.findByText(
      /^1–9 of 9, all titles, decided by \S*Ada\S*, decided since .*, decided until .*, decision not undone/,
    );
  });

  it('of the migrations lead to their history', async () => {
    const own = await ownProduct();
    const [latest] = await own.query<{ version: string }>(
      'SELECT max(version::integer)::text AS version FROM console.flyway_schema_history',
    );
    open(own);
    const migrations = await card('Migrations');
    expect(migrations.textContent).toMatch(new RegExp(`console[^]*version ${latest?.version},[^]*all applied`));
    const targets = new Map((await linksOf(migrations)).map(([target, name]) => [name, target]));
    expect(targets.get('console')).toBe('/migrations?schema=console');
    expect(targets.get('console extras (indexes)')).toBe('/migrations?schema=console+extras');
    await own.query('UPDATE console.flyway_schema_history SET success = false WHERE version = $1', [latest?.version]);
    await refresh();
    await within(migrations).findByRole('link', { name: '1 failed' });
  });

  it('of the pipeline are how many items have each status, each a link to them', async () => {
    const rows = await product.query<{ status: string; count: number }>(
      `SELECT status::text, count(m.hash)::integer FROM unnest(enum_range(NULL::atp.pipeline_status)) AS status
       LEFT JOIN atp.media AS m ON m.pipeline_status = status AND m.deleted_at IS NULL GROUP BY status`,
    );
    open();
    await screen.findByRole('table', { name: 'Confusion matrix of movies' });
    expect(Object.fromEntries(await linksOf(await card('Pipeline')))).toEqual(
      Object.fromEntries(rows.map(({ status, count }) => [`/media?pipeline_status=${status}`, shown(count)])),
    );
  });

  it('of errors, and of rejections since midnight where the browser is, lead to these items', async () => {
    const own = await ownProduct();
    const noon = stopAtNoon();
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const today = `date_trunc('day', to_timestamp(${noon / 1000}) AT TIME ZONE '${timeZone}') AT TIME ZONE '${timeZone}'`;
    // Three of them this morning, the others long ago.
    for (const statement of [
      'ALTER TABLE atp.media DISABLE TRIGGER USER',
      `UPDATE atp.media SET updated_at = ${today} - interval '1 microsecond' WHERE updated_at >= ${today}`,
      `UPDATE atp.media SET updated_at = ${today} WHERE hash IN (SELECT hash FROM atp.media
        WHERE rejection_status = 'rejected' AND deleted_at IS NULL ORDER BY hash LIMIT 3)`,
      `UPDATE atp.media SET updated_at = ${today} WHERE hash IN (SELECT hash FROM atp.media
        WHERE rejection_status = 'accepted' AND deleted_at IS NULL ORDER BY hash LIMIT 2)`,
    ]) {
      await own.query(statement);
    }
    const [expected] = await own.query<{ errors: number; midnight: string }>(
      `SELECT count(*)::integer AS errors, to_char(${today} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"') AS midnight
       FROM atp.media WHERE error_status AND deleted_at IS NULL`,
    );
    const { click } = open(own);
    await screen.findByText('items rejected by the filter since midnight');
    await screen.findByText('items in error');
    const rejected = `/media?rejection_status=rejected&changed_at_min=${encodeURIComponent(expected?.midnight as string)}`;
    // The most urgent comes first; each entry has one action.
    await waitFor(async () =>
      expect(await linksOf(await card('Needs attention'))).toEqual([
        ['/media?error_status=true', shown(expected?.errors as number)],
        ['/media?error_status=true', 'Show errors'],
        // The triggers are off here.
        ['/#health', 'Show checks'],
        ['/training', '150'],
        ['/training', 'Review'],
        [rejected, '3'],
        [rejected, 'Show rejected'],
      ]),
    );
    await click('link', '3');
    await screen.findByText(/^1–3 of 3, media items, filter rejected, changed since/);
  });

  it('of files that vanished, and of batches that wait for a person, lead to them', async () => {
    const own = await ownProduct({ demo: false });
    await own.query(`
      WITH root AS (
        INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('Inbox', '/a', gen_random_uuid(), 1) RETURNING id
      ), top AS (
        INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id
      ), file AS (
        INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, status_before)
        SELECT id, 'a.jpg', 1, 1, 1, 1, 'photo', 'MISSING', 'UNIQUE' FROM top RETURNING id, directory_id
      ), batch AS (
        INSERT INTO console.batch (name, status, failed_in, reason, file_count, size_bytes, manifest, settings, directory_id, ready_at)
        SELECT 'batch_001', 'ERROR', 'SYNCING', 'The disk is full.', 1, 1, '{"files": []}', '{}', id, now() FROM top
      )
      INSERT INTO console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode,
        action, state, ended_at)
      SELECT gen_random_uuid(), id, directory_id, 'a.jpg', directory_id, 'b.jpg', 1, 1, 1, 'move', 'missing', now() FROM file
    `);
    open(own);
    await screen.findByText('file vanished while it was moved');
    screen.getByText('batch has stopped');
    expect(await linksOf(await card('Needs attention'))).toEqual([
      ['/files/all?status=MISSING', '1'],
      ['/files/all?status=MISSING', 'Show missing files'],
      ['/files/batches/1', '1'],
      ['/files/batches/1', 'Show batches'],
    ]);
  });

  it('of the confusion matrix are of movies at the threshold of the downloader, and lead to each cell', async () => {
    const rows = await product.query<{ cell: string; count: number }>(
      `SELECT CASE WHEN (probability >= 0.35) = (label = 'would_watch') THEN 't' ELSE 'f' END ||
          CASE WHEN probability >= 0.35 THEN 'p' ELSE 'n' END AS cell, count(*)::integer
       FROM atp.training JOIN atp.prediction USING (imdb_id)
       WHERE label IS NOT NULL AND media_type = 'movie' GROUP BY 1`,
    );
    open();
    const matrix = await screen.findByRole('table', { name: 'Confusion matrix of movies' });
    const links = within(matrix).getAllByRole('link');
    expect(
      Object.fromEntries(links.map((link) => [link.getAttribute('href'), link.querySelector('b')?.textContent])),
    ).toEqual(Object.fromEntries(rows.map(({ cell, count }) => [`/predictions?cell=${cell}`, shown(count)])));
    expect(screen.getByRole('link', { name: '0.35' }).getAttribute('href')).toBe('/predictions?threshold=0.35');
    expect((await card('Predictions')).textContent).toMatch(
      /[\d,]+ labelled movies with a prediction, threshold 0\.35\./,
    );
  });

  it('become a success when nothing is left to review', async () => {
    const own = await ownProduct();
    await own.query('UPDATE atp.training SET reviewed = true');
    open(own);
    await within(await card('Backlog')).findByText('Backlog cleared');
  });

  it('an empty database is reported part by part', async () => {
    open(await ownProduct({ demo: false }));
    for (const text of [
      'Backlog cleared',
      'No labels in the last 90 days.',
      'The pipeline is empty.',
      'Nothing needs attention',
      'Nothing is left to review',
      'No movie has both a label and a prediction yet.',
      'No changes yet.',
    ]) {
      await screen.findByText(text);
    }
  });
});

describe('a figure that several pages show', () => {
  /** Today's row of the table below the chart. */
  const today = async () => (await within(await card('Labels per day')).findAllByRole('row'))[1] as HTMLElement;

  it('has one source: the backlog of the list, the card, the chart and the navigation', async () => {
    // Another number than the database has, so that a second source would show.
    alter(/\/training\?.*limit=1&.*count=exact/, (page) => ({
      ...page,
      pagination: { ...(page.pagination as object), total: 77 },
    }));
    open();
    const entry = () => document.querySelector('nav a[href="/training"] [data-count]');
    await waitFor(() => expect(entry()?.getAttribute('data-count')).toBe('77'));
    const attention = within(await card('Needs attention'));
    expect((await attention.findByText('movies to review')).textContent).toBe('77 movies to review');
    expect((await linksOf(await card('Backlog')))[0]).toEqual(['/training', '77']);
    expect((await today()).lastElementChild?.textContent).toBe('77');
  });

  it('is the same on each page, and another figure has another name', async () => {
    const own = await ownProduct();
    // Labelled movies without a prediction, and labelled shows with one: what Predictions counts is neither of them.
    await own.query(`
      DELETE FROM atp.prediction WHERE imdb_id IN
        (SELECT imdb_id FROM atp.training WHERE label IS NOT NULL ORDER BY imdb_id LIMIT 5);
      UPDATE atp.training SET media_type = 'tv_show' WHERE imdb_id IN
        (SELECT imdb_id FROM atp.training WHERE label IS NOT NULL ORDER BY imdb_id DESC LIMIT 7)`);
    const backlog = shown(await count(own, "NOT coalesce(reviewed, false) AND media_type = 'movie'"));
    const judged = shown(
      await count(
        own,
        "label IS NOT NULL AND media_type = 'movie' AND imdb_id IN (SELECT imdb_id FROM atp.prediction)",
      ),
    );
    open(own);
    const predictions = await card('Predictions');
    expect(predictions.textContent).toContain(`${judged} labelled movies with a prediction, threshold`);
    expect((await card('Labels')).textContent).toContain('Titles of every type, with or without a prediction');
    expect((await linksOf(await card('Backlog')))[0]).toEqual(['/training', backlog]);
    expect((await today()).lastElementChild?.textContent).toBe(backlog);

    openPage('/predictions', { product: own });
    await screen.findByText(`${judged} labelled movies with a prediction`);
    openPage('/training?view=list', { product: own });
    await screen.findByRole('button', { name: `Backlog (${backlog})` });
    await screen.findByText(new RegExp(`^1–20 of ${backlog}, unreviewed movies`));
  });

  it('is as many rows as the list behind its link has, in every card', async () => {
    const own = await ownProduct();
    const [show, ...movies] = await own.query<{ imdb_id: string }>(
      'SELECT imdb_id FROM atp.training ORDER BY 1 LIMIT 9',
    );
    const [changedMind, undone, again, flagged, inBulk, gone] = movies.map(({ imdb_id }) => imdb_id);
    const act = async (method: string, path: string, body: object = {}): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'x-actor': 'Zoe' };
      const reply = await nodeFetch(`${own.url}/rear-diff${path}`, { method, headers, body: JSON.stringify(body) });
      expect(reply.status, path).toBe(200);
      return ((await reply.json()) as { event_id: number }).event_id;
    };
    const label = (title: string | undefined, answer: string) => act('PATCH', `/training/${title}/${answer}`);
    const takeBack = async (title: string | undefined) =>
      act('POST', `/training/${title}/undo`, { event_id: await label(title, 'would_watch') });
    // Without a label, a type with predictions of its own, and items in error, for figures of every kind.
    await own.query(`
      UPDATE atp.training SET label = NULL, human_labeled = false, anomalous = false, reviewed = false
        WHERE imdb_id <= '${movies.at(-1)?.imdb_id}';
      UPDATE atp.training SET media_type = 'tv_show' WHERE imdb_id = '${show?.imdb_id}'`);
    await label(show?.imdb_id, 'would_watch');
    // One title each, however often it was answered.
    await label(changedMind, 'would_watch');
    await label(changedMind, 'would_not_watch');
    await takeBack(undone);
    await takeBack(again);
    await label(again, 'would_not_watch');
    // A flag without a label is no decision.
    await act('PATCH', `/training/${flagged}`, { imdb_id: flagged, anomalous: true });
    await label(gone, 'would_watch');
    await own.query(`
      DELETE FROM atp.prediction WHERE imdb_id = '${gone}';
      DELETE FROM atp.training WHERE imdb_id = '${gone}';
      INSERT INTO console.label_event (imdb_id, actor, action, before, after, operation_id)
        SELECT '${inBulk}', actor, action, before, after, gen_random_uuid()
        FROM console.label_event WHERE action = 'would_watch' ORDER BY event_id LIMIT 1`);
    open(own);
    for (const name of ['Needs attention', 'Last labelling session', 'Labels per day', 'Pipeline']) await card(name);
    await screen.findByRole('table', { name: 'Confusion matrix of movies' });
    const figures = screen.getAllByRole('region').flatMap((region) =>
      within(region)
        .queryAllByRole('link')
        .map((link) => ({
          of: region.getAttribute('aria-label') ?? region.querySelector('h2')?.textContent ?? '',
          to: link.getAttribute('href') ?? '',
          shown: (link.querySelector('b') ?? link).textContent ?? '',
        }))
        .filter((figure) => /^[\d,]+$/.test(figure.shown)),
    );
    for (const name of [
      'Needs attention',
      'Backlog',
      'Last labelling session',
      'Labels per day',
      'Labels',
      'Pipeline',
      'Predictions',
    ]) {
      expect(figures.map((figure) => figure.of)).toContain(name);
    }
    expect(figures.filter((figure) => figure.of === 'Last labelling session').map((figure) => figure.shown)).toEqual([
      '3',
      '2',
    ]);
    const rows: typeof figures = [];
    for (const figure of figures) rows.push({ ...figure, shown: await rowsBehind(figure.to, own) });
    expect(rows).toEqual(figures);
  });
});

describe('recent activity', () => {
  it('names the actor, and each entry leads to its title or item', async () => {
    const own = await ownProduct();
    const patch = async (path: string, actor: string) => {
      const headers = { 'content-type': 'application/json', 'x-actor': actor };
      const reply = await nodeFetch(`${own.url}/rear-diff${path}`, { method: 'PATCH', headers, body: '{}' });
      expect(reply.status).toBe(200);
    };
    const [title] = await own.query(
      "SELECT imdb_id, media_title FROM atp.training WHERE media_type = 'movie' AND NOT reviewed ORDER BY imdb_id LIMIT 1",
    );
    const [item] = await own.query(
      "SELECT hash, media_title FROM atp.media WHERE pipeline_status = 'downloaded' AND deleted_at IS NULL ORDER BY hash LIMIT 1",
    );
    await patch(`/training/${title?.imdb_id}/would_watch`, 'Ada');
    await patch(`/media/${item?.hash}/soft_delete`, 'Bob');
    const { user } = open(own);
    const [first, second] = await within(await card('Recent activity')).findAllByRole('listitem');
    expect(first?.textContent).toMatch(`Bob deleted ${item?.media_title}`);
    expect(
      within(first as HTMLElement)
        .getByRole('link')
        .getAttribute('href'),
    ).toBe(`/media/${item?.hash}`);
    expect(second?.textContent).toMatch(`Ada labelled ${title?.media_title} would watch`);
    await user.click(within(second as HTMLElement).getByRole('link'));
    await screen.findByRole('heading', { name: 'Training', level: 1 });
    await waitFor(() => expect(document.querySelector(`[data-imdb-id="${title?.imdb_id}"]`)).not.toBeNull());
  });

  it('reports a direct database change of many titles as one', async () => {
    const own = await ownProduct();
    await own.query('UPDATE atp.training SET anomalous = true');
    open(own);
    const activity = await card('Recent activity');
    await waitFor(() =>
      expect(activity.textContent).toContain(
        'A direct database change changed more than 100 titles, too many to record each',
      ),
    );
  });
});

describe('health', () => {
  const transmission = async () => (await within(await card('Platform')).findAllByRole('definition'))[2]?.textContent;

  it('tells a Transmission that does not answer from one that is not configured', async () => {
    open(
      await ownProduct({
        demo: false,
        // A port that nothing listens on.
        environment: { REAR_DIFF_TRANSMISSION_HOST: '127.0.0.1', REAR_DIFF_TRANSMISSION_PORT: '1' },
      }),
    );
    await waitFor(async () => expect(await transmission()).toBe('Unreachable'));
    await within(await card('Readiness')).findByText(/Nothing can be approved/);
    open();
    await waitFor(async () => expect(await transmission()).toBe('Not configured'));
  });

  it('of the API and its database is a latency, with a link to what is connected', async () => {
    const { user } = open();
    const health = await card('Platform');
    await waitFor(() => expect(within(health).getAllByText(/^Answers in [\d.]+ m?s$/)).toHaveLength(2));
    await user.click(within(health).getAllByText(/^Answers in/)[1] as HTMLElement);
    await within(await screen.findByRole('region', { name: 'Connection' })).findByText(/, answers in [\d.,]+ ms$/);
  });
});

describe('a part', () => {
  const backlog = async () => (await linksOf(await card('Backlog')))[0]?.[1];

  it('that fails is named with its request, and the others stay', async () => {
    const problem = { status: 500, error: 'Database error', message: 'It was not to be.' };
    const takeBack = [refuse(/\/media\/stats/, problem), refuse(/\/activity\?/, problem)];
    open();
    await within(await card('Pipeline')).findByText('The counts of media items: It was not to be. (request request-1)');
    await within(await card('Needs attention')).findByText(/^Media: It was not to be\. \(request request-\d\)$/);
    await within(await card('Recent activity')).findByText(/Recent activity: It was not to be/);
    await within(await card('Needs attention')).findByText('movies to review');
    await screen.findByRole('table', { name: 'Confusion matrix of movies' });
    expect(await backlog()).toBe('150');
    for (const back of takeBack) back();
    await refresh();
    await within(await card('Pipeline')).findAllByRole('link');
    await waitFor(() => expect(screen.queryByText('Not loaded')).toBeNull());
  });

  it('that is slow holds up no other', async () => {
    const release = hold(/\/prediction\/evaluation/);
    open();
    expect(await backlog()).toBe('150');
    await within(await card('Readiness')).findByText('Ready');
    expect(screen.queryByRole('table', { name: 'Confusion matrix of movies' })).toBeNull();
    release();
    await screen.findByRole('table', { name: 'Confusion matrix of movies' });
  });

  it('that cannot be loaded again during an outage stays as it was, also in the attention card', async () => {
    open();
    await screen.findByRole('link', { name: '0.35' });
    await within(await card('Needs attention')).findByText('items in error');
    const kept = ['Needs attention', 'Backlog', 'Last labelling session', 'Labels per day', 'Labels', 'Pipeline'];
    const shown = async () => Promise.all(kept.map(async (name) => (await card(name)).textContent));
    const age = () => document.querySelector('main time')?.getAttribute('datetime');
    const [before, at] = [await shown(), age()];
    // What comes last shows that all else has been tried.
    alter(/\/prediction\/evaluation/, (evaluation) => ({ ...evaluation, threshold: 0.36 }));
    const outage = { status: 503, error: 'Database unavailable', message: 'The database does not answer.' };
    refuse(/\/(training|media|labels|activity|queue|runs|files)\b/, outage);
    await refresh();
    await screen.findByRole('link', { name: '0.36' });
    expect(await shown()).toEqual(before);
    expect(age()).toBe(at);
    expect(screen.queryByText('Not loaded')).toBeNull();
  });

  it('whose table is missing is named with the reason, and comes with the table', async () => {
    const own = await ownProduct();
    await own.query('ALTER TABLE console.label_event RENAME TO put_aside');
    open(own);
    await screen.findByText(/^Requests will fail: /);
    const session = await card('Last labelling session');
    expect(session.textContent).toMatch(/Not loaded.*The labelling sessions: .*readyz.*\(request .+\)/);
    expect(await backlog()).toBe('150');
    const readiness = await card('Readiness');
    await within(readiness).findByText('Not ready');
    within(readiness).getByText('SELECT on console.label_event');
    // An API that reports what it lacks is reachable.
    expect(screen.queryByText('The API cannot be reached')).toBeNull();

    await own.query('ALTER TABLE console.put_aside RENAME TO label_event');
    await refresh();
    await within(readiness).findByText('Ready');
    await within(session).findByText(/^No labels in/);
  });

  it('on a database whose owner must act first says in one sentence what to run', async () => {
    const own = await ownProduct();
    const role = `rear_diff_home_${process.pid}`;
    const [names] = await own.query('SELECT current_database() AS database');
    onTestFinished(async () => {
      await own.query(`ALTER DATABASE ${names?.database} RESET role; DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });
    await own.query(`
      ALTER SCHEMA console RENAME TO put_aside; CREATE ROLE ${role}; GRANT USAGE ON SCHEMA atp TO ${role};
      GRANT SELECT, UPDATE ON atp.training, atp.media TO ${role}; GRANT SELECT ON atp.prediction TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}; ALTER DATABASE ${names?.database} SET role = ${role};
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    open(own);
    const readiness = await card('Readiness');
    await within(readiness).findByText('Not ready');
    expect(readiness.textContent).toContain(
      `Role ${role} may not create schema console. Have the owner of database ${names?.database} run: ` +
        `CREATE SCHEMA console AUTHORIZATION "${role}". Then run pnpm db:migrate.`,
    );
  });

  it('that lacks an index is degraded, and no request fails', async () => {
    const own = await ownProduct();
    const missing = ['atp.console_media_created_at', 'atp.console_media_updated_at'];
    await own.query(`DROP INDEX ${missing.join(', ')}`);
    open(own);
    const readiness = await card('Readiness');
    await within(readiness).findByText('Ready, 1 degraded');
    within(readiness).getByText('2 missing');
    expect([...readiness.querySelectorAll('li code')].map(({ textContent }) => textContent)).toEqual(missing);
    expect(screen.queryByText(/^Requests will fail/)).toBeNull();
  });
});
