import { joinList, splitList } from '@at/contracts/comma-list';
import { longestText, maximumOffset } from '@at/contracts/paging';
import { isMoment } from '#ui/iso-time.ts';
import { listsTexts } from './texts.ts';

/** The state of a list in its URL: a view is defined by its fields. */

/** One part of a view, under its name in the view. */
type Field<Value> = {
  /** Its value if the URL does not name it. */
  initial: Value;
  /** undefined: absent or not understood. `view` holds the fields before this one. */
  read(parameters: URLSearchParams, name: string, view: object): Value | undefined;
  write(parameters: URLSearchParams, name: string, value: Value, view: object): void;
};

/** A part of a view that narrows the list. */
type Filter<Value, Param> = Field<Value> & {
  /** Narrows nothing. */
  none: Value;
  /** The API's parameter of the same name; undefined: none. */
  param(value: Value): Param | undefined;
  /** `param` returns several parameters under their own names. */
  spread?: boolean;
};

type Fields = Record<string, Field<unknown>>;
export type ViewOf<Definition extends { initial: object }> = Definition['initial'];

type View<F extends Fields> = { -readonly [K in keyof F]: F[K]['initial'] };
type Param<F> = F extends { param(value: never): infer P } ? Exclude<P, undefined> : never;
type IsSpread<F> = F extends { spread: true } ? true : false;
/** The API's parameters for the filters of a view. */
type Params<F extends Fields> = {
  [K in keyof F as F[K] extends { param: unknown } ? (IsSpread<F[K]> extends true ? never : K) : never]?: Param<F[K]>;
} & (F extends { bounds: infer B } ? Param<B> : unknown);

/** A set filter as text, with the view without it. */
export type ActiveFilter<V> = { text: string; without: Partial<V> };
/** What the controls of the filters need of a definition. */
export type FilterDefinition<V> = {
  activeFilters(view: V): ActiveFilter<V>[];
  chips(view: V): ActiveFilter<V>[];
  withoutFilters(view: V): V;
};
/** How a filter is described: false or empty if it is not set; several parts, each with the value without it. */
type Describe<Value, V> = (value: Value, view: V) => string | false | { text: string; without: Value }[];
type Descriptions<F extends Fields> = { [K in keyof F]?: Describe<F[K]['initial'], View<F>> };

/** A value of one parameter; the URL omits the default. */
function single<Value>(
  initial: Value,
  parse: (text: string) => Value | undefined,
  print: (value: Value) => string = String,
): Field<Value> {
  return {
    initial,
    read(parameters, name) {
      const text = parameters.get(name);
      // PostgreSQL cannot store character 0, and the API refuses it.
      return text === null ? undefined : parse(text.replaceAll('\0', ''));
    },
    write(parameters, name, value) {
      if (print(value) !== print(initial)) parameters.set(name, print(value));
    },
  };
}

/** One of a few values. */
export const choice = <const Choice extends string>(
  values: readonly Choice[],
  initial: NoInfer<Choice>,
): Field<Choice> => single<Choice>(initial, (text) => values.find((value) => value === text));

/** One of a few values, or `none`, which narrows nothing. */
export const oneOfOr = <const None extends string, const Choice extends string>(
  none: None,
  values: readonly Choice[],
  initial: NoInfer<Choice | None> = none,
): Filter<Choice | None, Choice> => ({
  ...choice<Choice | None>([...values, none], initial),
  none,
  param: (value) => (value === none ? undefined : (value as Choice)),
});

export const oneOf = <const Choice extends string>(
  values: readonly Choice[],
  initial: NoInfer<Choice> | 'all' = 'all',
) => oneOfOr('all', values, initial);

/** The longest word that the API accepts. */
const longestWord = 100;
const isWord = (text: string) => text !== '' && text.length <= longestWord;

/** A word, also one that only the database has, or `all`, which narrows nothing. */
export const word = (initial = 'all'): Filter<string, string> => ({
  ...single(initial, (text) => (isWord(text) ? text : undefined)),
  none: 'all',
  param: (value) => (value === 'all' ? undefined : value),
});

/** Yes, no or both. */
export const flag = (initial: 'true' | 'false' | 'all' = 'all'): Filter<'true' | 'false' | 'all', boolean> => ({
  ...choice(['true', 'false', 'all'], initial),
  none: 'all',
  param: (value) => (value === 'all' ? undefined : value === 'true'),
});

function list<Choice extends string>(parse: (values: string[]) => Choice[]): Filter<Choice[], Choice[]> {
  const field = single<Choice[]>([], (text) => parse(splitList(text)), joinList);
  return { ...field, none: [], param: (values) => (values.length > 0 ? values : undefined) };
}

