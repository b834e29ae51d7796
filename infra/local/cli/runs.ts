import { setTimeout as sleep } from 'node:timers/promises';
import { getTaskRunLogs, type LogLine, type LogsQuery, listLogs } from '@at/contracts/logs';
import {
  approveTaskRunStep,
  cancelTaskRun,
  getTaskRun,
  listTaskRuns,
  type Run,
  type RunDetails,
  retryTaskRun,
} from '@at/contracts/runs';
import { mostRefreshed, rerunMetadata, rerunMetadataOfMany } from '@at/contracts/training';
import { ApiFailure } from './api.ts';
import type { Command, Context } from './command.ts';
import { UsageError } from './command.ts';
import { durationOf, plain, table, timeOf } from './print.ts';

/** Milliseconds between two looks at a run that goes on. */
const pause = 1_000;

const startedBy = ({ requested_by, schedule }: Run) => requested_by ?? `schedule ${schedule}`;
const progressOf = ({ progress }: Run) =>
  progress
    ? `${progress.done}${progress.total === undefined ? '' : ` of ${progress.total}`} ${progress.unit ?? ''}`.trim()
    : '';

function describe(run: RunDetails): string {
  const facts = [
    ['Run', run.id],
    ['Task', run.task],
    ['State', run.state],
    ['Subject', run.subject_id === null ? '-' : `${run.subject_type} ${run.subject_id}`],
    ['Started by', startedBy(run)],
    ['Created', timeOf(run.created_at)],
    ['Took', durationOf(run.started_at, run.finished_at)],
    ['Progress', progressOf(run) || '-'],
    ...(run.error ? [['Error', `${run.error.type}: ${run.error.message}`]] : []),
  ] as const;
  const attempts = run.steps.flatMap(({ attempts: of }) => of);
  const steps = run.steps.filter(({ ref }) => ref !== null);
  const output = run.steps.map((step) => step.output).filter((one) => one !== null);
  return [
    ...facts.map(([name, value]) => `${name.padEnd(12)}${plain(value as string)}`),
    ...steps.map(({ ref, state }) => `Step        ${ref}: ${state}`),
    ...attempts.map(
      (one) =>
        `Attempt ${one.number}   ${one.outcome ?? 'in progress'}, ${timeOf(one.started_at)}, ${durationOf(one.started_at, one.finished_at)}, ${plain(one.worker ?? 'unknown worker')}`,
    ),
    ...output.map((one) => `Output      ${plain(JSON.stringify(one, null, 2))}`),
  ].join('\n');
}

const lineOf = ({ timestamp, level, attempt, message, fields }: LogLine) =>
  `${timeOf(timestamp)}  ${level.padEnd(5)}  ${attempt}  ${plain(message)}${fields ? `  ${plain(JSON.stringify(fields))}` : ''}`;

/** The newest lines of all runs; with --follow also those that come, until the program is ended. */
async function printAllLogs({ api, json, print, progress, values }: Context): Promise<number> {
  const narrowed = { level: values.level, search: values.search, source: values.source } as never as LogsQuery;
  const printAll = (lines: LogLine[]) => {
    progress('');
    for (const line of lines) print(json ? line : `${lineOf(line)}  [${line.source}]`);
  };
  const { entries, last_event_id } = await api.call(listLogs, { query: narrowed });
  printAll(entries);
  for (let last = last_event_id ?? undefined; values.follow; await sleep(pause)) {
    try {
      for await (const { id, event, data } of api.tail(listLogs, { ...narrowed, last_event_id: last } as LogsQuery)) {
        last = id || last;
        if (event === 'lines') printAll((data as { entries: LogLine[] }).entries);
        else if (event === 'reset') progress('Lines are missing');
      }
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      progress(error.message);
    }
  }
  return 0;
}

const idOf = ([id, ...rest]: string[]): string => {
  if (id === undefined || rest.length > 0) throw new UsageError('Name one run by its id. `pnpm cli runs` lists them.');
  return id;
};

/** The exit code of a run that has ended: 1 if it did not complete. */
const codeOf = ({ state }: Run) => (state === 'completed' ? 0 : 1);

/** Shows the progress of a run until it ends. Returns the exit code. */
async function follow({ api, json, progress, print }: Context, id: string): Promise<number> {
  for (;;) {
    const run = await api.call(getTaskRun, { params: { id } });
    if (run.finished_at !== null) {
      progress('');
      print(json ? run : describe(run));
      return codeOf(run);
    }
    progress(`${run.state} ${progressOf(run)}`);
    await sleep(pause);
  }
}

/** Names the run that was started, or follows it. Returns the exit code. */
export async function started(
  context: Context,
  { run_id, message }: { run_id: string; message: string },
  follows: boolean,
): Promise<number> {
  if (follows) return follow(context, run_id);
  context.print(context.json ? { run_id, message } : `${message}: run ${run_id}`);
  return 0;
}

