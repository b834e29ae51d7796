import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createPool, type PoolOptions } from './client.ts';

/** Milliseconds before the next attempt to connect. */
const pauses = [50, 100, 200, 500];

/**
 * Listens on a channel, over a connection of its own, until the returned function is called. Calls `onListening` at each
 * beginning: what was sent before, while no connection was open, is lost.
 */
export function listen(
  options: PoolOptions,
  channel: string,
  onNotification: (payload: string) => void,
  onListening: () => void,
): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;

  const session = async () => {
    const pool = createPool({ ...options, max: 1 });
    try {
      const client = await pool.connect();
      const ended = new Promise<void>((resolve) => {
        for (const event of ['error', 'end']) client.once(event, () => resolve());
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      try {
        client.on('notification', ({ payload = '' }) => onNotification(payload));
        await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
        onListening();
        if (!signal.aborted) await ended;
      } finally {
        client.release(true);
      }
    } finally {
      // Do not wait: an unanswered end would delay the next attempt or the exit.
      void pool.end();
    }
  };
  const run = async () => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      const began = performance.now();
      await session().catch(() => {});
      if (performance.now() - began > 1_000) failures = 0;
      await sleep(pauses[Math.min(failures, pauses.length - 1)], undefined, { signal }).catch(() => {});
    }
  };
  void run();
  return () => stopping.abort();
}
