import { type Static, Type } from 'typebox';
import { EmptyBody, endpoint, RunAccepted } from './endpoint.ts';
import { Nullable } from './paging.ts';
import { problems } from './problem.ts';
import { QueueId, queueParams, queueTags } from './queue.ts';
import { Timestamp } from './training.ts';

const removalParts = {
  item_id: QueueId,
  name: Type.String({ description: 'Its code, else the name of its file' }),
  removed_at: Timestamp,
  has_file: Type.Boolean({ description: 'Its file lies in the trash, and comes back with it' }),
};
export const QueueRemoval = Type.Object(removalParts, { $id: 'QueueRemoval' });
export type QueueRemoval = Static<typeof QueueRemoval>;

export const getQueueRemoval = endpoint({
  method: 'GET',
  url: '/api/queue/:id/removal',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getQueueRemoval',
    summary: 'The removal of an item, if that can be undone',
    description: '404 if the item is in the queue, never was, or was removed more than seven days ago.',
    tags: queueTags,
    params: queueParams,
    response: { 200: QueueRemoval, ...problems(404) },
  },
});

const restored = {
  success: Type.Literal(true),
  message: Type.String(),
  item_id: QueueId,
  run_id: Nullable(RunAccepted.properties.run_id, {
    description: 'The run that moves its file; null: no file has to be moved',
  }),
};
export const QueueRestored = Type.Object(restored, { $id: 'QueueRestored' });
export type QueueRestored = Static<typeof QueueRestored>;

export const restoreQueueItem = endpoint({
  method: 'POST',
  url: '/api/queue/:id/restore',
  config: { role: 'operator' },
  schema: {
    operationId: 'restoreQueueItem',
    summary: 'Bring a removed item back, with its file',
    description:
      'The row is back with the reply, with all that was known of the file. A run moves the file out of the trash, beside a file that has ' +
      'its place by now, and publishes it if it was published. Possible for seven days, for items that were removed one by one. 409 if ' +
      'another item has its place in the queue.',
    tags: queueTags,
    params: queueParams,
    body: EmptyBody,
    response: {
      200: QueueRestored,
      202: { ...QueueRestored, $id: 'QueueRestoring' },
      ...problems(400, 404, 409),
    },
  },
});
