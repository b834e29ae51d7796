import { type ActivityQuery, activityTypes } from '@at/contracts/activity';
import { type OperationsQuery, operationSubjects } from '@at/contracts/bulk';
import { choice, defineView, oneOf, search, type ViewOf } from '#lists/define-view.ts';
import { isolate } from '#ui/format.ts';
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

/** Rows a page. */
export const pageSize = 50;

/** The longest title id that the API accepts. */
export const longestId = 20;

export const activityView = defineView({
  fields: {
    tab: choice(tabs, 'changes'),
    type: oneOf(activityTypes),
    state: choice(Object.keys(stateFilters) as StateFilter[], 'run'),
    subject: oneOf(operationSubjects),
    imdb_id: search(longestId),
    actor: search(),
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
});
export type ActivityView = ViewOf<typeof activityView>;
export const { initial: defaults, firstPage, read: readView, write: writeView } = activityView;

const place = ({ cursor }: ActivityView) => ({
  limit: pageSize,
  ...(cursor.length > 0 ? { cursor: cursor.at(-1) as string } : {}),
});

export function changesQuery(view: ActivityView): ActivityQuery {
  const { type, imdb_id, actor } = activityView.filter(view);
  return {
    ...(type && { type: [type] }),
    ...(imdb_id && { imdb_id: [imdb_id] }),
    ...(actor && { actor }),
    ...place(view),
  };
}

export function operationsQuery(view: ActivityView): OperationsQuery {
  const { subject, actor } = activityView.filter(view);
  return { ...stateFilters[view.state], ...(subject && { subject }), ...(actor && { actor }), ...place(view) };
}

/** The tab without its filters. */
export const withoutFilters = ({ tab }: ActivityView): ActivityView => ({ ...defaults, tab });

export const isFiltered = (view: ActivityView) =>
  `${writeView({ ...view, ...firstPage })}` !== `${writeView(withoutFilters(view))}`;

/** `labels and flags, of tt0133093, by anna`. */
export function describeView({ tab, type, imdb_id, state, subject, actor }: ActivityView): string {
  const [what, of] =
    tab === 'changes'
      ? [described.changes[type], imdb_id.trim() && described.of(isolate(imdb_id.trim()))]
      : [described.operations[state], subject !== 'all' && described.subjects[subject]];
  const by = actor.trim() && described.by(isolate(actor.trim()));
  return [what, of, by].filter(Boolean).join(', ');
}
