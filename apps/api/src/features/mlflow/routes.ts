import type { RunSource } from '@at/adapters/mlflow';
import { getLatestRun, getModelArtifact, listRuns, type ModelArtifact } from '@at/contracts/mlflow';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { holdsDemo } from '#titles/demo.ts';
import { notConfigured } from './errors.ts';
import { findArtifact, findLatestRun, findRuns } from './queries.ts';

export const mlflowRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { config, counts, db, demoRuns }) => {
  /** MLflow, or without it the runs of the demo catalogue, as long as there are no other titles. Throws 409. */
  async function source(): Promise<RunSource> {
    if (config.mlflow) return config.mlflow;
    if (demoRuns !== undefined && (await holdsDemo(db))) return { directory: demoRuns };
    throw notConfigured();
  }

  /** Fetched once a second at most, for any number of readers. */
  const latest = async () => {
    const runs = await source();
    return counts.read('mlflow latest', () => findLatestRun(runs));
  };

  app.route({
    ...getLatestRun,
    handler: async (_request, reply) => {
      const { value, age } = await latest();
      reply.header('age', Math.round(age));
      return value;
    },
  });

  app.route({
    ...listRuns,
    handler: async (request, reply) => {
      const { limit = 20 } = request.query;
      const runs = await source();
      const { value, age } = await counts.read(`mlflow runs ${limit}`, () => findRuns(runs, limit));
      reply.header('age', Math.round(age));
      return { data: value };
    },
  });

  // The files of a run do not change: the last one is kept.
  let kept: { run_id: string; artifact: ModelArtifact } | undefined;
  app.route({
    ...getModelArtifact,
    handler: async (request) => {
      const runs = await source();
      const run_id = request.query.run_id ?? (await latest()).value.run_id;
      if (kept?.run_id !== run_id) kept = { run_id, artifact: await findArtifact(runs, run_id) };
      return { run_id, ...kept.artifact };
    },
  });
};
