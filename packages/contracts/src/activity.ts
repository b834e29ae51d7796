import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { ConcernedTitles } from './events.ts';
import { LabelEvent } from './labels.ts';
import { CommaList, Nullable, Pagination, Text, Words } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { eventOperations, eventTypes, mediaActions } from './vocabulary.ts';

export const activityTypes = [...eventTypes, 'label.written'] as const;
export type ActivityType = (typeof activityTypes)[number];

export const Activity = Type.Object(
  {
    type: Words(activityTypes),
    at: Timestamp,
    actor: Type.String(),
    actor_verified: Type.Boolean(),
    operation: Nullable(Words(eventOperations)),
    imdb_ids: Nullable(Type.Array(Type.String()), { description: 'null: too many to name' }),
    hashes: Nullable(Type.Array(Type.String()), { description: 'null: too many to name' }),
    media_action: Nullable(Words(mediaActions), {
      description: 'Of media.changed: what was done by this API; null: somebody wrote past it',
    }),
    operation_id: Nullable(Type.String(), { description: 'The bulk operation that it was part of' }),
    label: Nullable(
      Type.Object({
        event_id: Type.Integer(),
        action: LabelEvent.properties.action,
        changes: LabelEvent.properties.changes,
        undoes: LabelEvent.properties.undoes,
        undone_by: LabelEvent.properties.undone_by,
      }),
      { description: 'Of label.written: which flags, from what to what' },
    ),
  },
  { $id: 'Activity' },
);
export type Activity = Static<typeof Activity>;

export const ActivityQuery = Type.Object({
  type: CommaList(Words(activityTypes), { description: 'Only these types' }),
  actor: Type.Optional(Text({ description: 'Only what this actor did; database: past this API' })),
  imdb_id: ConcernedTitles,
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Rows a page, 1 to 1000' }),
  ),
  cursor: Type.Optional(Text({ description: 'next_cursor of the page before', maxLength: 4000 })),
});
export type ActivityQuery = Static<typeof ActivityQuery>;

export const listActivity = endpoint({
  method: 'GET',
  url: '/activity',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listActivity',
    summary: 'Who did what, newest first',
    description:
      'Label events of all time, and what else changed within the last seven days. A change of a title that a label ' +
      'event tells of is not told twice. There is no total.',
    tags: ['events'],
    querystring: ActivityQuery,
    response: { 200: Type.Object({ data: Type.Array(Activity), pagination: Pagination }), ...problems() },
  },
});
