import { flywayDefaultSort, listFlyway, listMigrations } from '@at/contracts/migrations';
import { migrationSets } from '@at/db/migrate';
import { compareHistory, isOwnHistory, readMigrations } from '@at/db/migration-files';
import { findHistory } from '@at/db/migration-history';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { sortHistory } from './rules.ts';

export const migrationRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db }) => {
  const shipped = {
    public: await readMigrations(migrationSets.atp.directory),
    console: await readMigrations(migrationSets.console.directory),
    'console extras': await readMigrations(migrationSets['atp-extras'].directory),
  };

  app.route({
    ...listFlyway,
    handler: async (request) => {
      const { schema = 'public', sort_by, sort_order } = { ...flywayDefaultSort, ...request.query };
      const rows = (await findHistory(db, schema)) ?? [];
      return { data: sortHistory(rows, sort_by, sort_order) };
    },
  });

  app.route({
    ...listMigrations,
    handler: async (request) => {
      const { schema = 'public' } = request.query;
      const rows = await findHistory(db, schema);
      const files = shipped[schema];
      if (!rows) return { data: compareHistory(files, []), kept_by: null };
      if (isOwnHistory(files, rows)) return { data: compareHistory(files, rows), kept_by: 'this project' as const };
      // There are no shipped files to compare with.
      const data = compareHistory([], rows).map((row) =>
        row.state === 'missing' ? { ...row, state: 'applied' as const } : row,
      );
      return { data, kept_by: 'another project' as const };
    },
  });
};
