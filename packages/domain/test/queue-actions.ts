import type { QueueStep } from '@at/contracts/vocabulary';
import { expect } from 'vitest';
import { restoreItem, retryItem, startItem } from '../src/queue/starts.ts';
import { type QueueProduct, starter } from './queue.ts';

/** What the provider knows of ABC-123. */
export const facts = {
  title: 'The lantern: keepers/of',
  original_title: 'ランタン',
  overview: 'Two keepers.',
  release_date: '2024-05-31',
  actress: ['Ada Lumen', 'Bea'],
  genre: ['Drama'],
  label: 'North Light',
  cover_url: 'https://images.example/cover.jpg',
};
/** Its file when it is dropped, and in the library. */
export const name = '[site] abc-123 english.MKV';
export const placed = 'Ada Lumen/Ada Lumen - [English Sub] ABC-123 The lantern keepers of.mkv';

/** What a person does with items, and what becomes of them. */
export function actionsOn(product: () => QueueProduct) {
  const within = <T>(work: Parameters<QueueProduct['transaction']>[0]) => product().transaction<T>(work);
  const becomes = (id: number, status: string) =>
    expect.poll(async () => (await product().look(id))?.status, { interval: 20 }).toBe(status);
  return {
    within,
    becomes,
    rests: (id: number) => expect.poll(async () => (await product().look(id))?.is_active, { interval: 20 }).toBe(false),
    start: (id: number, steps: QueueStep[]) => within((trx) => startItem(trx, product().runs, id, steps, { starter })),
    restore: (id: number) => within((trx) => restoreItem(trx, product().runs, id, starter, product().systems)),
    retry: (id: number) => within((trx) => retryItem(trx, product().runs, id, starter, product().systems)),
    /** A file that went all the way. */
    async completed(file = name): Promise<number> {
      const id = await product().add(product().drop(file));
      product().work();
      await becomes(id, 'completed');
      return id;
    },
  };
}
