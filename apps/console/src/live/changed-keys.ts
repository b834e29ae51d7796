import { throttle } from './throttle.ts';

/** Milliseconds between two reads, however fast changes come. */
const every = 200;

/**
 * Collects the keys of changed rows and reads them together, one read at a time. Each key has a note, such as who changed
 * the row last. Keys whose read failed are read again.
 */
export function createChangedKeys<Note>(read: (keys: ReadonlyMap<string, Note>, signal: AbortSignal) => Promise<void>) {
  let changed = new Map<string, Note>();
  let controller = new AbortController();
  const { request, stop } = throttle(
    async () => {
      const keys = changed;
      const { signal } = controller;
      changed = new Map();
      try {
        await read(keys, signal);
      } catch (error) {
        if (signal.aborted) return;
        changed = new Map([...keys, ...changed]);
        throw error;
      }
    },
    { every },
  );
  return {
    add: (keys: Iterable<string>, note: Note) => {
      for (const key of keys) changed.set(key, note);
      if (changed.size > 0) request();
    },
    stop: () => {
      stop();
      controller.abort();
      controller = new AbortController();
    },
  };
}
