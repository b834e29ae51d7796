import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { eventStream } from './event-stream.ts';
import { CommaList, Nullable, StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { eventOperations, eventTypes } from './vocabulary.ts';

export const tag = { name: 'events', description: 'Live changes, and the activity of the past' };
const tags = [tag.name];

export const Event = Type.Object(
  {
    id: Type.String({ description: 'Position of the event in the stream', examples: ['7421.118'] }),
    type: StringEnum(eventTypes, {
      description:
        'What changed: a title, a prediction, a media item, the state of a run, items of the processing queue, or batches of files',
    }),
    operation: Nullable(StringEnum(eventOperations), {
      description: 'null: polling found the change, or it is one of a run',
    }),
    imdb_ids: Nullable(Type.Array(Type.String()), { description: 'The changed titles; null: too many to name' }),
    hashes: Nullable(Type.Array(Type.String()), { description: 'The changed media items; null: too many to name' }),
    run_id: Nullable(Type.String(), { description: 'The run whose state changed; null in events of other types' }),
    actor: Type.String({
      description: 'Who made the change, or started the run; database: a client that wrote directly to the database',
    }),
    actor_verified: Type.Boolean({ description: 'false: the caller sent the name, no key proves it' }),
    at: Timestamp,
  },
  { $id: 'Event', description: 'One statement that changed rows, by any client of the database' },
);
export type Event = Static<typeof Event>;

export const ImdbIdFilter = CommaList(Text({ description: 'An IMDb id', maxLength: 20 }), {
  description: 'Only changes to these titles',
});

export const EventStreamQuery = Type.Object({
  type: CommaList(StringEnum(eventTypes), { description: 'Only events of these types' }),
  imdb_id: ImdbIdFilter,
  hash: CommaList(Text({ description: "A torrent's info-hash", maxLength: 40 }), {
    description: 'Only changes to these media items; combined with imdb_id, either match counts',
  }),
  last_event_id: Type.Optional(
    Text({ description: 'Continue after this id, like the header Last-Event-ID', maxLength: 100 }),
  ),
});
export type EventStreamQuery = Static<typeof EventStreamQuery>;

const example =
  'id: 7421.118\nevent: title.changed\ndata: {"id":"7421.118","type":"title.changed","operation":"update","imdb_ids":["tt2759766"],"hashes":[],"run_id":null,"actor":"database","actor_verified":true,"at":"2025-05-21T02:27:51.094287Z"}\n\n';

export const followEvents = endpoint({
  method: 'GET',
  url: '/events',
  config: { role: 'viewer' },
  schema: {
    operationId: 'followEvents',
    summary: 'Follow what changes',
    description:
      'Server-sent events: every change to titles, predictions, media items, the states of runs and items of the processing queue, including changes ' +
      'made directly in the database, in commit order. The name of an event is its type, its data an Event. `ready` comes first and reports ' +
      'how changes are detected: at once (`trigger`) or every two seconds (`polling`, which misses deletions). `reset` ' +
      'means that events are missing (they are kept for seven days): load your data again. `stop` means that the API ' +
      'shuts down: reconnect. A comment comes every 15 seconds. A client that reads too slowly is disconnected and can ' +
      'continue with Last-Event-ID.',
    tags,
    querystring: EventStreamQuery,
    response: { 200: eventStream('Follow what changes', example), ...problems() },
  },
});
