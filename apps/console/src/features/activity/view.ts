import { type ActivityQuery, type ActivityType, activityTypes } from '@at/contracts/activity';
import { type OperationSubject, type OperationsQuery, operationSubjects } from '@at/contracts/bulk';
import { isolate } from '#ui/format.ts';
import { longestSearch, searchText } from '#ui/search-text.ts';
import { activityPageTexts as texts } from './texts.ts';

/** What the page shows, as its address says it; the parameters are named as the API names them. */

export const tabs = ['changes', 'operations'] as const;

/** By what came of operations; each is a query of the API. */
export const stateFilters = {
  run: { started: true },
  unfinished: { state: ['running', 'cancelling'] },
  done: { state: ['done'] },
  cancelled: { state: ['cancelled'], started: true },
  never: { started: false },
  all: {},
} satisfies Record<string, OperationsQuery>;
export type StateFilter = keyof typeof stateFilters;

export type ActivityView = {
  tab: (typeof tabs)[number];
  type: ActivityType | 'all';
  /** The title that changes are about; empty: any. */
  imdb_id: string;
  state: StateFilter;
  subject: OperationSubject | 'all';
  /** Who did it; empty: whoever. */
  actor: string;
  /** The way to the page: where each page since the first one begins. */
  cursor: string[];
};

export const defaults: ActivityView = {
  tab: 'changes',
  type: 'all',
  imdb_id: '',
  state: 'run',
  subject: 'all',
  actor: '',
  cursor: [],
};

/** What a view that begins at its newest row says of paging. */
export const firstPage = { cursor: [] } satisfies Partial<ActivityView>;

/** Rows a page. */
export const pageSize = 50;

const words = {
  tab: tabs,
  type: ['all', ...activityTypes],
  state: Object.keys(stateFilters),
  subject: ['all', ...operationSubjects],
} satisfies { [K in keyof ActivityView]?: readonly string[] };
const wordNames = Object.keys(words) as (keyof typeof words)[];

/** The longest texts that the API takes. */
export const longest = { imdb_id: 20, actor: longestSearch } as const;
const textNames = Object.keys(longest) as (keyof typeof longest)[];

/** What is not understood counts as absent. */
export function readView(parameters: URLSearchParams): ActivityView {
  const view = { ...defaults };
  for (const name of wordNames) {
    const value = parameters.get(name);
    if (value !== null && (words[name] as readonly string[]).includes(value)) Object.assign(view, { [name]: value });
  }
  for (const name of textNames) {
    view[name] = searchText(parameters.get(name)).slice(0, longest[name]);
  }
  view.cursor = parameters.getAll('cursor').filter((cursor) => /^[\w-]{1,1000}$/.test(cursor));
  return view;
}

export function writeView(view: ActivityView): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of [...wordNames, ...textNames]) {
    if (view[name] !== defaults[name]) parameters.set(name, view[name]);
  }
  for (const cursor of view.cursor) parameters.append('cursor', cursor);
  return parameters;
}

const place = ({ cursor }: ActivityView) => ({
  limit: pageSize,
  ...(cursor.length > 0 ? { cursor: cursor.at(-1) as string } : {}),
});

export const changesQuery = (view: ActivityView): ActivityQuery => ({
  ...(view.type === 'all' ? {} : { type: [view.type] }),
  ...(view.imdb_id.trim() ? { imdb_id: [view.imdb_id.trim()] } : {}),
  ...(view.actor.trim() ? { actor: view.actor.trim() } : {}),
  ...place(view),
});

export const operationsQuery = (view: ActivityView): OperationsQuery => ({
  ...stateFilters[view.state],
  ...(view.subject === 'all' ? {} : { subject: view.subject }),
  ...(view.actor.trim() ? { actor: view.actor.trim() } : {}),
  ...place(view),
});

/** The tab without its filters. */
export const withoutFilters = ({ tab }: ActivityView): ActivityView => ({ ...defaults, tab });

export const isFiltered = (view: ActivityView) =>
  `${writeView({ ...view, ...firstPage })}` !== `${writeView(withoutFilters(view))}`;

/** `labels and flags, of tt0133093, by anna, newest first`. */
export function describeView({ tab, type, imdb_id, state, subject, actor }: ActivityView): string {
  const { described } = texts;
  const of =
    tab === 'changes'
      ? imdb_id.trim() && described.of(isolate(imdb_id.trim()))
      : subject !== 'all' && described.subjects[subject];
  return [
    tab === 'changes' ? described.changes[type] : described.operations[state],
    of,
    actor.trim() && described.by(isolate(actor.trim())),
    described.newest,
  ]
    .filter(Boolean)
    .join(', ');
}
