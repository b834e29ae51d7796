import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, Words } from './paging.ts';
import { problems } from './problem.ts';
import { ImdbId, Timestamp, titleParams } from './training.ts';
import { flags, labelActions, labels } from './vocabulary.ts';

const tags = ['labels'];

export const FlagValues = Type.Object(
  {
    label: Nullable(Words(labels)),
    human_labeled: Type.Boolean(),
    anomalous: Type.Boolean(),
    reviewed: Nullable(Type.Boolean()),
  },
  { $id: 'FlagValues', description: 'The four facts about a title that people decide' },
);
export type FlagValues = Static<typeof FlagValues>;

/** What a person saw while deciding; kept with the event. */
export const Shown = Type.Object(
  {
    view: Type.Optional(Words(['review', 'list'])),
    blind: Type.Optional(Type.Boolean({ description: 'The probability was hidden until the decision' })),
    probability: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 1 }))),
    label: Type.Optional(Nullable(Words(labels), { description: 'The label on the screen' })),
  },
  { $id: 'Shown', additionalProperties: false },
);
export type Shown = Static<typeof Shown>;

const decision = {
  decision_ms: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'Milliseconds the person took' }),
  ),
  shown: Type.Optional(Shown),
} satisfies TProperties;

const Decision = Type.Object(decision, { additionalProperties: false });

const EventId = Nullable(Type.Integer(), { description: 'The event written; null when nothing changed' });
const Success = Type.Literal(true);
/** The flags as a change sets them: those that it names. */
export const flagFields = {
  label: Type.Optional(Words(labels)),
  human_labeled: Type.Optional(Type.Boolean()),
  anomalous: Type.Optional(Type.Boolean()),
  reviewed: Type.Optional(Type.Boolean()),
} satisfies TProperties;
const updatedFields = Type.Object(flagFields);

function labelEndpoint<const P extends string, const B extends TSchema, const R extends TProperties>(
  operationId: string,
  path: P,
  texts: { summary: string; description?: string },
  body: B,
  reply: R,
) {
  return endpoint({
    method: 'PATCH',
    url: `/training/:imdb_id${path}`,
    config: { role: 'operator', replyHeaders: ['ETag'] },
    schema: {
      operationId,
      ...texts,
      tags,
      params: titleParams,
      body,
      response: {
        200: Type.Object({ success: Success, message: Type.String(), event_id: EventId, ...reply }),
        ...problems(400, 404, 412, 413, 415),
      },
    },
  });
}

export const setLabel = labelEndpoint(
  'setLabel',
  '/label',
  { summary: 'Set the label', description: 'Also sets human_labeled and reviewed.' },
  Type.Object(
    { imdb_id: ImdbId, label: Type.String({ description: labels.join(' or '), examples: [...labels] }), ...decision },
    { additionalProperties: false },
  ),
  {},
);

export const setReviewed = labelEndpoint(
  'setReviewed',
  '/reviewed',
  { summary: 'Confirm the label as it stands', description: 'Sets reviewed and nothing else.' },
  Type.Object({ imdb_id: ImdbId, ...decision }, { additionalProperties: false }),
  {},
);

export const updateTraining = labelEndpoint(
  'updateTraining',
  '',
  {
    summary: 'Change any of the four flags',
    description: 'A label also sets human_labeled and reviewed to true, whatever the body says of them.',
  },
  Type.Object({ imdb_id: ImdbId, ...flagFields, ...decision }, { additionalProperties: false }),
  { updated_fields: updatedFields },
);

export const wouldWatch = labelEndpoint(
  'wouldWatch',
  '/would_watch',
  { summary: 'Label a title would_watch', description: 'Sets label, human_labeled and reviewed.' },
  Decision,
  { updated_fields: updatedFields },
);

