import {
  getEvaluation,
  listPredictions,
  listSlices,
  type PredictionQuery,
  type PredictionRow,
  predictionDefaultSort,
} from '@at/contracts/predictions';
import { readObjects } from '@at/pg-json-rows';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import {
  binsStatement,
  otherWordsStatement,
  type PredictionShape,
  predictionList,
  predictionShape,
  slicesStatement,
} from './queries.ts';
import { type BinRow, compareSlices, evaluate, hasOtherWords, type OtherWordsRow, type SliceRow } from './rules.ts';

export const predictionRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, config, rows, counts } = deps;
  const lists = listsByShape<PredictionShape, PredictionRow, PredictionQuery>(db, (shape) => predictionList(db, shape));

  app.route({
    ...listPredictions,
    handler: async (request, reply) => {
      const { query } = request;
      const page = readPage(query, predictionDefaultSort);
      const statements = lists(predictionShape(query));
      const path = `${config.publicPrefix}${listPredictions.url}`;
      return pageReply(request, reply, { statements, query, page, path, read: rows, counts });
    },
  });

  app.route({
    ...getEvaluation,
    handler: async (request, reply) => {
      const { threshold = config.operatingThreshold, media_type, reviewed, anomalous } = request.query;
      const name = `evaluation ${JSON.stringify([threshold, media_type, reviewed, anomalous])}`;
      const { value, age } = await counts.read(name, async () => {
        const bins = await readObjects<BinRow>(rows, binsStatement(db, request.query, threshold));
        const otherWords = hasOtherWords(bins)
          ? await readObjects<OtherWordsRow>(rows, otherWordsStatement(db, request.query))
          : [];
        return evaluate(bins, otherWords, threshold);
      });
      reply.header('age', Math.round(age));
      return value;
    },
  });

  app.route({
    ...listSlices,
    handler: async (request, reply) => {
      const { by = 'genre', minimum = 20, threshold = config.operatingThreshold } = request.query;
      const { media_type, reviewed, anomalous } = request.query;
      const name = `slices ${JSON.stringify([by, threshold, media_type, reviewed, anomalous])}`;
      const { value, age } = await counts.read(name, () =>
        readObjects<SliceRow>(rows, slicesStatement(db, by, request.query, threshold)),
      );
      reply.header('age', Math.round(age));
      return compareSlices(value, { by, minimum, threshold });
    },
  });
};
