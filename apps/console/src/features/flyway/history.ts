import { type FlywayRow, flywaySchemas, flywaySorts, type Migration, type MigrationState } from '@at/contracts/flyway';
import { type SortOrder, sortOrders } from '@at/contracts/paging';
import { formatInteger, none } from '#shared/format.ts';
import type { Tone } from '#shared/state-mark.tsx';

/** What the page shows of a history, in which order, and in which words. */

export type FlywaySchema = (typeof flywaySchemas)[number];
export type FlywaySort = (typeof flywaySorts)[number];
/** null: there is no history; undefined: not known, because the states could not be loaded. */
export type KeptBy = 'this project' | 'another project' | null | undefined;

/** What the page's address says. */
export type View = { schema: FlywaySchema; sort: FlywaySort; order: SortOrder };

const defaults: View = { schema: 'public', sort: 'version', order: 'desc' };

/** Words that mean nothing here count as absent. */
export function readView(search: URLSearchParams): View {
  const choose = <W extends string>(name: keyof View, words: readonly W[]) =>
    words.find((word) => word === search.get(name)) ?? (defaults[name] as W);
  return {
    schema: choose('schema', flywaySchemas),
    sort: choose('sort', flywaySorts),
    order: choose('order', sortOrders),
  };
}

/** The view as a query, `?` included; what is default is left out. */
export function writeView(view: View): string {
  const names = Object.keys(defaults) as (keyof View)[];
  return `?${new URLSearchParams(names.filter((name) => view[name] !== defaults[name]).map((name) => [name, view[name]]))}`;
}

/** The view after a click on a column: the newest first, or the other way round if it was sorted so. */
export function sortBy(view: View, sort: FlywaySort): View {
  return { ...view, sort, order: view.sort === sort && view.order === 'desc' ? 'asc' : 'desc' };
}

const numerically = new Intl.Collator('en', { numeric: true });

/**
 * The rows as the API sorted them, each with its state, and what has not run yet in its place; failed ones come first.
 * Without the states (`migrations` empty) a row still tells whether it succeeded.
 */
export function arrange(rows: FlywayRow[], migrations: Migration[], { sort, order }: View): Migration[] {
  const compared = new Map(migrations.map((migration) => [migration.installed_rank, migration]));
  const installed = rows.map(({ success, ...row }): Migration => {
    const known = compared.get(row.installed_rank);
    return {
      ...row,
      state: known?.state ?? (success ? 'applied' : 'failed'),
      shipped_checksum: known?.shipped_checksum ?? null,
    };
  });
  const pending = migrations.filter(({ state }) => state === 'pending');
  const sign = order === 'asc' ? 1 : -1;
  const sorted =
    sort === 'version'
      ? [...installed, ...pending].toSorted((left, right) => {
          if (left.version === null || right.version === null) {
            return Number(left.version === null) - Number(right.version === null);
          }
          return sign * numerically.compare(left.version, right.version);
        })
      : // What has still to run will be installed later than all that has.
        order === 'asc'
        ? [...installed, ...pending]
        : [...pending.toReversed(), ...installed];
  return sorted.toSorted((left, right) => Number(right.state === 'failed') - Number(left.state === 'failed'));
}

/** A history is keyed by rank; what has not run has none, but a file of its own. */
export const keyOf = ({ installed_rank, script }: Migration) => String(installed_rank ?? script);

export const tones: Record<MigrationState, Tone> = {
  applied: 'good',
  pending: 'neutral',
  missing: 'warning',
  changed: 'warning',
  failed: 'bad',
};

/** What a state means and what to do about it; commands stand in backticks. */
export function explain(migration: Migration, schema: FlywaySchema, keptBy: KeptBy): string {
  const set = schema === 'public' ? 'atp' : 'console';
  if (keptBy === undefined) return migration.state === 'failed' ? 'It began and did not end.' : 'It ran.';
  switch (migration.state) {
    case 'failed':
      return keptBy === 'this project'
        ? `It began and did not end. Look at what it left and put that right, then run \`pnpm db:migrate repair --set ${set}\` and \`pnpm db:migrate --set ${set}\`.`
        : 'It began and did not end. The project that keeps this history has to put it right.';
    case 'changed':
      return migration.checksum === migration.shipped_checksum
        ? 'It ran under another description than this version ships. Give the file its former name.'
        : 'It ran with other content than this version ships. Restore the file, and put the change into a new migration.';
    case 'missing':
      return 'It ran here, but this version does not ship it. Use the version of the product that does.';
    case 'pending':
      return `This version ships it, and it has not run here yet. Run \`pnpm db:migrate --set ${set}\`.`;
    case 'applied':
      if (keptBy !== 'this project') return 'It ran. Its file is not shipped here, so nothing is compared.';
      return migration.shipped_checksum === null
        ? 'The migration tool wrote this itself; no file belongs to it. Nothing to do.'
        : 'It ran as this version ships it. Nothing to do.';
  }
}

const sortWords: Record<FlywaySort, Record<SortOrder, string>> = {
  version: { desc: 'highest version first', asc: 'lowest version first' },
  installed_rank: { desc: 'highest rank first', asc: 'lowest rank first' },
  installed_on: { desc: 'latest first', asc: 'earliest first' },
};

const stateOrder: MigrationState[] = ['failed', 'changed', 'missing', 'pending', 'applied'];

/** `7 migrations of this product: 1 failed, 6 applied; highest version first after those that failed`. */
export function summarize(migrations: Migration[], { schema, sort, order }: View): string {
  const counted = stateOrder
    .map((state) => [migrations.filter((migration) => migration.state === state).length, state] as const)
    .filter(([count]) => count > 0);
  const total = `${formatInteger(migrations.length)} ${migrations.length === 1 ? 'migration' : 'migrations'}`;
  const owner = schema === 'public' ? 'the platform' : 'this product';
  const parts = counted.map(([count, state]) => `${formatInteger(count)} ${state}`).join(', ');
  return `${total} of ${owner}: ${parts}; ${sortWords[sort][order]}${counted[0]?.[1] === 'failed' ? ' after those that failed' : ''}`;
}

const seconds = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** Milliseconds, or seconds from one second: long ones stay comparable. */
export function formatExecution(ms: number | null): string {
  if (ms === null) return none;
  return ms < 1000 ? `${ms} ms` : `${seconds.format(ms / 1000)} s`;
}

/** What wants attention, the worst first. */
export function openMigrations(migrations: Migration[]): Migration[] {
  return stateOrder.slice(0, -1).flatMap((wanted) => migrations.filter(({ state }) => state === wanted));
}
