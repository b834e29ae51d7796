import { join } from 'node:path';
import { DiskHangs } from '@at/adapters/disk';
import { openThumbnails, ThumbnailFailed } from '@at/adapters/thumbnails';
import { getThumbnail } from '@at/contracts/thumbnails';
import { picturedKinds } from '@at/contracts/vocabulary';
import { contentKey, FileNotShown, withFile } from '@at/domain/files/pictures';
import { findShownFile } from '@at/domain/files/queries';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { type KeptPicture, PictureCache, sendPicture } from '#http/picture-cache.ts';
import { noPictureInside, noPictureKind, noSuchFile, notNow, notShown } from './errors.ts';

/** About 100,000 small ones. */
const maximumBytes = 500 * 2 ** 20;
const edges = { small: 160, large: 640 };
/** Changes with how pictures are made. */
const recipe = 1;

function problemOf(error: unknown): unknown {
  if (error instanceof FileNotShown) return notShown(error);
  return error instanceof ThumbnailFailed || error instanceof DiskHangs ? notNow(error.message) : error;
}

export const thumbnailRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db, config }) => {
  const cache = new PictureCache(join(config.dataDirectory, 'thumbnails'), maximumBytes, (why) => app.log.warn(why));
  const thumbnails = openThumbnails();
  app.addHook('onClose', async () => thumbnails.close());

  app.route({
    ...getThumbnail,
    handler: async (request, reply) => {
      const { id } = request.params;
      const { size = 'small' } = request.query;
      const file = await findShownFile(db, id);
      if (!file) throw noSuchFile(id);
      const kind = picturedKinds.find((one) => one === file.kind);
      if (!kind) throw noPictureKind;
      const make = (path: string) => thumbnails.make({ path, isRaw: kind === 'raw', edge: edges[size] });
      const read = async (): Promise<KeptPicture | undefined> => {
        let isOwn = false;
        try {
          return await cache.read(`${recipe}-${size}-${kind}-${contentKey(file)}`, async () => {
            isOwn = true;
            const bytes = await withFile(db, file, make);
            return bytes && { bytes, type: 'image/webp' };
          });
        } catch (error) {
          // Another file with this content, which was being read, is not there: that says nothing of this one.
          if (!isOwn && error instanceof FileNotShown) return read();
          throw problemOf(error);
        }
      };
      const picture = await read();
      if (!picture) throw noPictureInside;
      return sendPicture(request, reply, picture);
    },
  });
};
