import type { Event } from '@at/contracts/events';
import { eventTypes, type LiveMode } from '@at/contracts/vocabulary';
import type { StreamHandlers } from './event-stream.ts';

/** A stream of the API, and how its messages reach another tab. */

/** Opens the stream at this URL, after the event `after` or from now. Returns how to close it. */
export function openEventSource(base: string, after: string | null, handlers: StreamHandlers): () => void {
  const url = new URL(base);
  if (after !== null) url.searchParams.set('last_event_id', after);
  const source = new EventSource(url);
  const on = (type: string, hear: (message: MessageEvent<string>) => void) => source.addEventListener(type, hear);
  on('ready', ({ lastEventId, data }) =>
    handlers.ready(lastEventId, (JSON.parse(data) as { live: LiveMode | null }).live),
  );
  on('reset', ({ lastEventId }) => handlers.reset(lastEventId));
  on('stop', handlers.stop);
  for (const type of eventTypes) on(type, ({ data }) => handlers.event(JSON.parse(data) as Event));
  source.onerror = handlers.broken;
  return () => source.close();
}

/** What a stream reports to its subscriber. */
export type Report = {
  [Name in keyof StreamHandlers]: [Name, ...Parameters<StreamHandlers[Name]>];
}[keyof StreamHandlers];

/** Handlers that send what they are called with. */
export const reportTo = (send: (report: Report) => void): StreamHandlers => ({
  ready: (id, mode) => send(['ready', id, mode]),
  event: (event) => send(['event', event]),
  reset: (id) => send(['reset', id]),
  stop: () => send(['stop']),
  broken: () => send(['broken']),
});

/** Calls the handlers as the stream would. */
export const receive = (handlers: StreamHandlers, [name, ...values]: Report) =>
  (handlers[name] as (...values: unknown[]) => void)(...values);
