import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { maximumLimit, Nullable, StringEnum, Text, Word } from './paging.ts';
import { patchMembers } from './patch-reply.ts';
import { problems } from './problem.ts';
import { ImdbId, Timestamp, titleParams, trainingFilters } from './training.ts';
import { flags, labelActions, labels } from './vocabulary.ts';

export const tag = {
  name: 'labels',
  description: 'Labels and flags: write, undo, and history',
};
const tags = [tag.name];

export const FlagValues = Type.Object(
  {
    label: Nullable(Word(labels)),
    human_labeled: Type.Boolean(),
    anomalous: Type.Boolean(),
    reviewed: Nullable(Type.Boolean()),
  },
  { $id: 'FlagValues', description: 'The four flags of a title that people set' },
);
export type FlagValues = Static<typeof FlagValues>;

/** What a person saw while deciding; stored with the event. */
export const Shown = Type.Object(
  {
    view: Type.Optional(StringEnum(['review', 'list'])),
    blind: Type.Optional(Type.Boolean({ description: 'The probability was hidden until the decision' })),
    probability: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 1 }))),
    label: Type.Optional(Nullable(Word(labels), { description: 'The label on the screen' })),
  },
  { $id: 'Shown', additionalProperties: false },
);
export type Shown = Static<typeof Shown>;

const decision = {
  decision_ms: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'Milliseconds that the decision took' }),
  ),
  shown: Type.Optional(Shown),
} satisfies TProperties;

const Decision = Type.Object(decision, { additionalProperties: false });

const EventId = Nullable(Type.Integer(), { description: 'The new event; null when nothing changed' });
const Success = Type.Literal(true);
/** The flags that a change may set. */
export const flagFields = {
  label: Type.Optional(StringEnum(labels)),
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
        200: Type.Object({ success: Success, message: Type.String(), event_id: EventId, ...patchMembers, ...reply }),
        ...problems(400, 404, 412),
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
  { summary: 'Confirm the current label', description: 'Sets reviewed and nothing else.' },
  Type.Object({ imdb_id: ImdbId, ...decision }, { additionalProperties: false }),
  {},
);

export const updateTraining = labelEndpoint(
  'updateTraining',
  '',
  {
    summary: 'Change any of the four flags',
    description: 'A label also sets human_labeled and reviewed to true and overrides their values in the body.',
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
      "Sets label, human_labeled and reviewed. Then it removes the files of the title's newest active media item, if " +
      'that is enabled, and its torrent, but not the data of the torrent. The label stays even when removing fails, and ' +
      'the API tries again. Files that do not go to the trash are removed for an admin only.',
  },
  Decision,
  {
    updated_fields: updatedFields,
    torrent_warning: Type.Optional(Type.String({ description: 'Why the request to Transmission failed' })),
  },
);

export const undoLabel = endpoint({
  method: 'POST',
  url: '/training/:imdb_id/undo',
  config: { role: 'operator', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'undoLabel',
    summary: 'Undo a label event',
    description:
      "Reverts the event if it is the title's latest that has not been undone, and the flags still have the values that " +
      'it set; else 409. Values that were null become null again. Undoing would_not_watch also restores what it removed, ' +
      'where possible: files from the trash, the torrent to Transmission.',
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
        files_restored: Type.Boolean({ description: 'Files were restored from the trash' }),
        torrent_restored: Type.Boolean({ description: 'The torrent was added to Transmission again' }),
        not_restored: Type.Array(Type.String(), { description: 'What could not be restored, one sentence each' }),
      }),
      ...problems(400, 404, 409, 412),
    },
  },
});

export const LabelEvent = Type.Object(
  {
    event_id: Nullable(Type.Integer(), { description: 'null: a change made outside this API, detected by its effect' }),
    at: Nullable(Timestamp, { description: 'null: the time is unknown, but before the next event' }),
    actor: Type.String({ description: 'Who made the change; database: a client that wrote directly to the table' }),
    actor_verified: Type.Boolean({ description: 'false: the caller sent the name, no key proves it' }),
    action: StringEnum([...labelActions, 'outside']),
    changes: Type.Array(
      Type.Object({
        field: StringEnum(flags),
        from: Nullable(Type.Union([Word(labels), Type.Boolean()])),
        to: Nullable(Type.Union([Word(labels), Type.Boolean()])),
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
    description:
      'Newest first. Changes made directly in the database appear where the flags of two events do not match.',
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
    decisions: Type.Integer({
      description: 'Titles with a decision that was not undone: those of /training with decided_undone=false',
    }),
    undone: Type.Integer({ description: 'Titles with a decision that was undone: those with decided_undone=true' }),
    labels_per_hour: Nullable(Type.Number(), {
      description:
        'At the median time of a decision, or of the time between events where no event has decision_ms; null for a session with one decision',
    }),
    median_decision_ms: Nullable(Type.Number(), {
      description: 'null when no event has decision_ms; one of more than five minutes is a pause and does not count',
    }),
  },
  { $id: 'TrainingSession' },
);
export type TrainingSession = Static<typeof TrainingSession>;

/** Sessions that a request without a limit gets. */
export const defaultSessions = 20;

export const listTrainingSessions = endpoint({
  method: 'GET',
  url: '/training/sessions',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listTrainingSessions',
    summary: 'Labelling speed of each session',
    description:
      "A session is one actor's label events with less than 30 minutes between them, within the last 90 days and without bulk operations. Newest first.",
    tags,
    querystring: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maximumLimit, default: defaultSessions })),
    }),
    response: { 200: Type.Object({ data: Type.Array(TrainingSession) }), ...problems() },
  },
});

export const LabelDay = Type.Object(
  {
    day: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$', description: 'A day of the time zone' }),
    labels: Type.Integer({
      description:
        'Titles with a decision that was not undone: those of /training with decided_undone=false and decided_in_bulk=true',
    }),
    in_bulk: Type.Integer({ description: 'Those of them that were decided in bulk operations' }),
    backlog: Type.Integer({ description: 'Titles without a review at the end of the day; of today: now' }),
  },
  { $id: 'LabelDay' },
);
export type LabelDay = Static<typeof LabelDay>;

/** Days that a request without `days` gets, and at most. */
export const [defaultDays, mostDays] = [30, 90];

export const listLabelDays = endpoint({
  method: 'GET',
  url: '/training/days',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listLabelDays',
    summary: 'Labels and backlog of each day',
    description:
      'Oldest first, today last. The backlog of earlier days follows from the label events: a review that was written ' +
      'directly to the database counts from the beginning, and deleted titles count on no day. At most one second old, ' +
      'never older than your own writes; the header Age has the age.',
    tags,
    querystring: Type.Object({
      days: Type.Optional(Type.Integer({ minimum: 1, maximum: mostDays, default: defaultDays })),
      time_zone: Type.Optional(
        Text({ description: 'Where a day begins and ends: a name of the IANA database', maxLength: 64 }),
      ),
      media_type: trainingFilters.media_type,
    }),
    response: { 200: Type.Object({ data: Type.Array(LabelDay) }), ...problems() },
  },
});
