import type { FlywayRow, Migration } from '@at/contracts/migrations';
import { describe, expect, it } from 'vitest';
import { arrange, explain, formatExecution, openMigrations, summarize } from './history.ts';
import { readView, sortBy, type View, writeView } from './view.ts';

const migration = (version: string | null, over: Partial<Migration> = {}): Migration => ({
  state: 'applied',
  installed_rank: 1,
  version,
  description: 'a step',
  type: 'SQL',
  script: `V${version}__a_step.sql`,
  checksum: 7,
  shipped_checksum: 7,
  shipped_description: 'another step',
  installed_by: 'postgres',
  installed_on: '2026-01-01T00:00:00.000000Z',
  execution_time: 3,
  ...over,
});
const pending = (version: string) =>
  migration(version, { state: 'pending', installed_rank: null, installed_on: null, checksum: null });

function row({ state, shipped_checksum: _, shipped_description: __, ...recorded }: Migration): FlywayRow {
  return { ...recorded, success: state !== 'failed' } as FlywayRow;
}

const view = (over: Partial<View> = {}): View => ({ schema: 'public', sort: 'version', order: 'desc', ...over });
const versions = (migrations: Migration[]) => migrations.map(({ version }) => version);

describe('the view in the address', () => {
  it('is public, highest version first, for an empty address', () => {
    expect(readView(new URLSearchParams())).toEqual(view());
    expect(`${writeView(view())}`).toBe('');
  });

  it('survives being written and read', () => {
    const chosen = view({ schema: 'console', sort: 'installed_on', order: 'asc' });
    expect(readView(writeView(chosen))).toEqual(chosen);
  });

  it('ignores unknown values', () => {
    expect(readView(new URLSearchParams('schema=pg_catalog&sort=script&order=up'))).toEqual(view());
  });

  it('sorts a column newest first, and reverses the current one', () => {
    expect(sortBy(view({ order: 'asc' }), 'installed_rank')).toEqual(view({ sort: 'installed_rank' }));
    expect(sortBy(view(), 'version')).toEqual(view({ order: 'asc' }));
    expect(sortBy(view({ order: 'asc' }), 'version')).toEqual(view());
  });
});

describe('the order', () => {
  const applied = [
    migration('10', { installed_rank: 3 }),
    migration('2', { installed_rank: 2 }),
    migration(null, { installed_rank: 1, type: 'SCHEMA' }),
  ];

  it('sorts pending ones by version, numerically, and rows without a version last in both orders', () => {
    const all = [...applied, pending('3'), pending('11')];
    expect(versions(arrange(applied.map(row), all, view()))).toEqual(['11', '10', '3', '2', null]);
    expect(versions(arrange(applied.map(row), all, view({ order: 'asc' })))).toEqual(['2', '3', '10', '11', null]);
  });

  it("keeps the API's order by rank and date, with pending ones as the latest", () => {
    const all = [...applied, pending('11'), pending('12')];
    const latestFirst = arrange(applied.map(row), all, view({ sort: 'installed_on' }));
    expect(versions(latestFirst)).toEqual(['12', '11', '10', '2', null]);
    const byRank = arrange(applied.toReversed().map(row), all, view({ sort: 'installed_rank', order: 'asc' }));
    expect(versions(byRank)).toEqual([null, '2', '10', '11', '12']);
  });

  it('puts a failed migration first in every order', () => {
    const failed = migration('3', { state: 'failed', installed_rank: 4 });
    for (const order of ['asc', 'desc'] as const) {
      expect(versions(arrange([...applied, failed].map(row), [...applied, failed], view({ order })))[0]).toBe('3');
    }
  });

  it('distinguishes success from failure without the states', () => {
    const failed = migration('3', { state: 'failed' });
    expect(arrange([row(failed), row(migration('2'))], [], view()).map(({ state }) => state)).toEqual([
      'failed',
      'applied',
    ]);
  });
});

describe('the texts', () => {
  it('have count, owner, states and order', () => {
    const failed = migration('3', { state: 'failed', installed_rank: 2 });
    expect(summarize([failed, migration('2')], view({ schema: 'console' }))).toBe(
      '2 migrations of this product: 1 failed, 1 applied; highest version first after those that failed',
    );
    expect(summarize([migration('2')], view({ sort: 'installed_on', order: 'asc' }))).toBe(
      '1 migration of the platform: 1 applied; earliest first',
    );
  });

  it('name the command for a failed migration of this project only', () => {
    const failed = migration('3', { state: 'failed' });
    expect(explain(failed, 'console', 'this project')).toContain('`pnpm db:migrate repair --set console`');
    expect(explain(failed, 'public', 'this project')).toContain('`pnpm db:migrate --set atp`');
    expect(explain(failed, 'public', 'another project')).not.toContain('pnpm');
  });

  it('distinguish a renamed migration from an edited one', () => {
    expect(explain(migration('2', { state: 'changed' }), 'public', 'this project')).toContain(
      'under another description: "a step", now "another step"',
    );
    expect(explain(migration('2', { state: 'changed', checksum: 8 }), 'public', 'this project')).toContain(
      'differs from what ran',
    );
  });

  it('say what a repair by Flyway deleted', () => {
    expect(explain(migration('2', { state: 'deleted' }), 'public', 'this project')).toContain('out of the history');
    expect(explain(migration('2', { type: 'DELETE' }), 'public', 'another project')).toContain('A repair by Flyway');
  });

  it('claim no comparison if there was none', () => {
    expect(explain(migration('2'), 'public', 'this project')).toContain('matches its file');
    for (const keptBy of ['another project', undefined] as const) {
      expect(explain(migration('2'), 'public', keptBy)).not.toContain('matches its file');
    }
  });

  it('have times in milliseconds, and from one second on in seconds', () => {
    expect([0, 999, 1000, 61_234].map(formatExecution)).toEqual(['0 ms', '999 ms', '1 s', '61.2 s']);
    expect(formatExecution(null)).toBe('—');
  });
});

it('migrations that need attention are listed worst first, without applied and deleted ones', () => {
  const mixed = (['applied', 'deleted', 'pending', 'missing', 'failed', 'changed'] as const).map((state) =>
    migration('1', { state }),
  );
  expect(openMigrations(mixed).map(({ state }) => state)).toEqual(['failed', 'changed', 'missing', 'pending']);
});
