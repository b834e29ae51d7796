import { getLatestRun, getModelArtifact, type ModelArtifact } from '@at/contracts/mlflow';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { notConfigured } from './errors.ts';
import { findArtifact, findLatestRun } from './queries.ts';

export const mlflowRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { config, counts }) => {
  const { mlflow } = config;

  /** Fetched once a second at most, for any number of readers. */
  async function latest() {
    if (!mlflow) throw notConfigured();
    return counts.read('mlflow latest', () => findLatestRun(mlflow));
  }

  app.route({
    ...getLatestRun,
    handler: async (_request, reply) => {
      const { value, age } = await latest();
      reply.header('age', Math.round(age));
      return value;
    },
  });

  // The files of a run do not change: the last one is kept.
  let kept: { run_id: string; artifact: ModelArtifact } | undefined;
  app.route({
    ...getModelArtifact,
    handler: async (request) => {
      if (!mlflow) throw notConfigured();
      const run_id = request.query.run_id ?? (await latest()).value.run_id;
      if (kept?.run_id !== run_id) kept = { run_id, artifact: await findArtifact(mlflow, run_id) };
      return { run_id, ...kept.artifact };
    },
  });
};
