import { type FakeMlflow, finishedRun, replyJson, runId, startMlflow } from '@at/adapters/test/fake-mlflow';
import { measured, realistic, trainingFile } from '@at/adapters/test/training-file';
import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hold, refuse, requests } from '#test/api.ts';
import { openPage, reload } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';

let mlflow: FakeMlflow;
let product: Product;
beforeAll(async () => {
  mlflow = await startMlflow();
  product = await startProduct({ demo: false, environment: mlflow.environment });
  return async () => {
    await product.close();
    await mlflow.close();
  };
});
beforeEach(() => {
  mlflow.search = replyJson({ runs: [finishedRun(measured)] });
  mlflow.artifact = replyJson(trainingFile());
});

const open = (query = '') => openPage(`/model${query}`, { product });

/** The page with other replies of MLflow, on its own API, because an API caches a run for a second, and its file. */
async function openWith(replies: Partial<Pick<FakeMlflow, 'search' | 'artifact'>>) {
  Object.assign(mlflow, replies);
  const own = await startProduct({ demo: false, environment: mlflow.environment });
  onTestFinished(async () => void (await own.close()));
  return openPage('/model', { product: own });
}

const main = () => screen.getByRole('main');
const region = (name: string) => screen.findByRole('region', { name });
const texts = (elements: Iterable<Element>) => [...elements].map(({ textContent }) => textContent);
const definitions = async (name: string) => texts(within(await region(name)).getAllByRole('definition'));
const matrix = async () =>
  texts((await screen.findByRole('table', { name: 'Confusion matrix of the training' })).querySelectorAll('td'));
const drawing = (name = /^Tree /) => screen.findByRole('img', { name });

describe('a training', () => {
  it('is shown with its run, confusion matrix, measures and structure, as MLflow has them', async () => {
    const { click } = open();
    await screen.findByRole('heading', { name: 'bald-hen-12' });
    const run = await region('Training run');
    for (const fact of ['finished', '2 min', '7', runId]) expect(run.textContent).toContain(fact);
    expect(run.querySelector('time')?.dateTime).toBe('2025-05-23T11:33:20.123000Z');
    await click('button', 'Copy Run id');
    await screen.findByText('Run id copied');
    expect(await navigator.clipboard.readText()).toBe(runId);
    expect(await matrix()).toEqual([
      '',
      'true positive81223.9% of all',
      'false negative1644.8% of all',
      'false positive1183.5% of all',
      'true negative2,30667.8% of all',
    ]);
    const cell = screen.getByRole('link', { name: /^false positive/ });
    expect(cell.getAttribute('href')).toBe('/predictions?cell=fp');
    await screen.findByRole('img', {
      name: 'Five measures from 0 to 1: AUC 0.931, Accuracy 0.917, Precision 0.873, Recall 0.832, F1 0.852',
    });
    expect(await definitions('Measures')).toEqual(['0.931', '0.917', '0.873', '0.832', '0.852']);
    expect(await definitions('Structure')).toEqual(['420', '3', '12', '9']);
  });

  it('shows its features, the most important first, without those of no importance', async () => {
    open();
    const { feature_importance } = trainingFile();
    const names: Record<string, string> = {
      imdb_votes: 'IMDb votes',
      tmdb_rating: 'TMDB rating',
      metascore: 'Metascore',
      rt_score: 'Rotten Tomatoes',
    };
    const expected = Object.entries(feature_importance)
      .filter(([, value]) => value > 0)
      .sort(([, left], [, right]) => right - left)
      .map(([name, value]) => [names[name] ?? name.replaceAll('_', ' '), `${(value * 100).toFixed(2)}%`]);
    const rows = (await region('Feature importance')).querySelectorAll('tbody tr');
    expect(
      [...rows].map((row) => [row.querySelector('th')?.textContent, row.querySelector('td:last-child')?.textContent]),
    ).toEqual(expected);
    await screen.findByText('2 features with zero importance not shown');
  });

  it('says which measures were not recorded, and draws no surface over them', async () => {
    await openWith({
      search: replyJson({
        runs: [
          finishedRun({ true_positives: 5, auc: 0.75, recall: 'NaN' }, { run_name: undefined, end_time: undefined }),
        ],
      }),
      artifact: replyJson(trainingFile([])),
    });
    await screen.findByRole('heading', { name: 'Unnamed' });
    const unknown = 'not recorded';
    expect(await definitions('Measures')).toEqual(['0.750', ...Array(4).fill(unknown)]);
    expect((await region('Measures')).querySelectorAll('polygon')).toHaveLength(0);
    expect(await matrix()).toEqual([
      '',
      'true positive5',
      `false negative${unknown}`,
      `false positive${unknown}`,
      `true negative${unknown}`,
    ]);
    await screen.findByText('This run exported no trees.');
  });

  it('is on screen before its file has arrived', async () => {
    const send = hold(/\/mlflow\/artifact/);
    open();
    await screen.findByRole('heading', { name: 'bald-hen-12' });
    await screen.findByRole('status', { name: 'Loading the training file' });
    send();
    await drawing();
  });

  it('without its file shows the rest and names the gap', async () => {
    const { user } = await openWith({ artifact: replyJson({ error_code: 'RESOURCE_DOES_NOT_EXIST' }, 404) });
    await screen.findByText(/Structure, feature importance and trees: MLflow has no file xgboost_trees.json/);
    expect(await matrix()).toContain('true positive81223.9% of all');
    mlflow.artifact = replyJson(trainingFile());
    await user.keyboard('r');
    await drawing();
  });
});

