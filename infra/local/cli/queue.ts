import type { Endpoint } from '@at/contracts/endpoint';
import { getQueueItem, listQueue, type QueueItem, type QueueItemDetails } from '@at/contracts/queue';
import {
  extractQueueCode,
  fetchQueueMetadata,
  fullRetryQueueItem,
  renameQueueFile,
  reprocessQueueItem,
  retryQueueItem,
  updateQueueServer,
} from '@at/contracts/queue-actions';
import { cleanUpQueue, retryQueueItems } from '@at/contracts/queue-bulk';
import { getQueueHealth, getQueueStats, getQueueSummary } from '@at/contracts/queue-status';
import { queueStatuses } from '@at/contracts/vocabulary';
import { type Command, type Context, UsageError } from './command.ts';
import { durationOf, plain, table, timeOf } from './print.ts';
import { started } from './runs.ts';

const actions = {
  'extract-code': extractQueueCode,
  'fetch-metadata': fetchQueueMetadata,
  'rename-file': renameQueueFile,
  'update-emby': updateQueueServer,
  'full-retry': fullRetryQueueItem,
  'reprocess-metadata': reprocessQueueItem,
} as const satisfies Record<string, Endpoint>;

const idOf = (text: string | undefined): number => {
  if (!/^[1-9]\d{0,15}$/.test(text ?? ''))
    throw new UsageError('Name items by their numbers. `pnpm cli queue list` lists them.');
  return Number(text);
};

const fileOf = ({ new_path, file_path }: QueueItem) => new_path ?? file_path;

function describe(item: QueueItemDetails): string {
  const facts: [string, string | number | null][] = [
    ['Item', item.id],
    ['Status', item.status],
    ['Code', item.movie_code],
    ['Performer', item.actress],
    ['File', fileOf(item)],
    ['Found at', item.file_path],
    ['Media server', item.emby_item_id],
    ['Error', item.error_message && `${item.failed_step}: ${item.error_message}`],
    ['Next attempt', item.next_retry_at && timeOf(item.next_retry_at)],
    ['Created', timeOf(item.created_at)],
  ];
  return [
    ...facts.filter(([, value]) => value !== null).map(([name, value]) => `${name.padEnd(14)}${plain(String(value))}`),
    ...item.runs.map(
      ({ id, state, steps, started_at, finished_at, error }) =>
        `Run ${id}  ${state}, ${steps.join(' ')}, ${timeOf(started_at)}, ${durationOf(started_at, finished_at)}${error ? `, ${plain(error)}` : ''}`,
    ),
  ].join('\n');
}

type Verb = (context: Context, names: string[]) => Promise<number>;

const verbs: Record<string, Verb> = {
  async list({ api, json, print, values }) {
    const { status, search, limit = '20' } = values;
    const reply = await api.call(listQueue, { query: { status, search, limit } as never });
    const rows = reply.items.map((item) => [
      String(item.id),
      item.status,
      item.movie_code ?? '-',
      item.actress ?? '-',
      item.error_message ?? fileOf(item),
      timeOf(item.created_at),
    ]);
    const names = ['item', 'status', 'code', 'performer', 'error or file', 'created'];
    const shown = `${rows.length} of ${reply.total} items`;
    print(json ? reply : rows.length > 0 ? `${table(names, rows)}\n${shown}` : 'No item matches.');
    return 0;
  },

  async show({ api, json, print }, [id, ...rest]) {
    if (rest.length > 0) throw new UsageError('Name one item by its number.');
    const item = await api.call(getQueueItem, { params: { id: idOf(id) } });
    print(json ? item : describe(item));
    return 0;
  },

  async retry(context, names) {
    const { api, values } = context;
    const isAll = values.all === true || values.search !== undefined;
    if (isAll === names.length > 0)
      throw new UsageError('Name items by their numbers, or all in error with --all or --search.');
    const follows = values.follow === true;
    const [id] = names;
    if (names.length === 1)
      return started(context, await api.call(retryQueueItem, { params: { id: idOf(id) } }), follows);
    const filter = values.search === undefined ? {} : { filter: { search: values.search as string } };
    const body = isAll ? filter : { ids: names.map(idOf) };
    return started(context, await api.call(retryQueueItems, { body }), follows);
  },

  async action({ api, json, print, values }, [id, name = '', ...rest]) {
    const endpoint = Object.hasOwn(actions, name) ? actions[name as keyof typeof actions] : undefined;
    if (!endpoint || rest.length > 0) {
      throw new UsageError(`Name an item and what to do with it: ${Object.keys(actions).join(', ')}.`);
    }
    const body = {
      ...(values.fresh === true && { fresh: true }),
      ...(values.code !== undefined && { movie_code: values.code }),
    };
    const reply = await api.call(endpoint as typeof extractQueueCode, {
      params: { id: idOf(id) },
      body: body as object,
    });
    print(json ? reply : `${reply.message}: run ${reply.run_id}`);
    return 0;
  },

  async cleanup({ api, json, print, values }) {
    const { days = '30', yes = false } = values;
    if (!/^\d{1,3}$/.test(String(days))) throw new UsageError('--days is a number from 0 to 365.');
    const body = { older_than_days: Number(days), dry_run: yes !== true };
    const reply = await api.call(cleanUpQueue, { body });
    print(json ? reply : `${reply.message}${yes === true ? '' : '. Remove them with --yes'}`);
    return 0;
  },

  async stats({ api, json, print }) {
    const [stats, summary, health] = await Promise.all([
      api.call(getQueueStats, {}),
      api.call(getQueueSummary, {}),
      api.call(getQueueHealth, {}),
    ]);
    if (json) {
      print({ stats, summary, health });
      return 0;
    }
    const rows = [
      ...queueStatuses.map((status) => [status, String(stats[status])]),
      ['total', String(stats.total)],
      ['completed in 24 h', String(summary.completed_24h)],
      ['failed in 24 h', String(summary.errors_24h)],
      ['average', summary.avg_processing_seconds === null ? '-' : `${summary.avg_processing_seconds} s`],
      ...Object.entries(health.workers),
    ];
    print(table(['', ''], rows).trimStart());
    return 0;
  },
};

export const queueCommand: Command = {
  name: 'queue',
  usage: `queue ${Object.keys(verbs).join(' | ')} [<item>...]`,
  summary: 'list and show files of the processing queue, retry them, take one through a step, clean up',
  options: {
    status: { type: 'string' },
    search: { type: 'string' },
    limit: { type: 'string' },
    all: { type: 'boolean' },
    follow: { type: 'boolean', short: 'f' },
    fresh: { type: 'boolean' },
    code: { type: 'string' },
    days: { type: 'string' },
    yes: { type: 'boolean' },
  },
  async run(context) {
    const [name = 'list', ...names] = context.positionals;
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (!verb) throw new UsageError(`queue can ${Object.keys(verbs).join(', ')}; it cannot ${name}.`);
    return verb(context, names);
  },
};
