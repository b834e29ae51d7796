/**
 * Runs a task when asked to: at once, but never twice at the same time, nor more often than every `pause` milliseconds.
 * Who asks while it runs is answered by one more run behind it, however many they are.
 */
export function throttle(task: () => Promise<void>, pause: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let beganAt = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let isWanted = false;

  function ask(): void {
    if (isRunning) isWanted = true;
    else if (timer === undefined) timer = setTimeout(run, Math.max(0, beganAt + pause - performance.now()));
  }

  async function run(): Promise<void> {
    timer = undefined;
    isWanted = false;
    isRunning = true;
    beganAt = performance.now();
    try {
      await task();
    } finally {
      isRunning = false;
      if (isWanted) ask();
    }
  }
  return ask;
}
