import { openEventSource, reportTo } from './event-source.ts';
import type { Connect } from './event-stream.ts';
import { shareStream } from './shared-stream.ts';

/** The shared worker that follows the events for all tabs. A tab sends a port for each stream that it opens. */

export type Request = { url: string; after: string | null; isRenewed: boolean };

let url = '';
const connect: Connect = shareStream((after, handlers) => openEventSource(url, after, handlers), Date.now);

const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };

scope.onconnect = ({ ports: [tab] }) => {
  if (!tab) return;
  tab.onmessage = ({ data, ports: [follower] }: MessageEvent<Request>) => {
    if (!follower) return;
    url = data.url;
    // Any message from the follower means that it leaves.
    follower.onmessage = connect(
      data.after,
      reportTo((report) => follower.postMessage(report)),
      data.isRenewed,
    );
  };
};
