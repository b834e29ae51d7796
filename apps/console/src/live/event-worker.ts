import { openEventSource, reportTo } from './event-source.ts';
import type { Connect } from './event-stream.ts';
import { multiplexStream } from './multiplexed-stream.ts';

/** The shared worker that follows the events for all tabs. A tab sends a port for each stream that it opens. */

export type Request = { url: string; after: string | null; isRenewed: boolean };

let url = '';
const connect: Connect = multiplexStream((after, handlers) => openEventSource(url, after, handlers), Date.now);

const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };

scope.onconnect = ({ ports: [tab] }) => {
  if (!tab) return;
  tab.onmessage = ({ data, ports: [subscriber] }: MessageEvent<Request>) => {
    if (!subscriber) return;
    url = data.url;
    // Any message from the subscriber means that it leaves.
    subscriber.onmessage = connect(
      data.after,
      reportTo((report) => subscriber.postMessage(report)),
      data.isRenewed,
    );
  };
};
