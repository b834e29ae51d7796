import { getDedupStatus } from '@at/contracts/files';
import { getPipelineStatus } from '@at/contracts/pipeline';
import { listTaskRuns } from '@at/contracts/runs';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { nameSubjects } from '#runs/name-subjects.ts';
import { runsTexts } from '#runs/texts.ts';

/** Milliseconds between two looks at a scan in progress, which has no event. */
const pause = 1_000;

/** The scan in progress, or the last one. */
export const scanStatus = queryOptions({
  queryKey: keyOf('files', 'scan'),
  queryFn: async ({ signal }) => (await call(getDedupStatus, { signal })).data,
  refetchInterval: ({ state: { data } }) => (data?.running ? pause : false),
});

/** The run of all steps in progress, or the last one, and when the next one starts by itself, which has no event. */
export const pipelineStatus = queryOptions({
  queryKey: keyOf('files', 'pipeline'),
  queryFn: async ({ signal }) => (await call(getPipelineStatus, { signal })).data,
  refetchInterval: ({ state: { data } }) => (data?.running ? pause : 15_000),
});

/** The runs of the file pipeline, also those that undo. */
export const fileTasks = Object.keys(runsTexts.tasks).filter(
  (task) => task.startsWith('files.') && task !== 'files.step',
);

/** The latest runs of the pipeline. */
export const lastRuns = queryOptions({
  queryKey: keyOf('files', 'runs'),
  queryFn: async ({ signal }) => {
    const { data } = (await call(listTaskRuns, { query: { task: fileTasks, limit: 5 }, signal })).data;
    return { runs: data, names: await nameSubjects(data, signal) };
  },
});
