import { type LogLine, type LogsQuery, listLogs } from '@at/contracts/logs';
import { urlOf } from '#api/call.ts';

type Handlers = { lines: (lines: LogLine[]) => void; reset: () => void; live: (isLive: boolean) => void };

/** Milliseconds before another attempt, the longest last. */
const pauses = [500, 1_000, 2_000, 5_000, 10_000];

/**
 * Follows new lines after the id `after`, while the page is visible: a hidden one would hold a connection for nobody. Returns how
 * to stop.
 */
export function followLogs(query: LogsQuery, after: string, { lines, reset, live }: Handlers): () => void {
  let last = after;
  let source: EventSource | undefined;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    // Tests have none.
    if (document.hidden || !('EventSource' in globalThis)) return;
    const own = new EventSource(urlOf(listLogs, {}, { ...query, last_event_id: last }));
    source = own;
    const on = (type: string, hear: (data: string) => void) =>
      own.addEventListener(type, (event: MessageEvent<string>) => {
        if (source !== own) return;
        last = event.lastEventId || last;
        hear(event.data);
      });
    on('ready', () => {
      failures = 0;
      live(true);
    });
    on('lines', (data) => lines((JSON.parse(data) as { entries: LogLine[] }).entries));
    on('reset', reset);
    own.onerror = () => {
      if (source !== own) return;
      close();
      live(false);
      timer = setTimeout(open, pauses[Math.min(failures, pauses.length - 1)]);
      failures += 1;
    };
  };
  const onVisible = () => (document.hidden ? close() : source === undefined && open());
  document.addEventListener('visibilitychange', onVisible);
  open();
  return () => {
    document.removeEventListener('visibilitychange', onVisible);
    close();
  };
}
