import { nameHere } from '#state/base-path.ts';
import { openEventSource, receive } from './event-source.ts';
import type { Connect, StreamHandlers } from './event-stream.ts';
import type { Request } from './event-worker.ts';
import { electLeader } from './leader-election.ts';

/**
 * Follows the events over one connection for all tabs, in a shared worker. Without shared workers one tab, the leader, has the
 * connection; without locks, which need HTTPS or localhost, each tab has its own.
 */
export function shareEvents(url: string): Connect {
  const open: Connect = (after, handlers) => openEventSource(url, after, handlers);
  const openElsewhere = () => ('locks' in navigator ? electLeader({ open, ...electionOf(navigator.locks) }) : open);
  if (!('SharedWorker' in globalThis)) return openElsewhere();

  const worker = new SharedWorker(new URL('./event-worker.ts', import.meta.url), { type: 'module', name: 'events' });
  let following: StreamHandlers | undefined;
  let connect: Connect = (after, handlers, isRenewed = false) => {
    const { port1, port2 } = new MessageChannel();
    following = handlers;
    port1.onmessage = ({ data }) => receive(handlers, data);
    worker.port.postMessage({ url, after, isRenewed } satisfies Request, [port2]);
    return () => {
      port1.postMessage(null);
      port1.close();
    };
  };
  // Its code could not be loaded.
  worker.onerror = () => {
    connect = openElsewhere();
    following?.broken();
  };
  return (...args) => connect(...args);
}

function electionOf(locks: LockManager) {
  const channel = new BroadcastChannel(nameHere('events'));
  return {
    locks,
    channel: {
      post: (message: unknown) => channel.postMessage(message),
      listen: (hear: (message: never) => void) =>
        channel.addEventListener('message', ({ data }) => hear(data as never)),
    },
    newId: () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`,
    now: Date.now,
  };
}
