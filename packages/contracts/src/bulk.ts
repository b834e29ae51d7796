import { type Static, type TProperties, Type } from 'typebox';
import { EmptyBody, endpoint } from './endpoint.ts';
import { FlagValues, flagFields } from './labels.ts';
import { MediaState, mediaFilters, pipelineFields } from './media.ts';
import { movieFilters } from './movies.ts';
import { CommaList, cursorParameters, DateTime, Nullable, Pagination, StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

export const tag = { name: 'operations', description: 'Changes to many titles or media items: preview, run, revert' };
const tags = [tag.name];

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

/** The most ids in a request, items in an operation, and items in the sample of a preview. */
export const operationLimits = { ids: 10_000, items: 100_000, sample: 10 } as const;

export const OperationChange = Type.Object(
  { ...pipelineFields, ...flagFields },
  { description: 'The values that pipeline and update set; empty for the other actions' },
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
    subject: StringEnum(operationSubjects),
    action: StringEnum([...mediaOperations, ...trainingOperations]),
    change: OperationChange,
    filter: Nullable(Type.Object({}, { additionalProperties: true }), {
      description: 'The filter that selected the items; null: they were selected by id, or by the operation to revert',
    }),
    state: StringEnum(operationStates, {
      description:
        'previewed: nothing has changed yet. cancelling: items in progress finish first. expired: the preview is too ' +
        'old to run',
    }),
    total: Type.Integer({ description: 'Number of items' }),
    counts: OperationCounts,
    actor: Type.String({ description: 'Who previewed it' }),
    actor_verified: Type.Boolean({ description: 'false: the caller sent the name, no key proves it' }),
    run_by: Nullable(Type.String(), { description: 'Who ran it; its changes carry this name' }),
    run_by_verified: Type.Boolean(),
    created_at: Timestamp,
    expires_at: Timestamp,
    started_at: Nullable(Timestamp),
    finished_at: Nullable(Timestamp),
    inverse_of: Nullable(OperationId, { description: 'The operation that this one reverts' }),
    taken_back_by: Nullable(OperationId, { description: 'The last operation run to revert this one' }),
    can_invert: Type.Boolean({
      description: 'It has ended, changed something that none has reverted, and is not an inverse itself',
    }),
  },
  { $id: 'Operation', description: 'One change to many titles or media items' },
);
export type Operation = Static<typeof Operation>;

const State = Nullable(Type.Union([FlagValues, MediaState]), { description: 'null: nothing changed' });

export const OperationItem = Type.Object(
  {
    position: Type.Integer({ description: 'Items change in this order, starting at 1' }),
    key: Type.String({ description: "A title's IMDb id or a media item's hash" }),
    title: Nullable(Type.String(), { description: 'At the time of the preview; of a show with season and episode' }),
    result: StringEnum(operationResults, {
      description:
        'unchanged: it already had these values. conflict: another client changed it after the preview, so it was skipped',
    }),
    problem: Nullable(Type.String(), {
      description: 'One sentence: why the item failed, or which side effect of a successful change failed',
    }),
    before: State,
    after: State,
    event_id: Nullable(Type.Integer(), { description: 'The label event or media event of the change' }),
  },
  { $id: 'OperationItem' },
);
export type OperationItem = Static<typeof OperationItem>;

const ids = Type.Optional(
  Type.Array(Text({ description: 'An IMDb id, or a hash', maxLength: 40 }), {
    minItems: 1,
    description: `Items by id, at most ${operationLimits.ids.toLocaleString('en')}; or use filter instead`,
  }),
);
const Filter = <P extends TProperties>(properties: P) =>
  Type.Optional(
    Type.Object(properties, {
      additionalProperties: false,
      description: `The parameters of the list (titles: of /movies/), with lists as arrays; matches at most ${operationLimits.items.toLocaleString('en')} items`,
    }),
  );

const MediaRequest = Type.Object(
  {
    subject: Type.Literal('media'),
    action: StringEnum(mediaOperations),
    ids,
    filter: Filter(mediaFilters),
    change: Type.Optional(
      Type.Object(pipelineFields, { additionalProperties: false, description: 'For pipeline: at least one member' }),
    ),
  },
  { additionalProperties: false },
);
const TrainingRequest = Type.Object(
  {
    subject: Type.Literal('training'),
    action: StringEnum(trainingOperations),
    ids,
    filter: Filter(movieFilters),
    change: Type.Optional(
      Type.Object(flagFields, { additionalProperties: false, description: 'For update: at least one member' }),
    ),
  },
  { additionalProperties: false },
);
export type OperationRequest = Static<typeof MediaRequest> | Static<typeof TrainingRequest>;

// The discriminator limits validation errors to the branch that the subject selects.
const OperationRequest = Type.Unsafe<OperationRequest>({
  type: 'object',
  required: ['subject'],
  properties: { subject: StringEnum(operationSubjects) },
  discriminator: { propertyName: 'subject' },
  oneOf: [MediaRequest, TrainingRequest],
});