/** Several words: those of a vocabulary in its order, so that one filter has one address, then those that only the database has. */
export const anyWords = (known: readonly string[]) =>
  list((given) => {
    const others = given.filter((word) => isWord(word) && !known.includes(word));
    return [...known.filter((word) => given.includes(word)), ...new Set(others)];
  });

/** Several words of a vocabulary, for an API that refuses others. */
export const knownWords = <Word extends string>(known: readonly Word[]) =>
  list<Word>((given) => known.filter((word) => given.includes(word)));

/** Several values, none longer than `longest`. */
export const valuesUpTo = (longest: number) =>
  list((given) => given.filter((value) => value !== '' && value.length <= longest));

/** A text that narrows nothing. */
export const text = (longest: number) => single('', (given) => given.slice(0, longest));

/** A text to search for, sent without blanks around it. */
export const search = (longest = longestText): Filter<string, string> => ({
  ...text(longest),
  none: '',
  param: (given) => given.trim() || undefined,
});

/** A moment with its zone. Older links may have it under another name. */
export function moment(olderName?: string): Filter<string, string> {
  const field = single('', (given) => (isMoment(given) ? given : undefined));
  return {
    ...field,
    read: (parameters, name, view) =>
      field.read(parameters, name, view) ?? (olderName && field.read(parameters, olderName, view)),
    none: '',
    param: (given) => given || undefined,
  };
}

/** A number that `parse` accepts. */
export const number = <Initial extends number | null>(
  initial: Initial,
  parse: (given: number) => number | undefined,
): Field<Initial | number> =>
  single<Initial | number>(initial, (given) => (given.trim() === '' ? undefined : parse(Number(given))));

/** A whole number that a double cannot hold stays text. */
type Bound = number | string;
const boundOf = (text: string): Bound => {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text.trim() : value;
};

export type Bounds<Column extends string> = { [name in `${Column}_${'min' | 'max'}`]?: Bound };

/** From and to of some columns, which the URL and the API call `<column>_min` and `<column>_max`. */
export function ranges<const Column extends string>(
  columns: readonly Column[],
): Filter<Bounds<Column>, Bounds<Column>> & { spread: true } {
  const names = columns.flatMap((column) => [`${column}_min`, `${column}_max`] as (keyof Bounds<Column>)[]);
  return {
    initial: {},
    none: {},
    read(parameters) {
      const bounds: Bounds<Column> = {};
      for (const name of names) {
        const given = parameters.get(name) ?? '';
        if (given.trim() !== '' && Number.isFinite(Number(given))) Object.assign(bounds, { [name]: boundOf(given) });
      }
      return bounds;
    },
    write(parameters, _name, bounds) {
      for (const [name, value] of Object.entries(bounds)) parameters.set(name, String(value));
    },
    param: (bounds) => (Object.keys(bounds).length > 0 ? bounds : undefined),
    spread: true,
  };
}

/** Each range as text, with the bounds without it. */
export const describeRanges = <Column extends string>(
  bounds: Bounds<Column>,
  columns: readonly Column[],
  describe: (column: Column, range: string) => string,
  /** The divisor of a value for display. */
  scaleOf: (column: Column) => number = () => 1,
) =>
  columns.flatMap((column) => {
    const { [`${column}_min`]: from, [`${column}_max`]: to, ...without } = bounds as Record<string, Bound>;
    if (from === undefined && to === undefined) return [];
    const shown = (value: Bound | undefined) => (typeof value === 'number' ? value / scaleOf(column) : value);
    const range = listsTexts.between(shown(from), shown(to));
    return [{ text: describe(column, range), without: without as Bounds<Column> }];
  });

/** Rows before the first one of the page: `page` in the URL if they are whole pages. After `limit`, if there is one. */
export function offset(usualLimit: number): Field<number> {
  const limitOf = (view: { limit?: number }) => view.limit ?? usualLimit;
  const within = (value: number, from: number) => Number.isInteger(value) && value > from && value <= maximumOffset;
  return {
    initial: 0,
    read(parameters, _name, view) {
      const given = Number(parameters.get('offset'));
      if (within(given, 0)) return given;
      const page = Number(parameters.get('page'));
      const limit = limitOf(view);
      return within(page, 1) && page * limit <= maximumOffset ? (page - 1) * limit : undefined;
    },
    write(parameters, _name, value, view) {
      const limit = limitOf(view);
      if (value % limit !== 0) parameters.set('offset', String(value));
      else if (value > 0) parameters.set('page', String(value / limit + 1));
    },
  };
}

const longestCursor = 10_000;

/** The start of the page, also correct if earlier rows have left the filter; null: the offset. */
export const cursor = (): Field<string | null> =>
  single<string | null>(null, (given) => (given !== '' && given.length <= longestCursor ? given : undefined));

