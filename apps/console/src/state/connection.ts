import { createStore } from './store.ts';

/** Whether the API can be reached. */

export type Connection = {
  /** unknown until the first call has ended. */
  state: 'unknown' | 'up' | 'down';
  /** When the API last answered. */
  lastAnswer: Date | null;
};

export const connection = createStore<Connection>({ state: 'unknown', lastAnswer: null });

/** Resolves at the next answer of the API. */
export function untilConnected(): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.subscribe(() => {
      if (connection.get().state !== 'up') return;
      stop();
      resolve();
    });
  });
}

/** Calls back each time the API answers again after it was down. */
export function onReconnected(run: () => void): void {
  let before = connection.get().state;
  connection.subscribe(() => {
    const { state } = connection.get();
    if (before === 'down' && state === 'up') run();
    before = state;
  });
}
