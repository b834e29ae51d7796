import type { FlywayRow, Migration, MigrationState } from '@at/contracts/migrations';
import { formatInteger, none, timeOf } from '#ui/format.ts';
import type { Tone } from '#ui/status.tsx';
import { migrationsTexts as texts } from './texts.ts';
import type { FlywaySchema, View } from './view.ts';

/** The rows of a migration history, and their texts. */

export type History = [schema: FlywaySchema, rows: readonly FlywayRow[]];

/** The row that ran last, over all histories; undefined: none has a time. */
export function lastOf(histories: readonly History[]): { schema: FlywaySchema; row: FlywayRow } | undefined {
  const timed = histories.flatMap(([schema, rows]) =>
    rows.flatMap((row) => {
      const time = row.installed_on === null ? Number.NaN : timeOf(row.installed_on);
      return Number.isNaN(time) ? [] : [{ schema, row, time }];
    }),
  );
  // Without a history of the platform the API gives that of this product in its place: the other name counts then.
  return timed.toSorted(
    (left, right) =>
      right.time - left.time ||
      Number(left.schema === 'public') - Number(right.schema === 'public') ||
      right.row.installed_rank - left.row.installed_rank,
  )[0];
}

/** null: there is no history; undefined: unknown, because the states could not be loaded. */
export type KeptBy = 'this project' | 'another project' | null | undefined;

const numerically = new Intl.Collator('en', { numeric: true });

/**
 * The rows in the API's order, each with its state, and the pending ones in between; failed ones come first. Without the
 * states (`migrations` empty) a row still says whether it succeeded.
 */
export function arrange(rows: FlywayRow[], migrations: Migration[], { sort, order }: View): Migration[] {
  const compared = new Map(migrations.map((migration) => [migration.installed_rank, migration]));
  const installed = rows.map(({ success, ...row }): Migration => {
    const known = compared.get(row.installed_rank);
    return {
      ...row,
      state: known?.state ?? (success ? 'applied' : 'failed'),
      shipped_checksum: known?.shipped_checksum ?? null,
      shipped_description: known?.shipped_description ?? null,
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
      : // Pending ones will be installed later than all others.
        order === 'asc'
        ? [...installed, ...pending]
        : [...pending.toReversed(), ...installed];
  return sorted.toSorted((left, right) => Number(right.state === 'failed') - Number(left.state === 'failed'));
}

/** The rank identifies a row; a pending one has only its file. */
export const keyOf = ({ installed_rank, script }: Migration) => String(installed_rank ?? script);

export const tones: Record<MigrationState, Tone> = {
  applied: 'good',
  pending: 'neutral',
  missing: 'warning',
  changed: 'warning',
  failed: 'bad',
  deleted: 'neutral',
};

/** The name of a history's set of migrations in the migrate command. */
const sets = { public: 'atp', console: 'console', 'console extras': 'atp-extras' } as const;

/** The meaning of a state and what to do; commands are in backticks. */
export function explain(migration: Migration, schema: FlywaySchema, keptBy: KeptBy): string {
  const explanations = texts.explain;
  const set = sets[schema];
  if (keptBy === undefined) return migration.state === 'failed' ? explanations.failedUnknown : explanations.ranUnknown;
  switch (migration.state) {
    case 'failed':
      return keptBy === 'this project' ? explanations.failed(set) : explanations.failedElsewhere;
    case 'changed':
      return migration.checksum === migration.shipped_checksum
        ? explanations.renamed(migration.description, migration.shipped_description ?? '')
        : explanations.changed;
    case 'missing':
      return explanations.missing;
    case 'pending':
      return explanations.pending(set);
    case 'deleted':
      return explanations.deleted;
    case 'applied':
      if (migration.type === 'DELETE') return explanations.deletes;
      if (keptBy !== 'this project') return explanations.appliedElsewhere;
      return migration.shipped_checksum === null ? explanations.byTool : explanations.applied;
  }
}

const needWork: MigrationState[] = ['failed', 'changed', 'missing', 'pending'];
const stateOrder: MigrationState[] = [...needWork, 'applied', 'deleted'];

/** The history's counts and order in one sentence. */
export function summarize(migrations: Migration[], { schema, sort, order }: View): string {
  const counted = stateOrder
    .map((state) => [migrations.filter((migration) => migration.state === state).length, state] as const)
    .filter(([count]) => count > 0);
  const { length } = migrations;
  const parts = counted.map(([count, state]) => `${formatInteger(count)} ${texts.states[state]}`).join(', ');
  const direction = texts.orders[sort][order];
  const ordered = counted[0]?.[1] === 'failed' ? texts.afterFailed(direction) : direction;
  return texts.summary(length, formatInteger(length), texts.owners[schema], parts, ordered);
}

const seconds = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** In milliseconds, or seconds from one second on. */
export function formatExecution(ms: number | null): string {
  if (ms === null) return none;
  return ms < 1000 ? `${ms} ms` : `${seconds.format(ms / 1000)} s`;
}

/** The migrations that need attention, the worst first. */
export function openMigrations(migrations: Migration[]): Migration[] {
  return needWork.flatMap((wanted) => migrations.filter(({ state }) => state === wanted));
}
