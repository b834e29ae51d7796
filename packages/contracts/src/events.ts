import { type Static, type TString, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { CommaList, Nullable, Text, Words } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { eventOperations, eventTypes } from './vocabulary.ts';

const tags = ['events'];

export const Event = Type.Object(
  {
    id: Type.String({ description: 'Where the event stands in the stream', examples: ['7421.118'] }),
    type: Words(eventTypes, { description: 'What has changed: a title, a prediction or a media item' }),
    operation: Nullable(Words(eventOperations), { description: 'null: the change was found by polling' }),
    imdb_ids: Nullable(Type.Array(Type.String()), { description: 'The titles it concerns; null: too many to name' }),
    hashes: Nullable(Type.Array(Type.String()), { description: 'The media items it concerns; null: too many to name' }),
    actor: Type.String({ description: 'Who; database: somebody who wrote past this API' }),
    actor_verified: Type.Boolean({ description: 'false: the name is what the caller said' }),
    at: Timestamp,
  },
  { $id: 'Event', description: 'One statement, of whoever it was, that changed rows' },
);
export type Event = Static<typeof Event>;

export const ConcernedTitles = CommaList(Text({ description: 'An IMDb id', maxLength: 20 }), {
  description: 'Only what concerns one of these titles',
});

export const EventStreamQuery = Type.Object({
  type: CommaList(Words(eventTypes), { description: 'Only events of these types' }),
  imdb_id: ConcernedTitles,
  hash: CommaList(Text({ description: "A torrent's info-hash", maxLength: 40 }), {
    description: 'Only what concerns one of these media items; together with imdb_id, any of both',
  }),
  last_event_id: Type.Optional(
    Text({ description: 'Continue behind this id, as the header Last-Event-ID does', maxLength: 100 }),
  ),
});
export type EventStreamQuery = Static<typeof EventStreamQuery>;

/** A reply that goes on; `text/event-stream`, described by the form of the data lines. */
const eventStream = {
  description: 'Follow what changes',
  content: {
    'text/event-stream': {
      schema: Type.String({
        examples: [
          'id: 7421.118\nevent: title.changed\ndata: {"id":"7421.118","type":"title.changed","operation":"update","imdb_ids":["tt2759766"],"hashes":[],"actor":"database","actor_verified":true,"at":"2025-05-21T02:27:51.094287Z"}\n\n',
        ],
      }),
    },
  },
} as unknown as TString;

export const followEvents = endpoint({
  method: 'GET',
  url: '/events',
  config: { role: 'viewer' },
  schema: {
    operationId: 'followEvents',
    summary: 'Follow what changes',
    description:
      'Server-sent events: every change of titles, predictions and media items, also those made past this API, in the ' +
      'order in which they can be relied on. The data of an event named after its type is an Event. `ready` comes first ' +
      'and says whether changes are seen at once (`trigger`) or every two seconds (`polling`, which sees no deletions). ' +
      '`reset` means that what lies between cannot be told any more (events are kept for seven days): read anew. ' +
      '`stop` means that the API ends; reconnect. A comment comes every 15 seconds. A client that does not read what ' +
      'it is sent is cut off, and continues with Last-Event-ID.',
    tags,
    querystring: EventStreamQuery,
    response: { 200: eventStream, ...problems() },
  },
});
