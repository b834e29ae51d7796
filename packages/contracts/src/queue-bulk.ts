import { type Static, Type } from 'typebox';
import { endpoint, RunAccepted, RunId } from './endpoint.ts';
import { Nullable, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { QueueId, QueueText, queueFilters, queueTags } from './queue.ts';
import { FreshBody, queueWaits } from './queue-actions.ts';
import { queueStatuses } from './vocabulary.ts';

const cleaned = {
  success: Type.Literal(true),
  message: Type.String(),
  deleted_count: Type.Integer({ description: 'Items that were deleted so far; with dry_run: that would be' }),
  run_id: Nullable(RunId, { description: 'null: a dry run, which has none' }),
};
export const QueueCleaned = Type.Object(cleaned, { $id: 'QueueCleaned' });
export type QueueCleaned = Static<typeof QueueCleaned>;

export const cleanUpQueue = endpoint({
  method: 'POST',
  url: '/api/cleanup',
  config: { role: 'admin' },
  schema: {
    operationId: 'cleanUpQueue',
    summary: 'Remove completed items by their age; files stay',
    description: queueWaits,
    tags: queueTags,
    body: Type.Object(
      {
        older_than_days: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 365,
            default: 30,
            description: 'Items that were last changed so many days ago; 0: all completed items',
          }),
        ),
        dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Only count them' })),
      },
      { additionalProperties: false },
    ),
    response: { 200: QueueCleaned, 202: { ...QueueCleaned, $id: 'QueueCleaning' }, ...problems(400, 409) },
  },
});

/** The most items that a bulk request changes. */
export const mostQueueItems = 10_000;
/** The most refused items that its run names. */
export const mostNamedFailures = 200;

const selection = {
  ids: Type.Optional(
    Type.Array(QueueId, { minItems: 1, maxItems: mostQueueItems, description: 'These items; or use filter instead' }),
  ),
  filter: Type.Optional(
    Type.Object(queueFilters, {
      additionalProperties: false,
      description: `The filters of the list, with lists as arrays; the oldest ${mostQueueItems.toLocaleString('en')} items that match`,
    }),
  ),
};

/** The output of the run of a bulk request. */
export const QueueBulkResult = Type.Object({
  total: Type.Integer(),
  updated: Type.Integer(),
  failed: Type.Integer(),
  failed_items: Type.Array(
    Type.Object({ id: QueueId, movie_code: QueueText, error: Type.String({ description: 'Why, as a sentence' }) }),
    { description: `The first ${mostNamedFailures.toLocaleString('en')} of them` },
  ),
});
export type QueueBulkResult = Static<typeof QueueBulkResult>;

export const QueueRetried = Type.Object(
  {
    ...RunAccepted.properties,
    refused: Type.Array(Type.Object({ id: QueueId, error: Type.String({ description: 'Why, as a sentence' }) }), {
      description: `Of the ids those that are not retried; the first ${mostNamedFailures.toLocaleString('en')} of them`,
    }),
  },
  { $id: 'QueueRetried' },
);

export const retryQueueItems = endpoint({
  method: 'POST',
  url: '/api/bulk/retry',
  config: { role: 'operator' },
  schema: {
    operationId: 'retryQueueItems',
    summary: 'Retry many items in error',
    description:
      'Starts one run that continues each item where it failed, and whose output has total, updated, failed and failed_items. ' +
      'Without ids and filter: every item in error. The items are chosen at the request.',
    tags: queueTags,
    body: Type.Object(selection, { additionalProperties: false }),
    response: { 202: QueueRetried, ...problems(400, 409) },
  },
});

const refreshed = {
  ...RunAccepted.properties,
  success: Type.Boolean({ description: 'false: of no item the metadata were fetched; failed_items says why' }),
  ...QueueBulkResult.properties,
};
export const QueueRefreshed = Type.Object(refreshed, { $id: 'QueueRefreshed' });
export type QueueRefreshed = Static<typeof QueueRefreshed>;

export const refreshQueueItems = endpoint({
  method: 'POST',
  url: '/api/bulk/refresh-metadata',
  config: { role: 'operator' },
  schema: {
    operationId: 'refreshQueueItems',
    summary: 'Fetch the metadata of many items again',
    description: `Starts one run, which starts one for each item and waits for it. Without ids and filter: every item with a code. ${queueWaits}`,
    tags: queueTags,
    body: Type.Object(
      {
        ...selection,
        status: Type.Optional(StringEnum(queueStatuses, { description: 'Only items with this status' })),
        update_emby: Type.Optional(
          Type.Boolean({
            default: false,
            description: 'Publish items in the library afterwards; without it completed items stay completed',
          }),
        ),
        ...FreshBody.properties,
      },
      { additionalProperties: false },
    ),
    response: {
      200: QueueRefreshed,
      202: { ...QueueRefreshed, $id: 'QueueRefreshing' },
      ...problems(400, 409),
    },
  },
});
