import type { QueueItem } from '@at/contracts/queue';
import { inject } from 'vitest';
import { nodeFetch } from './api.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the process that runs products listens. */
    products: string;
  }
}

async function command(name: string, values: object): Promise<unknown> {
  const response = await nodeFetch(inject('products'), { method: 'POST', body: JSON.stringify({ name, ...values }) });
  const reply = await response.json();
  if (!response.ok) throw new Error(`${name}: ${reply}`);
  return reply;
}

type SampleItem = Partial<
  Pick<QueueItem, 'file_path' | 'movie_code' | 'actress' | 'metadata_json' | 'status' | 'created_at'>
> & { error_message?: string; failed_step?: string; has_move?: boolean };

export type Product = Awaited<ReturnType<typeof startProduct>>;

/** The real API over a database of its own, as `startProduct` of the journeys, in another process. */
export async function startProduct(
  options: { demo?: boolean; odd?: boolean; works?: boolean; environment?: Record<string, string> } = {},
) {
  const { id, url } = (await command('start', { options })) as { id: number; url: string };
  return {
    url,
    /** The rows of an SQL statement. */
    query: <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
      command('query', { id, text, values }) as Promise<Row[]>,
    /** Inserts an item of the queue as its runs would have left it. */
    insertQueueItem: (item: SampleItem = {}) =>
      command('queueItem', { id, item }) as Promise<{ id: number; run: string }>,
    close: () => command('close', { id }),
  };
}
