import { type ActivityQuery, activityTypes } from '@at/contracts/activity';
import { type OperationsQuery, operationSubjects } from '@at/contracts/bulk';
import { dayFields, describeDay, timesOf } from '#lists/days.ts';
import { choice, cursors, defineView, oneOf, oneOfOr, search, type ViewOf } from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { isolate } from '#ui/format.ts';
import { activityPageTexts as texts } from './texts.ts';

const { described } = texts;

export const tabs = ['changes', 'operations'] as const;

/** Filters by the outcome of an operation; each is a query of the API. */
const stateFilters = {
  run: { started: true },
  unfinished: { state: ['running', 'cancelling'] },
  done: { state: ['done'] },
  cancelled: { state: ['cancelled'], started: true },
  never: { started: false },
  all: {},
} satisfies Record<string, OperationsQuery>;
export type StateFilter = keyof typeof stateFilters;

/** Rows a page. */
export const pageSize = 50;

export const activityView = defineView({
  fields: {
    tab: choice(tabs, 'changes'),
    type: oneOf(activityTypes),
    state: oneOfOr('run', Object.keys(stateFilters) as StateFilter[]),
    subject: oneOf(operationSubjects),
    q: {
      ...search(),
      // Older links name a title by its id.
      read: (parameters: URLSearchParams, name: string, view: object) =>
        search().read(parameters, name, view) ?? search().read(parameters, 'imdb_id', view),
    },
    actor: search(),
    ...dayFields,
    cursor: cursors(),
  },
  paging: ['cursor'],
  title: ({ tab, type, state }) => (tab === 'changes' ? described.changes[type] : described.operations[state]),
  inTitle: {
    type: (type, { tab }) => tab === 'changes' && type !== 'all' && described.changes[type],
    state: (state, { tab }) => tab === 'operations' && state !== 'run' && described.operations[state],
  },
  // Only the filters of the tab.
  descriptions: {
    subject: (subject, { tab }) => tab === 'operations' && subject !== 'all' && described.subjects[subject],
    q: (q, { tab }) => tab === 'changes' && q.trim() && listsTexts.matching(q.trim()),
    day: describeDay,
    actor: (actor) => actor.trim() && described.by(isolate(actor.trim())),
  },
});
export type ActivityView = ViewOf<typeof activityView>;
export const {
  initial: defaults,
  firstPage,
  read: readView,
  write: writeView,
  describe: describeView,
  activeFilters,
  withoutFilters,
} = activityView;

const place = ({ cursor }: ActivityView) => ({
  limit: pageSize,
  ...(cursor.length > 0 ? { cursor: cursor.at(-1) as string } : {}),
});

export function changesQuery(view: ActivityView): ActivityQuery {
  const { type, q, actor } = activityView.filter(view);
  const filter = { ...(type && { type: [type] }), ...(q && { q }), ...(actor && { actor }) };
  return { ...filter, ...timesOf(view), ...place(view) };
}

export function operationsQuery(view: ActivityView): OperationsQuery {
  const { subject, actor } = activityView.filter(view);
  const filter = { ...stateFilters[view.state], ...(subject && { subject }), ...(actor && { actor }) };
  return { ...filter, ...timesOf(view), ...place(view) };
}
