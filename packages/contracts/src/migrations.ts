import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, SortOrder, StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

export const tag = { name: 'flyway', description: 'Migration history' };
const tags = [tag.name];

/** The histories that are compared with shipped migrations; public is the platform's, in whichever schema it is. */
export const flywaySchemas = ['public', 'console', 'console extras'] as const;
export const flywaySorts = ['installed_rank', 'installed_on', 'version'] as const;
export const flywayDefaultSort = { sort_by: 'installed_rank', sort_order: 'asc' } as const;

const FlywaySchema = Type.Optional(
  Text({
    maxLength: 63,
    description:
      'The schema whose flyway_schema_history to read; console is that of this product, and console extras that of its ' +
      'additions to the schema of the platform. Without it the history of the platform: in public, else in the schema ' +
      'that has one.',
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
    installed_on: Nullable(Timestamp, {
      description: 'ISO 8601; the table has no time zone, read as UTC. null for a time without a date in the calendar',
    }),
    execution_time: Type.Integer({ description: 'Milliseconds' }),
    success: Type.Boolean(),
  },
  { $id: 'FlywayRow', description: "A row of Flyway's history table" },
);
export type FlywayRow = Static<typeof FlywayRow>;

export const listFlyway = endpoint({
  method: 'GET',
  url: '/flyway',
  config: { role: 'viewer', replyHeaders: ['X-Flyway-Schema'] },
  schema: {
    operationId: 'listFlyway',
    summary: 'The migration history',
    description:
      'Every row; empty when there is no history table. version sorts numerically, null versions last. The header ' +
      'X-Flyway-Schema names the schema that was read.',
    tags,
    querystring: Type.Object({
      schema: FlywaySchema,
      sort_by: Type.Optional(StringEnum(flywaySorts, { default: flywayDefaultSort.sort_by })),
      sort_order: SortOrder(flywayDefaultSort.sort_order),
    }),
    response: { 200: Type.Object({ data: Type.Array(FlywayRow) }), ...problems() },
  },
});

export const migrationStates = ['applied', 'pending', 'missing', 'changed', 'failed', 'deleted'] as const;
export type MigrationState = (typeof migrationStates)[number];

export const Migration = Type.Object(
  {
    state: StringEnum(migrationStates, {
      description:
        'applied: ran as shipped. pending: shipped, not yet run. missing: ran, but not shipped with this version. ' +
        'changed: ran with different content, or another description. failed: started and did not finish. deleted: ran, ' +
        'and a later repair by Flyway took it out of the history (the row of type DELETE), so that its file runs again.',
    }),
    installed_rank: Nullable(Type.Integer()),
    version: Nullable(Type.String()),
    description: Type.String(),
    type: Type.String(),
    script: Type.String(),
    checksum: Nullable(Type.Integer(), { description: 'From the history table' }),
    shipped_checksum: Nullable(Type.Integer(), { description: 'Of the shipped file' }),
    shipped_description: Nullable(Type.String(), { description: 'From the name of the shipped file' }),
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
        schema: Nullable(Type.String(), { description: 'The schema that was read; null: there is no history' }),
        kept_by: Nullable(StringEnum(['this project', 'another project']), {
          description: 'null: there is no history',
        }),
      }),
      ...problems(),
    },
  },
});
