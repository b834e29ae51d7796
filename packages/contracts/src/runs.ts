import { type Static, Type } from 'typebox';
import { EmptyBody, endpoint, RunAccepted, RunId, WorkedMs } from './endpoint.ts';
import { exportFormats, orFile } from './export.ts';
import { CommaList, cursorParameters, DateTime, Nullable, Pagination, StringEnum, sortOrders, Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { failureCodes, retryRefusals, roles, runStates, runTriggers } from './vocabulary.ts';

export const tag = {
  name: 'runs',
  description: 'Runs: what workers do in the background, each with its steps, its progress and its log',
};
/** Also of the endpoints of logs. */
export const runTags = [tag.name];

export const TaskName = Type.String({ pattern: '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$', maxLength: 100 });

export const RunProgress = Type.Object({
  done: Type.Number(),
  total: Type.Optional(Type.Number()),
  unit: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
});
export type RunProgress = Static<typeof RunProgress>;

const FailureWord = StringEnum(failureCodes, {
  description: 'Why it failed, for programs: unlike the message it stays the same',
});

const RunError = Type.Object({
  code: Type.Optional(FailureWord),
  type: Type.String(),
  message: Type.String(),
  stack: Type.Optional(Type.String()),
});

const runFields = {
  id: RunId,
  task: Type.String({ description: 'What it does, such as training.rerun_metadata' }),
  state: StringEnum(runStates, {
    description:
      'pending: no step has been sent; held: waits for an approval; queued: waits for a worker; retrying: waits for another attempt; stopping: cancelled, ' +
      'and still running; lost: its worker is gone, and another one takes over within seconds',
  }),
  subject_type: Nullable(Type.String(), { description: 'What it works on; null: nothing in particular' }),
  subject_id: Nullable(Type.String()),
  trigger: StringEnum(runTriggers),
  requested_by: Nullable(Type.String(), { description: 'null: a schedule' }),
  requested_by_verified: Type.Boolean(),
  schedule: Nullable(Type.String()),
  slot: Nullable(Timestamp, { description: 'The time of the schedule that it was started for' }),
  created_at: Timestamp,
  started_at: Nullable(Timestamp, { description: 'When a worker began' }),
  cancel_requested_at: Nullable(Timestamp),
  finished_at: Nullable(Timestamp),
  next_attempt_at: Nullable(Timestamp, { description: 'When a waiting step may be done at the earliest' }),
  progress: Nullable(RunProgress, { description: 'Of the step that is in progress or ended last' }),
  error: Nullable(RunError, { description: 'The last failure; null: none, or a later attempt succeeded' }),
  worked_ms: WorkedMs,
  repaired_by: Nullable(RunId, {
    description: 'The later run that has completed for the same subject what failed here: nothing is left to retry',
  }),
  retries: Type.Integer({ description: 'How often it was continued' }),
  retry_refusal: Nullable(StringEnum(retryRefusals), {
    description:
      'Why it cannot be continued; null: it can. state: it goes on or is done; repaired: see repaired_by; spent: it was continued ' +
      'as often as a run may be, start a new one; overtaken: another run does the same at the moment',
  }),
};

export const Run = Type.Object(runFields, { $id: 'Run' });
export type Run = Static<typeof Run>;

export const RunAttempt = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  worker: Nullable(Type.String(), { description: 'Its host and process; null: no longer recorded' }),
  outcome: Nullable(Type.String(), {
    description: 'returned: another worker had to do it; lost: its worker was gone; null: in progress',
  }),
  error: Nullable(RunError),
  started_at: Timestamp,
  finished_at: Nullable(Timestamp),
});

export const StepRef = Type.String({ pattern: '^[a-z][a-z0-9_]*$', maxLength: 100 });

export const RunStep = Type.Object({
  id: RunId,
  ref: Nullable(StepRef, { description: 'Its name among the steps of the run; null: it is the only one' }),
  depends_on: Type.Array(StepRef, { description: 'It begins when these steps have completed' }),
  needs_approval: Type.Boolean({ description: 'true: it is `held` when its turn has come, until it is approved' }),
  approved_at: Nullable(Timestamp),
  approved_by: Nullable(Type.String()),
  task: Type.String(),
  state: StringEnum(runStates),
  progress: Nullable(RunProgress),
  output: Type.Unknown({ description: 'What it returned; null: nothing, or it has not ended' }),
  error: Nullable(RunError),
  next_attempt_at: Nullable(Timestamp),
  started_at: Nullable(Timestamp),
  finished_at: Nullable(Timestamp),
  worked_ms: WorkedMs,
  attempts: Type.Array(RunAttempt),
});
export type RunStep = Static<typeof RunStep>;

