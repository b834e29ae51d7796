import { type Static, Type } from 'typebox';
import { BatchParams } from './batches.ts';
import { EmptyBody, endpoint, RunId } from './endpoint.ts';
import { Nullable, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { batchStatuses } from './vocabulary.ts';

export const tag = {
  name: 'file pipeline: sorting',
  description: 'The files of a batch go to the archive, into folders of the day they were taken',
};
const tags = [tag.name];

const counts = {
  total_files: Type.Integer({ description: 'Files of the batch' }),
  sorted_files: Type.Integer({ description: 'Files that are in the archive' }),
  skipped_files: Type.Integer({
    description:
      'Files that are not: the archive has their content already, they have no date, or they could not be moved',
  }),
};
const state = {
  batch: Type.String({ description: 'Name of the batch' }),
  batch_id: Type.Integer(),
  status: StringEnum(batchStatuses, { description: 'SORTED: every file has its place' }),
  reason: Nullable(Type.String(), { description: 'Why it is not sorted' }),
};

export const SortStatus = Type.Object(
  {
    ...state,
    ...counts,
    run_id: Nullable(RunId, { description: 'The latest run that sorts it; null: none yet' }),
    can_start: Type.Boolean({ description: 'Whether it can be sorted now' }),
    refusal: Nullable(Type.String(), { description: 'Why it cannot; null: it can' }),
    transfer_mode: StringEnum(['move', 'copy'], { description: 'What sorting does with its files' }),
    leaves_device: Type.Boolean({ description: 'What is sorted leaves the device too' }),
  },
  { $id: 'SortStatus' },
);
export type SortStatus = Static<typeof SortStatus>;

export const SortStarted = Type.Object(
  {
    ...state,
    ...counts,
    started: Type.Boolean({ description: 'false: a run that sorts it was going on' }),
    run_id: RunId,
  },
  { $id: 'SortStarted' },
);
export type SortStarted = Static<typeof SortStarted>;

/** As the results of other steps of the pipeline. */
export const stepStatuses = ['completed', 'warning', 'error', 'running'] as const;
export const SortStep = Type.Object(
  {
    status: StringEnum(stepStatuses, {
      description: 'warning: some files are not sorted; error: none is; running: the run goes on',
    }),
    message: Type.String(),
    data: SortStarted,
    run_id: RunId,
  },
  { $id: 'SortStep' },
);
export type SortStep = Static<typeof SortStep>;

const waits =
  'Starts a run and waits up to 10 s for it: 202 if it goes on. A batch that is being sorted keeps its run. Sorting again takes the files ' +
  'that have no place yet. 409: the state of the batch does not allow it, or the configuration lacks something; `detail` says what.';

export const startSort = endpoint({
  method: 'POST',
  url: '/api/sort/start/:id',
  config: { role: 'operator' },
  schema: {
    operationId: 'startSort',
    summary: 'Sort a batch',
    description: waits,
    tags,
    params: BatchParams,
    body: EmptyBody,
    response: { 200: SortStarted, 202: SortStarted, ...problems(400, 404, 409) },
  },
});

export const sortStep = endpoint({
  method: 'POST',
  url: '/api/workflow/sort/:id',
  config: { role: 'operator' },
  schema: {
    operationId: 'runSortStep',
    summary: 'Sort a batch, as a step of the pipeline',
    description: waits,
    tags,
    params: BatchParams,
    body: EmptyBody,
    response: { 200: SortStep, 202: SortStep, ...problems(400, 404, 409) },
  },
});

export const getSortStatus = endpoint({
  method: 'GET',
  url: '/api/sort/status/:id',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getSortStatus',
    summary: 'How far a batch is sorted',
    tags,
    params: BatchParams,
    response: { 200: SortStatus, ...problems(404) },
  },
});
