import { type ActivityQuery, activityTypes } from '@at/contracts/activity';
import { type OperationsQuery, operationSubjects } from '@at/contracts/bulk';
import { choice, defineView, oneOf, oneOfOr, search, type ViewOf } from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { isolate, ownZone, timeZone } from '#ui/format.ts';
import { startOfDate, startOfDay, startOfNextDay } from '#ui/start-of-day.ts';
import { activityPageTexts as texts } from './texts.ts';

const { described } = texts;

export const tabs = ['changes', 'operations'] as const;

/** Filters by the outcome of an operation; each is a query of the API. */
export const stateFilters = {
  run: { started: true },
  unfinished: { state: ['running', 'cancelling'] },
  done: { state: ['done'] },
  cancelled: { state: ['cancelled'], started: true },
  never: { started: false },
  all: {},
} satisfies Record<string, OperationsQuery>;
export type StateFilter = keyof typeof stateFilters;

/** Choices of the time of a change, in both lists. */
export const dayFilters = ['today', 'yesterday', 'week', 'dates'] as const;

const dayLength = 86_400_000;
const isDate = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
const date = () => {
  const field = search(10);
  const read: typeof field.read = (parameters, name, view) => {
    const given = field.read(parameters, name, view);
    return given && isDate(given) ? given : undefined;
  };
  return { ...field, read };
};

/** The start and the end of the chosen days, in the time zone of the settings. */
function timesOf({ day, from, to }: Pick<ActivityView, 'day' | 'from' | 'to'>): { at_min?: string; at_max?: string } {
  const zone = timeZone.get() || ownZone;
  const start = (moment: number) => startOfDay(new Date(moment), zone);
  const today = Date.parse(start(Date.now()));
  // From the middle of the day, because days have 23 to 25 hours.
  const startOf = (days: number) => start(today + dayLength / 2 - days * dayLength);
  if (day === 'today') return { at_min: startOf(0) };
  if (day === 'yesterday') return { at_min: startOf(1), at_max: startOf(0) };
  if (day === 'week') return { at_min: startOf(6) };
  if (day !== 'dates') return {};
  return {
    ...(from && { at_min: startOfDate(from, zone) }),
    ...(to && { at_max: startOfNextDay(startOfDate(to, zone), zone) }),
  };
}

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
    day: oneOfOr('any', dayFilters),
    from: date(),
    to: date(),
    /** The cursors of every page from the second to this one. */
    cursor: {
      initial: [] as string[],
      read: (parameters: URLSearchParams) =>
        parameters.getAll('cursor').filter((cursor) => /^[\w-]{1,1000}$/.test(cursor)),
      write(parameters: URLSearchParams, name: string, cursors: string[]) {
        for (const cursor of cursors) parameters.append(name, cursor);
      },
    },
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
    day: (day, { from, to }) =>
      day !== 'any' &&
      (day === 'dates' ? (from || to) && listsTexts.between(from || undefined, to || undefined) : described.days[day]),
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