export const RunDetails = Type.Object(
  {
    ...runFields,
    role: StringEnum(roles, {
      description:
        'The lowest role of a key that may retry it or approve a step: the highest that one of its tasks needs. A cancel needs operator',
    }),
    undo: Nullable(StringEnum(['possible', 'done']), {
      description:
        'Whether what it has moved can be undone (POST /api/journal/{id}/undo); null: it has moved nothing, or goes on',
    }),
    params: Type.Record(Type.String(), Type.Unknown(), { description: 'What it was started with' }),
    steps: Type.Array(RunStep),
  },
  { $id: 'RunDetails' },
);
export type RunDetails = Static<typeof RunDetails>;

const runFilters = {
  id: CommaList(RunId, { description: 'Only these runs' }),
  state: CommaList(StringEnum(runStates), { description: 'Only runs in one of these states' }),
  task: CommaList(TaskName, { description: 'Only runs of these tasks' }),
  trigger: CommaList(StringEnum(runTriggers), { description: 'Only runs that one of these started' }),
  stuck: Type.Optional(
    Type.Boolean({
      description:
        'true: only unfinished runs whose worker is gone, that have failed at least twice, or that have waited for a worker ' +
        'for ten minutes',
    }),
  ),
  repaired: Type.Optional(
    Type.Boolean({ description: 'false: without runs that have a repaired_by; true: only those' }),
  ),
  error_code: CommaList(FailureWord, { description: 'Only runs whose last failure has one of these codes' }),
  fingerprint: Type.Optional(
    Text({
      description: 'Only failures that GET /api/runs/failures has under this fingerprint',
      maxLength: 12,
    }),
  ),
  subject_type: Type.Optional(Text({ description: 'Only runs for subjects of this type' })),
  subject_id: Type.Optional(Text({ description: 'Only runs for this subject' })),
  requested_by: Type.Optional(Text({ description: 'Only runs that this actor requested' })),
  search: Type.Optional(
    Text({
      description:
        'Only runs with this in their task, subject, actor or the message of a failed step, in any case and with any punctuation and accents',
    }),
  ),
  worked_ms_min: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Only runs with at least these milliseconds of work' }),
  ),
  worked_ms_max: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Only runs with at most these milliseconds of work' }),
  ),
  at_min: Type.Optional(DateTime({ description: 'Created at this time or later' })),
  at_max: Type.Optional(DateTime({ description: 'Created before this time' })),
};
export type RunFilters = Static<ReturnType<typeof filterObject>>;
const filterObject = () => Type.Object(runFilters, { additionalProperties: false });

export const runSorts = ['created_at', 'finished_at'] as const;
export const runDefaultSort = { sort_by: 'created_at', sort_order: 'desc' } as const;

export const RunsQuery = Type.Object({
  ...runFilters,
  sort_by: Type.Optional(
    StringEnum(runSorts, {
      default: runDefaultSort.sort_by,
      description: 'finished_at: only runs that have ended',
    }),
  ),
  sort_order: Type.Optional(StringEnum(sortOrders, { default: runDefaultSort.sort_order })),
  format: Type.Optional(
    StringEnum(exportFormats, { description: 'Every run that matches as a file, without paging; absent: a page' }),
  ),
  ...cursorParameters,
});
export type RunsQuery = Static<typeof RunsQuery>;

export const runParams = Type.Object({ id: RunId });

export const listTaskRuns = endpoint({
  method: 'GET',
  url: '/api/runs',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listTaskRuns',
    summary: 'Runs, newest first',
    description:
      'A run is deleted 90 days after it ends. There is no total. With `format` the reply is a file with every run that matches.',
    tags: runTags,
    querystring: RunsQuery,
    response: {
      200: orFile(
        Type.Object({ data: Type.Array(Run), pagination: Pagination }),
        Type.Array(Run),
        'Runs, newest first',
      ),
      ...problems(),
    },
  },
});

export const RunFailure = Type.Object({
  fingerprint: Type.String({ description: 'Of the task and the message without names and numbers' }),
  task: Type.String({ description: 'The task of the step that failed' }),
  code: Nullable(FailureWord, { description: 'Of the latest of them; null: an earlier version stored it' }),
  message: Type.String({ description: 'Of the latest of them' }),
  count: Type.Integer({ minimum: 1 }),
  latest_at: Timestamp,
  example_ids: Type.Array(RunId, { description: 'The latest, at most 5' }),
});
export type RunFailure = Static<typeof RunFailure>;

export const listTaskRunFailures = endpoint({
  method: 'GET',
  url: '/api/runs/failures',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listTaskRunFailures',
    summary: 'Failed runs, grouped by cause',
    description:
      'Runs that failed or ran out of time, were started in the last seven days, and were not followed by another run of the ' +
      'same task for the same subject. The most frequent causes first, at most 100. At most one second old.',
    tags: runTags,
    response: {
      200: Type.Object({
        failures: Type.Array(RunFailure),
        total: Type.Integer({ description: 'Runs in all groups' }),
      }),
      ...problems(),
    },
  },
});

