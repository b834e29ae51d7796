import { nameHere } from '#state/base-path.ts';
import { type Report, receive, reportTo } from './event-source.ts';
import type { Connect, StreamHandlers } from './event-stream.ts';
import { multiplexStream } from './multiplexed-stream.ts';

/**
 * One stream for all tabs of a browser without shared workers: the tab with the lock is the leader, which opens the stream and
 * forwards it. When it closes, the next tab gets the lock, and the others reconnect.
 */

type Message =
  | { type: 'follow'; id: string; after: string | null; isRenewed: boolean }
  | { type: 'leave'; id: string }
  | { type: 'report'; id: string; report: Report }
  /** A tab has got the lock. */
  | { type: 'elected' };

export type ElectionDeps = {
  /** Opens a stream of this tab. */
  open: Connect;
  locks: Pick<LockManager, 'request'>;
  channel: { post: (message: Message) => void; listen: (hear: (message: Message) => void) => void };
  newId: () => string;
  now: () => number;
};

export function electLeader({ open, locks, channel, newId, now }: ElectionDeps): Connect {
  /** In the leader: the stream, and how to end the subscriptions of other tabs. */
  let leading: Connect | undefined;
  const remote = new Map<string, () => void>();
  /** In another tab: its subscription to the leader's stream. */
  let following: { id: string; handlers: StreamHandlers } | undefined;

  function begin(connect: Connect): void {
    leading = connect;
    following?.handlers.broken();
  }

  channel.listen((message) => {
    if (message.type === 'elected') following?.handlers.broken();
    else if (message.type === 'report') {
      if (following?.id === message.id) receive(following.handlers, message.report);
    } else if (message.type === 'leave') {
      remote.get(message.id)?.();
      remote.delete(message.id);
    } else if (leading) {
      const { id, after, isRenewed } = message;
      const handlers = reportTo((report) => channel.post({ type: 'report', id, report }));
      remote.set(id, leading(after, handlers, isRenewed));
    }
  });

  locks
    .request(nameHere('events'), () => {
      begin(multiplexStream(open, now));
      channel.post({ type: 'elected' });
      // Held until the tab closes.
      return new Promise(() => {});
    })
    // The browser refuses locks: each tab has its own stream.
    .catch(() => begin(open));

  return (after, handlers, isRenewed = false) => {
    if (leading) return leading(after, handlers, isRenewed);
    const id = newId();
    following = { id, handlers };
    channel.post({ type: 'follow', id, after, isRenewed });
    return () => {
      if (following?.id === id) following = undefined;
      channel.post({ type: 'leave', id });
    };
  };
}
