import { type Static, type TString, Type } from 'typebox';
import { EmptyBody, endpoint, RunId } from './endpoint.ts';
import { DedupStatus, FileDashboard } from './files.ts';
import { CountsByWord, Nullable, StringEnum } from './paging.ts';
import { PipelineConfig } from './pipeline-config.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { fileStatuses, pipelineSteps, runStates } from './vocabulary.ts';

export const tag = { name: 'file pipeline: runs', description: 'Scan, batch, sync, sort and cleanup in one run' };
const tags = [tag.name];

export const startPipeline = endpoint({
  method: 'POST',
  url: '/api/workflow/run',
  config: { role: 'operator' },
  schema: {
    operationId: 'startPipeline',
    summary: 'Run the file pipeline',
    description:
      'Scan, batch, sync, sort and cleanup, each when the one before has completed. Each starts a run of its own with the configuration of ' +
      'that moment; what has nothing to do is skipped. Cancelling the run cancels the step in progress, and a retry begins with the step ' +
      'that failed. While one runs, the reply has its run_id and started false.',
    tags,
    body: EmptyBody,
    response: {
      200: Type.Object({
        started: Type.Boolean({ description: 'false: run_id is that of the run in progress' }),
        run_id: RunId,
      }),
      ...problems(400),
    },
  },
});

const StepReport = Type.Object({
  step: StringEnum(pipelineSteps),
  result: Nullable(StringEnum(['completed', 'skipped', 'warning', 'error']), {
    description: 'null: it has not ended; warning: it waits for a decision',
  }),
  message: Nullable(Type.String(), { description: 'Why it was skipped, waits or failed' }),
  data: Type.Array(
    Type.Object({
      run_id: RunId,
      batch: Nullable(Type.String(), { description: 'The name of its batch' }),
      output: Type.Unknown({ description: 'What the run reports' }),
    }),
    { description: 'The runs that it has started' },
  ),
});

const ByItself = (what: string, next: string) =>
  Type.Object(
    {
      enabled: Type.Boolean(),
      next_at: Nullable(Timestamp, { description: next }),
      problem: Nullable(Type.String(), {
        description: 'Why it starts no run, or misses changes; null: it works, or is off',
      }),
      last_run: Nullable(Type.Object({ run_id: RunId, started_at: Timestamp, state: StringEnum(runStates) }), {
        description: 'The last run that it started; null: none in the last 90 days',
      }),
    },
    { description: what },
  );

export const PipelineStatus = Type.Object(
  {
    running: Type.Boolean(),
    run_id: Nullable(RunId, {
      description: 'The run in progress, or the last one; null: there was none in the last 90 days',
    }),
    state: Nullable(StringEnum(runStates)),
    step: Nullable(StringEnum(pipelineSteps), { description: 'The step in progress; null: none' }),
    last_result: Nullable(
      Type.Object({
        started_at: Nullable(Timestamp),
        finished_at: Nullable(Timestamp),
        steps: Type.Array(StepReport),
        errors: Type.Array(Type.String()),
      }),
      { description: 'What the steps of that run have done' },
    ),
    error: Nullable(Type.String(), { description: 'Why the last run failed' }),
    debug: Type.Object({
      enabled: Type.Boolean({ description: 'workflow.debug: each step after the first waits for a person' }),
      waiting_for: Nullable(StringEnum(pipelineSteps), { description: 'The step that waits; null: none' }),
    }),
    schedule: ByItself(
      'Runs by the clock: section schedule of the configuration',
      'When it starts the next run; null: never',
    ),
    watch: ByItself(
      'Runs when files arrive in the inbox: section watch of the configuration',
      'When it starts a run unless something changes before; null: nothing has changed',
    ),
  },
  { $id: 'PipelineStatus' },
);
export type PipelineStatus = Static<typeof PipelineStatus>;

export const getPipelineStatus = endpoint({
  method: 'GET',
  url: '/api/workflow/status',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getPipelineStatus',
    summary: 'The run of the file pipeline in progress, or the last one',
    tags,
    response: { 200: PipelineStatus, ...problems() },
  },
});

export const advancePipeline = endpoint({
  method: 'POST',
  url: '/api/workflow/debug/advance',
  config: { role: 'operator' },
  schema: {
    operationId: 'advancePipeline',
    summary: 'Let the step that waits begin',
    description: 'With workflow.debug each step after the first waits. 409: none does.',
    tags,
    body: EmptyBody,
    response: {
      200: Type.Object({ advanced: StringEnum(pipelineSteps), run_id: RunId }),
      ...problems(400, 409),
    },
  },
});

export const PipelineOverview = Type.Object(
  {
    running: Type.Boolean({ description: 'Whether a run of all steps is in progress' }),
    dedup: Type.Unsafe<DedupStatus>(DedupStatus),
    recent_batches: FileDashboard.properties.recent_batches,
    file_counts: CountsByWord(fileStatuses, { description: 'Files by status' }),
    syncing_batches: Type.Array(
      Type.Object({
        id: Type.Integer(),
        name: Type.String(),
        progress: Type.Number({ description: 'Percent, as the last look at it found' }),
        reason: Nullable(Type.String(), { description: 'Why it waits; null: it does not' }),
      }),
    ),
    config: Type.Unsafe<PipelineConfig>(PipelineConfig),
    last_run: PipelineStatus.properties.last_result,
  },
  { $id: 'PipelineOverview' },
);
export type PipelineOverview = Static<typeof PipelineOverview>;

export const getPipelineOverview = endpoint({
  method: 'GET',
  url: '/api/workflow/overview',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getPipelineOverview',
    summary: 'The file pipeline in one reply',
    description: 'From the database alone: no call of it reaches Syncthing or a disk. Secrets are masked.',
    tags,
    response: { 200: PipelineOverview, ...problems() },
  },
});

export const getDebugReport = endpoint({
  method: 'GET',
  url: '/api/debug/report',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getDebugReport',
    summary: 'A text for a support request',
    description:
      'Versions, counts, folders, the preflight of Syncthing, the latest failures and the configuration. Secrets are masked; paths and names ' +
      'of files are in it.',
    tags,
    response: {
      200: { description: '', content: { 'text/plain': { schema: Type.String() } } } as unknown as TString,
      ...problems(),
    },
  },
});
