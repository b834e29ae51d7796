import type { MigrationState } from '@at/contracts/migrations';
import { plural } from '#ui/plural.ts';

/** The words of Migrations. Numbers come in as they are to be shown; commands stand in backticks. */
export const migrationsTexts = {
  name: 'Migrations',
  schema: 'History',
  keys: { refresh: 'Refresh', schema: 'Show the next history', order: 'Turn the order round' },
  states: {
    applied: 'applied',
    pending: 'pending',
    missing: 'missing',
    changed: 'changed',
    failed: 'failed',
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
  /** Before a value, where there is no room for columns. */
  facts: { rank: 'rank', installed: 'installed', by: 'by', took: 'took', checksum: 'checksum' },
  detailsOf: (script: string) => `Details of ${script}`,
  details: { recorded: 'Checksum recorded', shipped: 'Checksum shipped', installed: 'Installed on' },
  same: 'the same',
  notSame: 'not the same',
  checksum: 'Checksum',
  copyChecksum: (checksum: string) => `Copy checksum ${checksum}`,

  notCompared: 'What this version ships, and so the state of each migration',
  otherProject: {
    title: 'Another project keeps this history',
    text: 'Its files are not shipped here, so nothing is compared: what ran is shown as that project recorded it, and this product neither changes it nor adds to it.',
  },
  noHistory: {
    title: (schema: string) => `There is no migration history of ${schema}`,
    text: 'Nobody has recorded a migration there. What this version ships for it is listed as pending.',
  },
  attention: 'Wants attention',
  none: {
    title: 'No migrations',
    text: (schema: string) => `None of ${schema} has run, and this version ships none.`,
  },

  explain: {
    failedUnknown: 'It began and did not end.',
    ranUnknown: 'It ran.',
    failed: (set: string) =>
      `It began and did not end. Look at what it left and put that right, then run \`pnpm db:migrate repair --set ${set}\` and \`pnpm db:migrate --set ${set}\`.`,
    failedElsewhere: 'It began and did not end. The project that keeps this history has to put it right.',
    renamed: 'It ran under another description than this version ships. Give the file its former name.',
    changed:
      'It ran with other content than this version ships. Restore the file, and put the change into a new migration.',
    missing: 'It ran here, but this version does not ship it. Use the version of the product that does.',
    pending: (set: string) =>
      `This version ships it, and it has not run here yet. Run \`pnpm db:migrate --set ${set}\`.`,
    appliedElsewhere: 'It ran. Its file is not shipped here, so nothing is compared.',
    byTool: 'The migration tool wrote this itself; no file belongs to it. Nothing to do.',
    applied: 'It ran as this version ships it. Nothing to do.',
  },

  orders: {
    version: { desc: 'highest version first', asc: 'lowest version first' },
    installed_rank: { desc: 'highest rank first', asc: 'lowest rank first' },
    installed_on: { desc: 'latest first', asc: 'earliest first' },
  },
  owners: { public: 'the platform', console: 'this product', 'console extras': "this product's extras" },
  /** `7 migrations of this product: 1 failed, 6 applied; highest version first after those that failed`. */
  summary: (count: number, shown: string, owner: string, parts: string, order: string) =>
    `${shown} ${plural(count, { one: 'migration', other: 'migrations' })} of ${owner}: ${parts}; ${order}`,
  afterFailed: (order: string) => `${order} after those that failed`,
} as const;
