import { setTimeout as sleep } from 'node:timers/promises';

/** Does `work` now, and again `pause` milliseconds after each end, until `signal` aborts. Reports an error once in a series. */
export async function every(
  pause: number,
  signal: AbortSignal,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  let reported: string | undefined;
  while (!signal.aborted) {
    try {
      await work();
      reported = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (message !== reported && !signal.aborted) onError(error);
      reported = message;
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}