describe('several runs', () => {
  const runs = [
    finishedRun(measured),
    finishedRun({ ...measured, auc: 0.9, true_positives: 800 }, { run_id: 'before', run_name: 'old-owl-3' }),
  ];

  it('are listed with their measures; another one is shown on its own, or beside the first', async () => {
    const { click } = await openWith({ search: replyJson({ runs }) });
    const rows = within(await region('Finished runs')).getAllByRole('row');
    expect(texts(rows[2]?.querySelectorAll('th, td') ?? [])).toEqual([
      'old-owl-3',
      expect.anything(),
      '0.900',
      '0.917',
      '0.873',
      '0.832',
      '0.852',
      'Compare',
    ]);
    await click('link', 'Compare with old-owl-3');
    const compared = within(await region('bald-hen-12 against old-owl-3'));
    expect(texts(compared.getByRole('row', { name: /^AUC/ }).querySelectorAll('td'))).toEqual([
      '0.931',
      '0.900',
      '+0.031',
    ]);
    expect(texts(compared.getByRole('row', { name: /^true positives/ }).querySelectorAll('td'))).toEqual([
      '812',
      '800',
      '+12',
    ]);
    reload();
    await region('bald-hen-12 against old-owl-3');
    await click('link', 'End comparison with old-owl-3');
    await waitFor(() => expect(screen.queryByRole('region', { name: /against/ })).toBeNull());
    await click('link', 'old-owl-3');
    await screen.findByRole('heading', { name: 'old-owl-3' });
    await waitFor(() => expect(requests.some((request) => request.includes('run_id=before'))).toBe(true));
  });

  it("of the demo are its own models, with their trees, and said to be the demo's", async () => {
    const demo = await startProduct();
    onTestFinished(async () => void (await demo.close()));
    const { click } = openPage('/model', { product: demo });
    await screen.findByRole('heading', { name: 'Boosted trees' });
    await drawing();
    await screen.findByText(/^The demo catalogue's own models, fitted to its labels;/);
    await click('link', 'Logistic regression');
    await screen.findByRole('heading', { name: 'Logistic regression' });
    const [recorded] = await demo.query<{ tp: number }>(`SELECT count(*)::integer AS tp FROM atp.movies
      WHERE reviewed AND cm_value = 'tp'`);
    expect((await matrix())[1]).toContain(`true positive${recorded?.tp}`);
    await screen.findByText('This run exported no trees.');
  });
});

describe('a tree', () => {
  it('is drawn from its DOT source: questions, null, ranges of categories, leaves by value', async () => {
    open();
    const tree = await drawing(/^Tree 0: 6 splits, 7 leaves, 3 deep. Also as a table below.$/);
    expect(
      [...tree.querySelectorAll('g')].map((node) => [
        node.querySelector('text')?.textContent,
        node.getAttribute('data-step'),
      ]),
    ).toEqual([
      ['IMDb votes < 15,234.5', null],
      ['release year < 1987.5', null],
      ['genre in {0-3,7,9-10}', null],
      ['original language in {4-6}', null],
      ['TMDB rating < 6.75', null],
      ['Metascore < 0.523529', null],
      ['-24.3E-3', '-3'],
      ['-9.1E-3', '-1'],
      ['0.031', '3'],
      ['17.1E-3', '2'],
      ['0.1E-3', '0'],
      ['10.8E-3', '1'],
      ['-3.5E-3', '0'],
    ]);
    const branches = [...tree.querySelectorAll('path')].map(({ dataset }) => dataset.answer);
    expect(branches.toSorted()).toEqual([...Array(6).fill('no'), ...Array(6).fill('yes')]);
    const answers = texts(tree.querySelectorAll(':scope > text'));
    expect(answers.filter((text) => text === 'no, null')).toHaveLength(2);
    expect(answers.filter((text) => text === 'yes, null')).toHaveLength(4);
  });

  it('is picked by list, buttons and keys at any speed, and stays through a reload', async () => {
    const { user } = open();
    await drawing();
    requests.length = 0;
    const shows = async (index: number, name: RegExp) => {
      await drawing(name);
      expect(location.search).toBe(`?tree=${index}`);
      expect(screen.getByRole<HTMLSelectElement>('combobox', { name: 'Tree' }).value).toBe(String(index));
    };
    const next = screen.getByRole<HTMLButtonElement>('button', { name: 'Next tree' });
    next.click();
    next.click();
    await shows(2, /^Tree 2: 31 splits/);
    expect(next.disabled).toBe(true);
    /** Presses keys without a pause in which the page could render. */
    const press = (keys: string) => {
      for (const key of keys) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    };
    press('kk');
    await shows(0, /^Tree 0:/);
    await user.selectOptions(screen.getByRole('combobox', { name: 'Tree' }), 'Tree 2');
    press('kkjkjjjk');
    await shows(1, /^Tree 1: 7 splits, 8 leaves/);
    expect(requests.filter((request) => request.includes('/mlflow/'))).toEqual([]);
    reload();
    await shows(1, /^Tree 1: 7 splits, 8 leaves/);
  });

  it('that does not exist is named, with those that do', async () => {
    open('?tree=17');
    await screen.findByText('No tree 17. The training exported trees 0 to 2.');
  });

  it('is there as a table, and as its source, which can be copied', async () => {
    const { click, user } = open();
    await drawing();
    await user.click(screen.getByText('The tree as a table'));
    const rows = (await region('Tree 0 as a table')).querySelectorAll('tbody tr');
    expect(rows).toHaveLength(13);
    expect(texts(rows[0]?.querySelectorAll('th, td') ?? [])).toEqual(['0', 'IMDb votes < 15,234.5', '2', '1', '1']);
    await user.click(screen.getByText('DOT source'));
    expect((await region('DOT source of Tree 0')).textContent).toBe(realistic);
    await click('button', 'Copy the source');
    await screen.findByText('DOT source copied');
    expect(await navigator.clipboard.readText()).toBe(realistic);
  });

  it('with a faulty source says what is wrong and shows the source; the other trees are drawn', async () => {
    const broken = 'digraph {\n 0 [label="a ]\n}';
    const file = trainingFile([broken, 'digraph { 0 -> 1 1 -> 0 }', realistic]);
    const { click, user } = await openWith({ artifact: replyJson(file) });
    const alert = await screen.findByText('This tree cannot be drawn');
    expect(alert.closest('[role="alert"]')?.textContent).toMatch(/not DOT: line 2, column \d+: Expected/);
    await user.click(screen.getByText('DOT source'));
    expect((await region('DOT source of Tree 0')).textContent).toBe(broken);
    await click('button', 'Next tree');
    await screen.findByText('Its branches form a cycle', { exact: false });
    await click('button', 'Next tree');
    await drawing();
    expect(screen.queryByText('This tree cannot be drawn')).toBeNull();
  });
});

describe('without a training', () => {
  const refusals: [name: string, title: string, text: RegExp, search: FakeMlflow['search']][] = [
    [
      'a password that MLflow refuses',
      'MLflow refuses the user or the password',
      /CENTER_CONSOLE_MLFLOW_PASSWORD/,
      replyJson({}, 401),
    ],
    [
      'an experiment without a finished run',
      'No finished run',
      /experiment 7 \(CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID\)/,
      replyJson({}),
    ],
    [
      'a server that is not MLflow',
      'MLflow did not answer as it should',
      /not valid JSON.*CENTER_CONSOLE_MLFLOW_HOST/,
      replyJson('<html>Sign in</html>'),
    ],
    [
      'a connection that breaks',
      'MLflow is unreachable',
      /CENTER_CONSOLE_MLFLOW_HOST and _PORT/,
      (_request, reply) => void reply.destroy(),
    ],
  ];
  it.each(refusals)('%s is named with its setting; a retry shows the training', async (_name, title, text, search) => {
    const { click } = await openWith({ search });
    await screen.findByRole('heading', { name: title, level: 2 });
    expect(main().textContent).toMatch(text);
    expect(main().textContent).toMatch(/Request \S+/);
    mlflow.search = replyJson({ runs: [finishedRun(measured)] });
    await click('button', 'Try again');
    await screen.findByRole('heading', { name: 'bald-hen-12' });
  });

  it('an API that is not connected to MLflow lists the settings', async () => {
    const bare = await startProduct({ demo: false });
    onTestFinished(async () => void (await bare.close()));
    openPage('/model', { product: bare });
    await screen.findByRole('heading', { name: 'Not connected to MLflow', level: 2 });
    expect(main().textContent).toMatch(/restart the API/);
    const settings = screen.getByRole('table', { name: 'Settings of MLflow' });
    expect(texts(settings.querySelectorAll('code'))).toEqual(Object.keys(mlflow.environment));
  });

  it('a fault of the API is not reported as one of MLflow', async () => {
    const answer = refuse(/\/mlflow\/runs/, { status: 500, error: 'Internal error', message: 'The API failed.' });
    const { click } = open();
    await screen.findByRole('heading', { name: 'Internal error', level: 2 });
    expect(main().textContent).toMatch(/The API failed\..*request-1/);
    answer();
    await click('button', 'Try again');
    await screen.findByRole('heading', { name: 'bald-hen-12' });
  });
});
