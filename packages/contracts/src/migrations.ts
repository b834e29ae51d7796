import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, SortOrder, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

export const tag = { name: 'flyway', description: 'Migration history' };
const tags = [tag.name];

export const flywaySchemas = ['public', 'console', 'console extras'] as const;
export const flywaySorts = ['installed_rank', 'installed_on', 'version'] as const;
export const flywayDefaultSort = { sort_by: 'installed_rank', sort_order: 'asc' } as const;

const FlywaySchema = Type.Optional(
  StringEnum(flywaySchemas, {
    default: 'public',
    description:
      "public: the platform; console: this product; console extras: this product's additions to the platform's schema",
  }),
);

export const FlywayRow = Type.Object(
  {
    installed_rank: Type.Integer(),
    version: Nullable(Type.String()),
    description: Type.String(),
    type: Type.String(),
    script: Type.String(),
    checksum: Nullable(Type.Integer()),
    installed_by: Type.String(),
    installed_on: Type.String({ ...Timestamp, description: 'ISO 8601; the table has no time zone, read as UTC' }),
    execution_time: Type.Integer({ description: 'Milliseconds' }),
    success: Type.Boolean(),
  },
  { $id: 'FlywayRow', description: "A row of Flyway's history table" },
);
export type FlywayRow = Static<typeof FlywayRow>;

export const listFlyway = endpoint({
  method: 'GET',
  url: '/flyway',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listFlyway',
    summary: 'The migration history',
    description:
      'Every row; empty when the schema has no history table. version sorts numerically, null versions last.',
    tags,
    querystring: Type.Object({
      schema: FlywaySchema,
      sort_by: Type.Optional(StringEnum(flywaySorts, { default: flywayDefaultSort.sort_by })),
      sort_order: SortOrder(flywayDefaultSort.sort_order),
    }),
    response: { 200: Type.Object({ data: Type.Array(FlywayRow) }), ...problems() },
  },
});

export const migrationStates = ['applied', 'pending', 'missing', 'changed', 'failed'] as const;
export type MigrationState = (typeof migrationStates)[number];

export const Migration = Type.Object(
  {
    state: StringEnum(migrationStates, {
      description:
        'applied: ran as shipped. pending: shipped, not yet run. missing: ran, but not shipped with this version. ' +
        'changed: ran with different content. failed: started and did not finish.',
    }),
    installed_rank: Nullable(Type.Integer()),
    version: Nullable(Type.String()),
    description: Type.String(),
    type: Type.String(),
    script: Type.String(),
    checksum: Nullable(Type.Integer(), { description: 'From the history table' }),
    shipped_checksum: Nullable(Type.Integer(), { description: 'Of the shipped file' }),
    installed_by: Nullable(Type.String()),
    installed_on: Nullable(Timestamp),
    execution_time: Nullable(Type.Integer(), { description: 'Milliseconds' }),
  },
  { $id: 'Migration' },
);
export type Migration = Static<typeof Migration>;

export const listMigrations = endpoint({
  method: 'GET',
  url: '/flyway/migrations',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listMigrations',
    summary: 'Migration history compared with the shipped migrations',
    description: 'A history that another project keeps (see kept_by) has no shipped migrations to compare with.',
    tags,
    querystring: Type.Object({ schema: FlywaySchema }),
    response: {
      200: Type.Object({
        data: Type.Array(Migration),
        kept_by: Nullable(StringEnum(['this project', 'another project']), {
          description: 'null: there is no history',
        }),
      }),
      ...problems(),
    },
  },
});
