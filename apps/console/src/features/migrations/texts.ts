import type { MigrationState } from '@at/contracts/migrations';
import { plural } from '#ui/plural.ts';

/** Texts of Migrations. Numbers come formatted; commands are in backticks. */
export const migrationsTexts = {
  name: 'Migrations',
  schema: 'History',
  last: {
    /** Before its name. */
    name: 'Last migration:',
    unknown: 'Last migration: unknown',
    of: (migration: string, owner: string) => `${migration} of ${owner}`,
    version: (version: string) => `version ${version}`,
  },
  keys: { refresh: 'Refresh', schema: 'Show the next history', order: 'Reverse order' },
  states: {
    applied: 'applied',
    pending: 'pending',
    missing: 'missing',
    changed: 'changed',
    failed: 'failed',
    deleted: 'deleted',
  } satisfies Record<MigrationState, string>,
  columns: {
    version: 'Version',
    state: 'State',
    description: 'Description',
    script: 'Script',
    type: 'Type',
    rank: 'Rank',
    installed: 'Installed',
    by: 'By',
    time: 'Time',
    checksum: 'Checksum',
  },
  /** Before a value on narrow screens. */
  facts: { rank: 'rank', installed: 'installed', by: 'by', took: 'took', checksum: 'checksum' },
  detailsOf: (script: string) => `Details of ${script}`,
  details: { recorded: 'Checksum recorded', shipped: 'Checksum shipped', installed: 'Installed on' },
  same: 'the same',
  notSame: 'different',

  notCompared: 'The states of the migrations',
  otherProject: {
    title: 'Another project owns this history',
    text: 'This product does not ship its files, so nothing is compared. It shows what that project recorded and changes nothing.',
  },
  noHistory: {
    title: (schema: string) => `No migration history for ${schema}`,
    text: 'No migration has been recorded. The migrations of this version are listed as pending.',
  },
  attention: 'Needs attention',
  none: {
    title: 'No migrations',
    text: (schema: string) => `None has run for ${schema}, and this version ships none.`,
  },

  explain: {
    failedUnknown: 'It started and did not finish.',
    ranUnknown: 'It ran.',
    failed: (set: string) =>
      `It started and did not finish. Repair what it left behind, then run \`pnpm db:migrate repair --set ${set}\` and \`pnpm db:migrate --set ${set}\`.`,
    failedElsewhere: 'It started and did not finish. The project that owns this history must repair it.',
    renamed: (recorded: string, shipped: string) =>
      `It ran under another description: "${recorded}", now "${shipped}". Its content is the same. Give the file its former name.`,
    changed: 'Its content differs from what ran. Restore the file, and put the change into a new migration.',
    missing: 'It ran here, but this version does not ship it. Use the version of the product that does.',
    deleted: 'It ran, and a repair by Flyway took it out of the history later. Nothing to do.',
    deletes: 'A repair by Flyway took the migration of this version out of the history. Nothing to do.',
    pending: (set: string) => `It has not run here yet. Run \`pnpm db:migrate --set ${set}\`.`,
    appliedElsewhere: 'It ran. This product does not ship its file, so nothing is compared.',
    byTool: 'Written by the migration tool; it has no file. Nothing to do.',
    applied: 'It ran and matches its file. Nothing to do.',
  },

  orders: {
    version: { desc: 'highest version first', asc: 'lowest version first' },
    installed_rank: { desc: 'highest rank first', asc: 'lowest rank first' },
    installed_on: { desc: 'latest first', asc: 'earliest first' },
  },
  owners: { public: 'the platform', console: 'this product', 'console extras': 'console extras' },
  /** `7 migrations of this product: 1 failed, 6 applied; highest version first after those that failed`. */
  summary: (count: number, shown: string, owner: string, parts: string, order: string) =>
    `${shown} ${plural(count, { one: 'migration', other: 'migrations' })} of ${owner}: ${parts}; ${order}`,
  afterFailed: (order: string) => `${order} after those that failed`,
} as const;
