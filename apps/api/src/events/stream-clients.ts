import type { Deps } from '#deps.ts';
import { ApiError } from '#http/api-error.ts';
import { type EventStream, heartbeatText, messageText, retryText } from './sse.ts';

/** Heartbeats in a row at which a client may have unread bytes. */
const missable = 4;

/** Clients of open-ended replies: each gets heartbeats until it leaves, does not read, or the API stops. */
export class StreamClients<C extends { stream: EventStream }> implements Iterable<C> {
  readonly #missed = new Map<C, number>();
  readonly #streams: Deps['streams'];
  readonly #beat: NodeJS.Timeout;

  /** `idOf`: where a client would continue now; undefined: not known yet. */
  constructor(streams: Deps['streams'], idOf: (client: C) => string | undefined) {
    this.#streams = streams;
    this.#beat = setInterval(() => {
      for (const [client, before] of this.#missed) {
        const missed = client.stream.unread() > 0 ? before + 1 : 0;
        this.#missed.set(client, missed);
        if (missed >= missable) client.stream.drop();
        else client.stream.write(heartbeatText(idOf(client)));
      }
    }, streams.heartbeat).unref();
  }

  get count(): number {
    return this.#missed.size;
  }

  /** Throws 503 if there are as many as there may be. */
  requireRoom(): void {
    const { clients } = this.#streams;
    if (this.count < clients) return;
    throw new ApiError(503, 'Too many clients', `${clients} clients follow the events, the maximum. Try again later.`);
  }

  /** Until its connection closes. */
  add(client: C): void {
    this.#missed.set(client, 0);
    client.stream.write(retryText(2_000));
    void client.stream.closed.then(() => this.#missed.delete(client));
  }

  [Symbol.iterator](): Iterator<C> {
    return this.#missed.keys();
  }

  /** Ends every stream with a message to reconnect. */
  stop(): void {
    clearInterval(this.#beat);
    for (const { stream } of this) {
      // Spread over time, or the next process gets all of them at once.
      const retry = retryText(500 + Math.round(Math.random() * 2_000));
      stream.end(`${retry}${messageText({ event: 'stop', data: {} })}`);
    }
  }
}