export const wouldNotWatch = labelEndpoint(
  'wouldNotWatch',
  '/would_not_watch',
  {
    summary: 'Label a title would_not_watch',
    description:
      'Sets label, human_labeled and reviewed. Then the files of the newest active media item of the title are removed, ' +
      'if that is enabled, and its torrent, whose data is kept. The label stands even when they could not be.',
  },
  Decision,
  {
    updated_fields: updatedFields,
    file_deleted: Type.Boolean(),
    file_deletion_warning: Type.Optional(Type.String({ description: 'Why no file, or not every file, was removed' })),
    torrent_removed: Type.Boolean({ description: 'Transmission had the torrent, and has it no more' }),
  },
);

export const undoLabel = endpoint({
  method: 'POST',
  url: '/training/:imdb_id/undo',
  config: { role: 'operator', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'undoLabel',
    summary: 'Take a label event back',
    description:
      "Inverts the event if it is the title's latest that has not been undone, and the flags still stand as it left " +
      'them; else 409. Values that were null become null again. What a would_not_watch removed comes back where that is ' +
      'possible: files from the trash, the torrent to Transmission.',
    tags,
    params: titleParams,
    body: Type.Object(
      { event_id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), ...decision },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object({
        success: Success,
        message: Type.String(),
        event_id: Type.Integer(),
        restored: FlagValues,
        files_restored: Type.Boolean({ description: 'Files came back from the trash' }),
        torrent_restored: Type.Boolean({ description: 'A torrent was added to Transmission again' }),
        not_restored: Type.Array(Type.String(), { description: 'What could not come back, one sentence each' }),
      }),
      ...problems(400, 404, 409, 412, 413, 415),
    },
  },
});

export const LabelEvent = Type.Object(
  {
    event_id: Nullable(Type.Integer(), { description: 'null: a change made outside this API, seen by its traces' }),
    at: Nullable(Timestamp, { description: 'When; null where only "before the next event" is known' }),
    actor: Type.String({ description: 'Who; database: somebody who wrote to the table directly' }),
    actor_verified: Type.Boolean({ description: 'false: the name is what the caller said' }),
    action: Words([...labelActions, 'outside']),
    changes: Type.Array(
      Type.Object({
        field: Words(flags),
        from: Nullable(Type.Union([Words(labels), Type.Boolean()])),
        to: Nullable(Type.Union([Words(labels), Type.Boolean()])),
      }),
    ),
    decision_ms: Nullable(Type.Integer()),
    shown: Nullable(Shown),
    undoes: Nullable(Type.Integer()),
    undone_by: Nullable(Type.Integer()),
  },
  { $id: 'LabelEvent' },
);
export type LabelEvent = Static<typeof LabelEvent>;

export const listTrainingHistory = endpoint({
  method: 'GET',
  url: '/training/:imdb_id/history',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listTrainingHistory',
    summary: 'Who changed which flag of a title, and when',
    description: 'Newest first. Changes that others made directly in the database appear where the flags jump.',
    tags,
    params: titleParams,
    response: { 200: Type.Object({ data: Type.Array(LabelEvent) }), ...problems(404) },
  },
});

export const TrainingSession = Type.Object(
  {
    actor: Type.String(),
    started_at: Timestamp,
    ended_at: Timestamp,
    decisions: Type.Integer({ description: 'Events that were not undone' }),
    undone: Type.Integer(),
    labels_per_hour: Nullable(Type.Number(), { description: 'null for a session of one decision' }),
    median_decision_ms: Nullable(Type.Number(), { description: 'null when the callers did not say' }),
  },
  { $id: 'TrainingSession' },
);
export type TrainingSession = Static<typeof TrainingSession>;

export const listTrainingSessions = endpoint({
  method: 'GET',
  url: '/training/sessions',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listTrainingSessions',
    summary: 'Labelling speed, session by session',
    description:
      "A session is one actor's label events with less than 30 minutes between them, within the last 90 days, without those of bulk operations. Newest first.",
    tags,
    querystring: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 20 })),
    }),
    response: { 200: Type.Object({ data: Type.Array(TrainingSession) }), ...problems() },
  },
});