export const runQueues = ['short', 'network', 'disk', 'long'] as const;

export const listRunQueues = endpoint({
  method: 'GET',
  url: '/api/runs/queues',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listRunQueues',
    summary: 'What waits for workers, and how long that may take',
    description:
      'Steps by what they wait for. Those that wait for the time of another attempt do not count. At most one second old.',
    tags: runTags,
    response: {
      200: Type.Object({
        queues: Type.Array(
          Type.Object({
            queue: StringEnum(runQueues, {
              description: 'short: the database alone; network, disk: these; long: two at a time',
            }),
            waiting: Type.Integer(),
            running: Type.Integer(),
            ended: Type.Integer({ description: 'In the last ten minutes' }),
            seconds_left: Nullable(Type.Integer(), {
              description: 'Until nothing waits, at the pace of the last ten minutes; null: none ended in them',
            }),
          }),
        ),
      }),
      ...problems(),
    },
  },
});

/** The most runs that a request changes. */
export const mostRuns = 200;
export const runChanges = ['cancel', 'retry'] as const;
export type RunChanges = (typeof runChanges)[number];

export const RunsChanged = Type.Object(
  {
    success: Type.Literal(true),
    message: Type.String(),
    total: Type.Integer({ description: 'Runs in the results' }),
    done: Type.Integer(),
    refused: Type.Integer(),
    more: Type.Boolean({ description: 'true: more runs match the filter' }),
    results: Type.Array(
      Type.Object({
        id: RunId,
        done: Type.Boolean(),
        error: Nullable(Type.String(), { description: 'Why it was refused, as a sentence' }),
      }),
    ),
  },
  { $id: 'RunsChanged' },
);
export type RunsChanged = Static<typeof RunsChanged>;

export const changeTaskRuns = endpoint({
  method: 'POST',
  url: '/api/runs/bulk',
  config: { role: 'operator' },
  schema: {
    operationId: 'changeTaskRuns',
    summary: 'Cancel or continue many runs',
    description:
      'Each run as by its own request: what cannot be done with one is in its result, and the others go on. Needs `ids` or ' +
      `\`filter\`, and changes at most ${mostRuns} runs: of a filter the newest that can be cancelled, or continued. ` +
      '`more` says whether others match; a run that was refused still does.',
    tags: runTags,
    body: Type.Object(
      {
        action: StringEnum(runChanges),
        ids: Type.Optional(Type.Array(RunId, { minItems: 1, maxItems: mostRuns, description: 'These runs' })),
        filter: Type.Optional({
          ...filterObject(),
          description: 'The filters of the list, with lists as arrays; {}: all runs',
        }),
      },
      { additionalProperties: false },
    ),
    response: { 200: RunsChanged, ...problems(400) },
  },
});

export const getTaskRun = endpoint({
  method: 'GET',
  url: '/api/runs/:id',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getTaskRun',
    summary: 'A run with its steps and their attempts',
    description: 'Cheap: poll it once a second while the run goes on.',
    tags: runTags,
    params: runParams,
    response: { 200: RunDetails, ...problems(404) },
  },
});

export const cancelTaskRun = endpoint({
  method: 'POST',
  url: '/api/runs/:id/cancel',
  config: { role: 'operator' },
  schema: {
    operationId: 'cancelTaskRun',
    summary: 'Cancel a run',
    description:
      'A step in progress ends within seconds, where its task can stop; what it has done stays. 409 if the run has ended.',
    tags: runTags,
    params: runParams,
    body: EmptyBody,
    response: { 202: RunAccepted, ...problems(400, 404, 409) },
  },
});

export const retryTaskRun = endpoint({
  method: 'POST',
  url: '/api/runs/:id/retry',
  config: { role: 'operator' },
  schema: {
    operationId: 'retryTaskRun',
    summary: 'Continue a run where it failed',
    description:
      'Its steps that did not complete are done again. 409 with the state of the run if nothing can be continued.',
    tags: runTags,
    params: runParams,
    body: EmptyBody,
    response: { 202: RunAccepted, ...problems(400, 404, 409) },
  },
});

export const approveTaskRunStep = endpoint({
  method: 'POST',
  url: '/api/runs/:id/steps/:ref/approve',
  config: { role: 'operator' },
  schema: {
    operationId: 'approveTaskRunStep',
    summary: 'Let a held step of a run begin',
    description: '409 with the state of the step if it does not wait for an approval. To refuse it, cancel the run.',
    tags: runTags,
    params: Type.Object({ id: RunId, ref: StepRef }),
    body: EmptyBody,
    response: { 202: RunAccepted, ...problems(400, 404, 409) },
  },
});
