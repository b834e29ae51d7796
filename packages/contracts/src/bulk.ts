import { type Static, type TProperties, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { FlagValues, flagFields } from './labels.ts';
import { mediaFilters, pipelineFields } from './media.ts';
import { movieFilters } from './movies.ts';
import { CommaList, Nullable, Pagination, Text, Words } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { pipelineStatuses, rejectionStatuses } from './vocabulary.ts';

const tags = ['operations'];

export const operationSubjects = ['media', 'training'] as const;
export type OperationSubject = (typeof operationSubjects)[number];

export const mediaOperations = ['reingest', 'approve', 'finish', 'delete', 'restore', 'pipeline'] as const;
export type MediaOperation = (typeof mediaOperations)[number];

export const trainingOperations = ['would_watch', 'would_not_watch', 'update'] as const;
export type TrainingOperation = (typeof trainingOperations)[number];

export const operationStates = ['previewed', 'running', 'cancelling', 'done', 'cancelled', 'expired'] as const;
export type OperationState = (typeof operationStates)[number];

export const operationResults = ['pending', 'done', 'unchanged', 'conflict', 'failed', 'cancelled'] as const;
export type OperationResult = (typeof operationResults)[number];

/** How many ids a request may name, how many items one operation may have, and how many its sample shows. */
export const operationLimits = { ids: 10_000, items: 100_000, sample: 10 } as const;

export const OperationChange = Type.Object(
  { ...pipelineFields, ...flagFields },
  { description: 'What pipeline and update set; empty for the other actions' },
);
export type OperationChange = Static<typeof OperationChange>;

export const OperationCounts = Type.Object(
  Object.fromEntries(operationResults.map((result) => [result, Type.Integer()])) as Record<
    OperationResult,
    ReturnType<typeof Type.Integer>
  >,
  { description: 'Items by result' },
);
export type OperationCounts = Static<typeof OperationCounts>;

const OperationId = Type.String({
  pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
  examples: ['0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59'],
});

export const Operation = Type.Object(
  {
    operation_id: OperationId,
    subject: Words(operationSubjects),
    action: Words([...mediaOperations, ...trainingOperations]),
    change: OperationChange,
    filter: Nullable(Type.Object({}, { additionalProperties: true }), {
      description: 'The filter that chose the items; null: they were named, or are those of the operation taken back',
    }),
    state: Words(operationStates, {
      description:
        'previewed: nothing is changed yet. cancelling: what has begun is finished first. expired: previewed too long ' +
        'to be run',
    }),
    total: Type.Integer({ description: 'Items' }),
    counts: OperationCounts,
    actor: Type.String({ description: 'Who asked for it' }),
    actor_verified: Type.Boolean({ description: 'false: the name is what the caller said' }),
    run_by: Nullable(Type.String(), { description: 'Who ran it; its changes bear this name' }),
    run_by_verified: Type.Boolean(),
    created_at: Timestamp,
    expires_at: Timestamp,
    started_at: Nullable(Timestamp),
    finished_at: Nullable(Timestamp),
    inverse_of: Nullable(OperationId, { description: 'The operation that this one takes back' }),
    taken_back_by: Nullable(OperationId, { description: 'The operation that took this one back, run last' }),
    can_invert: Type.Boolean({ description: 'It has ended and changed something, and is itself no inverse' }),
  },
  { $id: 'Operation', description: 'One change of many titles or media items' },
);
export type Operation = Static<typeof Operation>;

/** What of a media item its actions change. */
export const MediaState = Type.Object(
  {
    pipeline_status: Words(pipelineStatuses),
    error_status: Type.Boolean(),
    error_condition: Nullable(Type.String()),
    rejection_status: Words(rejectionStatuses),
    rejection_reason: Nullable(Type.String()),
    deleted_at: Nullable(Timestamp),
  },
  { $id: 'MediaState', description: 'What of a media item is changed by what is done with it' },
);
export type MediaState = Static<typeof MediaState>;

const State = Nullable(Type.Union([FlagValues, MediaState]), { description: 'null: nothing was changed' });

export const OperationItem = Type.Object(
  {
    position: Type.Integer({ description: 'Items are changed in this order, from 1 on' }),
    key: Type.String({ description: "A title's IMDb id or a media item's hash" }),
    title: Nullable(Type.String(), { description: 'As it was at the preview' }),
    result: Words(operationResults, {
      description:
        'unchanged: it was so already. conflict: somebody else changed it after the preview, and it was left alone',
    }),
    problem: Nullable(Type.String(), {
      description: 'Why it was not done, or what of a done one could not be done beside the change; a sentence',
    }),
    before: State,
    after: State,
    event_id: Nullable(Type.Integer(), { description: 'The label event, or the media event, of the change' }),
  },
  { $id: 'OperationItem' },
);
export type OperationItem = Static<typeof OperationItem>;

const ids = Type.Optional(
  Type.Array(Text({ description: 'An IMDb id, or a hash', maxLength: 40 }), {
    minItems: 1,
    description: `The items by id, at most ${operationLimits.ids.toLocaleString('en')}; or a filter instead`,
  }),
);
const Filter = <P extends TProperties>(properties: P) =>
  Type.Optional(
    Type.Object(properties, {
      additionalProperties: false,
      description: `As the list takes it (titles: as /movies/ does), with lists as arrays; it may match at most ${operationLimits.items.toLocaleString('en')}`,
    }),
  );

const MediaRequest = Type.Object(
  {
    subject: Type.Literal('media'),
    action: Words(mediaOperations),
    ids,
    filter: Filter(mediaFilters),
    change: Type.Optional(
      Type.Object(pipelineFields, { additionalProperties: false, description: 'With pipeline: at least one' }),
    ),
  },
  { additionalProperties: false },
);
const TrainingRequest = Type.Object(
  {
    subject: Type.Literal('training'),
    action: Words(trainingOperations),
    ids,
    filter: Filter(movieFilters),
    change: Type.Optional(
      Type.Object(flagFields, { additionalProperties: false, description: 'With update: at least one' }),
    ),
  },
  { additionalProperties: false },
);
export type OperationRequest = Static<typeof MediaRequest> | Static<typeof TrainingRequest>;

// By its subject, so that a refusal tells of the faults in one of the two and not in both.
const OperationRequest = Type.Unsafe<OperationRequest>({
  type: 'object',
  required: ['subject'],
  properties: { subject: Words(operationSubjects) },
  discriminator: { propertyName: 'subject' },
  oneOf: [MediaRequest, TrainingRequest],
});

const headers = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'A word of the caller, new for each operation it wants (a UUID, say). Sent again with the same body it makes ' +
        'no second one: the first is answered, with the header Idempotency-Replayed. With another body it is 422.',
    }),
  ),
});
const params = Type.Object({ operation_id: OperationId });
const Nothing = Type.Object({}, { additionalProperties: false });
const Answered = { success: Type.Literal(true), message: Type.String(), operation: Operation };
const Previewed = Type.Object({
  ...Answered,
  sample: Type.Array(OperationItem, { description: `The first ${operationLimits.sample} items` }),
});

