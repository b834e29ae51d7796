import { type Report, receive, reportTo } from './event-source.ts';
import type { Connect, StreamHandlers } from './event-stream.ts';
import { shareStream } from './shared-stream.ts';

/**
 * One stream for all tabs of a browser without shared workers: the tab with the lock opens it and passes it on. When that tab
 * closes, the next one gets the lock, and the others connect again.
 */

type Message =
  | { type: 'follow'; id: string; after: string | null; isRenewed: boolean }
  | { type: 'leave'; id: string }
  | { type: 'report'; id: string; report: Report }
  /** A tab has got the lock. */
  | { type: 'elected' };

export type ElectionDeps = {
  /** Opens a stream of this tab's own. */
  open: Connect;
  locks: Pick<LockManager, 'request'>;
  channel: { post: (message: Message) => void; listen: (hear: (message: Message) => void) => void };
  newId: () => string;
  now: () => number;
};

export function electTab({ open, locks, channel, newId, now }: ElectionDeps): Connect {
  /** In the elected tab: the stream, and how to close what follows it from other tabs. */
  let elected: Connect | undefined;
  const remote = new Map<string, () => void>();
  /** In another tab: what follows the stream of the elected one. */
  let following: { id: string; handlers: StreamHandlers } | undefined;

  function begin(connect: Connect): void {
    elected = connect;
    following?.handlers.broken();
  }

  channel.listen((message) => {
    if (message.type === 'elected') following?.handlers.broken();
    else if (message.type === 'report') {
      if (following?.id === message.id) receive(following.handlers, message.report);
    } else if (message.type === 'leave') {
      remote.get(message.id)?.();
      remote.delete(message.id);
    } else if (elected) {
      const { id, after, isRenewed } = message;
      const handlers = reportTo((report) => channel.post({ type: 'report', id, report }));
      remote.set(id, elected(after, handlers, isRenewed));
    }
  });

  locks
    .request('events', () => {
      begin(shareStream(open, now));
      channel.post({ type: 'elected' });
      // Held until the tab closes.
      return new Promise(() => {});
    })
    // The browser refuses locks: each tab has a stream of its own.
    .catch(() => begin(open));

  return (after, handlers, isRenewed = false) => {
    if (elected) return elected(after, handlers, isRenewed);
    const id = newId();
    following = { id, handlers };
    channel.post({ type: 'follow', id, after, isRenewed });
    return () => {
      if (following?.id === id) following = undefined;
      channel.post({ type: 'leave', id });
    };
  };
}
