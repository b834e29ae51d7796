type Pace = {
  /** Milliseconds between two runs, at least. */
  every: number;
  /** Milliseconds from a request to its run, so that requests of one burst share it. */
  after?: number;
  /** A request that comes during that time gets another run behind it. */
  twice?: boolean;
};

const retryAfter = 2_000;

/** Runs a task on request, never twice at the same time; requests during a run share the next one. A failed run is repeated. */
export function throttle(task: () => Promise<unknown>, { every, after = 0, twice = false }: Pace) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let startedAt = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let isRequested = false;

  function schedule(wait: number): void {
    isRequested = false;
    timer = setTimeout(run, Math.max(wait, startedAt + every - performance.now()));
  }

  async function run(): Promise<void> {
    timer = undefined;
    isRunning = true;
    startedAt = performance.now();
    let wait = after;
    try {
      await task();
    } catch {
      isRequested = true;
      wait = retryAfter;
    }
    isRunning = false;
    if (isRequested) schedule(wait);
  }

  return {
    request: () => {
      if (isRunning || timer !== undefined) isRequested ||= isRunning || twice;
      else schedule(after);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      isRequested = false;
    },
  };
}
