import {
  exportTraining,
  getTraining,
  getTrainingStats,
  listTraining,
  rerunMetadata,
  type TrainingQuery,
  type TrainingRow,
  trainingDefaultSort,
} from '@at/contracts/training';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { exportReply } from '#lists/export.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { rowReply } from '#lists/row-reply.ts';
import { titleNotFound } from '#titles/errors.ts';
import { withThreshold } from '#titles/threshold.ts';
import { metadataUnavailable } from './errors.ts';
import {
  countTitles,
  type TrainingShape,
  titleExists,
  titleStatement,
  trainingList,
  trainingShape,
} from './queries.ts';

export const trainingRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, config, rows, counts } = deps;
  const lists = listsByShape<TrainingShape, TrainingRow, TrainingQuery>(db, (shape) => trainingList(db, shape));

  app.route({
    ...listTraining,
    handler: async (request, reply) => {
      const query = withThreshold(request.query, config);
      const page = readPage(query, trainingDefaultSort);
      const statements = lists(trainingShape(query));
      const path = `${config.publicPrefix}${listTraining.url}`;
      return pageReply(request, reply, { statements, query, page, path, read: rows, counts });
    },
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
      const title = await rowReply(reply, rows, titleStatement(db, imdb_id), 'updated_at');
      if (!title) throw titleNotFound(imdb_id);
      return title;
    },
  });

  app.route({
    ...rerunMetadata,
    handler: async (request) => {
      const { imdb_id } = request.params;
      throw (await titleExists(db, imdb_id)) ? metadataUnavailable() : titleNotFound(imdb_id);
    },
  });
};
