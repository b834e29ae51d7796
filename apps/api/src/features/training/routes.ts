import { hash } from 'node:crypto';
import {
  exportTraining,
  getTraining,
  getTrainingStats,
  listTraining,
  rerunMetadata,
  rerunMetadataOfMany,
  type TrainingQuery,
  type TrainingRow,
  trainingDefaultSort,
} from '@at/contracts/training';
import { rerunMetadata as task } from '@at/domain/titles/tasks/rerun-metadata';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '#deps.ts';
import { transactFor } from '#http/idempotency.ts';
import { starterOf } from '#http/start-run.ts';
import { exportReply } from '#lists/export.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { rowReply } from '#lists/row-reply.ts';
import { perQuery } from '#request/per-query.ts';
import { titleNotFound } from '#titles/errors.ts';
import { metadataRefusal } from '#titles/metadata-refresh.ts';
import { withThreshold } from '#titles/threshold.ts';
import { metadataNotConfigured, refreshNeedsTitles } from './errors.ts';
import {
  countTitles,
  type TrainingShape,
  titleExists,
  titleStatement,
  trainingList,
  trainingShape,
} from './queries.ts';

export const trainingRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, config, rows, counts, runs } = deps;
  const showsPoster = config.posters !== null;
  const lists = listsByShape<TrainingShape, TrainingRow, TrainingQuery>(db, (shape) => trainingList(db, shape));

  const sourceOf = perQuery((sent: TrainingQuery) => {
    const query = withThreshold(sent, config);
    const page = readPage(query, trainingDefaultSort);
    const statements = lists({ ...trainingShape(query), showsPoster });
    const path = `${config.publicPrefix}${listTraining.url}`;
    return { statements, query, page, path, read: rows, counts };
  });

  app.route({
    ...listTraining,
    handler: async (request, reply) => pageReply(request, reply, sourceOf(request.query)),
  });

  app.route({
    ...exportTraining,
    handler: async (request, reply) => {
      const query = withThreshold(request.query, config);
      const showsVerdict = request.query.threshold !== undefined;
      const name = showsVerdict ? `training-at-${query.threshold}` : 'training';
      const shape = trainingShape(query);
      const statements = lists(showsVerdict ? { ...shape, include: 'prediction', showsVerdict } : shape);
      return exportReply(request, reply, { statements, query, name, read: rows });
    },
  });

  app.route({
    ...getTrainingStats,
    handler: async (_request, reply) => {
      const { value, age } = await counts.read('training stats', () => countTitles(db));
      reply.header('age', Math.round(age));
      return value;
    },
  });

  app.route({
    ...getTraining,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const title = await rowReply(reply, rows, titleStatement(db, imdb_id, showsPoster), 'updated_at');
      if (!title) throw titleNotFound(imdb_id);
      return title;
    },
  });

  app.route({
    ...rerunMetadata,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      if (!(await titleExists(db, imdb_id))) throw titleNotFound(imdb_id);
      return refresh(request, reply, [imdb_id], { type: 'title', id: imdb_id });
    },
  });

  app.route({
    ...rerunMetadataOfMany,
    handler: async (request, reply) => {
      const { imdb_ids, without_facts } = request.body;
      if ((imdb_ids === undefined) === (without_facts === undefined)) throw refreshNeedsTitles();
      const titles = imdb_ids ? [...new Set(imdb_ids.map((id) => id.toLowerCase()))].toSorted() : 'without facts';
      // The same selection again is given the run that goes on.
      const id = typeof titles === 'string' ? titles : hash('sha256', titles.join(), 'base64url');
      return refresh(request, reply, titles, { type: 'titles', id });
    },
  });

  async function refresh(
    request: FastifyRequest,
    reply: FastifyReply,
    titles: string[] | 'without facts',
    subject: { type: string; id: string },
  ) {
    const refusal = metadataRefusal(config.configured.metadata);
    if (refusal !== null) throw metadataNotConfigured(refusal);
    const start = { starter: starterOf(request), subject };
    const { outcome } = await transactFor(request, reply, { writes, what: 'the run' }, async (trx) => {
      const { id, joined } = await runs.start(trx, task, { titles }, start);
      const message = joined ? 'The metadata is being refreshed already' : 'Metadata refresh started';
      return { success: true as const, message, run_id: id };
    });
    reply.code(202);
    return outcome;
  }
};