/** The cursors of every page from the second to this one: of a list that goes back by them. */
export const cursors = (): Field<string[]> => ({
  initial: [],
  read: (parameters) => parameters.getAll('cursor').filter((given) => /^[\w-]{1,1000}$/.test(given)),
  write(parameters, name, given) {
    for (const one of given) parameters.append(name, one);
  },
});

/** Reads, prints, describes and counts the views that these fields make up. */
export function defineView<const F extends Fields, const Paging extends keyof F>({
  fields,
  paging,
  title = () => '',
  inTitle = {},
  descriptions = {},
}: {
  /** In the order of the URL. */
  fields: F;
  /** The fields that start over with every other change. */
  paging: readonly Paging[];
  /** How the description begins. */
  title?: (view: View<F>) => string;
  /** Texts of the filters that the title names. */
  inTitle?: Descriptions<F>;
  /** Texts of the others, in the order of the description. */
  descriptions?: Descriptions<F>;
}) {
  type V = View<F>;
  const names = Object.keys(fields) as (keyof F & string)[];
  const filters = Object.entries(fields).filter(
    (entry): entry is [string, Filter<unknown, unknown>] => 'param' in entry[1],
  );
  const pick = <K extends keyof F>(wanted: readonly K[], value: (name: K) => unknown) =>
    Object.fromEntries(wanted.map((name) => [name, value(name)])) as Pick<V, K>;
  const initial = pick<keyof F>(names, (name) => fields[name]?.initial);
  const none = Object.fromEntries(filters.map(([name, filter]) => [name, filter.none])) as Partial<V>;
  // The words of the search box are no filter: clearing the filters leaves them.
  const { q: _, ...noFilters } = none as Record<string, unknown>;
  const firstPage = pick(paging, (name) => initial[name]);

  function describeEach(texts: Descriptions<F>, view: V): ActiveFilter<V>[] {
    return (Object.keys(texts) as (keyof F)[]).flatMap((name) => {
      const described = texts[name]?.(view[name], view);
      if (!described) return [];
      const parts = typeof described === 'string' ? [{ text: described, without: none[name] }] : described;
      return parts.map((part) => ({ text: part.text, without: { [name]: part.without } as Partial<V> }));
    });
  }

  /** The filters as the API's parameters. */
  function filter(view: V): Params<F> {
    const params = {};
    for (const [name, { param, spread }] of filters) {
      const value = param(view[name as keyof F]);
      if (value !== undefined) Object.assign(params, spread ? value : { [name]: value });
    }
    return params as Params<F>;
  }

  /** The set filters as texts, each with the view without it; without the words of the search. */
  const activeFilters = (view: V): ActiveFilter<V>[] =>
    describeEach({ ...inTitle, ...descriptions }, view).filter(({ without }) => !('q' in without));

  return {
    initial,
    firstPage,
    activeFilters,
    /** The same; none of the first view, which the page shows in another way. */
    chips: (view: V) => (JSON.stringify(filter(view)) === JSON.stringify(filter(initial)) ? [] : activeFilters(view)),
    filter,
    /** Invalid values count as absent. */
    read(parameters: URLSearchParams): V {
      const view = {} as V;
      for (const name of names) {
        Object.assign(view, { [name]: fields[name]?.read(parameters, name, view) ?? initial[name] });
      }
      return view;
    },
    /** The URL's parameters, without defaults. */
    write(view: V): URLSearchParams {
      const parameters = new URLSearchParams();
      for (const name of names) fields[name]?.write(parameters, name, view[name], view);
      return parameters;
    },
    /** The words of the search stay. */
    withoutFilters: (view: V): V => ({ ...view, ...noFilters, ...firstPage }),
    /** Such as `unreviewed movies, matching "alien", Drama or Crime`. */
    describe: (view: V) =>
      [title(view), ...describeEach(descriptions, view).map(({ text }) => text)].filter(Boolean).join(', '),
  };
}

/** The pages of a list by offset and cursor; `matches` says whether a row still matches the filter. */
export function defineOffsetPages<V extends { offset: number; cursor: string | null }, Row>(
  limitOf: (view: V) => number,
  matches: (view: V, row: Row) => boolean,
) {
  return {
    /** With a cursor a page may start after the first row although no earlier row matches. */
    isFirstPage: (view: V) => view.offset === 0 && view.cursor === null,
    /** How many of these rows no longer match, or are gone. */
    countLeft: (view: V, rows: readonly Row[], isGone: (row: Row) => boolean) =>
      rows.filter((row) => isGone(row) || !matches(view, row)).length,
    /** The page after these rows. Rows that have left the filter do not count in its offset. */
    nextPage: (view: V, rows: readonly Row[], next: string | null) => ({
      offset: view.offset + rows.filter((row) => matches(view, row)).length,
      cursor: next,
    }),
    previousPage: (view: V) => ({ offset: Math.max(0, view.offset - limitOf(view)), cursor: null }),
  };
}