const follows = { follow: { type: 'boolean', short: 'f', default: false } } as const;

export const runCommands: Command[] = [
  {
    name: 'runs',
    usage: 'runs [--state failed,timeout] [--task <task>] [--limit 20]',
    summary: 'list what workers did, the newest first',
    options: { state: { type: 'string' }, task: { type: 'string' }, limit: { type: 'string', default: '20' } },
    async run({ api, json, print, values }) {
      const query = { state: values.state, task: values.task, limit: values.limit };
      const reply = await api.call(listTaskRuns, { query: query as never });
      const rows = reply.data.map((run) => [
        run.id,
        run.task,
        run.state,
        progressOf(run),
        run.subject_id ?? '-',
        startedBy(run),
        timeOf(run.created_at),
        durationOf(run.started_at, run.finished_at),
      ]);
      const names = ['run', 'task', 'state', 'progress', 'subject', 'started by', 'created', 'took'];
      print(json ? reply : rows.length > 0 ? table(names, rows) : 'No run matches.');
      return 0;
    },
  },
  {
    name: 'run',
    usage: 'run <id> [--follow]',
    summary: 'show one run; with --follow until it ends, and exit with 1 if it did not complete',
    options: follows,
    async run(context) {
      const id = idOf(context.positionals);
      if (context.values.follow) return follow(context, id);
      const run = await context.api.call(getTaskRun, { params: { id } });
      context.print(context.json ? run : describe(run));
      return 0;
    },
  },
  {
    name: 'logs',
    usage: 'logs [<id>] [--follow] [--level warn,error] [--search <words>] [--source <task>]',
    summary:
      'print the lines of a run, with --follow until it ends; or the newest of all runs, with --follow as they come',
    options: { ...follows, level: { type: 'string' }, search: { type: 'string' }, source: { type: 'string' } },
    async run(context) {
      const { api, json, print, positionals, values } = context;
      if (positionals.length === 0) return printAllLogs(context);
      const id = idOf(positionals);
      const narrowed = { level: values.level, search: values.search, limit: 1_000 };
      for (let cursor: string | undefined; ; ) {
        // Looked at first, so that the lines of its end are read.
        const { finished_at } = await api.call(getTaskRun, { params: { id } });
        const {
          logs,
          cursor: next,
          pagination,
        } = await api.call(getTaskRunLogs, {
          params: { id },
          query: { ...narrowed, cursor } as never,
        });
        for (const line of logs) print(json ? line : lineOf(line));
        cursor = next ?? undefined;
        if (pagination.has_more) continue;
        if (!values.follow || finished_at !== null) return 0;
        await sleep(pause);
      }
    },
  },
  {
    name: 'cancel',
    usage: 'cancel <id>',
    summary: 'end a run',
    options: {},
    async run(context) {
      return started(
        context,
        await context.api.call(cancelTaskRun, { params: { id: idOf(context.positionals) } }),
        false,
      );
    },
  },
  {
    name: 'retry',
    usage: 'retry <id> [--follow]',
    summary: 'continue a run that failed or was cancelled',
    options: follows,
    async run(context) {
      const reply = await context.api.call(retryTaskRun, { params: { id: idOf(context.positionals) } });
      return started(context, reply, context.values.follow === true);
    },
  },
  {
    name: 'approve',
    usage: 'approve <id> <step> [--follow]',
    summary: 'let a step begin that waits for an approval',
    options: follows,
    async run(context) {
      const [id, ref, ...rest] = context.positionals;
      if (id === undefined || ref === undefined || rest.length > 0)
        throw new UsageError('Name one run by its id, and its step. `pnpm cli run <id>` shows them.');
      const reply = await context.api.call(approveTaskRunStep, { params: { id, ref } });
      return started(context, reply, context.values.follow === true);
    },
  },
  {
    name: 'refresh-metadata',
    usage: 'refresh-metadata <imdb id>... | --without-facts [--follow]',
    summary: 'refresh titles from TMDB and OMDb',
    options: { ...follows, 'without-facts': { type: 'boolean', default: false } },
    async run(context) {
      const { api, positionals: ids, values } = context;
      const all = values['without-facts'] === true;
      if (all === ids.length > 0) throw new UsageError('Name titles by their IMDb ids, or all with --without-facts.');
      if (ids.length > mostRefreshed) throw new UsageError(`Name ${mostRefreshed} titles at most.`);
      const [imdb_id] = ids;
      const reply =
        ids.length === 1 && imdb_id !== undefined
          ? await api.call(rerunMetadata, { params: { imdb_id } })
          : await api.call(rerunMetadataOfMany, { body: all ? { without_facts: true } : { imdb_ids: ids } });
      return started(context, reply, values.follow === true);
    },
  },
];
