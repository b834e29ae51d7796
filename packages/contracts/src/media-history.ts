import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { MediaState, mediaParams, tag } from './media.ts';
import { Nullable, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { CalendarTime } from './training.ts';
import { labelActions, mediaActions } from './vocabulary.ts';

const tags = [tag.name];

export const undoMedia = endpoint({
  method: 'POST',
  url: '/media/:hash/undo',
  config: { role: 'operator', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'undoMedia',
    summary: 'Undo the latest action on a media item',
    description:
      "Restores everything that the event changed, if it is the item's latest that has not been undone, and the item " +
      'still is as it left it; else 409. A torrent that an approval added is removed, and with the role admin its data too; one that finish ' +
      'removed is added again; what a deletion removed is lost. Undoing a restore deletes the item again, which needs ' +
      'the role admin.',
    tags,
    params: mediaParams,
    body: Type.Object(
      { event_id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object({
        success: Type.Literal(true),
        message: Type.String(),
        hash: Type.String(),
        event_id: Type.Integer(),
        restored: MediaState,
        torrent_removed: Type.Boolean({ description: 'The torrent was removed from Transmission' }),
        torrent_restored: Type.Boolean({ description: 'The torrent was added to Transmission again' }),
        not_restored: Type.Array(Type.String(), { description: 'What could not be restored, one sentence each' }),
      }),
      ...problems(400, 404, 409, 412),
    },
  },
});

const HistoryValue = Nullable(Type.Union([Type.String(), Type.Boolean()]));

export const mediaHistoryKinds = ['added', 'found', 'action', 'outside', 'labelled', 'predicted', 'removed'] as const;

export const MediaHistoryEntry = Type.Object(
  {
    kind: StringEnum(mediaHistoryKinds, {
      description:
        'added: the row was created. found: its state before the first action, or without one now; when it became so is ' +
        'not recorded. action: through this API. outside: the pipeline or another program changed it in between. ' +
        'labelled: its title was. predicted: by the model, latest. removed: files or torrents, with a label or an action',
    }),
    at: Nullable(CalendarTime, { description: 'null: not recorded' }),
    actor: Nullable(Type.String()),
    action: Nullable(StringEnum([...new Set([...mediaActions, ...labelActions])])),
    changes: Type.Array(Type.Object({ field: Type.String(), from: HistoryValue, to: HistoryValue }), {
      description: 'Of found, from is always null',
    }),
    event_id: Nullable(Type.Integer(), { description: 'Of an action or a label' }),
    undoes: Nullable(Type.Integer()),
    undone_by: Nullable(Type.Integer()),
    operation_id: Nullable(Type.String(), { description: 'The bulk operation that it was part of' }),
    probability: Nullable(Type.Number(), { description: 'Of predicted' }),
    torrents: Type.Integer({ description: 'Of removed' }),
    files: Type.Integer({ description: 'Of removed' }),
  },
  { $id: 'MediaHistoryEntry' },
);
export type MediaHistoryEntry = Static<typeof MediaHistoryEntry>;

export const listMediaHistory = endpoint({
  method: 'GET',
  url: '/media/:hash/history',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listMediaHistory',
    summary: 'What happened to a media item',
    description:
      'Newest first, from what is recorded: the row, the actions and labels made here, the latest prediction. Nothing is ' +
      'recorded of what other programs do, except that the state differs afterwards.',
    tags,
    params: mediaParams,
    response: { 200: Type.Object({ data: Type.Array(MediaHistoryEntry) }), ...problems(404) },
  },
});
