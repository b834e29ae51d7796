import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** Server-sent events: the text of the protocol, and an open-ended reply. */

export type Message = { id?: string; event: string; data: unknown };

/** One message; its data is written as JSON, so it holds no line break. */
export function messageText({ id, event, data }: Message): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A comment that keeps the connection open and moves the point to continue from. */
export function heartbeatText(id: string | undefined): string {
  return `${id === undefined ? '' : `id: ${id}\n`}: still here\n\n`;
}

/** Milliseconds after which the client is to reconnect. */
export function retryText(milliseconds: number): string {
  return `retry: ${milliseconds}\n\n`;
}

export type EventStream = {
  write: (text: string) => void;
  /** Bytes that the client has not taken yet. */
  unread: () => number;
  /** Waits until the client has taken what was written; false: it did not, in that many milliseconds. */
  drained: (milliseconds: number) => Promise<boolean>;
  isOpen: () => boolean;
  end: (text: string) => void;
  /** Cuts the connection. */
  drop: () => void;
  /** Settles when the connection has closed. */
  closed: Promise<unknown>;
};

/** Takes the reply over: headers go out now, with those that hooks have set. */
export function openEventStream(reply: FastifyReply): EventStream {
  const { raw } = reply;
  const headers = reply.getHeaders();
  reply.hijack();
  raw.writeHead(200, {
    ...(headers as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // A proxy that buffers replies would buffer this one forever.
    'x-accel-buffering': 'no',
    connection: 'close',
  });
  raw.flushHeaders();
  // It may be silent for longer than other connections.
  raw.socket?.setTimeout(0);
  raw.socket?.setNoDelay(true);
  raw.on('error', () => raw.destroy());
  const closed = once(raw, 'close').catch(() => {});
  const isOpen = () => !raw.destroyed && !raw.writableEnded && !raw.closed;
  return {
    write: (text) => {
      if (isOpen()) raw.write(text);
    },
    unread: () => raw.writableLength,
    drained: async (milliseconds) => {
      if (!isOpen()) return false;
      if (!raw.writableNeedDrain) return true;
      const patience = AbortSignal.timeout(milliseconds);
      await Promise.race([once(raw, 'drain', { signal: patience }).catch(() => {}), closed]);
      return isOpen() && !patience.aborted;
    },
    isOpen,
    end: (text) => {
      if (isOpen()) raw.end(text);
      // A client that does not read the last message is cut off.
      setTimeout(() => raw.destroy(), 1_000).unref();
    },
    drop: () => raw.destroy(),
    closed,
  };
}
