import { type Static, type TSchema, Type } from 'typebox';
import { EmptyBody, endpoint, RunAccepted } from './endpoint.ts';
import { Nullable, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { QueueId, QueueItem, QueueText, queueParams, queueTags } from './queue.ts';
import { queueStatuses } from './vocabulary.ts';

/** The reply to a request that a run of one item carries out. */
const accepted = { ...RunAccepted.properties, item_id: QueueId };
export const QueueAccepted = Type.Object(accepted, { $id: 'QueueAccepted' });
export type QueueAccepted = Static<typeof QueueAccepted>;

/** The same, with what the item has become: for requests that wait for their run. */
export const QueueActed = Type.Object(
  {
    ...accepted,
    status: StringEnum(queueStatuses),
    movie_code: QueueText,
    actress: QueueText,
    new_path: QueueText,
    emby_item_id: QueueText,
    metadata_json: QueueItem.properties.metadata_json,
  },
  { $id: 'QueueActed' },
);
export type QueueActed = Static<typeof QueueActed>;

/** Requests that wait so many seconds for the run that they start. */
export const queueWait = 10;
export const queueWaits = `Waits up to ${queueWait} s for its run: 200 when it has completed, 409 when it has failed, else 202 with what is known so far.`;

export const FreshBody = Type.Object(
  { fresh: Type.Optional(Type.Boolean({ default: false, description: "Bypass the provider's cache" })) },
  { additionalProperties: false },
);
const CodeBody = Type.Object(
  {
    ...FreshBody.properties,
    movie_code: Type.Optional(
      Nullable(Type.String({ pattern: '^[A-Za-z]{2,6}-[0-9]{1,5}$', examples: ['ABC-123'] }), {
        description:
          'The code to set, instead of the one in the name of the file; null: undoes one that was set, and processes the item from ' +
          'its first step',
      }),
    ),
  },
  { additionalProperties: false },
);

export const retryQueueItem = endpoint({
  method: 'POST',
  url: '/api/queue/:id/retry',
  config: { role: 'operator' },
  schema: {
    operationId: 'retryQueueItem',
    summary: 'Retry an item in error',
    description:
      'Continues where it failed; one that waits for its next attempt begins at once. 409 if the item is not in error.',
    tags: queueTags,
    params: queueParams,
    body: EmptyBody,
    response: { 202: QueueAccepted, ...problems(400, 404, 409) },
  },
});

export const reprocessQueueItem = endpoint({
  method: 'POST',
  url: '/api/queue/:id/reprocess-metadata',
  config: { role: 'operator' },
  schema: {
    operationId: 'reprocessQueueItem',
    summary: 'Fetch the metadata of a completed item again and publish it',
    description: '409 if the item is not completed.',
    tags: queueTags,
    params: queueParams,
    body: FreshBody,
    response: { 202: QueueAccepted, ...problems(400, 404, 409) },
  },
});

/** An action that did its work within the request in the original. */
const action = <const P extends string, const I extends string, B extends TSchema>(
  path: P,
  operationId: I,
  summary: string,
  description: string,
  body: B,
) =>
  endpoint({
    method: 'POST',
    url: `/api/queue/:id/actions/${path}`,
    config: { role: 'operator' },
    schema: {
      operationId,
      summary,
      description: `${description} ${queueWaits}`,
      tags: queueTags,
      params: queueParams,
      body,
      response: { 200: QueueActed, 202: { ...QueueActed, $id: 'QueueActing' }, ...problems(400, 404, 409) },
    },
  });

export const extractQueueCode = action(
  'extract-code',
  'extractQueueCode',
  "Read an item's code from the name of its file, or set it",
  '409 while the item is being processed.',
  CodeBody,
);
export const fetchQueueMetadata = action(
  'fetch-metadata',
  'fetchQueueMetadata',
  'Fetch the metadata of an item from the provider',
  '409 with what is missing: the code, or a setting.',
  FreshBody,
);
export const renameQueueFile = action(
  'rename-file',
  'renameQueueFile',
  'Rename the file of an item and move it into the library',
  '409 with what is missing: the code, the metadata, or a setting.',
  FreshBody,
);
export const updateQueueServer = action(
  'update-emby',
  'updateQueueServer',
  'Publish an item to the media server',
  '409 with what is missing: the metadata, the file in the library, or a setting.',
  FreshBody,
);

export const fullRetryQueueItem = endpoint({
  method: 'POST',
  url: '/api/queue/:id/actions/full-retry',
  config: { role: 'operator' },
  schema: {
    operationId: 'fullRetryQueueItem',
    summary: 'Process an item from its first step',
    description: '409 while the item is being processed, or with the setting that is missing.',
    tags: queueTags,
    params: queueParams,
    body: FreshBody,
    response: { 202: QueueAccepted, ...problems(400, 404, 409) },
  },
});

export const deleteQueueItem = endpoint({
  method: 'DELETE',
  url: '/api/queue/:id',
  config: { role: 'admin' },
  schema: {
    operationId: 'deleteQueueItem',
    summary: 'Remove an item from the queue; its file stays',
    description:
      'A file that still lies in the watch folder is taken again when it has changed. 409 while the item is being processed.',
    tags: queueTags,
    params: queueParams,
    response: {
      200: Type.Object({ success: Type.Literal(true), message: Type.String(), item_id: QueueId }),
      ...problems(404, 409),
    },
  },
});

export const deleteQueueFile = endpoint({
  method: 'DELETE',
  url: '/api/queue/:id/file',
  config: { role: 'admin' },
  schema: {
    operationId: 'deleteQueueFile',
    summary: 'Remove an item with its file, which goes to the trash',
    description: `Only a file in the folders of the queue is moved. 409 while the item is being processed. ${queueWaits}`,
    tags: queueTags,
    params: queueParams,
    response: { 200: QueueAccepted, 202: { ...QueueAccepted, $id: 'QueueRemoving' }, ...problems(404, 409) },
  },
});

export const generateQueuePreview = endpoint({
  method: 'POST',
  url: '/api/generate-preview',
  config: { role: 'operator' },
  schema: {
    operationId: 'generateQueuePreview',
    summary: 'Generate a preview of a video, which no installation has configured',
    description: 'Always 409: kept so that callers of the original learn why.',
    tags: queueTags,
    body: Type.Object({}, { additionalProperties: true }),
    response: { 202: RunAccepted, ...problems(400, 409) },
  },
});