const params = Type.Object({ operation_id: OperationId });
const success = { success: Type.Literal(true), message: Type.String(), operation: Operation };
const PreviewReply = Type.Object({
  ...success,
  sample: Type.Array(OperationItem, {
    description:
      `The first ${operationLimits.sample} items, with what the operation would make of them now: before and after, or ` +
      'the result that they would have',
  }),
});

export const createOperation = endpoint({
  method: 'POST',
  url: '/operations',
  config: { role: 'admin' },
  schema: {
    operationId: 'createOperation',
    summary: 'Preview a change to many titles or media items',
    description:
      'Changes nothing yet. The preview stores the items and their current values: items that match the filter later ' +
      'are not included, and an item that another client changes before its turn ends as a conflict. Run it within a ' +
      'day. Each action does to every item what the endpoint of that name does to one; reingest moves items back to ' +
      'ingested and clears error and rejection; pipeline and update set the values in change.',
    tags,
    body: OperationRequest,
    response: { 200: PreviewReply, ...problems(400) },
  },
});

export const runOperation = endpoint({
  method: 'POST',
  url: '/operations/:operation_id/run',
  config: { role: 'admin' },
  schema: {
    operationId: 'runOperation',
    summary: 'Run a previewed operation',
    description:
      'Replies at once; GET /operations/{operation_id} reports the progress. The operation continues after a restart ' +
      'of the API. Running it again changes nothing; 409 when it is cancelled or has expired, or when another inverse reverts the ' +
      'same operation.',
    tags,
    params,
    body: EmptyBody,
    response: { 200: Type.Object(success), ...problems(400, 404, 409) },
  },
});

export const cancelOperation = endpoint({
  method: 'POST',
  url: '/operations/:operation_id/cancel',
  config: { role: 'operator' },
  schema: {
    operationId: 'cancelOperation',
    summary: 'Stop an operation or discard its preview',
    description:
      'Changes already made stay, and the inverse can revert them; the remaining items end as cancelled. 409 when the ' +
      'operation has ended.',
    tags,
    params,
    body: EmptyBody,
    response: { 200: Type.Object(success), ...problems(400, 404, 409) },
  },
});

export const invertOperation = endpoint({
  method: 'POST',
  url: '/operations/:operation_id/inverse',
  config: { role: 'admin' },
  schema: {
    operationId: 'invertOperation',
    summary: 'Preview the inverse of an operation',
    description:
      'A new operation over the items that this one changed; run it like any other. Each item gets its old values back, ' +
      'unless another client has changed it since: then it ends as a conflict. Files and torrents are restored where ' +
      'possible. 409 while the operation runs, when another inverse has reverted it or runs, or when it is an inverse itself.',
    tags,
    params,
    body: EmptyBody,
    response: { 200: PreviewReply, ...problems(400, 404, 409) },
  },
});

export const getOperation = endpoint({
  method: 'GET',
  url: '/operations/:operation_id',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getOperation',
    summary: 'The state and progress of an operation',
    description: 'Cheap: poll it once a second while the operation runs.',
    tags,
    params,
    response: { 200: Operation, ...problems(404) },
  },
});

export const OperationItemsQuery = Type.Object({
  result: CommaList(StringEnum(operationResults), { description: 'Only items with one of these results' }),
  ...cursorParameters,
});
export type OperationItemsQuery = Static<typeof OperationItemsQuery>;

export const listOperationItems = endpoint({
  method: 'GET',
  url: '/operations/:operation_id/items',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listOperationItems',
    summary: 'The result of each item',
    description: 'In the order of execution.',
    tags,
    params,
    querystring: OperationItemsQuery,
    response: { 200: Type.Object({ data: Type.Array(OperationItem), pagination: Pagination }), ...problems(404) },
  },
});

export const OperationsQuery = Type.Object({
  state: CommaList(StringEnum(operationStates), { description: 'Only operations in one of these states' }),
  subject: Type.Optional(StringEnum(operationSubjects, { description: 'Only changes to titles, or to media items' })),
  actor: Type.Optional(Text({ description: 'Only operations that this actor previewed or ran' })),
  started: Type.Optional(
    Type.Boolean({
      description: 'true: only operations that were run, with any result. false: only operations that were never run',
    }),
  ),
  at_min: Type.Optional(
    DateTime({ description: 'Started at this time or later; one that was never run: previewed at this time or later' }),
  ),
  at_max: Type.Optional(DateTime({ description: 'The same, before this time' })),
  ...cursorParameters,
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
      'A preview that was never run is deleted a day after it expires, an operation 90 days after it, or its inverse, ' +
      'ends. There is no total.',
    tags,
    querystring: OperationsQuery,
    response: { 200: Type.Object({ data: Type.Array(Operation), pagination: Pagination }), ...problems() },
  },
});
