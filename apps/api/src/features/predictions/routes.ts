import {
  getEvaluation,
  listAgreement,
  listPredictions,
  listSlices,
  type PredictionQuery,
  type PredictionRow,
  predictionDefaultSort,
} from '@at/contracts/predictions';
import type { DB } from '@at/db/schema';
import { EvaluationTotals } from '@at/domain/predictions/totals';
import { readObjects } from '@at/pg-json-rows';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import {
  agreementStatement,
  evaluationOfRows,
  evaluationOfTotals,
  type PredictionShape,
  predictionList,
  predictionShape,
  type Read,
  slicesOfTotals,
  slicesStatement,
} from './queries.ts';
import { compareSlices } from './rules.ts';

/** Milliseconds for totals and every title together; a 503 comes within the 15 seconds of the guide. */
const limit = 14_000;
/** SQLSTATE of a statement that took too long. */
const queryCanceled = '57014';

export const predictionRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, background, config, rows, counts } = deps;
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

  const totals = new EvaluationTotals(background, (message) => app.log.warn(message));
  app.addHook('onReady', async () => totals.start());
  app.addHook('onClose', () => totals.stop());

  const fromRows: Read = (statement) => readObjects(rows, statement);
  const fromTotals =
    (trx: Transaction<DB>): Read =>
    async (statement) =>
      (await trx.executeQuery(statement)).rows;

  /** 503 if it takes longer, as every other reply. */
  const inTime = async <T>(result: Promise<T>): Promise<T> => {
    const late = Promise.withResolvers<never>();
    const fail = () =>
      late.reject(Object.assign(new Error('Reading every title took too long.'), { code: queryCanceled }));
    const timer = setTimeout(fail, limit);
    return await Promise.race([result, late.promise]).finally(() => clearTimeout(timer));
  };

  app.route({
    ...getEvaluation,
    handler: async (request, reply) => {
      const { threshold = config.operatingThreshold, media_type, reviewed, anomalous } = request.query;
      const name = `evaluation ${JSON.stringify([threshold, media_type, reviewed, anomalous])}`;
      const compute = async () =>
        (await totals.read((trx) => evaluationOfTotals(db, fromTotals(trx), request.query, threshold))) ??
        (await evaluationOfRows(db, fromRows, request.query, threshold));
      const { value, age } = await counts.read(name, () => inTime(compute()));
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
      const compute = async () =>
        (await totals.read((trx) => fromTotals(trx)(slicesOfTotals(db, by, request.query, threshold)))) ??
        (await fromRows(slicesStatement(db, by, request.query, threshold)));
      const { value, age } = await counts.read(name, () => inTime(compute()));
      reply.header('age', Math.round(age));
      return compareSlices(value, { by, minimum, threshold });
    },
  });

  app.route({
    ...listAgreement,
    handler: async (request, reply) => {
      const { by = 'week', periods = 26, threshold = config.operatingThreshold } = request.query;
      const asked = { by, periods, threshold };
      const compute = async () => (await db.executeQuery(agreementStatement(db, asked))).rows;
      const { value, age } = await counts.read(`agreement ${JSON.stringify(asked)}`, compute);
      reply.header('age', Math.round(age));
      return { threshold, by, data: value };
    },
  });
};
