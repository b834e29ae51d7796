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
import { noteFileAct } from '@at/domain/activity/writes';
import { type Choice, choose } from '@at/domain/duplicates/duplicates';
import { restoreDuplicate as restoreTask } from '@at/domain/duplicates/tasks/restore';
import { findPlaces } from '@at/domain/files/places';
import { RunRefused } from '@at/runs/states';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { transactFor } from '#http/idempotency.ts';
import { starterOf } from '#http/start-run.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { dropAfterWrites } from '#lists/shared-counts.ts';
import { mostFiles, movedBackAlready, tooManyFiles } from './errors.ts';
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
    const starter = starterOf(request);
    const place = { writes, what: 'the file' };
    const { outcome, afterwards } = await transactFor(request, reply, place, async (trx): Promise<DuplicateActed> => {
      const { files, moves } = await choose(trx, id, choice);
      const name = await findFileName(trx, id);
      const subject = { type: 'file', id: String(id) };
      const run =
        moves.length === 0
          ? undefined
          : (await runs.start(trx, restoreTask, { file: id, choice }, { starter, subject })).id;
      await noteFileAct(trx, starter.actor, `${choice}-duplicate`, { run, name });
      const message = words[choice][run === undefined ? 'now' : 'later'];
      return { success: true, file_id: id, files, message, run_id: run ?? null };
    }).catch((error: unknown) => {
      throw error instanceof RunRefused ? movedBackAlready() : error;
    });
    if (outcome.run_id === null) return outcome;
    const ended = await waiting.outputOf<{ files: number[] }>(reply, outcome.run_id, afterwards);
    return ended ? { ...outcome, message: words[choice].now, files: ended.files } : outcome;
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
