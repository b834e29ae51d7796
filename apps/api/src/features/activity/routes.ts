import { setTimeout } from 'node:timers/promises';
import { listActivity } from '@at/contracts/activity';
import { followEvents } from '@at/contracts/events';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import {
  comparePositions,
  findBounds,
  findEventsAfter,
  type PlacedEvent,
  type Position,
  positionFromText,
  positionText,
} from '#events/queries.ts';
import { type EventStream, heartbeatText, messageText, openEventStream, retryText } from '#events/sse.ts';
import { decodeCursor } from '#lists/keyset.ts';
import { cursorPage } from '#lists/paging.ts';
import { tooManyReaders } from './errors.ts';
import { type ActivityEntry, findActivity } from './queries.ts';
import { filterOf } from './rules.ts';

/** A client that follows the events. */
type Reader = {
  stream: EventStream;
  wants: ReturnType<typeof filterOf>;
  /** Everything up to here was sent, or is not wanted. */
  position: Position;
  /** It is sent what comes as it comes; before, it catches up by itself. */
  isLive: boolean;
  /** Heartbeats at which it had not read what was before. */
  missed: number;
};

const pageSize = 500;
/** Heartbeats that a client may leave unread. */
const missable = 4;

const messageOf = ({ event }: PlacedEvent) => messageText({ id: event.id, event: event.type, data: event });

export const activityRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db, config, events, streams }) => {
  const readers = new Set<Reader>();

  app.addHook('onListen', async () => events.start());
  const unsubscribe = events.subscribe({
    onEvents: (placed) => {
      const texts = placed.map(messageOf);
      const { position } = placed.at(-1) as PlacedEvent;
      for (const reader of readers) if (reader.isLive) push(reader, placed, texts, position);
    },
    onReset: () => {
      for (const reader of readers) reset(reader);
    },
  });
  const beat = setInterval(() => {
    for (const reader of readers) {
      const { stream } = reader;
      reader.missed = stream.unread() > 0 ? reader.missed + 1 : 0;
      if (reader.missed >= missable) stream.drop();
      else stream.write(heartbeatText(reader.isLive ? positionText(reader.position) : undefined));
    }
  }, streams.heartbeat).unref();
  app.addHook('preClose', async () => {
    clearInterval(beat);
    unsubscribe();
    for (const { stream } of readers) {
      // Not all at once, or the next process would have them all at once.
      const retry = retryText(500 + Math.round(Math.random() * 2_000));
      stream.end(`${retry}${messageText({ event: 'stop', data: {} })}`);
    }
  });

  function push(reader: Reader, placed: readonly PlacedEvent[], texts: string[], end: Position): void {
    if (reader.stream.unread() > streams.unread) {
      // Kept in the database instead of here, until the client has read what it has.
      reader.isLive = false;
      void bringUpToDate(reader);
      return;
    }
    const wanted = texts.filter((_, i) => {
      const { position, event } = placed[i] as PlacedEvent;
      // It may have come from another process that had told it more already.
      return comparePositions(position, reader.position) > 0 && reader.wants(event);
    });
    if (comparePositions(end, reader.position) > 0) reader.position = end;
    if (wanted.length > 0) reader.stream.write(wanted.join(''));
  }

  function reset(reader: Reader): void {
    reader.position = events.position() as Position;
    const id = positionText(reader.position);
    reader.stream.write(messageText({ id, event: 'reset', data: { live: events.live() } }));
  }

  /** Sends what came behind the reader's position, as fast as it is read, until there is nothing left. */
  async function catchUp(reader: Reader): Promise<void> {
    const { stream } = reader;
    while (stream.isOpen()) {
      if (!(await stream.drained(streams.patience))) stream.drop();
      const end = events.position() as Position;
      if (comparePositions(reader.position, end) >= 0) {
        reader.isLive = true;
        return;
      }
      const missed = await findEventsAfter(db, reader.position, pageSize, end);
      stream.write(
        missed
          .filter(({ event }) => reader.wants(event))
          .map(messageOf)
          .join(''),
      );
      reader.position = missed.length < pageSize ? end : (missed.at(-1) as PlacedEvent).position;
    }
  }

  async function bringUpToDate(reader: Reader): Promise<void> {
    while (reader.stream.isOpen() && !reader.isLive) {
      await catchUp(reader).catch(async (error: Error) => {
        app.log.warn({ err: error }, 'A client waits for the database to be told what it has missed');
        await setTimeout(1_000);
      });
    }
  }

  /** Where a client begins that has seen everything up to `resume`; undefined: that cannot be continued. */
  async function continueFrom(resume: string): Promise<Position | undefined> {
    const position = positionFromText(resume);
    if (!position) return undefined;
    const { end, forgotten } = await findBounds(db);
    return position.txid > forgotten && position.txid <= end ? position : undefined;
  }

  async function serve(stream: EventStream, wants: Reader['wants'], resume: string | undefined): Promise<void> {
    const reader: Reader = { stream, wants, position: { txid: 0n, seq: 0n }, isLive: false, missed: 0 };
    readers.add(reader);
    void stream.closed.then(() => readers.delete(reader));
    await Promise.race([events.ready, stream.closed]);
    // The database may be away for a while; the client is not sent away for that.
    while (stream.isOpen()) {
      try {
        const from = resume === undefined ? events.position() : await continueFrom(resume);
        reader.position = from ?? (events.position() as Position);
        const id = positionText(reader.position);
        stream.write(messageText({ id, event: 'ready', data: { live: events.live() } }));
        if (!from) reset(reader);
        break;
      } catch (error) {
        app.log.warn({ err: error }, 'A client waits for the database to follow the events');
        await setTimeout(1_000);
      }
    }
    await bringUpToDate(reader);
  }

  app.route({
    ...followEvents,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      if (readers.size >= streams.clients) throw tooManyReaders(streams.clients);
      const [header] = [request.headers['last-event-id']].flat();
      const resume = header || request.query.last_event_id;
      const wants = filterOf(request.query);
      const stream = openEventStream(reply);
      stream.write(retryText(2_000));
      await serve(stream, wants, resume);
    },
  });

  app.route({
    ...listActivity,
    handler: async (request) => {
      const { query } = request;
      const { limit = 100, cursor } = query;
      const behind = cursor === undefined ? undefined : decodeCursor('activity', cursor);
      const found = await findActivity(db, query, limit + 1, behind);
      const path = `${config.prefix}${listActivity.url}`;
      const placeOf = ({ row, id }: ActivityEntry) => ({ value: row.at, id });
      const { data, pagination } = cursorPage(request, path, { found, limit, total: null, order: 'activity', placeOf });
      return { data: data.map(({ row }) => row), pagination };
    },
  });
};
