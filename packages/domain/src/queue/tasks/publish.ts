import { basename } from 'node:path';
import type { MediaServer, PublishedFacts } from '@at/adapters/media-server';
import { MediaServerError } from '@at/adapters/media-server-error';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { defineTask, FinalFailure, StepFailure, type TaskContext } from '@at/runs/task';
import { Type } from 'typebox';
import { itemOf, requireFacts } from '../moves.ts';
import type { ItemFacts } from '../queries.ts';
import { missingSettings } from '../rules.ts';
import { setLooks, setPublished } from '../writes.ts';

const Parameters = Type.Object({ item: Type.Integer() });

/** Seconds before each look for the item after the server was asked to scan; the first one is at once. */
const pauses = [2, 4, 8, 16, 32, 64];

type Context = TaskContext<{ queue: QueueSystems }>;

/** Has the media server find the file of an item, and writes its metadata there. */
export const publish = defineTask<{ queue: QueueSystems }, typeof Parameters>({
  name: 'item.publish',
  title: 'Publish a file to the media server',
  queue: 'network',
  params: Parameters,
  timeout: 600,
  needs: ({ queue }) => missingSettings.publish(queue),
  async run({ item: id }, context) {
    const server = context.adapters.queue.server as MediaServer;
    const item = await itemOf(context.db, id);
    requireFacts('publish', item);
    try {
      await publishItem(context, server, item);
    } catch (error) {
      // None of them changes a key or an address.
      const isFinal = error instanceof MediaServerError && ['refused', 'unusable'].includes(error.kind);
      throw isFinal ? new FinalFailure(error.failure, error.message, { cause: error }) : error;
    }
  },
});

async function publishItem({ signal, log, finish, again, checkpoint }: Context, server: MediaServer, item: ItemFacts) {
  const { id, new_path, emby_item_id, looks } = item;
  const path = new_path as string;
  let found = looks === 0 ? await knownId(server, item, signal) : undefined;
  if (found === undefined) {
    const wait = looks === 0 ? await server.scan(item.age, signal) : 0;
    if (wait > 0) {
      log.info(
        `The last scan of the media server may have missed the file; the next one is in ${Math.ceil(wait / 1_000)} s`,
      );
      await again(Math.ceil(wait / 1_000));
      return;
    }
    found = await server.find(path, emby_item_id, signal);
    const pause = pauses[looks];
    if (found === undefined && pause !== undefined) {
      log.info(`The media server does not have the file yet; the next look is in ${pause} s`);
      await again(pause, (trx) => setLooks(trx, id, looks + 1));
      return;
    }
    found ??= await onlyOfName(server, item, signal);
  }
  if (found === undefined) {
    // The next attempt begins with another scan.
    await checkpoint((trx) => setLooks(trx, id, 0));
    throw new StepFailure(
      'server_lacks_file',
      'The media server has not found the file. Check that it has the library, and MEDIA_SERVER_PATH.',
    );
  }
  const facts = factsOf(item);
  const isWritten = await server.write(found, facts, signal);
  const differences = isWritten ? await server.differences(found, facts, signal) : undefined;
  if (differences === undefined)
    throw new StepFailure('server_lacks_file', 'The media server removed the item while it was written.');
  if (differences.length > 0) {
    throw new StepFailure(
      'server_differs',
      `The media server shows other values than were written: ${differences.join(', ')}.`,
    );
  }
  await addImages(server, found, item, { signal, log });
  await finish(async (trx) => {
    await setPublished(trx, id, found);
    return { emby_item_id: found };
  });
}

/** The id that the item had at the server, if that still has it for this path. */
async function knownId(server: MediaServer, { new_path, emby_item_id }: ItemFacts, signal: AbortSignal) {
  return emby_item_id === null ? undefined : server.find(new_path as string, emby_item_id, signal);
}

/** The item whose file has the same name. Of several none is taken: it may be another film. */
async function onlyOfName(server: MediaServer, { new_path, movie_code }: ItemFacts, signal: AbortSignal) {
  const ids = await server.findByName(basename(new_path as string), movie_code as string, signal);
  return ids.length === 1 ? ids[0] : undefined;
}

function factsOf({ movie_code, metadata_json }: ItemFacts): PublishedFacts {
  const { title, original_title, overview, release_date, actress, genre, label } = metadata_json as NonNullable<
    ItemFacts['metadata_json']
  >;
  const code = movie_code as string;
  return {
    title: `${code} ${title}`,
    sort_title: code,
    original_title,
    overview,
    release_date,
    actress,
    genre,
    label,
  };
}

/** Pictures are no reason to fail. */
async function addImages(
  server: MediaServer,
  id: string,
  { metadata_json }: ItemFacts,
  { signal, log }: Pick<Context, 'signal' | 'log'>,
): Promise<void> {
  for (const [kind, url] of [
    ['Primary', metadata_json?.cover_url],
    ['Backdrop', metadata_json?.backdrop_url],
  ] as const) {
    if (!url) continue;
    await server.addImage(id, kind, url, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      log.warn({ err: error }, `The picture ${kind} was not added`);
    });
  }
}
