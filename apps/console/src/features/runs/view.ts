import { sortOrders } from '@at/contracts/paging';
import { type RunFilters, type RunsQuery, runDefaultSort, runSorts } from '@at/contracts/runs';
import { type FailureCode, runStates, runTriggers } from '@at/contracts/vocabulary';
import { dayFields, describeDay, timesOf } from '#lists/days.ts';
import {
  anyWords,
  choice,
  cursors,
  defineView,
  flag,
  knownWords,
  oneOf,
  search,
  type ViewOf,
  word,
} from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { describeFailures, stateWords, taskName, wordFor } from '#runs/describe-run.ts';
import { failureNames, runsTexts } from '#runs/texts.ts';
import { formatInteger, isolate } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { runsPageTexts as texts } from './texts.ts';

const { described } = texts;

/** Rows a page. */
export const pageSize = 50;

export const knownTasks = Object.keys(runsTexts.tasks);

const ended: readonly string[] = [...stateWords.done, ...stateWords.failed];

/** Milliseconds. */
const leastWork = { '1m': 60_000, '10m': 600_000, '1h': 3_600_000 } as const;

export const runsView = defineView({
  fields: {
    q: search(),
    state: knownWords(runStates),
    task: anyWords(knownTasks),
    trigger: oneOf(runTriggers),
    stuck: oneOf(['true']),
    repaired: flag(),
    error_code: knownWords(Object.keys(failureNames) as FailureCode[]),
    fingerprint: search(12),
    subject_type: word(),
    subject_id: search(),
    requested_by: search(),
    work: oneOf(Object.keys(leastWork) as (keyof typeof leastWork)[]),
    ...dayFields,
    sort_by: choice(['usual', ...runSorts], 'usual'),
    sort_order: choice(sortOrders, runDefaultSort.sort_order),
    cursor: cursors(),
  },
  paging: ['cursor'],
  title: () => described.runs,
  descriptions: {
    state: (given) => given.length > 0 && describeStates(given),
    task: describeTasks,
    trigger: (trigger) => trigger !== 'all' && described.trigger[trigger],
    stuck: (stuck) => stuck !== 'all' && described.stuck,
    repaired: (repaired) => repaired !== 'all' && described.repaired[repaired],
    error_code: (given) => describeFailures(given).toLowerCase(),
    fingerprint: (fingerprint) => fingerprint && described.sameCause,
    subject_type: (type) =>
      type !== 'all' && described.subject((known(texts.subjects, type) ?? isolate(type)).toLowerCase()),
    subject_id: (id) => id.trim() && described.subject(isolate(id.trim())),
    requested_by: (name) => name.trim() && described.by(isolate(name.trim())),
    work: (time) => time !== 'all' && described.work(texts.works[time]),
    day: describeDay,
    q: (q) => q.trim() && listsTexts.matching(q.trim()),
  },
});
export type RunSort = (typeof runSorts)[number];
export type RunsView = ViewOf<typeof runsView>;

type State = (typeof runStates)[number];

/** The word that stands for these states, or each of them. */
export function describeStates(given: readonly string[]): string {
  const word = wordFor(given as State[]);
  return word ? runsTexts.states[word] : given.join(listsTexts.or);
}

/** The names of tasks; of many only how many they are. */
export function describeTasks(tasks: readonly string[]): string {
  return tasks.length > 2 ? texts.tasks(formatInteger(tasks.length)) : tasks.map(taskName).join(listsTexts.or);
}

/** The filters, as the API names them. */
export function filterOf(view: RunsView): RunFilters {
  const {
    q,
    state,
    trigger,
    stuck,
    repaired,
    task,
    error_code,
    fingerprint,
    subject_type,
    subject_id,
    requested_by,
    work,
  } = runsView.filter(view);
  return {
    ...(state && { state }),
    ...(task && { task }),
    ...(trigger && { trigger: [trigger] }),
    ...(stuck && { stuck: true }),
    ...(repaired !== undefined && { repaired }),
    ...(error_code && { error_code }),
    ...(fingerprint && { fingerprint }),
    ...(subject_type && { subject_type }),
    ...(subject_id && { subject_id }),
    ...(requested_by && { requested_by }),
    ...(work && { worked_ms_min: leastWork[work] }),
    ...(q && { search: q }),
    ...timesOf(view),
  };
}

/** If the filter has only states of ended runs: by their ends. */
const usualSort = ({ state }: RunsView): RunSort =>
  state.length > 0 && state.every((one) => ended.includes(one)) ? 'finished_at' : runDefaultSort.sort_by;

/** The column that the list is sorted by. */
export const sortOf = (view: RunsView): RunSort => (view.sort_by === 'usual' ? usualSort(view) : view.sort_by);

/** The API's query for a view, without its page. */
export const fileQueryOf = (view: RunsView): RunsQuery => ({
  ...filterOf(view),
  ...(sortOf(view) !== runDefaultSort.sort_by && { sort_by: sortOf(view) }),
  ...(view.sort_order !== runDefaultSort.sort_order && { sort_order: view.sort_order }),
});

/** The same column reverses, another one begins with the latest. */
export const sortBy = (view: RunsView, sort_by: RunSort): RunsView => ({
  ...view,
  cursor: [],
  sort_by: sort_by === usualSort(view) ? 'usual' : sort_by,
  sort_order: sortOf(view) === sort_by && view.sort_order === 'desc' ? 'asc' : 'desc',
});

export const queryOf = (view: RunsView): RunsQuery => ({
  ...fileQueryOf(view),
  limit: pageSize,
  ...(view.cursor.length > 0 ? { cursor: view.cursor.at(-1) as string } : {}),
});