export const createOperation = endpoint({
  method: 'POST',
  url: '/operations',
  config: { role: 'admin' },
  schema: {
    operationId: 'createOperation',
    summary: 'Preview a change of many titles or media items',
    description:
      'Changes nothing yet. Which items it concerns, and how each stands, is written down now: what comes to match the ' +
      'filter later is not touched, and an item that somebody else changes before its turn ends as a conflict. Run it ' +
      'within a day. The actions do to each item what the operation of that name does to one: reingest moves back to ' +
      'ingested and clears error and rejection, pipeline and update set what change says.',
    tags,
    headers,
    body: OperationRequest,
    response: { 200: Previewed, ...problems(400, 413, 415) },
  },
});

export const runOperation = endpoint({
  method: 'POST',
  url: '/operations/:operation_id/run',
  config: { role: 'admin' },
  schema: {
    operationId: 'runOperation',
    summary: 'Run what was previewed',
    description:
      'Answers at once; GET /operations/{operation_id} tells how far it is. It goes on when the API is started anew. ' +
      'Running it again changes nothing; 409 when it was cancelled or has expired.',
    tags,
    params,
    body: Nothing,
    response: { 200: Type.Object(Answered), ...problems(400, 404, 409, 413, 415) },
  },
});

export const cancelOperation = endpoint({
  method: 'POST',
  url: '/operations/:operation_id/cancel',
  config: { role: 'admin' },
  schema: {
    operationId: 'cancelOperation',
    summary: 'Stop an operation, or drop its preview',
    description:
      'What was done stays done and can be taken back by its inverse; items whose turn has not come end as cancelled. ' +
      '409 when it has ended.',
    tags,
    params,
    body: Nothing,
    response: { 200: Type.Object(Answered), ...problems(400, 404, 409, 413, 415) },
  },
});

