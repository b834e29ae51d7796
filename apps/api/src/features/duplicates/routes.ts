import {
  type DuplicateActed,
  type DuplicateList,
  type DuplicateSet,
  type DuplicateTotals,
  duplicateDefaultSort,
  keepDuplicate,
  listDuplicates,
  restoreDuplicate,
  usualFilesPerSet,
} from '@at/contracts/duplicates';
import type { DB } from '@at/db/schema';
import { type Choice, choose } from '@at/domain/duplicates/duplicates';
import { restoreDuplicate as restoreTask } from '@at/domain/duplicates/tasks/restore';
import { findPlaces } from '@at/domain/files/places';
import { transactOnce } from '@at/domain/idempotency';
import { noteFileAct } from '@at/domain/queue/writes';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { once } from '#http/idempotency.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { dropAfterWrites } from '#lists/shared-counts.ts';
import { actorOf } from '#request/actor.ts';
import { mostFiles, moveFailed, refusalOf, tooManyFiles } from './errors.ts';
import {
  type DuplicatesInput,
  type DuplicatesShape,
  duplicatesList,
  duplicatesShape,
  findFileName,
  totalsStatement,
} from './queries.ts';

/** Sets a page. */
const usualLimit = 50;

const words: Record<Choice, { now: string; later: string }> = {
  keep: {
    now: 'This file is kept; the others of its set are its duplicates',
    later: 'The file is being moved back to its place, to be kept',
  },
  restore: { now: 'The file is no duplicate any more', later: 'The file is being moved back to its place' },
};

export const duplicateRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, rows, config, runs, writes } = deps;
  const lists = listsByShape<DuplicatesShape, DuplicateSet, DuplicatesInput>(db, (shape) => duplicatesList(db, shape));
  const counts = deps.counts.part();
  dropAfterWrites(app, counts);
  const waiting = new Waiting(app, deps);

  app.route({
    ...listDuplicates,
    handler: async (request, reply) => {
      const { limit = usualLimit, files_per_set = usualFilesPerSet } = request.query;
      if (limit * files_per_set > mostFiles && files_per_set > usualFilesPerSet) throw tooManyFiles();
      const page = readPage({ ...request.query, limit }, duplicateDefaultSort);
      const shape = duplicatesShape(request.query);
      const duplicates_root = shape.filters.includes('moved') ? ((await findPlaces(db)).duplicates?.id ?? null) : null;
      const query = { ...request.query, duplicates_root };
      const statement = totalsStatement(db, shape, query);
      const { value: totals } = await counts.read(
        `${statement.sql} ${JSON.stringify(statement.parameters)}`,
        async (): Promise<DuplicateTotals> => {
          const set = await rows({ ...statement, quick: false });
          const found = JSON.parse(set.toJson(1).toString()) as DuplicateTotals;
          set.release();
          return found;
        },
      );
      const frame = {
        begin: '{"data":[',
        end: (pagination: object) => `],"totals":${JSON.stringify(totals)},"pagination":${JSON.stringify(pagination)}}`,
      };
      const path = `${config.basePath}${listDuplicates.url}`;
      const source = { statements: lists(shape), query, page, path, read: rows, counts, frame };
      return (await pageReply(request, reply, source)) as unknown as DuplicateList;
    },
  });

  async function act(
    request: FastifyRequest,
    reply: FastifyReply,
    id: number,
    choice: Choice,
  ): Promise<DuplicateActed> {
    const { outcome, afterwards } = await once(request, reply, (writeId) =>
      transactOnce(
        (run) => writes.transaction('the file', run),
        writeId,
        async (trx): Promise<DuplicateActed> => {
          const { files, moves } = await choose(trx as Transaction<DB>, id, choice);
          const done = { success: true, file_id: id, files } as const;
          const name = await findFileName(trx, id);
          const note = (run?: string) =>
            noteFileAct(trx as Transaction<DB>, actorOf(request), `${choice}-duplicate`, { run, name });
          if (moves.length === 0) {
            await note();
            return { ...done, message: words[choice].now, run_id: null };
          }
          const run = await runs.start(
            trx as Transaction<DB>,
            restoreTask,
            { file: id, choice },
            {
              starter: { trigger: 'manual', actor: actorOf(request) },
              subject: { type: 'file', id: String(id) },
            },
          );
          await note(run.id);
          return { ...done, message: words[choice].later, run_id: run.id };
        },
      ),
    ).catch((error: unknown) => {
      throw refusalOf(error);
    });
    if (outcome.run_id === null) return outcome;
    const { state, error, output } = await waiting.outcomeOf(reply, outcome.run_id, afterwards);
    if (error !== null) throw moveFailed(outcome.run_id, error);
    reply.code(state === 'completed' ? 200 : 202);
    if (state !== 'completed') return outcome;
    return { ...outcome, message: words[choice].now, files: (output as { files: number[] }).files };
  }

  app.route({
    ...keepDuplicate,
    handler: (request, reply) => act(request, reply, request.params.id, 'keep'),
  });
  app.route({
    ...restoreDuplicate,
    handler: (request, reply) => act(request, reply, request.params.id, 'restore'),
  });
};
