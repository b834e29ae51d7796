import { flywayDefaultSort, listFlyway, listMigrations } from '@at/contracts/migrations';
import { compareHistory, isOwnHistory } from '@at/db/migration-files';
import { findHistory, type History } from '@at/db/migration-history';
import { shippedMigrations } from '@at/db/shipped-migrations';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { sortHistory } from './rules.ts';

export const migrationRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db }) => {
  const shipped = await shippedMigrations();
  /** The platform's files for any other schema. */
  const filesOf = (schema: string) => (Object.hasOwn(shipped, schema) ? shipped[schema as History] : shipped.public);

  app.route({
    ...listFlyway,
    handler: async (request, reply) => {
      const { schema, sort_by, sort_order } = { ...flywayDefaultSort, ...request.query };
      // Clients of the original expect the only history that there is.
      const found = (await findHistory(db, schema)) ?? (schema === undefined && (await findHistory(db, 'console')));
      if (!found) return { data: [] };
      reply.header('x-flyway-schema', encodeURIComponent(found.schema));
      return { data: sortHistory(found.rows, sort_by, sort_order) };
    },
  });

  app.route({
    ...listMigrations,
    handler: async (request) => {
      const { schema } = request.query;
      const found = await findHistory(db, schema);
      const files = filesOf(schema ?? 'public');
      if (!found) return { data: compareHistory(files, []), schema: null, kept_by: null };
      const { rows } = found;
      if (isOwnHistory(files, rows)) {
        return { data: compareHistory(files, rows), schema: found.schema, kept_by: 'this project' as const };
      }
      // There are no shipped files to compare with.
      const data = compareHistory([], rows).map((row) =>
        row.state === 'missing' ? { ...row, state: 'applied' as const } : row,
      );
      return { data, schema: found.schema, kept_by: 'another project' as const };
    },
  });
};