export const invertOperation = endpoint({
  method: 'POST',
  url: '/operations/:operation_id/inverse',
  config: { role: 'admin' },
  schema: {
    operationId: 'invertOperation',
    summary: 'Preview what takes an operation back',
    description:
      'A new operation over the items that this one changed; run it as any other. Each gets back what it had before, ' +
      'unless somebody has changed it since: then it ends as a conflict. What was removed outside the database comes ' +
      'back as far as it can. 409 while the operation still runs, or when it is itself an inverse.',
    tags,
    headers,
    params,
    body: Nothing,
    response: { 200: Previewed, ...problems(400, 404, 409, 413, 415) },
  },
});

export const getOperation = endpoint({
  method: 'GET',
  url: '/operations/:operation_id',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getOperation',
    summary: 'How far an operation is',
    description: 'Costs next to nothing; ask as often as once a second while it runs.',
    tags,
    params,
    response: { 200: Operation, ...problems(404) },
  },
});

const page = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Rows a page, 1 to 1000' }),
  ),
  cursor: Type.Optional(Text({ description: 'next_cursor of the page before', maxLength: 4000 })),
} satisfies TProperties;

export const OperationItemsQuery = Type.Object({
  result: CommaList(Words(operationResults), { description: 'Only items with one of these results' }),
  ...page,
});
export type OperationItemsQuery = Static<typeof OperationItemsQuery>;

export const listOperationItems = endpoint({
  method: 'GET',
  url: '/operations/:operation_id/items',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listOperationItems',
    summary: 'What became of each item',
    description: 'In the order in which they are changed.',
    tags,
    params,
    querystring: OperationItemsQuery,
    response: { 200: Type.Object({ data: Type.Array(OperationItem), pagination: Pagination }), ...problems(404) },
  },
});

export const OperationsQuery = Type.Object({
  state: CommaList(Words(operationStates), { description: 'Only operations in one of these states' }),
  subject: Type.Optional(Words(operationSubjects, { description: 'Only changes of titles, or of media items' })),
  actor: Type.Optional(Text({ description: 'Only what this actor asked for or ran' })),
  started: Type.Optional(
    Type.Boolean({ description: 'true: only what was run, whatever came of it. false: only what never was' }),
  ),
  ...page,
});
export type OperationsQuery = Static<typeof OperationsQuery>;

export const listOperations = endpoint({
  method: 'GET',
  url: '/operations',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listOperations',
    summary: 'Bulk operations, newest first',
    description:
      'Previews that were never run are forgotten a day after they expire, operations 90 days after their end, or after ' +
      'that of their inverse. There is no total.',
    tags,
    querystring: OperationsQuery,
    response: { 200: Type.Object({ data: Type.Array(Operation), pagination: Pagination }), ...problems() },
  },
});
