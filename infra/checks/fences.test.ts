import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Plants one violation of each law in a tree of its own, and reads what the linter reports. */

const repository = join(import.meta.dirname, '../..');

const namespaces = 'lint/performance/noNamespaceImport';

/** Lines that break a law, by the file that holds them. */
const violations: Record<string, string> = {
  'apps/console/src/state/preferences.ts': "import '#api/call.ts';",
  'apps/console/src/keys/bindings.ts': "import '#ui/format.ts';",
  'apps/console/src/ui/notify.tsx': "import '#api/call.ts';",
  'apps/console/src/api/session.ts': "import '#live/throttle.ts';",
  'apps/console/src/pages/page-title.tsx': "import '#app/features.ts';",
  'apps/console/src/live/throttle.ts': "import '#lists/pager.tsx';",
  'apps/console/src/outbox/outbox.ts': "import '#titles/title-row.tsx';",
  'apps/console/src/lists/pager.tsx': "import '#features/media/loader.ts';",
  'apps/console/src/bulk/bulk-dialog.tsx': "import '#titles/title-row.tsx';",
  'apps/console/src/titles/title-row.tsx': "import '../features/media/loader.ts';",
  'apps/console/src/files/thumbnail.tsx': "import '#lists/pager.tsx';",
  'apps/console/src/runs/run-drawer.tsx': "import '#features/runs/loader.ts';",
  'apps/console/src/activity-log/describe.ts': "import '#app/frame.tsx';",
  'apps/console/src/features/media/a-feature.ts': "import '../training/loader.ts';",
  'apps/console/src/features/media/by-alias.ts': "import '#features/training/loader.ts';",
  'apps/console/src/features/media/app.ts': "import '#app/frame.tsx';",
  'apps/console/src/features/media/lazy.ts': "void import('#app/frame.tsx');",
  'apps/console/src/features/media/type.ts': "import type { Frame } from '#app/frame.tsx';\nexport type F = Frame;",
  'apps/console/src/lists/main.ts': "import '#main.tsx';",
  'apps/console/src/features/media/dotted.ts': "import './../training/loader.ts';",
  'apps/console/src/app/palette.ts': "import '@at/db/client';",
  'apps/console/src/live/database.ts': "import '@at/domain/actor';",
  'apps/api/src/request/actor.ts': "import '#http/access.ts';",
  'apps/api/src/http/access.ts': "import '#lists/paging.ts';",
  'apps/api/src/lists/paging.ts': "import '#titles/filters.ts';",
  'apps/api/src/events/sse.ts': "import '#features/activity/rules.ts';",
  'apps/api/src/titles/filters.ts': "import '../features/training/queries.ts';",
  'apps/api/src/media-items/filters.ts': "import '#app.ts';",
  'apps/api/src/features/media/rules.ts': "import '#features/training/rules.ts';",
  'apps/api/src/features/media/queries.ts': "import '../training/queries.ts';",
  'apps/api/src/features/media/routes.ts': "import { sql } from 'kysely';\nexport const now = sql`now()`;",
  'apps/api/docs/examples/media.ts': "import '../../src/deps.ts';",
  'packages/domain/src/log.ts': "import '../../db/src/client.ts';",
  'packages/contracts/src/media.ts': "import 'typebox/value';",
  'packages/db/src/client.ts': "import '@at/contracts/media';",
  'packages/pg-json-rows/src/row-reader.ts': "import 'kysely';",
  'packages/adapters/src/mlflow.ts': "import '@at/db/client';",
  'packages/adapters/src/endpoint.ts':
    "import { listMedia } from '@at/contracts/media';\nexport const media = listMedia;",
  'packages/domain/src/bulk/apply.ts': "import 'fastify';",
  'packages/domain/src/titles/writes.ts': "import 'pg-boss';",
  'packages/runs/src/worker.ts': "import '@at/domain/log';",
  'packages/config/src/settings.ts': "import '@at/runs/task';",
  'apps/worker/src/main.ts': "import '@at/api/deps';",
  'packages/domain/src/bulk/rules.ts': "import '../../../../apps/api/src/deps.ts';",
};

