import { type Static, Type } from 'typebox';
import { endpoint, RunId } from './endpoint.ts';
import { orEventStream } from './event-stream.ts';
import {
  CommaList,
  cursorParameters,
  defaultLimit,
  maximumLimit,
  Nullable,
  Pagination,
  StringEnum,
  Text,
} from './paging.ts';
import { problems } from './problem.ts';
import { runParams, runTags, StepRef, TaskName } from './runs.ts';
import { Timestamp } from './training.ts';
import { logLevels } from './vocabulary.ts';

export const LogLine = Type.Object(
  {
    timestamp: Timestamp,
    level: StringEnum(logLevels),
    source: Type.String({ description: 'The task of its run' }),
    run_id: RunId,
    subject_type: Nullable(Type.String(), { description: 'What its run works on; null: nothing in particular' }),
    subject_id: Nullable(Type.String()),
    step: RunId,
    ref: Nullable(StepRef, { description: 'The name of the step among those of its run; null: it is the only one' }),
    attempt: Type.Integer({ minimum: 1 }),
    line: Type.Integer({
      minimum: 0,
      description: 'Counts the lines of the attempt; a number that is missing is a lost line',
    }),
    message: Type.String(),
    fields: Nullable(Type.Record(Type.String(), Type.Unknown())),
  },
  { $id: 'LogLine' },
);
export type LogLine = Static<typeof LogLine>;

/** What both lists of lines are narrowed by. */
const lineFilters = {
  level: CommaList(StringEnum(logLevels), { description: 'Only lines of these levels, in any case' }),
  search: Type.Optional(Text({ description: 'Only lines whose message contains this, in any case' })),
};

const lastEventId = Nullable(Type.String(), {
  description: 'A stream with this as last_event_id has the lines that were written after this reply was read',
});
const resume = {
  last_event_id: Type.Optional(
    Text({ description: 'Of a stream: continue after this id, like the header Last-Event-ID', maxLength: 4000 }),
  ),
};

const streamDescription =
  'With `Accept: text/event-stream` the reply is a live tail: an event `lines` for each batch of new lines that match, with the ' +
  'same members as this reply. `ready` comes first. `reset` means that lines are missing: load them again. `stop` means ' +
  'that the API shuts down: reconnect. A comment comes every 15 seconds. A client that reads too slowly is disconnected and ' +
  'can continue with Last-Event-ID.';

const exampleLine =
  '{"timestamp":"2025-06-02T04:30:02.302000Z","level":"info","source":"media.trash_purge","run_id":"c2b7a0d4-3f6e-4d0b-8a51-9e7d1f2c3b4a","subject_type":null,"subject_id":null,"step":"7d0e4b92-51c8-4c5e-9f3a-2b6a8c1d0e5f","ref":null,"attempt":1,"line":0,"message":"3 files purged","fields":null}';

export const RunLogsQuery = Type.Object({ ...lineFilters, ...cursorParameters, ...resume });
export type RunLogsQuery = Static<typeof RunLogsQuery>;

export const getTaskRunLogs = endpoint({
  method: 'GET',
  url: '/api/runs/:id/logs',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getTaskRunLogs',
    summary: 'The log lines of a run, oldest first',
    description: `Lines are kept for 14 days. Behind the last line its cursor is never used up. ${streamDescription}`,
    tags: runTags,
    params: runParams,
    querystring: RunLogsQuery,
    response: {
      200: orEventStream(
        Type.Object({
          logs: Type.Array(LogLine),
          pagination: Pagination,
          cursor: Nullable(Type.String(), { description: 'Behind the last line; null: there is no line' }),
          last_event_id: lastEventId,
        }),
        'The log lines of a run, oldest first',
        `id: 740:740:\nevent: lines\ndata: {"logs":[${exampleLine}]}\n\n`,
      ),
      ...problems(404),
    },
  },
});

export const LogsQuery = Type.Object({
  lines: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: maximumLimit,
      default: defaultLimit,
      description: `Lines a page, 1 to ${maximumLimit}`,
    }),
  ),
  ...lineFilters,
  source: CommaList(TaskName, { description: 'Only lines of runs of these tasks' }),
  run: Type.Optional(RunId),
  cursor: cursorParameters.cursor,
  ...resume,
});
export type LogsQuery = Static<typeof LogsQuery>;

export const listLogs = endpoint({
  method: 'GET',
  url: '/api/logs',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listLogs',
    summary: 'The newest log lines of all runs',
    description:
      'The newest lines that match, in the order of their times; `pagination.next` leads to older ones. Lines are kept for 14 ' +
      `days. ${streamDescription}`,
    tags: runTags,
    querystring: LogsQuery,
    response: {
      200: orEventStream(
        Type.Object({
          lines: Type.Array(Type.String(), { description: 'Each as time, level, [source] and message' }),
          entries: Type.Array(LogLine, { description: 'The same lines in parts' }),
          count: Type.Integer({ description: 'Lines in this reply' }),
          pagination: Pagination,
          last_event_id: lastEventId,
        }),
        'The newest log lines of all runs',
        `id: 740:740:\nevent: lines\ndata: {"lines":["2025-06-02T04:30:02.302000Z INFO [media.trash_purge] 3 files purged"],"entries":[${exampleLine}],"count":1}\n\n`,
      ),
      ...problems(),
    },
  },
});
