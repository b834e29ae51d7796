import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { ImdbIdFilter, tag } from './events.ts';
import { LabelEvent } from './labels.ts';
import { MediaState } from './media.ts';
import { CommaList, cursorParameters, DateTime, Nullable, Pagination, StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { changeTypes, eventOperations, fileActions, mediaActions } from './vocabulary.ts';

export const activityTypes = [...changeTypes, 'label.written', 'queue.changed'] as const;
export type ActivityType = (typeof activityTypes)[number];

const undoable = Type.Boolean({ description: 'It is the latest that can be undone, and nothing has changed since' });

const mediaStateFields = Object.keys(MediaState.properties) as (keyof MediaState)[];
const StateValue = Nullable(Type.Union([Type.String(), Type.Boolean()]));

export const Activity = Type.Object(
  {
    type: StringEnum(activityTypes),
    at: Timestamp,
    actor: Type.String(),
    actor_verified: Type.Boolean(),
    operation: Nullable(StringEnum(eventOperations)),
    imdb_ids: Nullable(Type.Array(Type.String()), { description: 'null: too many to name' }),
    hashes: Nullable(Type.Array(Type.String()), { description: 'null: too many to name' }),
    media_action: Nullable(StringEnum(mediaActions), {
      description: 'For media.changed: what this API did; null: a client wrote directly to the database',
    }),
    operation_id: Nullable(Type.String(), { description: 'The bulk operation that it is part of' }),
    taken_back_by: Nullable(Type.String(), { description: 'The last operation run to revert that bulk operation' }),
    label: Nullable(
      Type.Object({
        event_id: Type.Integer(),
        action: LabelEvent.properties.action,
        changes: LabelEvent.properties.changes,
        undoes: LabelEvent.properties.undoes,
        undone_by: LabelEvent.properties.undone_by,
        undoable,
      }),
      { description: 'For label.written: the flags, with their old and new values' },
    ),
    media: Nullable(
      Type.Object({
        event_id: Type.Integer(),
        changes: Type.Array(Type.Object({ field: StringEnum(mediaStateFields), from: StateValue, to: StateValue }), {
          description: 'The fields that the action changed',
        }),
        undoes: Nullable(Type.Integer()),
        undone_by: Nullable(Type.Integer()),
        undoable,
      }),
      { description: 'For an action of this API on one media item: its old and new values' },
    ),
    file: Nullable(
      Type.Object({
        action: StringEnum(fileActions, {
          description:
            'found, completed and failed: by a worker; moved, copied, removed and moved-back: what a run has done with files; else what was asked for',
        }),
        item_id: Nullable(Type.Integer(), { description: 'The item of the queue; null: several, or none' }),
        name: Nullable(Type.String(), { description: 'Its code, else the name of its file' }),
        run_id: Nullable(Type.String(), { description: 'The run that did it, or does it' }),
        task: Nullable(Type.String(), { description: 'What that run does' }),
        count: Nullable(Type.Integer(), {
          description: 'The items of an act on many, or the files that a run has moved',
        }),
        error: Nullable(Type.String(), { description: 'Why it failed' }),
        undo: Nullable(StringEnum(['possible', 'done']), {
          description:
            'For moved, copied and removed: whether POST /api/journal/{run_id}/undo can undo something, or has done so; for delete and ' +
            'delete-file: whether POST /api/queue/{item_id}/restore can bring the item back, or has done so',
        }),
      }),
      {
        description:
          'For queue.changed: what was done with a file of the processing queue, with several, or with a run',
      },
    ),
  },
  { $id: 'Activity' },
);
export type Activity = Static<typeof Activity>;

export const ActivityQuery = Type.Object({
  type: CommaList(StringEnum(activityTypes), { description: 'Only these types' }),
  actor: Type.Optional(Text({ description: 'Only this actor; database: written directly to the database' })),
  at_min: Type.Optional(DateTime({ description: 'At this time or later' })),
  at_max: Type.Optional(DateTime({ description: 'Before this time' })),
  imdb_id: ImdbIdFilter,
  q: Type.Optional(
    Text({
      description:
        'Only changes that name a title or media item which this finds in their lists: a part of the title or of the name ' +
        'of the release, or the start of an IMDb id or hash; and those of files with this in their code or name',
    }),
  ),
  ...cursorParameters,
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
      'All label events, what people asked of files and runs in the last year, and other changes of the last 90 days. A change that has a label event is listed once, as ' +
      'that event. There is no total.',
    tags: [tag.name],
    querystring: ActivityQuery,
    response: {
      200: Type.Object({
        data: Type.Array(Activity),
        pagination: Pagination,
        recorded_since: Nullable(Timestamp, { description: 'The oldest change that is kept; null: none yet' }),
      }),
      ...problems(),
    },
  },
});