/** Lines that break a law which is not about where an import comes from, with the rule that refuses them. */
const others: [file: string, line: string, rule: string][] = [
  ['apps/api/src/features/media/errors.ts', "import * as kysely from 'kysely';\nexport default kysely;", namespaces],
  ['packages/contracts/src/views.ts', "import * as t from 'typebox';\nexport default t;", namespaces],
  ['apps/api/src/features/views/routes.ts', "export const all = (db) => db.selectFrom('console.view');", 'plugin'],
  ['apps/api/src/http/metrics.ts', "export const none = (trx) => trx.deleteFrom('console.view');", 'plugin'],
];

/** Lines that keep the laws. */
const allowed: Record<string, string> = {
  'apps/console/src/features/home/card.tsx': "import '#lists/pager.tsx';\nimport './texts.ts';",
  'apps/console/src/app/frame.tsx': "import '#live/throttle.ts';\nimport '../features/home/page.ts';",
  'apps/console/src/lists/columns.tsx': "import '#state/store.ts';",
  'apps/api/src/features/titles/queries.ts': "import { sql } from 'kysely';\nexport const now = sql`now()`;",
  'apps/api/src/features/titles/routes.ts':
    "import '#deps.ts';\nimport '#lists/paging.ts';\nimport type { Kysely } from 'kysely';\nexport type Db = Kysely<object>;",
  'packages/adapters/src/torrents.ts': "import type { Torrent } from '@at/contracts/media';\nexport type T = Torrent;",
  'packages/domain/src/bulk/queries.ts': "import 'kysely';\nimport '../actor.ts';\nimport '@at/adapters/transmission';",
};

const circle = {
  'apps/console/src/ui/first.ts': "export { second } from './second.ts';\nexport const first = 1;",
  'apps/console/src/ui/second.ts': "import { first } from './first.ts';\nexport const second = first;",
};

type Report = { diagnostics: { category: string; location: { path: string | { file: string } } }[] };

describe('the linter', () => {
  const tree = mkdtempSync(join(tmpdir(), 'at-fences-'));
  const found = new Map<string, Set<string>>();

  beforeAll(() => {
    for (const file of ['biome.json', 'infra/checks/sql-in-queries.grit'])
      cpSync(join(repository, file), join(tree, file));
    const planted = others.map(([file, line]) => [file, line] as const);
    for (const [file, text] of [...Object.entries({ ...violations, ...allowed, ...circle }), ...planted]) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), `${text}\n`);
    }
    const biome = join(repository, 'node_modules/.bin/biome');
    const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'];
    let output: string;
    try {
      output = execFileSync(biome, args, { cwd: tree, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch (error) {
      output = (error as { stdout: string }).stdout;
    }
    for (const { category, location } of (JSON.parse(output) as Report).diagnostics) {
      const file = typeof location.path === 'string' ? location.path : location.path.file;
      found.set(file, (found.get(file) ?? new Set()).add(category));
    }
  });
  afterAll(() => rmSync(tree, { recursive: true }));

  it.each(Object.entries(violations))('refuses in %s: %s', (file) => {
    expect(found.get(file)).toContain('lint/style/noRestrictedImports');
  });

  it.each(others)('refuses in %s: %s', (file, _line, rule) => {
    expect(found.get(file)).toContain(rule);
  });

  it.each(Object.entries(allowed))('lets %s have: %s', (file) => {
    expect(found.get(file)).toBeUndefined();
  });

  it.each(Object.keys(circle))('refuses a circle of imports through %s', (file) => {
    expect(found.get(file)).toContain('lint/suspicious/noImportCycles');
  });
});

// pnpm resolves for a package what that names, and knip refuses an import of anything else.
it('only packages/runs depends on pg-boss', () => {
  const manifests = globSync('{apps,packages}/*/package.json', { cwd: repository });
  const users = manifests.filter((path) => readFileSync(join(repository, path), 'utf8').includes('"pg-boss"'));
  expect(users).toEqual(['packages/runs/package.json']);
});
