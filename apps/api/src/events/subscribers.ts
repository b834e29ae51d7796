import { setTimeout } from 'node:timers/promises';
import type { Event } from '@at/contracts/events';
import type { Log } from '@at/domain/log';
import type { Deps } from '#deps.ts';
import {
  comparePositions,
  findBounds,
  findEventsAfter,
  type PlacedEvent,
  type Position,
  positionFromText,
  positionText,
} from './queries.ts';
import { type EventStream, messageText } from './sse.ts';
import { StreamClients } from './stream-clients.ts';

/** A client that follows the events. */
type Subscriber = {
  stream: EventStream;
  wants: (event: Event) => boolean;
  /** Everything up to here was sent, or is not wanted. */
  position: Position;
  /** It gets events as they come; before, it catches up from the database. */
  isLive: boolean;
};

const pageSize = 500;

const messageOf = ({ event }: PlacedEvent) => messageText({ id: event.id, event: event.type, data: event });

/** The clients of the event stream: each gets every event that it wants, once and in order, as fast as it reads. */
export class Subscribers {
  readonly #deps: Pick<Deps, 'db' | 'events' | 'streams'>;
  readonly #log: Log;
  readonly #subscribers: StreamClients<Subscriber>;
  readonly #unsubscribe: () => void;

  constructor(deps: Pick<Deps, 'db' | 'events' | 'streams'>, log: Log) {
    this.#deps = deps;
    this.#log = log;
    this.#subscribers = new StreamClients(deps.streams, ({ isLive, position }) =>
      isLive ? positionText(position) : undefined,
    );
    this.#unsubscribe = deps.events.subscribe({
      onEvents: (placed) => {
        const texts = placed.map(messageOf);
        const { position } = placed.at(-1) as PlacedEvent;
        for (const subscriber of this.#subscribers) {
          if (subscriber.isLive) this.#push(subscriber, placed, texts, position);
        }
      },
      onReset: () => {
        for (const subscriber of this.#subscribers) this.#reset(subscriber);
      },
    });
  }

  /** Throws 503 if no other client fits. */
  requireRoom(): void {
    this.#subscribers.requireRoom();
  }

  /** Sends what comes after the id `resume`, or from now on, until the client leaves. */
  async serve(stream: EventStream, wants: Subscriber['wants'], resume: string | undefined): Promise<void> {
    const { events } = this.#deps;
    const subscriber: Subscriber = { stream, wants, position: { txid: 0n, seq: 0n }, isLive: false };
    this.#subscribers.add(subscriber);
    await Promise.race([events.ready, stream.closed]);
    // The database may be unreachable for a while; the client stays connected.
    while (stream.isOpen()) {
      try {
        const from = resume === undefined ? events.position() : await this.#continueFrom(resume);
        subscriber.position = from ?? (events.position() as Position);
        const id = positionText(subscriber.position);
        stream.write(messageText({ id, event: 'ready', data: { live: events.live() } }));
        if (!from) this.#reset(subscriber);
        break;
      } catch (error) {
        this.#log.warn({ err: error }, 'A client waits for the database to follow the events');
        await setTimeout(1_000);
      }
    }
    await this.#bringUpToDate(subscriber);
  }

  /** Ends every stream with a message to reconnect. */
  stop(): void {
    this.#unsubscribe();
    this.#subscribers.stop();
  }

  #push(subscriber: Subscriber, placed: readonly PlacedEvent[], texts: string[], end: Position): void {
    if (subscriber.stream.unread() > this.#deps.streams.unread) {
      // The database keeps the events until the client has read what it has.
      subscriber.isLive = false;
      void this.#bringUpToDate(subscriber);
      return;
    }
    const wanted = texts.filter((_, i) => {
      const { position, event } = placed[i] as PlacedEvent;
      // A client from another process may have seen more already.
      return comparePositions(position, subscriber.position) > 0 && subscriber.wants(event);
    });
    if (comparePositions(end, subscriber.position) > 0) subscriber.position = end;
    if (wanted.length > 0) subscriber.stream.write(wanted.join(''));
  }

  #reset(subscriber: Subscriber): void {
    const { events } = this.#deps;
    subscriber.position = events.position() as Position;
    const id = positionText(subscriber.position);
    subscriber.stream.write(messageText({ id, event: 'reset', data: { live: events.live() } }));
  }

  /** Sends what came after the subscriber's position, as fast as it reads, until nothing is left. */
  async #catchUp(subscriber: Subscriber): Promise<void> {
    const { db, events, streams } = this.#deps;
    const { stream } = subscriber;
    while (stream.isOpen()) {
      if (!(await stream.drained(streams.patience))) stream.drop();
      const end = events.position() as Position;
      if (comparePositions(subscriber.position, end) >= 0) {
        subscriber.isLive = true;
        return;
      }
      const missed = await findEventsAfter(db, subscriber.position, pageSize, end);
      const wanted = missed.filter(({ event }) => subscriber.wants(event));
      stream.write(wanted.map(messageOf).join(''));
      subscriber.position = missed.length < pageSize ? end : (missed.at(-1) as PlacedEvent).position;
    }
  }

  async #bringUpToDate(subscriber: Subscriber): Promise<void> {
    while (subscriber.stream.isOpen() && !subscriber.isLive) {
      await this.#catchUp(subscriber).catch(async (error: Error) => {
        this.#log.warn({ err: error }, 'A client waits for the database to send what it has missed');
        await setTimeout(1_000);
      });
    }
  }

  /** The position of a client that has seen everything up to `resume`; undefined: the events since are not all kept. */
  async #continueFrom(resume: string): Promise<Position | undefined> {
    const position = positionFromText(resume);
    if (!position) return undefined;
    const { end, forgotten } = await findBounds(this.#deps.db);
    return position.txid > forgotten && position.txid <= end ? position : undefined;
  }
}
